"""One row a serial, so one for every physical piece: reserved, printed, verified, applied or voided.

`printed_at` is when it was reserved until it is printed: what never came out has a time, too.
"""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Instant, Int
from store_service.records.event import Event
from store_service.records.events.labelling import (
    LabelApplied,
    LabelFailed,
    LabelPrinted,
    LabelReserved,
    LabelVerified,
    LabelVoided,
)
from store_service.records.projection import Change, Projection, Row

from .columns import projected

label = projected(
    "label",
    Column("unit_id", Text, nullable=False),
    Column("set_serial", Text, nullable=False),
    Column("number", Int, nullable=False),
    Column("count", Int, nullable=False),
    Column("medium", Text, nullable=False),
    Column("bitmap_sha256", Text, nullable=False),
    Column("gtin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reprint", Int, nullable=False),
    Column("reason", Text, nullable=False),
    Column("printed_at", Instant, nullable=False),
    Column("printed_by", Text, nullable=False),
    Column("verified_at", Instant),
    Column("voided_at", Instant),
    Index("ix_label_unit", "store_id", "unit_id"),
    Index("ix_label_serial", "id"),
)

labels = Projection(label)


def _reserved(row: Row, p: LabelReserved, e: Event) -> Change:
    return {**_piece(row, p, e), "state": "reserved"}


def _printed(row: Row, p: LabelPrinted, e: Event) -> Change:
    return {**_piece(row, p, e), "state": "printed"}


def _piece(row: Row, p: LabelReserved | LabelPrinted, e: Event) -> dict[str, object]:
    number, part = next((n, part) for n, part in enumerate(p.parts, 1) if part.serial == row["id"])
    return {
        "unit_id": p.unit_id,
        "set_serial": p.serial,
        "number": number,
        "count": len(p.parts),
        "medium": part.medium,
        "bitmap_sha256": part.bitmap_sha256,
        "gtin": p.gtin,
        "reprint": p.reprint,
        "reason": p.reason,
        "printed_at": e.at,
        "printed_by": e.actor,
    }


labels.on(LabelReserved, by=lambda p: [part.serial for part in p.parts], then=_reserved)
labels.on(LabelPrinted, by=lambda p: [part.serial for part in p.parts], then=_printed)
labels.on(LabelFailed, by=lambda p: p.serials, then=lambda row, p, e: {"state": "voided", "voided_at": e.at})
labels.on(LabelVoided, by=lambda p: p.serials, then=lambda row, p, e: {"state": "voided", "voided_at": e.at})
labels.on(LabelVerified, by=lambda p: p.serial, then=lambda row, p, e: {"state": "verified", "verified_at": e.at})
labels.on(LabelApplied, by=lambda p: p.serials, then=lambda row, p, e: {"state": "applied"})
