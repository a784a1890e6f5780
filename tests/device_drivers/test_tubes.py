"""Calibration by grams per revolution and the wear of a tube: laws, and the cases that must not give a figure."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers.dosing.calibration import MOST_SPREAD, NotCalibrated, WeighedRun, calibrate
from device_drivers.dosing.wear import LEAST_DOSES, LIMIT_SHARE, YieldPoint, wear

DAY = date(2026, 3, 1)


@given(
    true=st.floats(60.0, 20_000.0),
    turns=st.lists(st.floats(10.0, 500.0), min_size=3, max_size=8),
    error=st.lists(st.floats(-0.01, 0.01), min_size=8, max_size=8),
)
def test_runs_that_agree_give_what_a_turn_truly_gives(true: float, turns: list[float], error: list[float]) -> None:
    runs = [WeighedRun(round(true * n * (1 + e)), n) for n, e in zip(turns, error, strict=False)]
    found = calibrate(runs)
    assert found.mg_per_rev == pytest.approx(true, rel=0.012)
    assert found.spread <= MOST_SPREAD and found.runs == len(turns)
    assert found.ul_per_rev(1_000) == round(found.mg_per_rev)
    assert found.ul_per_rev(800) >= found.ul_per_rev(1_000)  # a lighter product fills more


@given(st.permutations([WeighedRun(10_000, 10.0), WeighedRun(10_100, 10.0), WeighedRun(19_950, 20.0)]))
def test_the_order_of_the_runs_does_not_matter(runs: list[WeighedRun]) -> None:
    assert calibrate(runs).mg_per_rev == pytest.approx(40_050 / 40)


@pytest.mark.parametrize(
    ("runs", "why"),
    [
        ([WeighedRun(10_000, 10.0)] * 2, "3 are needed"),
        ([WeighedRun(10_000, 10.0)] * 2 + [WeighedRun(12_000, 10.0)], "differ by"),
        ([WeighedRun(10_000, 10.0)] * 2 + [WeighedRun(499, 0.5)], "too small"),
        ([WeighedRun(10_000, 10.0)] * 2 + [WeighedRun(10_000, 0.0)], "too small"),
    ],
)
def test_runs_that_do_not_agree_give_nothing(runs: list[WeighedRun], why: str) -> None:
    with pytest.raises(NotCalibrated, match=why):
        calibrate(runs)


def test_no_density_is_no_volume() -> None:
    with pytest.raises(ValueError, match="density"):
        calibrate([WeighedRun(10_000, 10.0)] * 3).ul_per_rev(0)


def used(doses: int, per_kg: float, new: float = 1.0, each_mg: int = 20_000, a_day: int = 10) -> list[YieldPoint]:
    """Doses of a tube that loses `per_kg` of its yield with each kilogram."""
    return [
        YieldPoint(DAY + timedelta(days=i // a_day), i * each_mg, new * (1 - per_kg * i * each_mg / 1e6))
        for i in range(doses)
    ]


@given(per_kg=st.floats(0.002, 0.05), new=st.floats(0.5, 1.5), doses=st.integers(15, 200), seed=st.integers(0, 99))
def test_the_trend_is_found_through_noise_and_bad_doses(per_kg: float, new: float, doses: int, seed: int) -> None:
    rng, points = Random(seed), used(doses, per_kg, new)
    noisy = [
        YieldPoint(p.day, p.pumped_mg, p.mg_per_ul * (0.5 if i % 9 == 4 else 1.0) * (1 + rng.gauss(0.0, 0.001)))
        for i, p in enumerate(points)
    ]
    found = wear(noisy)
    assert found is not None
    pumped_kg = points[-1].pumped_mg / 1e6
    assert found.lost_share == pytest.approx(per_kg * pumped_kg, abs=0.012)


@given(per_kg=st.floats(0.01, 0.05), doses=st.integers(30, 100))
def test_the_day_is_when_the_limit_is_reached_at_this_pace(per_kg: float, doses: int) -> None:
    points = used(doses, per_kg)
    found = wear(points)
    assert found is not None and found.change_on is not None
    limit_kg = LIMIT_SHARE / per_kg
    if found.due:
        assert found.change_on == points[-1].day and points[-1].pumped_mg / 1e6 >= limit_kg * 0.99
        return
    days = max((points[-1].day - DAY).days, 1)
    kg_a_day = points[-1].pumped_mg / 1e6 / days
    expected = days + (limit_kg - points[-1].pumped_mg / 1e6) / kg_a_day
    assert (found.change_on - DAY).days == pytest.approx(expected, abs=1.5)


@given(st.integers(20, 60))
def test_more_use_never_makes_the_day_later_than_no_use(doses: int) -> None:
    slow, fast = wear(used(doses, 0.03, a_day=2)), wear(used(doses, 0.03, a_day=20))
    assert slow is not None and fast is not None and slow.change_on is not None and fast.change_on is not None
    assert (fast.change_on - DAY).days <= (slow.change_on - DAY).days


def test_too_little_or_no_wear_is_no_day() -> None:
    assert wear([]) is None
    assert wear(used(LEAST_DOSES - 1, 0.05, each_mg=50_000)) is None
    assert wear(used(30, 0.05, each_mg=100)) is None  # many doses, next to nothing pumped
    healthy = wear(used(60, 0.0))
    assert healthy is not None and healthy.change_on is None and not healthy.due
    growing = wear(used(60, -0.01))
    assert growing is not None and growing.change_on is None and growing.lost_share < 0
