"""What failed or may not be used any more, destroyed by two with a record (R-BLD-18): units that were given up,
quarantined or discarded containers, lots that head office wants destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from store_service.blending.queries import find_unit
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.privacy.commands import case_of
from store_service.privacy.holds import hold_of
from store_service.records.desk import Actor, Desk, Missing, OutOfStep
from store_service.records.events.after import WasteDestroyed
from store_service.records.events.stock import ContainerFinished
from store_service.records.ledger import Act
from store_service.records.projections.after import waste
from store_service.records.projections.blending import dose, unit
from store_service.records.projections.stock import lot
from store_service.rules.matters import Disposal
from store_service.stock.queries import all_containers, find_container

from .commands import find_flow, strike

KINDS = ("unit", "container", "lot")
STANDING = ("closed", "opened", "quarantined")


@dataclass(frozen=True, slots=True)
class Waiting:
    """It waits for two persons. `why`: discarded, quarantined or destroy (head office's word on its lot)."""

    kind: str
    subject: str
    product_id: str
    lot_no: str
    batch: str
    why: str


def waiting(connection: Connection, desk: Desk) -> list[Waiting]:
    """Units given up with something in them, containers set apart or thrown away, lots to be destroyed; what is
    destroyed is left out."""
    site = desk.site_id
    gone = {(row.kind, row.subject) for row in connection.execute(select(waste).where(waste.c.store_id == site))}
    filled = select(dose.c.unit_id).where(dose.c.store_id == site, dose.c.unit_id == unit.c.id).exists()
    given_up = select(unit.c.id, unit.c.batch).where(unit.c.store_id == site, unit.c.state == "discarded", filled)
    found = [Waiting("unit", row.id, "", "", row.batch or "", "discarded") for row in connection.execute(given_up)]
    doomed = _doomed(connection, desk)
    for one in all_containers(connection, site):
        key = (one.product_id, one.lot_no)
        if one.state in ("quarantined", "discarded") or (key in doomed and one.state in STANDING):
            why = "destroy" if key in doomed else one.state
            found.append(Waiting("container", one.container_id, *key, "", why))
    received = select(lot.c.product_id, lot.c.lot_no).where(lot.c.store_id == site)
    here = {(row.product_id, row.lot_no) for row in connection.execute(received)}
    found += [Waiting("lot", "/".join(key), *key, "", "destroy") for key in sorted(doomed & here)]
    return [one for one in found if (one.kind, one.subject) not in gone]


def destroyed(connection: Connection, site: str, limit: int = 200) -> list[Row[Any]]:
    """What was destroyed, the newest first."""
    query = select(waste).where(waste.c.store_id == site).order_by(waste.c.at.desc()).limit(limit)
    return list(connection.execute(query))


def destroy(
    desk: Desk, actor: Actor, kind: str, subject: str, mass_mg: int | None, method: str, second: str | None
) -> str:
    """Two persons destroy it; the second one's PIN was checked before; returns the record's id. Gate `dispose`.

    `mass_mg` as weighed now: the gross mass of a unit, the residue of a container, what is left of a lot. A container
    is out of the stock with it. Raises Missing, OutOfStep for what does not wait to be destroyed, and for a lot of
    which a container still stands.
    """
    if not method.strip():
        raise ValueError("method: is needed")
    waste_id = desk.new_id("w")
    with desk.act(actor.staff_id, {"waste": waste_id}) as act:
        connection, site = act.connection, desk.site_id
        found = next((one for one in waiting(connection, desk) if (one.kind, one.subject) == (kind, subject)), None)
        if found is None:
            raise _not_waiting(connection, site, kind, subject)
        standing = [one for one in all_containers(connection, site) if one.state in STANDING]
        if kind == "lot" and any((one.product_id, one.lot_no) == (found.product_id, found.lot_no) for one in standing):
            raise OutOfStep("containers_left", "destroyed")
        about = (subject, f"{found.product_id}/{found.lot_no}")
        matter = Disposal(
            what="waste",
            outcome="destroyed",
            by=actor.staff_id,
            second=second,
            weighed_mg=mass_mg,
            hold=hold_of(connection, site, *about, unit_id=subject if kind == "unit" else ""),
        )
        desk.require(act, "dispose", case_of(desk, act, actor.staff_id, matter), subject)
        if kind == "container":
            _leaves(act, desk, actor, subject, mass_mg or 0)
        act.record(
            WasteDestroyed(
                waste_id=waste_id,
                kind=kind,
                subject=subject,
                product_id=found.product_id,
                lot_no=found.lot_no,
                batch=found.batch,
                mass_mg=mass_mg or 0,
                method=method.strip(),
                by=actor.staff_id,
                second=second or "",
            )
        )
    return waste_id


def _leaves(act: Act, desk: Desk, actor: Actor, container_id: str, residue_mg: int) -> None:
    """Out of the stock, and balanced by what was weighed: what is gone cannot be weighed again."""
    found, flowed = find_container(act.connection, desk.site_id, container_id), find_flow(act, desk, container_id)
    if found is not None and found.state in STANDING:
        act.record(ContainerFinished(container_id=container_id, residue_mg=residue_mg, state="discarded"))
    if found is not None and flowed is not None and flowed.struck_at is None:
        strike(act, desk, actor.staff_id, found, flowed, residue_mg)


def _doomed(connection: Connection, desk: Desk) -> set[tuple[str, str]]:
    known = registers(connection, desk.site_id, LAST_KNOWN)
    return {key for key, one in known.lots.items() if one.disposition == "destroy"}


def _not_waiting(connection: Connection, site: str, kind: str, subject: str) -> Exception:
    if kind == "unit":
        return OutOfStep(find_unit(connection, site, subject).state, "discarded")
    if kind == "container" and (found := find_container(connection, site, subject)) is not None:
        return OutOfStep("in_stock" if found.state in ("closed", "opened") else found.state, "quarantined")
    return Missing(kind if kind in KINDS else "waste", subject)
