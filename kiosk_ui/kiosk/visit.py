"""A consumer's visit on the screen up to the bench: consent, questions, formula, verdict. `visit_end` has the rest."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from kiosk_ui import models as m
from kiosk_ui.formats import content, day
from kiosk_ui.models import Item, Words
from store_service.blending.cases import View
from store_service.blending.queries import GONE, OPEN_STATES, Unit, units_of
from store_service.consultation.queries import Service, answers_of, find_service
from store_service.consultation.texts import Question
from store_service.rules.amounts import targets
from store_service.rules.dossier import Envelope
from store_service.rules.refusal import Finding, Verdict

from . import photo
from .door import Kiosk
from .drafts import STEP_BP, Drafts, Planner, base_of, may_move, middle
from .visit_end import VisitEnd, undecided
from .ways import Where, way_of

SKIP = "prefer_not_to_say"
VALIDATED = Words("备案人验证的标准配比", "the share that the filer has validated")
KINDS = {"blend": Words("调配", "Blend"), "decant": Words("分装", "Decant")}


class Visit:
    """The screens of one service."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk, self.shop = kiosk, kiosk.shop
        self.planner = Planner(kiosk)
        self.end = VisitEnd(kiosk)

    def place(self, service_id: str) -> str:
        return f"/kiosk/service/{service_id}"

    def show(self, request: Request, place: str) -> Response:
        """The screen that this service is at."""
        parts = place.split("/")
        if len(parts) < 4:
            return RedirectResponse(place, 303)
        service_id, wanted = parts[3], parts[4] if len(parts) > 4 else ""
        self.kiosk.signed(request)
        with self.shop.desk.read() as connection:
            found = find_service(connection, self.shop.desk.site_id, service_id)
            units = units_of(connection, self.shop.desk.site_id, service_id)
        if found.state == "handed_over":
            return self.end.done(request, found, units)
        if found.state == "cancelled":
            return RedirectResponse("/kiosk", 303)
        under_way = [one for one in units if one.state in OPEN_STATES]
        at_bench = next((one for one in under_way if one.tag is None), None)
        if at_bench is not None:
            return RedirectResponse(f"/kiosk/unit/{at_bench.id}", 303)
        return self._before_or_after(request, found, units, wanted)

    def _before_or_after(self, request: Request, found: Service, units: list[Unit], wanted: str) -> Response:
        """The screens of a visit none of whose units stands at the bench."""
        if not found.given("allergy") or wanted == "consent":
            return self._consent(request, found)
        if wanted == "photo" and found.given(photo.PURPOSE):
            return photo.screen(self.kiosk, request, found)
        live = [one for one in units if one.state not in GONE]
        made = bool(live) and all(one.state == "released" for one in live) and self._whole(found, live)
        if wanted == "consultation" or not (made or self.shop.counter.asked(found).consulted_at):
            return self._question(request, found)
        drafts = self._drafts(found)
        if wanted == "officer" and drafts is not None and undecided(drafts.verdict):
            return self.end.officer(request, found, units, undecided(drafts.verdict))
        planned = [one for one in units if one.state == "planned"]
        parked = next((one for one in units if one.tag is not None and one.state in OPEN_STATES), None)
        if wanted != "formula" and drafts is not None and drafts.verdict is not None and planned:
            return self._verdict(request, found, planned, drafts.verdict)
        if wanted != "formula" and drafts is None and found.allowed and planned:
            return self._verdict(request, found, planned, None)
        if wanted != "formula" and parked is not None:
            return RedirectResponse(f"/kiosk/unit/{parked.id}", 303)
        if wanted != "formula" and made:
            return self.end.hand_over(request, found, live)
        return self._formula(request, found)

    def _drafts(self, found: Service) -> Drafts | None:
        """What is being set on the screen; without a "yes" that the record no longer has."""
        drafts = self.planner.known(found.service_id)
        if drafts and drafts.verdict and drafts.verdict.allowed and not drafts.verdict.warnings and not found.allowed:
            drafts.verdict = None
        return drafts

    def _whole(self, found: Service, live: list[Unit]) -> bool:
        """Whether everything on the screen has been made: a unit that was discarded is to be made again or removed."""
        drafts = self.planner.known(found.service_id)
        return drafts is None or {one.unit_id for one in drafts.units} <= {one.id for one in live}

    def _consent(self, request: Request, found: Service) -> Response:
        texts, pictures = self.shop.counter.texts, photo.may_offer(self.kiosk, request)
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
                if pictures or one.key != photo.PURPOSE
            ),
            member=self.kiosk.members.get(found.service_id),
        )
        scan = None if found.consents else f"{self.place(found.service_id)}/member"
        frame = self.kiosk.frame(request, step=2, personal=True, scan_url=scan)
        return self.kiosk.page(request, "consent", screen=screen, frame=frame)

    def asked(self, found: Service) -> list[Question]:
        """The questions that this consumer is asked: those that a given consent covers."""
        return [one for one in self.shop.counter.texts.questions if found.given(one.purpose)]

    def _question(self, request: Request, found: Service) -> Response:
        answers, asked = answers_of(self.shop.vault, found), self.asked(found)
        wanted = request.query_params.get("q", "")
        question = next((one for one in asked if one.id == wanted), None)
        question = question or next((one for one in asked if one.id not in answers), asked[-1])
        hidden = found.service_id in self.kiosk.wiped
        given = [] if hidden else answers.get(question.id, [])
        screen = m.ConsultationScreen(
            service_id=found.service_id,
            question=m.Question(
                key=question.id,
                kind=question.kind,
                words=Words(question.zh, question.en),
                why=Words(question.why_zh, question.why_en),
                options=tuple(
                    Item(o.value, Words(o.zh, o.en), o.value in given) for o in question.options if o.value != SKIP
                ),
                may_skip=question.option(SKIP) is not None,
                value="" if hidden else "，".join(answers.get(f"{question.id}_text", [])),
                free_text=question.free_text,
            ),
            index=asked.index(question) + 1,
            count=len(asked),
            photo=found.given(photo.PURPOSE),
        )
        frame = self.kiosk.frame(request, step=3, personal=True)
        return self.kiosk.page(request, "consultation", screen=screen, frame=frame)

    def _formula(self, request: Request, found: Service) -> Response:
        drafts = self.planner.of(found.service_id)
        draft = drafts.units[drafts.at]
        with self.shop.desk.read() as connection:
            known = View.at(self.shop.desk, connection).known
        envelope = known.envelopes[draft.envelope_id]
        masses = targets(draft.fill_mg, draft.shares)
        base = base_of(draft)
        rows = []
        for number, (part, share, mass) in enumerate(zip(envelope.components, draft.shares, masses, strict=True)):
            product = known.products.get(part.product_id)
            because = draft.because.get(part.product_id) or draft.because.get("") or VALIDATED
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
                    may_plus=number != base and may_move(envelope, draft, number, base, STEP_BP),
                    may_minus=number != base and may_move(envelope, draft, number, base, -STEP_BP),
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
            last=self._last(found.service_id),
            names=tuple(self._envelope_name(known.envelopes[one.envelope_id]) for one in drafts.units),
            pack_name="" if found.service_id in self.kiosk.wiped else draft.name,
        )
        return self.kiosk.page(
            request, "formula", screen=screen, frame=self.kiosk.frame(request, step=4, personal=True)
        )

    def _last(self, service_id: str) -> Words | None:
        found = self.planner.last(service_id)
        if found is None:
            return None
        envelope, made = found
        tail = f"{day(made.released_at.date())} · {content(made.fill_mg)}"
        return Words(f"{envelope.name_zh} · {tail}", f"{envelope.name_en} · {tail}")

    def _envelope_name(self, envelope: Envelope) -> Words:
        return Words(envelope.name_zh, envelope.name_en)

    def _verdict(self, request: Request, found: Service, units: list[Unit], verdict: Verdict | None) -> Response:
        asked = verdict.asked if verdict else tuple((found.verdict or {}).get("asked", ()))
        rules = self.shop.desk.ruleset.rules
        refusals = verdict.refusals if verdict else ()
        with self.shop.desk.read() as connection:
            envelopes = View.at(self.shop.desk, connection).known.envelopes
        screen = m.VerdictScreen(
            service_id=found.service_id,
            asked=tuple(
                m.RuleLine(one, Words(rules[one].title_zh, rules[one].title_en)) for one in asked if one in rules
            ),
            units=tuple(
                m.UnitBrief(
                    one.id,
                    self._envelope_name(envelopes[one.envelope_id])
                    if one.envelope_id in envelopes
                    else Words(one.name_zh, one.name_zh),
                    "planned",
                    one.target_mg,
                    f"/kiosk/unit/{one.id}",
                )
                for one in units
            ),
            warnings=verdict.warnings if verdict else (),
            refusals=refusals,
            alternatives=self._instead(request, found, refusals) if refusals else (),
            way=way_of(refusals, Where(request.url.path, found.service_id)) if refusals else None,
        )
        return self.kiosk.page(
            request, "verdict", screen=screen, frame=self.kiosk.frame(request, step=5, personal=True)
        )

    def _instead(self, request: Request, found: Service, refusals: tuple[Finding, ...]) -> tuple[m.Alternative, ...]:
        """Other envelopes that would pass, when what was refused is the formula and not the person or the shop."""
        actor, drafts = self.kiosk.actor(request), self.planner.of(found.service_id)
        return tuple(
            m.Alternative(
                self._envelope_name(one),
                Words(
                    f"{KINDS[one.kind].zh} · {content(middle(one))} · 标准配比",
                    f"{KINDS[one.kind].en} · {content(middle(one))} · standard shares",
                ),
                f"use:{one.envelope_id}",
            )
            for one in self.planner.others(actor, found.service_id, drafts)
        )
