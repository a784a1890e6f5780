"""What keeps a bench fit: check weighing, cleaning, the room's climate."""

from __future__ import annotations

from store_service.records.desk import Actor, Desk
from store_service.records.events.equipment import CheckPoint, CleaningDone, RoomRecorded, ScaleChecked
from store_service.settings import BenchSettings


def check_scale(desk: Desk, actor: Actor, bench: BenchSettings, points: list[tuple[int, int]], limit_mg: int) -> bool:
    """Record the daily check weighing: (nominal, reading) in mg at two points or more; returns whether it passed.

    Raises ValueError for fewer than two points (R-BLD-10).
    """
    if len({nominal for nominal, _ in points}) < 2:
        raise ValueError("points: two test weights are needed")
    passed = all(abs(reading - nominal) <= limit_mg for nominal, reading in points)
    with desk.act(actor.staff_id, {"passed": passed}) as act:
        act.record(
            ScaleChecked(
                bench_id=bench.bench_id,
                scale_id=bench.scale.scale_id,
                points=tuple(CheckPoint(nominal_mg=nominal, reading_mg=reading) for nominal, reading in points),
                limit_mg=limit_mg,
                passed=passed,
            )
        )
    return passed


def clean(desk: Desk, actor: Actor, bench_id: str, what: str, agent: str, purged_mg: int = 0) -> None:
    """Tools and bench are cleaned and disinfected (R-BLD-13)."""
    with desk.act(actor.staff_id, {"cleaned": True}) as act:
        act.record(CleaningDone(bench_id=bench_id, what=what, agent=agent, purged_mg=purged_mg))


def record_room(desk: Desk, actor: Actor, temp_c10: int, rh_pct10: int) -> None:
    """Temperature in 0.1 °C and relative humidity in 0.1 % (R-BLD-14). Raises ValueError outside what air can be."""
    if not (-400 <= temp_c10 <= 600 and 0 <= rh_pct10 <= 1000):
        raise ValueError("room: temperature in 0.1 °C and humidity in 0.1 %")
    with desk.act(actor.staff_id, {"temp_c10": temp_c10, "rh_pct10": rh_pct10}) as act:
        act.record(RoomRecorded(temp_c10=temp_c10, rh_pct10=rh_pct10))
