"""Side roads: stop, resume, park, take back, discard."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from store_service.blending.cases import View
from store_service.blending.doses import all_dosed, as_they_stand
from store_service.blending.lease import free, holder, take
from store_service.blending.queries import components_of, find_unit, open_dose, open_units
from store_service.equipment.bench import Bench, DeviceTrouble, DoseReport
from store_service.labelling.voiding import void_print
from store_service.records.desk import Actor, Desk, Missing, OutOfStep
from store_service.records.events.blending import (
    UnitDiscarded,
    UnitDosed,
    UnitParked,
    UnitResumed,
    UnitStopped,
    UnitUnparked,
)
from store_service.records.events.quality import DeviationRecorded
from store_service.rules.dates import beijing_date
from store_service.settings import BenchSettings
from store_service.trace.identifiers import read_scan

from .dose import end_dose
from .shared import unit_in

PLAUSIBLE_TAIL_MG = 300
"""What may still have come down after the bound: drops and the tail of the line."""


def stop(desk: Desk, actor: Actor, devices: Bench, unit_id: str, reason: str) -> None:
    """Stop what moves, at once and by anybody who stands there; the unit is then half-made."""
    devices.stop()
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = find_unit(act.connection, desk.site_id, unit_id)
        if unit.state in ("cup", "dosing"):
            act.record(UnitStopped(unit_id=unit_id, reason=reason))


def resume(desk: Desk, actor: Actor, bench: BenchSettings, devices: Bench, unit_id: str, cup_code: str) -> int:
    """Go on with a half-made unit: read the gross weight now, see that it is the same cup at the same mass; never
    starts a dose by itself. Returns the gross mass. Gate `resume` (R-BLD-22)."""
    weighed = devices.weigh()
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = unit_in(act, desk, unit_id, "stopped")
        view = View.at(desk, act.connection)
        parts = components_of(act.connection, desk.site_id, unit_id)
        expected = unit.gross_mg or 0
        dose = open_dose(act.connection, desk.site_id, unit_id)
        if dose is not None:
            product = view.known.products.get(dose.product_id)
            density = product.density_ug_per_ul if product else 1000
            least, most = (
                dose.gross_before_mg,
                dose.gross_before_mg + dose.bound_ul * density // 1000 + PLAUSIBLE_TAIL_MG,
            )
            seen = devices.gauge().seen
            if seen is not None and seen.dose_id == dose.id:
                least = min(max(least, seen.gross_mg), most)
            expected = min(max(weighed.gross_mg, least), most)
        scanned = read_scan(cup_code).code
        progress = replace(
            view.progress(unit, parts),
            gross_now_mg=weighed.gross_mg,
            gross_expected_mg=expected,
            cup_scanned=scanned,
        )
        case = replace(view.standing(actor.staff_id), unit=view.planned(unit, parts), progress=progress)
        desk.require(act, "resume", case, unit_id)
        take(desk, act, actor, bench.bench_id, unit_id)
        ended = None
        if dose is not None:
            report = DoseReport(dose.id, "interrupted", unit.stop_reason, weighed.gross_mg, "", weighed.raw, None, 0, 0)
            ended = end_dose(act, dose, report)
        act.record(UnitResumed(unit_id=unit_id, gross_mg=weighed.gross_mg, expected_mg=expected))
        if all_dosed(as_they_stand(act.connection, desk.site_id, unit_id, ended)):
            act.record(UnitDosed(unit_id=unit_id))
    return weighed.gross_mg


def park(desk: Desk, actor: Actor, unit_id: str, tag: str, reason: str) -> None:
    """Set an unlabelled unit aside after its check weigh: it wears a numbered tag, the bench is free."""
    scan = read_scan(tag)
    if scan.kind != "tag":
        raise Missing(f"tag (this is a {scan.kind})", tag)
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = unit_in(act, desk, unit_id, "checked", "signed", "printed")
        if unit.tag is not None:
            raise OutOfStep("parked", "on the bench")
        if any(one.tag == scan.code for one in open_units(act.connection, desk.site_id)):
            raise OutOfStep(f"{scan.code} on another unit", "a free tag")
        if unit.state == "printed" and unit.serial is not None:
            void_print(desk, act, unit_id, unit.serial, "parked")
        act.record(UnitParked(unit_id=unit_id, tag=scan.code, reason=reason))
        free(desk, act, unit_id)


def unpark(desk: Desk, actor: Actor, bench: BenchSettings, unit_id: str, tag: str) -> None:
    """Take a parked unit back: its tag is scanned off, and it must be the one that it wears."""
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = find_unit(act.connection, desk.site_id, unit_id)
        if unit.tag is None:
            raise OutOfStep(unit.state, "parked")
        if read_scan(tag).code != unit.tag:
            raise Missing("parked unit with tag", tag)
        take(desk, act, actor, bench.bench_id, unit_id)
        act.record(UnitUnparked(unit_id=unit_id, tag=unit.tag))


def discard(desk: Desk, actor: Actor, devices: Bench, unit_id: str, reason: str) -> str:
    """Give a unit up with a deviation; returns the deviation id.

    A unit on its bench is stopped, and weighed once more where the scale answers. One that is parked leaves the bench
    alone: another unit may be dosing there.
    """
    weighed = None
    if _on_bench(desk, unit_id):
        devices.stop()
        with suppress(DeviceTrouble):
            weighed = devices.weigh()
    gross = weighed.gross_mg if weighed else None
    deviation_id = f"d-{desk.new_id('x')[2:]}"
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = find_unit(act.connection, desk.site_id, unit_id)
        if unit.state in ("planned", "dropped", "released", "handed_over", "discarded"):
            raise OutOfStep(unit.state, "under way")
        dose = open_dose(act.connection, desk.site_id, unit_id)
        if dose is not None:
            plausible = gross is not None and gross >= dose.gross_before_mg
            after = gross if plausible else None
            raw = weighed.raw if weighed else ""
            end_dose(act, dose, DoseReport(dose.id, "interrupted", unit.stop_reason, after, "", raw, None, 0, 0))
        if unit.serial is not None:
            void_print(desk, act, unit_id, unit.serial, "discarded")
        day = beijing_date(desk.now()).isoformat()
        act.record(
            DeviationRecorded(
                deviation_id=deviation_id,
                subject=unit_id,
                kind="discarded",
                detail=f"{reason} · {unit.batch} · {day}",
                by=actor.staff_id,
            )
        )
        act.record(UnitDiscarded(unit_id=unit_id, reason=reason, gross_mg=gross, deviation_id=deviation_id))
        free(desk, act, unit_id)
    return deviation_id


def _on_bench(desk: Desk, unit_id: str) -> bool:
    with desk.read() as connection:
        unit = find_unit(connection, desk.site_id, unit_id)
        held_by = holder(connection, desk.site_id, unit.bench_id) if unit.bench_id else None
    return held_by is not None and held_by[0] == unit_id
