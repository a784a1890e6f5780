"""A unit holds its bench until it leaves it (RECORD.md §3). Leases are outside the log; taking one over is an event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Table, Text, delete, insert, select

from store_service.database.types import Instant
from store_service.records.desk import Actor, Desk, OutOfStep
from store_service.records.events.people import UnitTakenOver
from store_service.records.ledger import Act
from store_service.records.tables import STRICT, metadata

lease = Table(
    "lease",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("bench_id", Text, primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("staff_id", Text, nullable=False),
    Column("kiosk", Text, nullable=False),
    Column("at", Instant, nullable=False),
    **STRICT,
)


class Held(Exception):
    """Another kiosk holds this unit, or another unit this bench."""

    def __init__(self, unit_id: str, staff_id: str, kiosk: str) -> None:
        self.unit_id, self.staff_id, self.kiosk = unit_id, staff_id, kiosk
        super().__init__(f"{unit_id} is held by {staff_id} at {kiosk}")


def holder(connection: Connection, site: str, bench_id: str) -> tuple[str, str, str] | None:
    """(unit, staff, kiosk) that hold a bench."""
    row = connection.execute(select(lease).where(lease.c.store_id == site, lease.c.bench_id == bench_id)).one_or_none()
    return (row.unit_id, row.staff_id, row.kiosk) if row else None


def take(desk: Desk, act: Act, actor: Actor, bench_id: str, unit_id: str) -> None:
    """Take a free bench for a unit. Raises Held for another unit, and for this one at another kiosk."""
    held = holder(act.connection, desk.site_id, bench_id)
    if held is not None and (held[0] != unit_id or held[2] != actor.kiosk):
        raise Held(*held)
    _set(desk, act, actor, bench_id, unit_id)


def hold(desk: Desk, act: Act, actor: Actor, bench_id: str, unit_id: str) -> None:
    """Make sure that this kiosk holds the unit's bench. Raises Held."""
    held = holder(act.connection, desk.site_id, bench_id)
    if held is None or held[0] != unit_id or held[2] != actor.kiosk:
        raise Held(*(held or (unit_id, "-", "-")))


def take_over(desk: Desk, actor: Actor, bench_id: str, unit_id: str) -> None:
    """Move a unit that stands on the bench to this kiosk; the PIN was asked for before. Raises Held when the bench
    holds another unit, OutOfStep when it holds none."""
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        held = holder(act.connection, desk.site_id, bench_id)
        if held is None:
            raise OutOfStep("not on a bench", "on a bench")
        if held[0] != unit_id:
            raise Held(*held)
        _set(desk, act, actor, bench_id, unit_id)
        act.record(UnitTakenOver(unit_id=unit_id, bench_id=bench_id, staff_id=actor.staff_id))


def free(desk: Desk, act: Act, unit_id: str) -> None:
    """The unit leaves its bench."""
    act.connection.execute(delete(lease).where(lease.c.store_id == desk.site_id, lease.c.unit_id == unit_id))


def _set(desk: Desk, act: Act, actor: Actor, bench_id: str, unit_id: str) -> None:
    act.connection.execute(delete(lease).where(lease.c.store_id == desk.site_id, lease.c.bench_id == bench_id))
    values: dict[str, Any] = {"store_id": desk.site_id, "bench_id": bench_id, "unit_id": unit_id}
    act.connection.execute(insert(lease).values(**values, staff_id=actor.staff_id, kiosk=actor.kiosk, at=desk.now()))
