"""At the bench before the first dose: clear the line, start, scan the containers, place the empty cup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from store_service.blending.cases import View
from store_service.blending.lease import take
from store_service.blending.queries import components_of, next_seq, open_units
from store_service.consultation.queries import Service, find_service
from store_service.equipment.bench import Bench
from store_service.records.desk import Actor, Desk, Missing, OutOfStep
from store_service.records.events.blending import ContainerScanned, CupPlaced, LineCleared, UnitStarted
from store_service.rules.case import Consumer, Cup
from store_service.rules.dates import beijing_date
from store_service.settings import BenchSettings
from store_service.stock.queries import find_container, find_pack
from store_service.trace.identifiers import make_batch, read_scan

from .shared import held, unit_in

CLEARED = ("labels", "lots", "hands")
"""What a clearance must have looked at: other labels, other lots and packs, and clean hands."""


def clear_line(desk: Desk, actor: Actor, bench: BenchSettings, unit_id: str, items: tuple[str, ...]) -> None:
    """The clerk has looked: no other consumer's label, lot or pack is there, and hands are clean (R-BLD-12).

    `items` are the ticks. Raises ValueError when one of `CLEARED` is missing: the record must hold it (R-REC-03).
    """
    if missing := [one for one in CLEARED if one not in items]:
        raise ValueError(f"items: {', '.join(missing)} is to be ticked")
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit_in(act, desk, unit_id, "planned", "started")
        take(desk, act, actor, bench.bench_id, unit_id)
        act.record(LineCleared(unit_id=unit_id, bench_id=bench.bench_id, items=items))


def start_unit(
    desk: Desk,
    actor: Actor,
    bench: BenchSettings,
    unit_id: str,
    consumer: Callable[[Service], Consumer],
    reasons: dict[str, str] | None = None,
) -> str:
    """Start a unit on a bench; returns its batch number. Gate `start`. `consumer` is `Counter.asked`: the vault is the
    visit's own.

    Raises OutOfStep without an allowed verdict, Held while the bench holds another unit.
    """
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = unit_in(act, desk, unit_id, "planned")
        service = find_service(act.connection, desk.site_id, unit.service_id)
        if not service.allowed or unit_id not in (service.verdict or {}).get("units", ()):
            raise OutOfStep("without a verdict", "allowed")
        view = View.at(desk, act.connection)
        planned = view.planned(unit)
        standing = view.standing(actor.staff_id)
        case = replace(standing, unit=planned, units=(planned,), consumer=consumer(service))
        case = view.at_bench(case, bench)
        desk.require(act, "start", case, unit_id, reasons)
        take(desk, act, actor, bench.bench_id, unit_id)
        facts, today = case.bench, beijing_date(view.now)
        seq = next_seq(act.connection, desk.site_id, today)
        batch = make_batch(desk.site_id, today, seq)
        row = (
            next((one for one in view.known.roster.rows if one.store_id == desk.site_id), None)
            if view.known.roster
            else None
        )
        act.record(
            UnitStarted(
                unit_id=unit_id,
                batch=batch,
                seq=seq,
                bench_id=bench.bench_id,
                blender_id=actor.staff_id,
                scale_id=bench.scale.scale_id,
                certificate_no=bench.scale.certificate_no or "",
                roster_doc=row.doc_no if row else "",
                temp_c10=facts.temp_c10 if facts else None,
                rh_pct10=facts.rh_pct10 if facts else None,
                cleaned_at=facts.cleaned_at if facts else None,
                checked_at=facts.checked_at if facts else None,
                officers=case.officers_on_duty or (),
                fit_on=today if case.person is not None and case.person.fit else None,
            )
        )
    return batch


def scan_container(
    desk: Desk, actor: Actor, bench: BenchSettings, unit_id: str, code: str, *, manual: bool = False
) -> str:
    """Bind the container in hand to its component; returns the product id. Gate `scan`.

    A code of another kind is Missing with the kind that it is, so that the clerk hears what was scanned instead.
    """
    scan = read_scan(code)
    if scan.kind != "container":
        raise Missing(f"container (this is a {scan.kind})", code)
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = held(act, desk, actor, bench, unit_id, "started", "cup", "dosing", "stopped")
        container = find_container(act.connection, desk.site_id, scan.code)
        if container is None:
            raise Missing("container", scan.code)
        parts = components_of(act.connection, desk.site_id, unit_id)
        busy = {
            part.container_id
            for other in open_units(act.connection, desk.site_id)
            if other.id != unit_id and other.state in ("started", "cup", "dosing", "stopped")
            for part in components_of(act.connection, desk.site_id, other.id)
        }
        if container.container_id in busy:
            raise OutOfStep("in use at another bench", "free")
        view = View.at(desk, act.connection)
        part = next((one for one in parts if one.product_id == container.product_id), None)
        planned = view.planned(unit, parts)
        foreign = replace(parts[0], product_id=container.product_id, containers=[], lots=[])
        case = replace(
            view.standing(actor.staff_id),
            unit=planned,
            source=view.source(part or foreign, container),
            progress=view.progress(unit, parts),
        )
        desk.require(act, "scan", case, unit_id)
        if part is None:
            raise Missing("component", container.product_id)
        act.record(
            ContainerScanned(
                unit_id=unit_id,
                product_id=container.product_id,
                container_id=container.container_id,
                lot_no=container.lot_no,
                manual=manual,
            )
        )
    return container.product_id


def place_cup(
    desk: Desk,
    actor: Actor,
    bench: BenchSettings,
    devices: Bench,
    unit_id: str,
    code: str,
    *,
    visual_ok: bool,
    own_container: bool = False,
) -> int:
    """The unit's own empty pack stands on the scale: scan its lot, weigh it; returns the gross mass. Gate `cup`.

    Raises DeviceTrouble when the scale gives no stable reading.
    """
    scan = read_scan(code)
    if scan.kind != "pack" and not own_container:
        raise Missing(f"pack (this is a {scan.kind})", code)
    weighed = devices.weigh()
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = held(act, desk, actor, bench, unit_id, "started")
        parts = components_of(act.connection, desk.site_id, unit_id)
        if any(part.container_id is None for part in parts):
            raise OutOfStep("not every container is scanned", "scanned")
        pack = find_pack(act.connection, desk.site_id, scan.code)
        view = View.at(desk, act.connection)
        cup = Cup(
            pack_lot=scan.code if pack else None,
            pack_sku=pack.sku if pack else None,
            own_container=own_container,
            gross_mg=weighed.gross_mg,
            visual_ok=visual_ok,
            pack_received=pack is not None and pack.remaining > 0,
        )
        case = replace(view.standing(actor.staff_id), unit=view.planned(unit, parts), cup=cup)
        desk.require(act, "cup", case, unit_id)
        act.record(
            CupPlaced(
                unit_id=unit_id,
                pack_lot=scan.code,
                sku=pack.sku if pack else "",
                gross_mg=weighed.gross_mg,
                visual_ok=visual_ok,
                raw=weighed.raw,
            )
        )
    return weighed.gross_mg
