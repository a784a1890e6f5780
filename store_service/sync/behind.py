"""How far head office is behind this shop, from the shop's own log alone: the line may be down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from store_service.records.desk import Desk
from store_service.records.event import decode
from store_service.records.tables import cosignature, entry
from store_service.rules.case import Sync


def sync_facts(connection: Connection, desk: Desk, now: datetime) -> Sync:
    """What R-SYN-03 looks at. A shop without head office is never behind."""
    if not desk.has_hub:
        return Sync(has_hub=False)
    return Sync(has_hub=True, behind_since=oldest_unconfirmed(connection, desk.site_id))


def oldest_unconfirmed(connection: Connection, site: str) -> datetime | None:
    """When the first entry beyond the largest cosigned size was made; None when head office has everything."""
    size = connection.execute(select(func.max(cosignature.c.size)).where(cosignature.c.store_id == site)).scalar() or 0
    query = select(entry.c.body).where(entry.c.store_id == site, entry.c.idx == size)
    body = connection.execute(query).scalar()
    return None if body is None else decode(bytes(body)).at
