"""Real time follows the injected clock, at the chosen speed, and never leaps."""

from __future__ import annotations

import asyncio

import pytest

from simulators.plant import Plant
from simulators.runner import MOST_AT_ONCE_S, Runner


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_plant_time_is_clock_time_times_speed() -> None:
    clock, plant = Clock(), Plant()
    runner = Runner(plant, clock=clock)
    clock.now += 1.0
    runner.catch_up()
    assert plant.now == pytest.approx(1.0)
    clock.now += 0.5
    runner.speed = 4.0
    clock.now += 0.5
    runner.catch_up()
    assert plant.now == pytest.approx(1.5 + 2.0)


def test_a_suspended_machine_does_not_let_the_plant_leap_and_time_never_runs_back() -> None:
    clock, plant = Clock(), Plant()
    runner = Runner(plant, clock=clock)
    clock.now += 3600.0
    runner.catch_up()
    assert plant.now == pytest.approx(MOST_AT_ONCE_S)
    clock.now -= 50.0
    runner.catch_up()
    assert plant.now == pytest.approx(MOST_AT_ONCE_S)
    clock.now += 1.0
    runner.catch_up()
    assert plant.now == pytest.approx(MOST_AT_ONCE_S + 1.0)


def test_listeners_get_each_new_sample() -> None:
    clock, plant = Clock(), Plant()
    runner = Runner(plant, clock=clock)

    async def main() -> list[float]:
        times = []
        for _ in range(3):
            waiting = asyncio.create_task(runner.next_sample())
            await asyncio.sleep(0)
            clock.now += 0.1
            runner.catch_up()
            if not waiting.done():
                clock.now += 0.1
                runner.catch_up()
            times.append((await waiting).t)
        return times

    times = asyncio.run(main())
    assert times == sorted(set(times))
    assert runner.latest is not None and runner.latest.t == times[-1]
