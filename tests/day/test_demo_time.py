"""The demo's clock: one file for every process, never backwards, inside the pilot's window on any later day."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_service.demo.time import LAST_DAY, SharedWall, demo_clock, join_clock, move_clock, shifted
from store_service.rules.dates import beijing_date

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


class Wall:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at.timestamp()


def test_inside_the_window_it_is_the_machines_own(tmp_path: Path) -> None:
    clock = demo_clock(tmp_path, Wall(NOW))
    assert clock.now() == NOW
    assert not shifted(clock)


@pytest.mark.parametrize("later", [1, 400, 4000])
def test_after_the_window_it_is_shifted_into_it(tmp_path: Path, later: int) -> None:
    clock = demo_clock(tmp_path, Wall(datetime(2027, 10, 1, 3, tzinfo=UTC) + timedelta(days=later)))
    assert beijing_date(clock.now()) < LAST_DAY
    assert shifted(clock)


def test_a_move_counts_in_every_process(tmp_path: Path) -> None:
    first, second = demo_clock(tmp_path, Wall(NOW)), join_clock(tmp_path, Wall(NOW))
    assert first.now() == second.now() == NOW
    os.utime(tmp_path / "clock.json", ns=(0, 0))
    assert second.now() == NOW
    move_clock(tmp_path, 61)
    assert first.now() == second.now() == NOW + timedelta(minutes=61)
    assert shifted(first)


def test_a_clock_that_stands_goes_on_only_when_it_is_moved(tmp_path: Path) -> None:
    wall, instant = Wall(NOW), datetime(2025, 9, 30, 15, 59, tzinfo=UTC)
    clock = demo_clock(tmp_path, wall, instant)
    wall.at += timedelta(hours=1)
    assert clock.now() == instant
    assert join_clock(tmp_path, wall).now() == instant
    move_clock(tmp_path, 2)
    assert clock.now() == instant + timedelta(minutes=2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(-2000, 2000), st.integers(0, 600)), min_size=1, max_size=5))
def test_it_never_goes_backwards_between_runs(tmp_path: Path, steps: list[tuple[int, int]]) -> None:
    """Whatever the machine's clock does between runs, and however far a run was moved by hand."""
    (tmp_path / "clock.json").unlink(missing_ok=True)
    wall, last = Wall(NOW), NOW - timedelta(seconds=1)
    for hours, minutes in steps:
        begun = demo_clock(tmp_path, wall)
        assert begun.now() >= last - timedelta(seconds=1), "whole seconds are kept"
        assert isinstance(begun.wall, SharedWall)
        last = begun.now()
        if minutes:
            move_clock(tmp_path, minutes)
        wall.at += timedelta(hours=hours)
