"""What was done to keep a bench fit: each line as it stands, and every look at the scale."""

from sqlalchemy import Column, Text

from store_service.database.types import Flag, Instant, Int, Json
from store_service.records.events.equipment import LineFlushed, PumpCalibrated, ScaleChecked, ScaleRepeated, TubeFitted
from store_service.records.projection import Projection

from .columns import projected

bench_line = projected(
    "bench_line",
    Column("bench_id", Text, nullable=False),
    Column("channel", Int, nullable=False),
    Column("flushed_at", Instant),
    Column("purpose", Text),
    Column("moved_mg", Int),
    Column("container_id", Text),
    Column("tube_at", Instant),
    Column("calibrated_at", Instant),
    Column("ug_per_ul", Int),
    Column("spread_bp", Int),
    Column("ul_per_rev", Int),
    Column("runs", Json),
)

scale_check = projected(
    "scale_check",
    Column("bench_id", Text, nullable=False),
    Column("scale_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("readings", Json, nullable=False),
    Column("limit_mg", Int, nullable=False),
    Column("passed", Flag, nullable=False),
    Column("at", Instant, nullable=False),
)

lines = Projection(bench_line)
lines.on(
    LineFlushed,
    by=lambda p: line_id(p.bench_id, p.channel),
    then=lambda row, p, e: {
        "bench_id": p.bench_id,
        "channel": p.channel,
        "flushed_at": e.at,
        "purpose": p.purpose,
        "moved_mg": p.moved_mg,
        "container_id": p.container_id,
        "runs": [*(row["runs"] or []), [p.moved_mg, p.delivered_ul]] if _counts(p) else row["runs"],
    },
)
lines.on(
    TubeFitted,
    by=lambda p: line_id(p.bench_id, p.channel),
    then=lambda row, p, e: {
        "bench_id": p.bench_id,
        "channel": p.channel,
        "tube_at": e.at,
        "calibrated_at": None,
        "runs": [],
    },
)
lines.on(
    PumpCalibrated,
    by=lambda p: line_id(p.bench_id, p.channel),
    then=lambda row, p, e: {
        "bench_id": p.bench_id,
        "channel": p.channel,
        "calibrated_at": e.at,
        "ug_per_ul": p.ug_per_ul,
        "spread_bp": p.spread_bp,
        "ul_per_rev": p.ul_per_rev,
        "runs": [],
    },
)

checks = Projection(scale_check, by_index=True)
checks.on(
    ScaleChecked,
    by=lambda p: p.scale_id,
    then=lambda row, p, e: {
        "bench_id": p.bench_id,
        "scale_id": p.scale_id,
        "kind": "points",
        "readings": [[one.nominal_mg, one.reading_mg] for one in p.points],
        "limit_mg": p.limit_mg,
        "passed": p.passed,
        "at": e.at,
    },
)
checks.on(
    ScaleRepeated,
    by=lambda p: p.scale_id,
    then=lambda row, p, e: {
        "bench_id": p.bench_id,
        "scale_id": p.scale_id,
        "kind": "repeat",
        "readings": list(p.readings_mg),
        "limit_mg": p.limit_mg,
        "passed": p.passed,
        "at": e.at,
    },
)


def line_id(bench_id: str, channel: int) -> str:
    return f"{bench_id}/{channel}"


def _counts(flushed: LineFlushed) -> bool:
    """Whether a run may be reckoned with: weighed, and ended as it should."""
    return flushed.purpose == "calibrate" and flushed.moved_mg is not None and not flushed.fault
