"""Load, prime and purge in virtual time: they end, the pump stands, and what moved is weighed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from device_drivers.dosing.dose import run_dose
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.flush import FlushPlan, FlushResult, run_flush
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan
from device_drivers.errors import LineLost
from device_drivers.reading import Reading
from simulators.dosebench.virtual import VirtualBench, VirtualPump, VirtualScale, clock, run_virtually
from simulators.plant import Plant

PLAN = FlushPlan(channel=2, volume_ul=4_000, speed_bp=10_000, max_gross_mg=200_000, time_budget_s=60.0)


class Line:
    """Channel 2 and a waste vessel on the scale."""

    def __init__(self) -> None:
        self.plant = Plant(seed=5)
        self.plant.cup_on(20_000.0)
        self.bench = VirtualBench(self.plant)
        self.pump = VirtualPump(self.bench)
        self.cancel = asyncio.Event()
        self.tamper = lambda reading: reading

    @property
    def channel(self) -> object:
        return self.plant.channels[2]

    def flush(self, plan: FlushPlan, after_s: float | None = None) -> FlushResult:
        async def main() -> FlushResult:
            scale = VirtualScale(self.bench, lambda reading: self.tamper(reading))
            await self.pump.connect()
            await asyncio.sleep(2.0)  # the vessel has come to rest
            if after_s is not None:
                asyncio.get_running_loop().call_later(after_s, self.cancel.set)
            result = await run_flush(plan, scale, self.pump, clock, asyncio.sleep, self.cancel)
            await asyncio.sleep(1.0)
            self.bench.catch_up()
            return result

        result = run_virtually(main)
        assert self.plant.channels[2].actual == 0.0  # whatever happened
        return result


def test_a_purge_gives_its_volume_and_the_mass_is_weighed() -> None:
    line = Line()
    result = line.flush(PLAN)
    assert (result.fault, result.stop_confirmed, result.delivered_ul) == (None, True, 4_000)
    assert result.moved_mg == pytest.approx(line.plant.cup.content_mg, abs=35)
    assert result.moved_mg == pytest.approx(4_000 * 1.02, rel=0.08)


def test_a_dry_line_is_loaded_until_the_first_of_it_lands() -> None:
    line = Line()
    line.plant.channels[2].void_mg = 2_500.0  # a second and more in which nothing comes
    result = line.flush(replace(PLAN, volume_ul=12_000, enough_mg=800))
    assert result.fault is None and result.moved_mg is not None
    assert 800 <= result.moved_mg < 2_500
    assert line.plant.channels[2].container.lost_mg > 2_500 + 800  # the line holds the rest


def test_a_container_that_runs_empty_ends_it_by_name() -> None:
    line = Line()
    line.plant.channels[2].container.mass_mg = 1_500.0
    result = line.flush(PLAN)
    assert result.fault is Fault.CONTAINER_EMPTY and result.stop_confirmed
    assert result.moved_mg == pytest.approx(1_500, abs=40)


def test_the_clerk_stops_it_and_what_moved_counts() -> None:
    line = Line()
    result = line.flush(replace(PLAN, volume_ul=40_000), after_s=3.0)
    assert result.fault is None and result.moved_mg is not None
    assert 500 < result.moved_mg < 10_000


def test_a_vessel_that_is_too_small_stops_it() -> None:
    line = Line()
    result = line.flush(replace(PLAN, max_gross_mg=21_500))
    assert result.fault is Fault.CUP_FULL
    assert result.moved_mg is not None and result.moved_mg < 3_500


def test_a_scale_that_is_lost_stops_it_and_leaves_no_figure() -> None:
    line = Line()

    def lost(reading: Reading) -> Reading:
        if line.plant.channels[2].delivered_ul > 500:
            raise LineLost("unplugged")
        return reading

    line.tamper = lost  # type: ignore[assignment]
    result = line.flush(PLAN)
    assert result.fault is Fault.SCALE_LOST and result.moved_mg is None and result.stop_confirmed
    assert line.plant.channels[2].delivered_ul < 4_000


def test_a_pump_that_is_lost_is_told() -> None:
    line = Line()
    line.pump.line_up = True

    def cut(reading: Reading) -> Reading:
        line.pump.line_up = not line.plant.channels[2].delivered_ul > 500
        return reading

    line.tamper = cut  # type: ignore[assignment]
    result = line.flush(PLAN)
    assert result.fault is Fault.PUMP_LOST and not result.stop_confirmed and "ends by itself" in result.detail


@pytest.mark.parametrize("wrong", [{"volume_ul": 0}, {"speed_bp": 10_001}, {"enough_mg": 0}, {"time_budget_s": 0.0}])
def test_nonsense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"positive|mass"):
        replace(PLAN, **wrong)  # type: ignore[arg-type]


def test_a_dose_from_a_channel_that_is_not_there_ends() -> None:
    """It once waited for ever: the stop of such a channel fails too, and nobody said that all had been tried."""
    line = Line()
    plan = DosePlan(9, 2_000, 60, 60, 3_000, 20_000, 1_000, 200_000, 30.0)

    async def main() -> None:
        await line.pump.connect()
        await asyncio.sleep(2.0)
        scale = VirtualScale(line.bench)
        await run_dose(plan, scale, line.pump, clock, asyncio.sleep, Learned.fresh(1_000))

    with pytest.raises(KeyError):  # what the stand-in raises for it; a driver raises ValueError
        run_virtually(main)
