"""Registers in force: accepted snapshots in a shop, published registers and holds at head office."""

from sqlalchemy import Column, Text

from store_service.database.types import Flag, Instant, Int, Json
from store_service.records.events.catalogue import (
    EnvelopeFreed,
    EnvelopeHeld,
    ListImported,
    LotFreed,
    LotHeld,
    RegisterPublished,
    SnapshotAccepted,
    StopRead,
    StopReceived,
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

envelope_hold = projected(
    "envelope_hold",
    Column("held", Flag, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

stop = projected(
    "stop",
    Column("kind", Text, nullable=False),
    Column("items", Json, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("read_by", Text),
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

envelope_holds = Projection(envelope_hold)
envelope_holds.on(
    EnvelopeHeld, by=lambda p: p.envelope_id, then=lambda row, p, e: {"held": True, "reason": p.reason, "at": e.at}
)
envelope_holds.on(
    EnvelopeFreed, by=lambda p: p.envelope_id, then=lambda row, p, e: {"held": False, "reason": p.reason, "at": e.at}
)

stops = Projection(stop)
stops.on(
    StopReceived,
    by=lambda p: p.stop_id,
    then=lambda row, p, e: {"kind": p.kind, "items": list(p.items), "received_at": e.at},
)
stops.on(StopRead, by=lambda p: p.stop_id, then=lambda row, p, e: {"read_at": e.at, "read_by": p.by})
