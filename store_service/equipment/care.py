"""Acts that keep a bench fit: flushing a line with its mass, a new tube, calibration by weighed runs, repeatability."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, select

from device_drivers.dispensers.maps import load_map
from store_service.blending.lease import Held, holder
from store_service.records.desk import Actor, Desk, Missing
from store_service.records.events.equipment import LineFlushed, PumpCalibrated, ScaleRepeated, TubeFitted
from store_service.records.projections.care import bench_line, line_id
from store_service.records.projections.stock import container
from store_service.settings import BenchSettings

from .bench import Bench, Flushed, FlushOrder
from .tubes import calibrated

Purpose = Literal["load", "prime", "purge", "calibrate"]
VOLUMES_UL: dict[Purpose, int] = {"load": 8_000, "prime": 3_000, "purge": 30_000, "calibrate": 5_000}
"""At most; an empty line or a full vessel ends a run earlier."""
LEAST_RUNS = 3
REPEATS = 5


def flush_line(desk: Desk, actor: Actor, settings: BenchSettings, bench: Bench, channel: int, purpose: str) -> Flushed:
    """Push product through a line into the vessel on the scale; the mass is on record and off the container.

    Raises ValueError for a purpose that is none, Missing for a line without a container, Held while a unit has the
    bench, DeviceTrouble when nothing moved.
    """
    volume_ul = {str(name): volume for name, volume in VOLUMES_UL.items()}.get(purpose)
    if volume_ul is None:
        raise ValueError(f"purpose: {purpose[:20]} is none")
    with desk.read() as connection:
        require_free(connection, desk.site_id, settings.bench_id)
        mounted = mounted_on(connection, desk.site_id, settings.bench_id).get(channel)
    if mounted is None and purpose != "purge":
        raise Missing("container", f"channel {channel}")
    moved = bench.flush(FlushOrder(channel, volume_ul))
    with desk.act(actor.staff_id, {"moved_mg": moved.moved_mg}) as act:
        act.record(
            LineFlushed(
                bench_id=settings.bench_id,
                channel=channel,
                container_id=mounted or "",
                purpose=purpose,
                moved_mg=moved.moved_mg,
                delivered_ul=moved.delivered_ul,
                fault=moved.fault or "",
                raw_before=moved.raw_before,
                raw_after=moved.raw_after,
            )
        )
    return moved


def fit_tube(desk: Desk, actor: Actor, settings: BenchSettings, bench: Bench, channel: int) -> None:
    """A new tube is in this channel: its wear counts from now, and its calibration is void. Raises Held."""
    old = next((one for one in bench.tubes() if one.channel == channel), None)
    with desk.act(actor.staff_id, {"channel": channel}) as act:
        require_free(act.connection, desk.site_id, settings.bench_id)
        act.record(
            TubeFitted(
                bench_id=settings.bench_id,
                channel=channel,
                old_pumped_mg=old.pumped_mg if old else 0,
                old_lost_bp=old.lost_bp if old else None,
            )
        )
    bench.fit_tube(channel)


def calibrate(desk: Desk, actor: Actor, settings: BenchSettings, channel: int) -> PumpCalibrated:
    """From the weighed runs since the last calibration or tube. Raises ValueError when they are too few or disagree."""
    with desk.act(actor.staff_id, {"channel": channel}) as act:
        runs = runs_of(act.connection, desk.site_id, settings.bench_id, channel)
        if len(runs) < LEAST_RUNS:
            raise ValueError(f"runs: {len(runs)} of {LEAST_RUNS} are there")
        per_rev = reckoned_ul_per_rev(settings)
        found = calibrated([(moved, delivered / (per_rev or 1_000)) for moved, delivered in runs], 1_000)
        if found["mg_per_rev"] is None:
            raise ValueError("runs: they do not agree")
        told = PumpCalibrated(
            bench_id=settings.bench_id,
            channel=channel,
            runs=len(runs),
            ug_per_ul=round(1_000 * sum(moved for moved, _ in runs) / sum(ul for _, ul in runs)),
            spread_bp=found["spread_bp"],
            ul_per_rev=found["ul_per_rev"] if per_rev is not None else None,
        )
        act.record(told)
    return told


def repeat(desk: Desk, actor: Actor, settings: BenchSettings, readings_mg: tuple[int, ...]) -> bool:
    """Five readings of one weight taken off and put on again; passed within three times what the data sheet promises.
    One that fails counts as a failed check weigh (R-BLD-10). Raises ValueError for too few readings."""
    if len(readings_mg) < REPEATS:
        raise ValueError(f"readings: {len(readings_mg)} of {REPEATS} are there")
    spread, limit = max(readings_mg) - min(readings_mg), repeat_limit_mg(settings)
    with desk.act(actor.staff_id, {"passed": spread <= limit}) as act:
        act.record(
            ScaleRepeated(
                bench_id=settings.bench_id,
                scale_id=settings.scale.scale_id,
                readings_mg=readings_mg,
                spread_mg=spread,
                limit_mg=limit,
                passed=spread <= limit,
            )
        )
    return spread <= limit


def repeat_limit_mg(settings: BenchSettings) -> int:
    """Five readings with the standard deviation of the data sheet lie within 5.0 of it in all but a few of 1,000."""
    return 5 * settings.scale.repeatability_mg + 2 * settings.scale.resolution_mg


def reckoned_ul_per_rev(settings: BenchSettings) -> int | None:
    """What one turn is reckoned with, None for a pump that reckons volume itself."""
    if settings.dispenser is None:
        return None
    from_map = getattr(load_map(settings.dispenser.map), "ul_per_rev", None)
    return settings.dispenser.ul_per_rev or (round(from_map) if from_map else None)


def lines_of(settings: BenchSettings) -> tuple[int, ...]:
    """The channels of the bench's pump, from 1; none where everything is poured."""
    pump = settings.dispenser
    if pump is None:
        return ()
    told: int | None = getattr(load_map(pump.map), "channels", None)
    return tuple(range(1, (told or len(pump.units) or 1) + 1))


def require_free(connection: Connection, site: str, bench_id: str) -> None:
    """Raises Held: what is pushed through a line now would land in that unit's pack."""
    held = holder(connection, site, bench_id)
    if held is not None:
        raise Held(*held)


def mounted_on(connection: Connection, site: str, bench_id: str) -> dict[int, str]:
    """Channel → container."""
    query = select(container.c.position, container.c.id).where(
        container.c.store_id == site, container.c.bench_id == bench_id, container.c.position.is_not(None)
    )
    return {row.position: row.id for row in connection.execute(query)}


def runs_of(connection: Connection, site: str, bench_id: str, channel: int) -> list[tuple[int, int]]:
    """(mg by the scale, µL by the pump) of the runs that a calibration may use."""
    stored = connection.execute(
        select(bench_line.c.runs).where(bench_line.c.store_id == site, bench_line.c.id == line_id(bench_id, channel))
    ).scalar()
    return [(int(moved), int(ul)) for moved, ul in stored or []]
