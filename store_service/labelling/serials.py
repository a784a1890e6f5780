"""The serials that were printed, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from store_service.records.desk import Missing
from store_service.records.projections.labelling import label


@dataclass(frozen=True, slots=True)
class Serial:
    """One physical piece: `state` is reserved, printed, verified, applied or voided."""

    serial: str
    unit_id: str
    set_serial: str
    number: int
    count: int
    medium: str
    state: str
    reprint: int
    bitmap_sha256: str
    gtin: str
    printed_at: datetime
    verified_at: datetime | None


def serials_of(connection: Connection, site: str, unit_id: str) -> list[Serial]:
    query = (
        select(label)
        .where(label.c.store_id == site, label.c.unit_id == unit_id)
        .order_by(label.c.printed_at, label.c.number)
    )
    return [_serial(row) for row in connection.execute(query).mappings()]


def reserved_serials(connection: Connection, site: str) -> list[Serial]:
    """Pieces of which nobody has said yet whether they came out."""
    query = select(label).where(label.c.store_id == site, label.c.state == "reserved").order_by(label.c.id)
    return [_serial(row) for row in connection.execute(query).mappings()]


def find_serial(connection: Connection, site: str, serial: str) -> Serial:
    """Raises Missing."""
    query = select(label).where(label.c.store_id == site, label.c.id == serial)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Missing("label", serial)
    return _serial(row)


def _serial(row: RowMapping) -> Serial:
    names = (
        "unit_id", "set_serial", "number", "count", "medium", "state", "reprint", "bitmap_sha256", "gtin",
        "printed_at", "verified_at",
    )  # fmt: skip
    return Serial(serial=row["id"], **{name: row[name] for name in names})
