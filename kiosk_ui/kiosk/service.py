"""A consumer's visit on the screen: consent, questions, formula, verdict, hand-over, done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from kiosk_ui import models as m
from kiosk_ui.models import Item, Words
from store_service.blending.cases import View
from store_service.blending.commands import drop_unit, plan_unit
from store_service.blending.queries import Unit, components_of, units_of
from store_service.consultation.queries import Service, answers_of, find_service
from store_service.consultation.texts import Question, propose
from store_service.records.desk import Actor
from store_service.rules.amounts import targets
from store_service.rules.dossier import Envelope, PackSpec
from store_service.rules.merge import merged_warnings
from store_service.rules.refusal import Refused, Verdict

from .door import Kiosk, reasons
from .shift import CLEANING

STEP_BP = 100
SKIP = "prefer_not_to_say"


@dataclass
class Draft:
    """A formula that is being set on the screen and not yet planned."""

    envelope_id: str
    shares: list[int]
    fill_mg: int
    reasons: dict[str, Words] = field(default_factory=dict)


@dataclass
class Drafts:
    """The drafts of one service and the verdict that they got; lost with the process, made again from the answers."""

    units: list[Draft]
    at: int = 0
    verdict: Verdict | None = None


def pack_for(envelope: Envelope, packs: dict[str, PackSpec], fill_mg: int) -> str:
    """The smallest validated pack that takes the fill."""
    fitting = [packs[sku] for sku in envelope.packs if sku in packs and packs[sku].capacity_mg >= fill_mg]
    return min(fitting, key=lambda one: one.capacity_mg).sku if fitting else envelope.packs[0]


class Visit:
    """The screens of one service."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk, self.shop = kiosk, kiosk.shop
        self.drafts: dict[str, Drafts] = {}

    def place(self, service_id: str) -> str:
        return f"/kiosk/service/{service_id}"

    def show(self, request: Request, place: str) -> Response:
        """The screen that this service is at."""
        parts = place.split("/")
        service_id, wanted = parts[3], parts[4] if len(parts) > 4 else ""
        self.kiosk.signed(request)
        with self.shop.desk.read() as connection:
            found = find_service(connection, self.shop.desk.site_id, service_id)
            units = units_of(connection, self.shop.desk.site_id, service_id)
        if found.state == "handed_over":
            return self._done(request, found, units)
        if found.state == "cancelled":
            return RedirectResponse("/kiosk", 303)
        under_way = next((one for one in units if one.state not in ("planned", "released", "discarded")), None)
        if under_way is not None:
            return RedirectResponse(f"/kiosk/unit/{under_way.id}", 303)
        if not found.given("allergy"):
            return self._consent(request, found)
        if found.consulted_at is None or wanted == "consultation":
            return self._question(request, found)
        drafts = self.drafts.get(service_id)
        if wanted == "formula" or (drafts is not None and drafts.verdict is None):
            return self._formula(request, found)
        if drafts is not None and drafts.verdict is not None and not drafts.verdict.allowed:
            return self._verdict(request, found, units, drafts.verdict)
        live = [one for one in units if one.state != "discarded"]
        if live and all(one.state == "released" for one in live):
            return self._hand_over(request, found, live)
        if found.allowed and any(one.state == "planned" for one in live):
            return self._verdict(request, found, live, drafts.verdict if drafts else None)
        return self._formula(request, found)

    def _consent(self, request: Request, found: Service) -> Response:
        texts = self.shop.counter.texts
        screen = m.ConsentScreen(
            service_id=found.service_id,
            notice_version=texts.notice.version,
            notice=Words(texts.notice.zh, texts.notice.en),
            texts=tuple(
                m.ConsentText(
                    one.key,
                    one.version,
                    Words(one.title_zh, one.title_en),
                    Words(one.zh, one.en),
                    one.required,
                    one.sensitive,
                    found.given(one.key),
                )
                for one in texts.purposes
            ),
        )
        return self.kiosk.page(
            request, "consent", screen=screen, frame=self.kiosk.frame(request, step=2, personal=True)
        )

    def asked(self, found: Service) -> list[Question]:
        """The questions that this consumer is asked: those that a given consent covers."""
        return [one for one in self.shop.counter.texts.questions if found.given(one.purpose)]

    def _question(self, request: Request, found: Service) -> Response:
        answers, asked = answers_of(self.shop.vault, found), self.asked(found)
        wanted = request.query_params.get("q", "")
        question = next((one for one in asked if one.id == wanted), None)
        question = question or next((one for one in asked if one.id not in answers), asked[-1])
        given = answers.get(question.id, [])
        screen = m.ConsultationScreen(
            service_id=found.service_id,
            question=m.Question(
                key=question.id,
                kind=question.kind,
                words=Words(question.zh, question.en),
                why=Words(question.why_zh, question.why_en),
                options=tuple(Item(o.value, Words(o.zh, o.en), o.value in given) for o in question.options),
                may_skip=question.option(SKIP) is not None,
            ),
            index=asked.index(question) + 1,
            count=len(asked),
        )
        frame = self.kiosk.frame(request, step=3, personal=True)
        return self.kiosk.page(request, "consultation", screen=screen, frame=frame)

    def draft(self, service_id: str) -> Drafts:
        """The drafts of a service, proposed from its answers when there are none."""
        if service_id not in self.drafts:
            with self.shop.desk.read() as connection:
                found = find_service(connection, self.shop.desk.site_id, service_id)
                known = View.at(self.shop.desk, connection).known
            proposal = propose(self.shop.counter.texts, known.envelopes, answers_of(self.shop.vault, found))
            envelope = known.envelopes[proposal.envelope_id] if proposal else next(iter(known.envelopes.values()))
            told = {one.product_id or "": Words(one.zh, one.en) for one in proposal.reasons} if proposal else {}
            shares = list(proposal.shares_bp if proposal else envelope.default_bp)
            self.drafts[service_id] = Drafts([Draft(envelope.envelope_id, shares, _middle(envelope), told)])
        return self.drafts[service_id]

    def _formula(self, request: Request, found: Service) -> Response:
        drafts = self.draft(found.service_id)
        draft = drafts.units[drafts.at]
        with self.shop.desk.read() as connection:
            known = View.at(self.shop.desk, connection).known
        envelope = known.envelopes[draft.envelope_id]
        masses = targets(draft.fill_mg, draft.shares)
        base = _base(draft)
        rows = []
        for number, (part, share, mass) in enumerate(zip(envelope.components, draft.shares, masses, strict=True)):
            product = known.products.get(part.product_id)
            because = draft.reasons.get(part.product_id) or draft.reasons.get("") or VALIDATED
            rows.append(
                m.FormulaRow(
                    product_id=part.product_id,
                    name=Words(product.name_zh, product.name_en)
                    if product
                    else Words(part.product_id, part.product_id),
                    share_bp=share,
                    min_bp=part.min_bp,
                    max_bp=part.max_bp,
                    target_mg=mass,
                    because=because,
                    may_plus=number != base and _may(envelope, draft, number, base, STEP_BP),
                    may_minus=number != base and _may(envelope, draft, number, base, -STEP_BP),
                )
            )
        others = tuple(
            m.Alternative(Words(one.name_zh, one.name_en), KINDS[one.kind], f"use:{one.envelope_id}")
            for one in known.envelopes.values()
            if one.status == "approved" and one.envelope_id != draft.envelope_id
        )
        screen = m.FormulaScreen(
            service_id=found.service_id,
            unit_no=drafts.at + 1,
            unit_count=len(drafts.units),
            name=Words(envelope.name_zh, envelope.name_en),
            kind=envelope.kind,
            rows=tuple(rows),
            fills=tuple(m.Fill(mass, mass == draft.fill_mg) for mass in envelope.fills_mg),
            fill_mg=draft.fill_mg,
            in_use_days=envelope.in_use_days,
            others=others,
        )
        return self.kiosk.page(
            request, "formula", screen=screen, frame=self.kiosk.frame(request, step=4, personal=True)
        )

    def change(self, actor: Actor, service_id: str, act: str, packs: dict[str, str] | None = None) -> None:
        """One touch on the formula screen."""
        drafts = self.draft(service_id)
        draft = drafts.units[drafts.at]
        word, _, value = act.partition(":")
        with self.shop.desk.read() as connection:
            known = View.at(self.shop.desk, connection).known
        envelope = known.envelopes[draft.envelope_id]
        drafts.verdict = None
        if word in ("plus", "minus"):
            number = next(n for n, part in enumerate(envelope.components) if part.product_id == value)
            move, base = (STEP_BP if word == "plus" else -STEP_BP), _base(draft)
            if number != base and _may(envelope, draft, number, base, move):
                draft.shares[number] += move
                draft.shares[base] -= move
        elif word == "fill" and int(value) in envelope.fills_mg:
            draft.fill_mg = int(value)
        elif word == "use" and value in known.envelopes:
            chosen = known.envelopes[value]
            drafts.units[drafts.at] = Draft(value, list(chosen.default_bp), _middle(chosen))
        elif word == "add":
            drafts.units.append(Draft(draft.envelope_id, list(envelope.default_bp), _middle(envelope)))
            drafts.at = len(drafts.units) - 1
        elif word == "confirm":
            self._judge(actor, service_id, drafts)
        else:
            raise ValueError(f"act: {act[:40]} is none")

    def _judge(self, actor: Actor, service_id: str, drafts: Drafts) -> None:
        shop = self.shop
        with shop.desk.read() as connection:
            known = View.at(shop.desk, connection).known
            planned = [one for one in units_of(connection, shop.desk.site_id, service_id) if one.state == "planned"]
        for one in planned:
            drop_unit(shop.desk, actor, one.id, "replanned")
        for draft in drafts.units:
            envelope = known.envelopes[draft.envelope_id]
            pack = pack_for(envelope, dict(known.packs), draft.fill_mg)
            plan_unit(shop.desk, actor, service_id, draft.envelope_id, draft.shares, draft.fill_mg, pack)
        try:
            drafts.verdict = shop.counter.verdict(
                actor, shop.station.settings, shop.settings.public_base, service_id, {}
            )
        except Refused as no:
            drafts.verdict = no.verdict

    def _verdict(self, request: Request, found: Service, units: list[Unit], verdict: Verdict | None) -> Response:
        asked = verdict.asked if verdict else tuple((found.verdict or {}).get("asked", ()))
        rules = self.shop.desk.ruleset.rules
        screen = m.VerdictScreen(
            service_id=found.service_id,
            asked=tuple(
                m.RuleLine(one, Words(rules[one].title_zh, rules[one].title_en)) for one in asked if one in rules
            ),
            units=tuple(
                m.UnitBrief(one.id, Words(one.name_zh, one.name_zh), "planned", one.target_mg, f"/kiosk/unit/{one.id}")
                for one in units
                if one.state == "planned"
            ),
            warnings=verdict.warnings if verdict else (),
            refusals=verdict.refusals if verdict else (),
        )
        return self.kiosk.page(
            request, "verdict", screen=screen, frame=self.kiosk.frame(request, step=5, personal=True)
        )

    def _hand_over(self, request: Request, found: Service, units: list[Unit]) -> Response:
        with self.shop.desk.read() as connection:
            known = View.at(self.shop.desk, connection).known
            parts = {one.id: components_of(connection, self.shop.desk.site_id, one.id) for one in units}
        shown = []
        for one in units:
            formula = [(known.products[part.product_id], part.share_bp) for part in parts[one.id]]
            envelope = known.envelopes.get(one.envelope_id)
            how = envelope.directions if envelope else ""
            shown.append(
                m.HandoverUnit(
                    name=Words(one.name_zh, envelope.name_en if envelope else one.name_zh),
                    batch=one.batch or "",
                    content_mg=one.label_net_mg or 0,
                    use_by=one.use_by or self.shop.desk.now().date(),
                    directions=Words(how, how),
                    warnings=tuple(Words(text, text) for text in merged_warnings(formula)),
                    qr_url=f"/kiosk/unit/{one.id}/qr.png",
                )
            )
        screen = m.HandoverScreen(found.service_id, tuple(shown), self.shop.settings.shop.phone)
        frame = self.kiosk.frame(request, step=10, personal=True)
        return self.kiosk.page(request, "handover", screen=screen, frame=frame)

    def _done(self, request: Request, found: Service, units: list[Unit]) -> Response:
        ended = found.handed_over_at or self.shop.desk.now()
        screen = m.DoneScreen(
            batches=tuple(one.batch or "" for one in units if one.state == "handed_over"),
            minutes=max(1, (ended - found.opened_at) // timedelta(minutes=1)),
            wiped_at=ended,
            clean=CLEANING,
        )
        return self.kiosk.page(request, "done", screen=screen, frame=self.kiosk.frame(request, step=11))


VALIDATED = Words("备案人验证的标准配比", "the share that the filer has validated")
KINDS = {"blend": Words("调配", "Blend"), "decant": Words("分装", "Decant")}


def _middle(envelope: Envelope) -> int:
    return envelope.fills_mg[len(envelope.fills_mg) // 2]


def _base(draft: Draft) -> int:
    """The component that gives and takes: the largest."""
    return max(range(len(draft.shares)), key=lambda number: draft.shares[number])


def _may(envelope: Envelope, draft: Draft, number: int, base: int, move: int) -> bool:
    one, other = envelope.components[number], envelope.components[base]
    return (
        one.min_bp <= draft.shares[number] + move <= one.max_bp
        and other.min_bp <= draft.shares[base] - move <= other.max_bp
    )


def router(kiosk: Kiosk, visit: Visit) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    @door.post("/kiosk/service")
    async def new(request: Request) -> Response:
        opened: list[str] = []

        def work(actor: Actor) -> None:
            opened.append(shop.counter.open(actor))
            shop.counter.show_notice(actor, opened[0], shop.counter.texts.notice.version)

        return await kiosk.act(request, work, lambda _: visit.place(opened[0]) if opened else "/kiosk", visit.show)

    @door.get("/kiosk/service/{service_id}")
    @door.get("/kiosk/service/{service_id}/{part}")
    def service(request: Request, service_id: str, part: str = "") -> Response:
        return visit.show(request, request.url.path)

    @door.post("/kiosk/service/{service_id}/consent")
    async def consent(request: Request, service_id: str) -> Response:
        ticked = set(map(str, (await request.form()).getlist("purpose")))
        ticks = {one.key: one.key in ticked for one in shop.counter.texts.purposes}

        def work(actor: Actor) -> None:
            if "allergy" not in ticked:
                raise ValueError(
                    "purpose: without the allergy check no blending is possible; finished products are for sale"
                )
            shop.counter.consent(actor, service_id, ticks)

        return await kiosk.act(request, work, lambda _: visit.place(service_id), visit.show)

    @door.post("/kiosk/service/{service_id}/consultation")
    async def consultation(request: Request, service_id: str) -> Response:
        form = await request.form()
        question, values = str(form.get("question", "")), [str(one) for one in form.getlist("answer")]
        act = str(form.get("act", ""))
        then = visit.place(service_id)

        def work(actor: Actor) -> None:
            nonlocal then
            with shop.desk.read() as connection:
                found = find_service(connection, shop.desk.site_id, service_id)
            asked = [one.id for one in visit.asked(found)]
            number = asked.index(question)
            if act == "back":
                then = f"{visit.place(service_id)}/consultation?q={asked[max(0, number - 1)]}"
                return
            if not values and act != "skip":
                raise ValueError("answer: choose one, or skip")
            shop.counter.answer(actor, service_id, question, [SKIP] if act == "skip" else values)
            if number + 1 < len(asked):
                then = f"{visit.place(service_id)}/consultation?q={asked[number + 1]}"
                return
            shop.counter.finish(actor, service_id)
            visit.drafts.pop(service_id, None)
            then = f"{visit.place(service_id)}/formula"

        return await kiosk.act(request, work, lambda _: then, visit.show)

    @door.post("/kiosk/service/{service_id}/formula")
    async def formula(request: Request, service_id: str) -> Response:
        act = str((await request.form()).get("act", ""))
        then = visit.place(service_id) if act == "confirm" else f"{visit.place(service_id)}/formula"
        return await kiosk.act(request, lambda actor: visit.change(actor, service_id, act), lambda _: then, visit.show)

    @door.post("/kiosk/service/{service_id}/verdict")
    async def verdict(request: Request, service_id: str) -> Response:
        form = await request.form()
        first: list[str] = []

        def work(actor: Actor) -> None:
            shop.counter.verdict(
                actor, shop.station.settings, shop.settings.public_base, service_id, reasons(dict(form))
            )
            with shop.desk.read() as connection:
                units = units_of(connection, shop.desk.site_id, service_id)
            first.extend(one.id for one in units if one.state == "planned")

        return await kiosk.act(request, work, lambda _: f"/kiosk/unit/{first[0]}" if first else "/kiosk", visit.show)

    @door.post("/kiosk/service/{service_id}/hand-over")
    async def hand_over(request: Request, service_id: str) -> Response:
        told = str((await request.form()).get("explained", "")) == "1"

        def work(actor: Actor) -> None:
            if told:
                shop.counter.explain(actor, service_id)
            shop.counter.hand_over(actor, service_id)
            visit.drafts.pop(service_id, None)

        return await kiosk.act(request, work, lambda _: visit.place(service_id), visit.show)

    return door
