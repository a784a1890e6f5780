"""One row a serial: printed, verified or voided."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Instant, Int, Json
from store_service.records.events.labelling import LabelFailed, LabelPrinted, LabelVerified, LabelVoided
from store_service.records.projection import Projection

from .columns import projected

label = projected(
    "label",
    Column("unit_id", Text, nullable=False),
    Column("gtin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("stock", Text, nullable=False),
    Column("parts", Json, nullable=False),
    Column("scanned", Json, nullable=False),
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
labels.on(
    LabelPrinted,
    by=lambda p: p.serial,
    then=lambda row, p, e: {
        "unit_id": p.unit_id,
        "gtin": p.gtin,
        "state": "printed",
        "stock": p.stock,
        "parts": [part.model_dump() for part in p.parts],
        "scanned": [],
        "reprint": p.reprint,
        "reason": p.reason,
        "printed_at": e.at,
        "printed_by": e.actor,
    },
)
labels.on(LabelFailed, by=lambda p: p.serial, then=lambda row, p, e: {"state": "voided", "voided_at": e.at})
labels.on(LabelVoided, by=lambda p: p.serial, then=lambda row, p, e: {"state": "voided", "voided_at": e.at})
labels.on(
    LabelVerified,
    by=lambda p: p.serial,
    then=lambda row, p, e: {
        "scanned": sorted({*row["scanned"], p.part}),
        **({"state": "verified", "verified_at": e.at} if p.complete else {}),
    },
)
