"""The controller's decisions, from figures alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from device_drivers.dosing.controller import FULL_BP, JOG_BP, Controller
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan


def plan(target: int, under: int, over: int, suck_back_ms: int = 20) -> DosePlan:
    return DosePlan(1, target, under, over, 2 * target + 1_000, 20_000, 1_000, 500_000, 60.0, suck_back_ms=suck_back_ms)


bands = st.tuples(st.integers(0, 500), st.integers(0, 500)).filter(any)


@given(st.integers(600, 50_000), bands, st.booleans())
def test_the_aim_and_what_is_enough_lie_inside_the_band(target: int, tolerance: tuple[int, int], sucks: bool) -> None:
    under, over = tolerance
    controller = Controller(plan(target, under, over, 20 if sucks else 0), Learned.fresh(1_000))
    assert target - under <= controller.aim_mg <= target + over
    assert controller.enough(controller.aim_mg)
    assert not controller.enough(target - under - 9)


@given(st.integers(500, 40_000), st.floats(0.0, 1.0), st.integers(1, 60_000))
def test_no_start_is_bounded_beyond_what_the_plan_has_left(target: int, share: float, left: int) -> None:
    controller = Controller(plan(target, 30, 30), Learned.fresh(1_000))
    feed = controller.next_feed(share * target * 0.9, left, first=share == 0.0)
    assert feed is not None and 0 < feed.bound_ul <= left and feed.speed_bp in (JOG_BP, FULL_BP)


def test_a_remainder_by_volume_stops_short_rather_than_over() -> None:
    controller = Controller(plan(1_000, 30, 30), Learned.fresh(1_000))
    feed = controller.next_feed(0.0, 5_000, first=True)
    assert feed is not None and not feed.measured
    assert feed.expected_mg < 1_000 - 2.0 * 0.08 * 1_000 + 30  # the yield of a fresh channel is known to 8 %


def test_a_jog_that_gave_too_little_makes_the_next_one_bolder() -> None:
    controller = Controller(plan(2_000, 30, 30), Learned.fresh(1_000))
    first = controller.next_feed(1_950.0, 1_000, first=False)
    assert first is not None and first.speed_bp == JOG_BP
    assert controller.gave(first, 0.0, first=False) > 0.0
    second = controller.next_feed(1_950.0, 1_000, first=False)
    assert second is not None and second.bound_ul > first.bound_ul


def test_it_slows_down_only_where_the_bus_is_too_uncertain_for_the_band() -> None:
    assert Controller(plan(10_000, 50, 50), Learned.fresh(1_000)).slows_down
    assert not Controller(plan(30_000, 150, 150), Learned.fresh(1_000)).slows_down
