"""Pages of a log for whoever may read it whole: a restored shop, head office's QA (protocol §4 and §6)."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import Connection, select

from store_service.records.tables import entry


def entries_page(connection: Connection, site: str, size: int, start: int, limit: int) -> dict[str, Any]:
    """Entries [start, start + limit) below `size`: the same question gives the same entries for ever."""
    end = min(size, start + limit)
    query = (
        select(entry.c.idx, entry.c.body)
        .where(entry.c.store_id == site, entry.c.idx >= start, entry.c.idx < end)
        .order_by(entry.c.idx)
    )
    rows = [{"idx": idx, "entry": base64.b64encode(bytes(body)).decode()} for idx, body in connection.execute(query)]
    return {"size": size, "entries": rows, "next": end if rows and end < size else None}
