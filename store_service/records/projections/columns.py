"""What every projection table begins with."""

from typing import Any

from sqlalchemy import Column, Table, Text

from store_service.records.tables import STRICT, metadata


def projected(name: str, *columns: Any) -> Table:
    """A table with primary key (store_id, id)."""
    return Table(
        name,
        metadata,
        Column("store_id", Text, primary_key=True),
        Column("id", Text, primary_key=True),
        *columns,
        **STRICT,
    )
