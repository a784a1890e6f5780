"""The lines of a bench and the history of its scale, for the screen of its care."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from store_service.records.projections.care import bench_line, scale_check
from store_service.records.projections.stock import container
from store_service.settings import BenchSettings

from .bench import Tube
from .care import mounted_on

KEPT = 30


@dataclass(frozen=True, slots=True)
class LineCare:
    """One channel: what is mounted, what went through last, its tube, its calibration."""

    channel: int
    container_id: str | None
    product_id: str | None
    flushed_at: datetime | None
    purpose: str | None
    moved_mg: int | None
    tube_at: date | None
    pumped_mg: int
    lost_bp: int | None
    change_on: date | None
    calibrated_at: datetime | None
    ug_per_ul: int | None
    spread_bp: int | None
    ul_per_rev: int | None
    runs: int


@dataclass(frozen=True, slots=True)
class Drift:
    """One test weight: today's last reading and what it has moved by since the oldest kept one."""

    nominal_mg: int
    reading_mg: int
    since: date
    moved_mg: int


@dataclass(frozen=True, slots=True)
class ScaleCare:
    drifts: tuple[Drift, ...]
    checked_at: datetime | None
    repeated_at: datetime | None
    spread_mg: int | None
    repeat_passed: bool | None


def line_care(connection: Connection, site: str, settings: BenchSettings, tubes: list[Tube]) -> list[LineCare]:
    """Every channel that has or had something."""
    bench_id = settings.bench_id
    mounted, worn = mounted_on(connection, site, bench_id), {one.channel: one for one in tubes}
    query = select(bench_line).where(bench_line.c.store_id == site, bench_line.c.bench_id == bench_id)
    rows = {row.channel: row for row in connection.execute(query)}
    shelf = select(container.c.id, container.c.product_id).where(container.c.store_id == site)
    products = {row.id: row.product_id for row in connection.execute(shelf)}
    told = []
    for channel in sorted({*mounted, *worn, *rows}):
        row, tube = rows.get(channel), worn.get(channel)
        last = mounted.get(channel) or (row.container_id if row else None)
        told.append(
            LineCare(
                channel=channel,
                container_id=mounted.get(channel),
                product_id=products.get(last) if last else None,
                flushed_at=row.flushed_at if row else None,
                purpose=row.purpose if row else None,
                moved_mg=row.moved_mg if row else None,
                tube_at=date.fromisoformat(tube.fitted) if tube else None,
                pumped_mg=tube.pumped_mg if tube else 0,
                lost_bp=tube.lost_bp if tube else None,
                change_on=tube.change_on if tube else None,
                calibrated_at=row.calibrated_at if row else None,
                ug_per_ul=row.ug_per_ul if row else None,
                spread_bp=row.spread_bp if row else None,
                ul_per_rev=row.ul_per_rev if row else None,
                runs=len(row.runs or []) if row else 0,
            )
        )
    return told


def scale_care(connection: Connection, site: str, settings: BenchSettings) -> ScaleCare:
    """Drift by test weight over the last `KEPT` check weighings of this very scale; a swapped scale begins anew."""
    query = (
        select(scale_check)
        .where(scale_check.c.store_id == site, scale_check.c.scale_id == settings.scale.scale_id)
        .order_by(scale_check.c.id.desc())
        .limit(2 * KEPT)
    )
    rows = connection.execute(query).all()
    points = [row for row in rows if row.kind == "points"][:KEPT]
    repeats = [row for row in rows if row.kind == "repeat"]
    oldest: dict[int, tuple[int, datetime]] = {}
    for row in points:
        oldest |= {nominal: (reading, row.at) for nominal, reading in row.readings}
    drifts = tuple(
        Drift(nominal, reading, oldest[nominal][1].date(), reading - oldest[nominal][0])
        for nominal, reading in (points[0].readings if points else ())
    )
    last = repeats[0] if repeats else None
    return ScaleCare(
        drifts=drifts,
        checked_at=points[0].at if points else None,
        repeated_at=last.at if last else None,
        spread_mg=max(last.readings) - min(last.readings) if last else None,
        repeat_passed=last.passed if last else None,
    )
