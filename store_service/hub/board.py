"""The fleet at a glance: how far each shop's log is held, when it was heard last, what stands open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Subquery, func, select

from store_service.records.projections.site import SITE, site_state
from store_service.rules.dates import beijing_date

from .hub import Hub
from .tables import cursor, enrolment, incident, mirror, parked

SILENT_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class ShopState:
    """One shop. `size` entries are cosigned of `pending` that it has sealed; `projected` are in the tables.

    `silent`: its shift is open by its own record, yet nothing was heard for 15 minutes.
    """

    store_id: str
    origin: str
    pending: int
    held: int
    size: int
    projected: int
    parked: int
    seen_at: datetime | None
    acked_at: datetime | None
    frozen_at: datetime | None
    frozen_why: str | None
    open_alarms: int
    shift_open: bool
    silent: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """What went wrong with a shop's log; both sides are kept beside it."""

    store_id: str
    id: str
    kind: str
    at: datetime
    detail: str
    lifted_at: datetime | None


def shops(hub: Hub) -> list[ShopState]:
    """Every enrolled shop, those that need somebody first."""
    open_alarms = _count(incident.c.store_id, incident.c.lifted_at.is_(None))
    parked_rows = _count(parked.c.store_id)
    query = (
        select(
            enrolment.c.store_id,
            enrolment.c.origin,
            enrolment.c.seen_at,
            mirror,
            cursor.c.next,
            site_state.c.shift_open,
            site_state.c.shift_at,
            open_alarms.c.found.label("alarms"),
            parked_rows.c.found.label("parked"),
        )
        .join(mirror, mirror.c.store_id == enrolment.c.store_id)
        .outerjoin(cursor, cursor.c.store_id == enrolment.c.store_id)
        .outerjoin(site_state, (site_state.c.store_id == enrolment.c.store_id) & (site_state.c.id == SITE))
        .outerjoin(open_alarms, open_alarms.c.store_id == enrolment.c.store_id)
        .outerjoin(parked_rows, parked_rows.c.store_id == enrolment.c.store_id)
    )
    now = hub.now()
    with hub.database.read() as connection:
        found = [
            ShopState(
                store_id=row.store_id,
                origin=row.origin,
                pending=row.pending_size,
                held=int.from_bytes(bytes(row.peaks)[:8], "big"),
                size=row.size,
                projected=row.next or 0,
                parked=row.parked or 0,
                seen_at=row.seen_at,
                acked_at=row.acked_at,
                frozen_at=row.frozen_at,
                frozen_why=row.frozen_why,
                open_alarms=row.alarms or 0,
                shift_open=(opened := _open_today(row, now)),
                silent=opened and (row.seen_at is None or now - row.seen_at > SILENT_AFTER),
            )
            for row in connection.execute(query)
        ]
    return sorted(found, key=lambda one: (one.frozen_at is None, not one.silent, not one.open_alarms, one.store_id))


def _open_today(row: Any, now: datetime) -> bool:
    """A shift that nobody closed ended with its day."""
    return bool(row.shift_open) and beijing_date(row.shift_at) == beijing_date(now)


def alarms(hub: Hub, store_id: str | None = None) -> list[Alarm]:
    """Every incident, the newest first."""
    query = select(
        incident.c.store_id, incident.c.id, incident.c.kind, incident.c.at, incident.c.detail, incident.c.lifted_at
    ).order_by(incident.c.at.desc(), incident.c.id.desc())
    if store_id is not None:
        query = query.where(incident.c.store_id == store_id)
    with hub.database.read() as connection:
        return [Alarm(*row) for row in connection.execute(query)]


def _count(by: Column[Any], *conditions: ColumnElement[bool]) -> Subquery:
    return select(by, func.count().label("found")).where(*conditions).group_by(by).subquery()
