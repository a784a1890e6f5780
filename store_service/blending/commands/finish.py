"""After the last dose: check weigh, appearance, signature."""

from __future__ import annotations

from dataclasses import replace

from store_service.blending.cases import View
from store_service.blending.queries import Unit, components_of, open_deviations
from store_service.equipment.bench import Bench
from store_service.evidence.canonical import canonical, sha256_hex
from store_service.people.queries import acting
from store_service.records.desk import Actor, Desk
from store_service.records.events.blending import UnitInspected, UnitSigned, UnitWeighed
from store_service.records.events.quality import DeviationClosed
from store_service.records.ledger import Act
from store_service.rules.amounts import net_content
from store_service.rules.case import Case
from store_service.settings import BenchSettings
from store_service.trace.record import unit_record

from .reratio import KIND as RERATIO
from .shared import held, unit_in

MEANING = "release"


def weigh(desk: Desk, actor: Actor, bench: BenchSettings, devices: Bench, unit_id: str) -> int:
    """The check weigh; returns the net mass. Gate `weigh`: component tolerances, achieved shares, shortage.

    The weighing itself stands on record even where the gate says no: what was read was read.
    """
    weighed = devices.weigh()
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = held(act, desk, actor, bench, unit_id, "dosed")
        parts = components_of(act.connection, desk.site_id, unit_id)
        net = weighed.gross_mg - (unit.empty_mg or 0)
        act.record(
            UnitWeighed(
                unit_id=unit_id,
                gross_mg=weighed.gross_mg,
                net_mg=net,
                sum_mg=sum(part.actual_mg for part in parts),
                raw=weighed.raw,
            )
        )
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = held(act, desk, actor, bench, unit_id, "dosed")
        desk.require(act, "weigh", _weigh_case(desk, act, actor, bench, unit), unit_id)
    return net


def inspect(
    desk: Desk,
    actor: Actor,
    bench: BenchSettings,
    unit_id: str,
    *,
    mixed: bool,
    appearance_ok: bool,
    odour_ok: bool,
    homogeneous_ok: bool,
) -> None:
    """What the blender saw and smelled after the mixing step. A bad mark is on record and bars the signature.

    Asks the gate `weigh` again, so that no unit is looked at that was not weighed or is out of tolerance.
    """
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = held(act, desk, actor, bench, unit_id, "dosed", "checked")
        desk.require(act, "weigh", _weigh_case(desk, act, actor, bench, unit), unit_id)
        act.record(
            UnitInspected(
                unit_id=unit_id,
                mixed=mixed,
                appearance_ok=appearance_ok,
                odour_ok=odour_ok,
                homogeneous_ok=homogeneous_ok,
            )
        )


def _weigh_case(desk: Desk, act: Act, actor: Actor, bench: BenchSettings, unit: Unit) -> Case:
    view = View.at(desk, act.connection)
    parts = components_of(act.connection, desk.site_id, unit.id)
    return replace(
        view.at_bench(view.standing(actor.staff_id), bench),
        unit=view.planned(unit, parts),
        progress=view.progress(unit, parts),
    )


def sign(
    desk: Desk,
    actor: Actor,
    bench: BenchSettings,
    unit_id: str,
    signer_id: str,
    reasons: dict[str, str] | None = None,
) -> str:
    """The releaser signs the record as it stands; returns its sha256. Gate `sign`. The PIN was checked before."""
    with desk.act(signer_id, {"unit": unit_id}) as act:
        unit = unit_in(act, desk, unit_id, "checked")
        view = View.at(desk, act.connection)
        parts = components_of(act.connection, desk.site_id, unit_id)
        bound = view.use_by(unit, parts)
        progress = replace(
            view.progress(unit, parts),
            use_by=bound.date if bound else None,
            computed_use_by=bound.date if bound else None,
            second_person=desk.second_for(act.connection, unit_id, "R-PPL-07"),
        )
        case = replace(
            view.standing(actor.staff_id),
            person=acting(act.connection, desk.site_id, view.known, signer_id, view.now),
            unit=view.planned(unit, parts),
            progress=progress,
        )
        desk.require(act, "sign", case, unit_id, reasons)
        if bound is None:
            raise AssertionError("the gate lets no unit without a use-by date pass")
        digest = sha256_hex(canonical(unit_record(act.connection, desk, view.known, unit_id)))
        act.record(
            UnitSigned(
                unit_id=unit_id,
                releaser_id=signer_id,
                meaning=MEANING,
                record_sha256=digest,
                use_by=bound.date,
                bounded_by=bound.bounded_by[0][0],
                label_net_mg=net_content(unit.net_mg or 0, bench.scale.resolution_mg).label_mg,
            )
        )
        _settle(act, desk, unit, signer_id, progress.second_person)
        act.seal = True
    return digest


def _settle(act: Act, desk: Desk, unit: Unit, signer_id: str, second_person: str | None) -> None:
    """The signature of somebody beside the blender settles the deviation of a re-ratio (R-BLD-07, R-PPL-07)."""
    other = unit.blender_id if signer_id != unit.blender_id else second_person
    for deviation_id in open_deviations(act.connection, desk.site_id, unit.id, RERATIO) if other else ():
        act.record(
            DeviationClosed(
                deviation_id=deviation_id, subject=unit.id, decision="released", by=signer_id, second=other or ""
            )
        )
