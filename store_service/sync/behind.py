"""How far head office is behind this shop, from the shop's own log alone: the line may be down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from store_service.people.queries import shift_opened_at
from store_service.records.desk import Desk
from store_service.records.event import decode
from store_service.records.projections.catalogue import stop
from store_service.records.tables import cosignature, entry
from store_service.rules.case import Sync


def sync_facts(connection: Connection, desk: Desk) -> Sync:
    """What R-SYN-03 and R-SYN-04 look at. A shop without head office is never behind."""
    unread = unread_since(connection, desk.site_id, desk.now())
    if not desk.has_hub:
        return Sync(has_hub=False, unread_since=unread)
    return Sync(has_hub=True, behind_since=oldest_unconfirmed(connection, desk.site_id), unread_since=unread)


def unread_since(connection: Connection, site: str, now: datetime) -> datetime | None:
    """Since when the oldest unread stop waits with the shop open; None while it is closed or all are read."""
    opened = shift_opened_at(connection, site, now)
    if opened is None:
        return None
    query = select(func.min(stop.c.received_at)).where(stop.c.store_id == site, stop.c.read_at.is_(None))
    received: datetime | None = connection.execute(query).scalar()
    return None if received is None else max(received, opened)


def oldest_unconfirmed(connection: Connection, site: str) -> datetime | None:
    """When the first entry beyond the largest cosigned size was made; None when head office has everything."""
    size = connection.execute(select(func.max(cosignature.c.size)).where(cosignature.c.store_id == site)).scalar() or 0
    query = select(entry.c.body).where(entry.c.store_id == site, entry.c.idx == size)
    body = connection.execute(query).scalar()
    return None if body is None else decode(bytes(body)).at
