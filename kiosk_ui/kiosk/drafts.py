"""Formulas that are being set on the screen: proposed from the answers, changed by touches, planned and judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk_ui.models import Words
from store_service.blending.cases import View
from store_service.blending.commands import drop_unit, plan_unit
from store_service.blending.queries import GONE, Unit, units_of
from store_service.consultation import naming
from store_service.consultation.offers import LastFormula, last_formula, smallest_pack, would_allow
from store_service.consultation.queries import answers_of, find_service
from store_service.consultation.texts import propose
from store_service.records.desk import Actor, NeedsReason
from store_service.rules.dossier import Envelope
from store_service.rules.refusal import Refused, Verdict

from .door import Kiosk

STEP_BP = 100


@dataclass
class Draft:
    """A formula that is being set on the screen. `unit_id` once it is planned; `because` is left out after a wipe."""

    envelope_id: str
    shares: list[int]
    fill_mg: int
    because: dict[str, Words] = field(default_factory=dict)
    unit_id: str | None = None
    name: str = ""  # for the pack, as the consumer wishes


@dataclass
class Drafts:
    """The drafts of one service and the verdict that they got; lost with the process, made again from the answers."""

    units: list[Draft]
    at: int = 0
    verdict: Verdict | None = None


@dataclass
class Planner:
    """The drafts of every service that is open at this shop's kiosks."""

    kiosk: Kiosk
    drafts: dict[str, Drafts] = field(default_factory=dict)

    def known(self, service_id: str) -> Drafts | None:
        """The drafts on the screen; without their reasons and verdict once the consumer's answers were wiped."""
        found = self.drafts.get(service_id)
        if found is not None and service_id in self.kiosk.wiped:
            if found.verdict is not None and not found.verdict.allowed:
                found.verdict = None
            for one in found.units:
                one.because = {}
        return found

    def of(self, service_id: str) -> Drafts:
        """The drafts of a service, proposed from its answers when there are none."""
        found = self.known(service_id)
        if found is None:
            found = self.drafts[service_id] = Drafts([self._proposed(service_id)])
        return found

    def forget(self, service_id: str) -> None:
        self.drafts.pop(service_id, None)

    def _proposed(self, service_id: str) -> Draft:
        shop = self.kiosk.shop
        with shop.desk.read() as connection:
            service = find_service(connection, shop.desk.site_id, service_id)
            envelopes = View.at(shop.desk, connection).known.envelopes
        made = propose(shop.counter.texts, envelopes, answers_of(shop.vault, service))
        envelope = envelopes[made.envelope_id] if made else next(iter(envelopes.values()))
        told = {one.product_id or "": Words(one.zh, one.en) for one in made.reasons} if made else {}
        if service_id in self.kiosk.wiped:
            told = {}
        return Draft(
            envelope.envelope_id, list(made.shares_bp if made else envelope.default_bp), middle(envelope), told
        )

    def last(self, service_id: str) -> tuple[Envelope, LastFormula] | None:
        """What the same member had last, while its envelope stands and has the same components."""
        shop = self.kiosk.shop
        with shop.desk.read() as connection:
            service = find_service(connection, shop.desk.site_id, service_id)
            made = last_formula(connection, shop.desk.site_id, service.consumer_ref)
            envelopes = View.at(shop.desk, connection).known.envelopes
        envelope = envelopes.get(made.envelope_id) if made else None
        if made is None or envelope is None or {one.product_id for one in envelope.components} != set(made.shares):
            return None
        return envelope, made

    def change(self, actor: Actor, service_id: str, act: str, text: str = "") -> None:
        """One touch on the formula screen; `text` comes with `name`."""
        drafts = self.of(service_id)
        draft = drafts.units[drafts.at]
        word, _, value = act.partition(":")
        with self.kiosk.shop.desk.read() as connection:
            envelopes = View.at(self.kiosk.shop.desk, connection).known.envelopes
        envelope = envelopes[draft.envelope_id]
        if word != "confirm":  # judged twice is judged once: the second tap must not take the verdict away
            drafts.verdict = None
        if word in ("plus", "minus"):
            number = next((n for n, part in enumerate(envelope.components) if part.product_id == value), None)
            move, base = (STEP_BP if word == "plus" else -STEP_BP), base_of(draft)
            if number not in (None, base) and may_move(envelope, draft, number, base, move):
                draft.shares[number] += move
                draft.shares[base] -= move
        elif word == "fill" and int(value) in envelope.fills_mg:
            draft.fill_mg = int(value)
        elif word == "use" and value in envelopes:
            chosen = envelopes[value]
            drafts.units[drafts.at] = Draft(
                value, list(chosen.default_bp), middle(chosen), unit_id=draft.unit_id, name=draft.name
            )
        elif word == "name":
            draft.name = naming.screen(self.kiosk.shop.counter, actor, service_id, envelope, text[:40])
        elif word == "repeat":
            self._repeat(service_id, drafts, draft)
        elif word == "add":
            drafts.units.append(Draft(draft.envelope_id, list(envelope.default_bp), middle(envelope)))
            drafts.at = len(drafts.units) - 1
        elif word == "remove" and len(drafts.units) > 1:
            drafts.units.pop(drafts.at)
            drafts.at = max(0, drafts.at - 1)
        elif word == "show" and value.isdigit() and int(value) < len(drafts.units):
            drafts.at = int(value)
        elif word == "confirm":
            self.judge(actor, service_id, drafts)
        else:
            raise ValueError(f"act: {act[:40]} is none")

    def _repeat(self, service_id: str, drafts: Drafts, draft: Draft) -> None:
        found = self.last(service_id)
        if found is None:
            raise ValueError("act: there is nothing to repeat")
        envelope, made = found
        shares = [made.shares[one.product_id] for one in envelope.components]
        drafts.units[drafts.at] = Draft(
            envelope.envelope_id, shares, made.fill_mg, unit_id=draft.unit_id, name=draft.name
        )

    def judge(self, actor: Actor, service_id: str, drafts: Drafts) -> None:
        """Plan every draft that is not made yet, and ask for the verdict on all of them together."""
        shop = self.kiosk.shop
        with shop.desk.read() as connection:
            known = View.at(shop.desk, connection).known
            units = {one.id: one for one in units_of(connection, shop.desk.site_id, service_id)}
        for one in units.values():
            if one.state == "planned":
                drop_unit(shop.desk, actor, one.id, "replanned")
        fresh = [draft for draft in drafts.units if not self._made(draft, units)]
        if not fresh:
            drafts.verdict = None
            return
        for draft in fresh:
            envelope = known.envelopes[draft.envelope_id]
            pack = smallest_pack(envelope, known.packs, draft.fill_mg)
            draft.unit_id = plan_unit(
                shop.desk, actor, service_id, draft.envelope_id, draft.shares, draft.fill_mg, pack
            )
            if draft.name:
                settings, base = shop.station.settings, shop.settings.public_base
                naming.name_unit(shop.counter, actor, settings, base, service_id, draft.unit_id, draft.name)
        try:
            drafts.verdict = shop.counter.verdict(
                actor, shop.station.settings, shop.settings.public_base, service_id, {}
            )
        except (Refused, NeedsReason) as no:
            drafts.verdict = no.verdict

    def _made(self, draft: Draft, units: dict[str, Unit]) -> bool:
        found = units.get(draft.unit_id or "")
        return found is not None and found.state not in ("planned", "dropped", *GONE)

    def others(self, actor: Actor, service_id: str, drafts: Drafts) -> list[Envelope]:
        """Other envelopes in force that the gate would allow this consumer, at their default shares."""
        shop = self.kiosk.shop
        taken = {one.envelope_id for one in drafts.units}
        with shop.desk.read() as connection:
            view = View.at(shop.desk, connection)
            service = find_service(connection, shop.desk.site_id, service_id)
            person = shop.counter.asked(service)
            return [
                one
                for one in view.known.envelopes.values()
                if one.status == "approved"
                and one.envelope_id not in taken
                and would_allow(view, actor, person, one, middle(one), shop.station.settings)
            ]


def middle(envelope: Envelope) -> int:
    return envelope.fills_mg[len(envelope.fills_mg) // 2]


def base_of(draft: Draft) -> int:
    """The component that gives and takes: the largest."""
    return max(range(len(draft.shares)), key=lambda number: draft.shares[number])


def may_move(envelope: Envelope, draft: Draft, number: int, base: int, move: int) -> bool:
    one, other = envelope.components[number], envelope.components[base]
    return (
        one.min_bp <= draft.shares[number] + move <= one.max_bp
        and other.min_bp <= draft.shares[base] - move <= other.max_bp
    )
