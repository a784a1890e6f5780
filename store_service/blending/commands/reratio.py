"""Go on with new targets after a component has landed off its own: on record, with a deviation, never a silent edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from store_service.blending.cases import View
from store_service.blending.doses import all_dosed
from store_service.blending.queries import Component, Unit, components_of, doses_of, find_unit, open_dose
from store_service.blending.reratio import Off, Proposal, off_target, propose, room
from store_service.labelling.queries import facts, lay
from store_service.records.desk import Actor, Desk, OutOfStep
from store_service.records.events.blending import Retarget, UnitDosed, UnitReratioed
from store_service.records.events.quality import DeviationRecorded
from store_service.records.ledger import Act
from store_service.rules.case import Case
from store_service.rules.gates import ask
from store_service.rules.refusal import Verdict
from store_service.settings import BenchSettings

from .shared import held

KIND = "reratio"
"""Of the deviation: whoever signs the unit, a second person, settles it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a clerk may decide about. `proposal` None: nothing inside the envelope exists. `verdict`: what the gate
    says of the proposal."""

    off: Off
    proposal: Proposal | None
    verdict: Verdict | None

    @property
    def acceptable(self) -> bool:
        return self.verdict is not None and self.verdict.allowed


def offer(
    desk: Desk, connection: Connection, staff_id: str, bench: BenchSettings, public_base: str, unit_id: str
) -> Offer | None:
    """The decision that the unit waits for between two doses; None when it waits for none."""
    unit = find_unit(connection, desk.site_id, unit_id)
    if unit.state != "dosing" or open_dose(connection, desk.site_id, unit_id) is not None:
        return None
    view = View.at(desk, connection)
    parts = components_of(connection, desk.site_id, unit_id)
    off = off_target(view, parts)
    if off is None:
        return None
    found = propose(parts, off, room(view, unit, bench))
    if found is None:
        return Offer(off, None, None)
    case = _case(view, staff_id, bench, public_base, unit, parts, found)
    return Offer(off, found, ask("reratio", case, desk.ruleset))


def accept(
    desk: Desk,
    actor: Actor,
    bench: BenchSettings,
    public_base: str,
    unit_id: str,
    fill_mg: int,
    reasons: Mapping[str, str] | None = None,
) -> str:
    """Take the proposal that the clerk was shown, named by its fill; returns the deviation id. Gate `reratio`.

    Raises OutOfStep when nothing is off target, when nothing inside the envelope exists, or when the proposal is
    another one by now.
    """
    deviation_id = f"d-{desk.new_id('x')[2:]}"
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = held(act, desk, actor, bench, unit_id, "dosing")
        found, parts, view = _proposal(desk, act, bench, unit)
        if found.fill_mg != fill_mg:
            raise OutOfStep(f"{found.fill_mg} mg proposed", f"{fill_mg} mg")
        case = _case(view, actor.staff_id, bench, public_base, unit, parts, found)
        desk.require(act, "reratio", case, unit_id, reasons)
        part = found.off.part
        detail = (
            f"{part.product_id} {part.actual_mg}/{part.target_mg} mg · {unit.target_mg} → {found.fill_mg} mg"
            f" · {unit.batch}"
        )
        act.record(
            DeviationRecorded(deviation_id=deviation_id, subject=unit_id, kind=KIND, detail=detail, by=actor.staff_id)
        )
        act.record(_event(unit, found, actor, deviation_id))
        if all_dosed(found.parts):
            act.record(UnitDosed(unit_id=unit_id))
    return deviation_id


def _proposal(desk: Desk, act: Act, bench: BenchSettings, unit: Unit) -> tuple[Proposal, list[Component], View]:
    if open_dose(act.connection, desk.site_id, unit.id) is not None:
        raise OutOfStep("dosing", "between doses")
    view = View.at(desk, act.connection)
    parts = components_of(act.connection, desk.site_id, unit.id)
    off = off_target(view, parts)
    if off is None:
        raise OutOfStep("on target", "off target")
    found = propose(parts, off, room(view, unit, bench))
    if found is None:
        raise OutOfStep("outside the envelope", "inside the envelope")
    return found, parts, view


def _event(unit: Unit, found: Proposal, actor: Actor, deviation_id: str) -> UnitReratioed:
    return UnitReratioed(
        unit_id=unit.id,
        product_id=found.off.part.product_id,
        reason=found.off.reason,
        by=actor.staff_id,
        deviation_id=deviation_id,
        old_fill_mg=unit.target_mg,
        new_fill_mg=found.fill_mg,
        parts=tuple(
            Retarget(
                product_id=one.part.product_id,
                old_target_mg=one.part.target_mg,
                new_target_mg=one.target_mg,
                old_share_bp=one.part.share_bp,
                new_share_bp=one.share_bp,
                landed_mg=one.part.actual_mg if one.part.lots else None,
            )
            for one in found.changes
        ),
    )


def _case(
    view: View,
    staff_id: str,
    bench: BenchSettings,
    public_base: str,
    unit: Unit,
    parts: list[Component],
    found: Proposal,
) -> Case:
    """The unit as it would be: its new shares and fill, and the label that they make."""
    would_be = replace(unit, target_mg=found.fill_mg)
    label = facts(
        lay(
            view,
            view.desk,
            would_be,
            public_base=public_base,
            bench_id=bench.bench_id,
            resolution_mg=bench.scale.resolution_mg,
            dpi=bench.dpi,
            parts=found.parts,
        )
    )
    planned = view.planned(would_be, found.parts)
    ended = [one.ended_at for one in doses_of(view.connection, view.desk.site_id, unit.id) if one.ended_at is not None]
    progress = replace(view.progress(unit, parts), stopped_at=max(ended, default=None))
    case = replace(view.standing(staff_id), unit=planned, units=(planned,), progress=progress, label=label)
    return view.knowing(case)
