"""The bench as last recorded, and the room."""

from sqlalchemy import Column, Text

from store_service.database.types import Flag, Instant, Int, Json
from store_service.records.events.blending import LineCleared
from store_service.records.events.equipment import (
    CleaningDone,
    DeviceFaulted,
    DeviceReturned,
    RoomRecorded,
    ScaleChecked,
    ScaleRepeated,
)
from store_service.records.events.stock import ContainerMounted, LabelStockLoaded
from store_service.records.projection import Projection

from .columns import projected

ROOM = "room"

bench = projected(
    "bench",
    Column("scale_id", Text),
    Column("checked_at", Instant),
    Column("check_passed", Flag),
    Column("check_points", Json),
    Column("cleaned_at", Instant),
    Column("cleared_for", Text),
    Column("label_stock", Text),
    Column("faults", Json),
    Column("lines", Json),
)

room = projected(
    "room",
    Column("temp_c10", Int, nullable=False),
    Column("rh_pct10", Int, nullable=False),
    Column("at", Instant, nullable=False),
)

benches = Projection(bench)
benches.on(
    ScaleChecked,
    by=lambda p: p.bench_id,
    then=lambda row, p, e: {
        "scale_id": p.scale_id,
        "checked_at": e.at,
        "check_passed": p.passed,
        "check_points": [point.model_dump() for point in p.points],
    },
)
benches.on(
    ScaleRepeated,
    by=lambda p: p.bench_id,
    # A scale that does not repeat is a scale that failed its check; one that does says nothing about the test weights.
    then=lambda row, p, e: None if p.passed or row["scale_id"] != p.scale_id else {"check_passed": False},
)
benches.on(CleaningDone, by=lambda p: p.bench_id, then=lambda row, p, e: {"cleaned_at": e.at})
benches.on(LineCleared, by=lambda p: p.bench_id, then=lambda row, p, e: {"cleared_for": p.unit_id})
benches.on(LabelStockLoaded, by=lambda p: p.bench_id, then=lambda row, p, e: {"label_stock": p.stock})
benches.on(
    ContainerMounted,
    by=lambda p: p.bench_id,
    then=lambda row, p, e: {"lines": {**(row["lines"] or {}), str(p.position): p.container_id}},
)
benches.on(
    DeviceFaulted,
    by=lambda p: p.bench_id,
    then=lambda row, p, e: {"faults": {**(row["faults"] or {}), p.device: p.fault}},
)
benches.on(
    DeviceReturned,
    by=lambda p: p.bench_id,
    then=lambda row, p, e: {"faults": {k: v for k, v in (row["faults"] or {}).items() if k != p.device}},
)

rooms = Projection(room)
rooms.on(
    RoomRecorded,
    by=lambda p: ROOM,
    then=lambda row, p, e: {"temp_c10": p.temp_c10, "rh_pct10": p.rh_pct10, "at": e.at},
)
