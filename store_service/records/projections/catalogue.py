"""Registers in force: accepted snapshots in a shop, published registers and holds at head office."""

from sqlalchemy import Column, Text

from store_service.database.types import Flag, Instant, Int
from store_service.records.events.catalogue import (
    ListImported,
    LotFreed,
    LotHeld,
    RegisterPublished,
    SnapshotAccepted,
)
from store_service.records.projection import Projection

from .columns import projected

snapshot = projected(
    "snapshot",
    Column("version", Int, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("valid_from", Instant),
    Column("valid_to", Instant),
    Column("accepted_at", Instant, nullable=False),
    Column("key", Text),
)

hold = projected(
    "hold",
    Column("product_id", Text, nullable=False),
    Column("lot_no", Text, nullable=False),
    Column("held", Flag, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

snapshots = Projection(snapshot)
snapshots.on(
    SnapshotAccepted,
    by=lambda p: p.kind,
    then=lambda row, p, e: {
        "version": p.version,
        "sha256": p.sha256,
        "valid_from": p.valid_from,
        "valid_to": p.valid_to,
        "accepted_at": e.at,
        "key": p.key,
    },
)
snapshots.on(
    RegisterPublished,
    by=lambda p: p.kind,
    then=lambda row, p, e: {"version": p.version, "sha256": p.sha256, "accepted_at": e.at},
)
snapshots.on(
    ListImported,
    by=lambda p: p.kind,
    then=lambda row, p, e: {"version": p.version, "sha256": p.sha256, "accepted_at": e.at},
)

holds = Projection(hold)
holds.on(
    LotHeld,
    by=lambda p: f"{p.product_id}/{p.lot_no}",
    then=lambda row, p, e: {
        "product_id": p.product_id,
        "lot_no": p.lot_no,
        "held": True,
        "reason": p.reason,
        "at": e.at,
    },
)
holds.on(
    LotFreed,
    by=lambda p: f"{p.product_id}/{p.lot_no}",
    then=lambda row, p, e: {"held": False, "reason": p.reason, "at": e.at},
)
