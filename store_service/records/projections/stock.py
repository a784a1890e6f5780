"""Lots received, containers and what is left in them, pack lots."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Day, Instant, Int
from store_service.records.events.after import BalanceStruck, SampleKept
from store_service.records.events.blending import CupPlaced, DoseEnded
from store_service.records.events.equipment import LineFlushed
from store_service.records.events.stock import (
    ContainerFinished,
    ContainerMounted,
    ContainerOpened,
    ContainerQuarantined,
    ContainerRegistered,
    ContainerUnmounted,
    LotReceived,
    PackReceived,
)
from store_service.records.projection import Projection

from .columns import projected

BY_ITSELF = "sync"
"""Who sets containers apart because a filing ended (R-ADM-23): that says nothing against what is in them."""

lot = projected(
    "lot",
    Column("product_id", Text, nullable=False),
    Column("lot_no", Text, nullable=False),
    Column("filing_number", Text, nullable=False),
    Column("expiry", Day, nullable=False),
    Column("supplier", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("received_idx", Int, nullable=False),
)

container = projected(
    "container",
    Column("product_id", Text, nullable=False),
    Column("lot_no", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", Instant),
    Column("net_mg", Int, nullable=False),
    Column("remaining_mg", Int, nullable=False),
    Column("heel_mg", Int, nullable=False),
    Column("filled_on", Day),
    Column("bench_id", Text),
    Column("position", Int),
    Column("set_apart", Text),
    Index("ix_container_lot", "store_id", "product_id", "lot_no"),
)

pack_lot = projected(
    "pack_lot",
    Column("sku", Text, nullable=False),
    Column("quantity", Int, nullable=False),
    Column("remaining", Int, nullable=False),
    Column("supplier", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("last_unit", Text),
)

lots = Projection(lot)
lots.on(
    LotReceived,
    by=lambda p: f"{p.product_id}/{p.lot_no}",
    then=lambda row, p, e: {
        "product_id": p.product_id,
        "lot_no": p.lot_no,
        "filing_number": p.filing_number,
        "expiry": p.expiry,
        "supplier": p.supplier_name,
        "received_at": e.at,
        "received_idx": e.idx,
    },
)

containers = Projection(container)
containers.on(
    ContainerRegistered,
    by=lambda p: p.container_id,
    then=lambda row, p, e: {
        "product_id": p.product_id,
        "lot_no": p.lot_no,
        "kind": p.kind,
        "state": "closed",
        "net_mg": p.net_mg,
        "remaining_mg": p.net_mg,
        "heel_mg": p.heel_mg,
        "filled_on": p.filled_on,
    },
)
containers.on(
    ContainerOpened,
    by=lambda p: p.container_id,
    then=lambda row, p, e: {"state": "opened", "opened_at": row["opened_at"] or p.opened_at or e.at},
)
containers.on(
    ContainerMounted,
    by=lambda p: p.container_id,
    then=lambda row, p, e: {
        "bench_id": p.bench_id,
        "position": p.position,
        "remaining_mg": row["remaining_mg"] - p.purged_mg,
    },
)
containers.on(
    LineFlushed,
    by=lambda p: p.container_id or (),
    then=lambda row, p, e: {"remaining_mg": row["remaining_mg"] - (p.moved_mg or 0)},
)
containers.on(
    ContainerUnmounted, by=lambda p: p.container_id, then=lambda row, p, e: {"bench_id": None, "position": None}
)
containers.on(
    ContainerQuarantined,
    by=lambda p: p.container_id,
    then=lambda row, p, e: {"state": "quarantined", "set_apart": None if e.actor == BY_ITSELF else p.reason},
)
containers.on(
    ContainerFinished,
    by=lambda p: p.container_id,
    then=lambda row, p, e: {"state": p.state, "remaining_mg": p.residue_mg, "bench_id": None, "position": None},
)
containers.on(
    DoseEnded,
    by=lambda p: p.container_id,
    then=lambda row, p, e: {"remaining_mg": row["remaining_mg"] - (p.landed_mg or 0)},
)
containers.on(
    SampleKept,
    by=lambda p: p.container_id or (),
    then=lambda row, p, e: {"remaining_mg": row["remaining_mg"] - p.mass_mg},
)
containers.on(BalanceStruck, by=lambda p: p.container_id, then=lambda row, p, e: {"remaining_mg": p.residue_mg})

pack_lots = Projection(pack_lot)
pack_lots.on(
    PackReceived,
    by=lambda p: p.pack_lot,
    then=lambda row, p, e: {
        "sku": p.sku,
        "quantity": (row["quantity"] or 0) + p.quantity,
        "remaining": (row["remaining"] or 0) + p.quantity,
        "supplier": p.supplier,
        "received_at": e.at,
    },
)
pack_lots.on(
    CupPlaced,
    by=lambda p: p.pack_lot,
    then=lambda row, p, e: {"remaining": row["remaining"] - 1, "last_unit": p.unit_id},
)
