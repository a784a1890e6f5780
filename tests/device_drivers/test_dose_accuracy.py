"""How many doses land, and that no fault at any moment makes a record that is not true. Seeded, virtual time."""

import asyncio
import random

import pytest

from device_drivers.dosing.dose import run_dose
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan, Outcome
from simulators.dosebench.virtual import VirtualBench, VirtualPump, VirtualScale, clock, run_virtually
from simulators.plant import Plant
from simulators.plant.balance import ScaleSpec
from tests.device_drivers.test_dose import Stage, dose, plan


def errors(channel: int, target: int, count: int, band: tuple[int, int] | None = None) -> list[float]:
    """True error of each of `count` doses in a row with one channel, learning from the first. `band`: how far one may
    miss (under, over), else a tolerance to both sides."""

    async def main() -> list[float]:
        plant = Plant(seed=1, scale=ScaleSpec(d_mg=10), container_mg=20_000_000.0)
        bench, rng = VirtualBench(plant), random.Random(1)
        scale, pump = VirtualScale(bench), VirtualPump(bench, lambda: rng.uniform(0.015, 0.045))
        await pump.connect()
        learned, tol, found = Learned.fresh(1_000), max(50, target // 100), []
        for _ in range(count):
            bench.catch_up()
            plant.cup_off()
            cup = plant.cup_on(20_000)
            await asyncio.sleep(2.5)
            under, over = band or (tol, tol)
            wanted = DosePlan(channel, target, under, over, target * 14 // 10 + 1_000, 20_000, 1_000, 200_000, 60.0)
            result = await run_dose(wanted, scale, pump, clock, asyncio.sleep, learned, scale_model=ScaleModel(d_mg=10))
            bench.catch_up()
            assert result.fault is None
            assert result.landed_mg is not None and abs(result.landed_mg - cup.content_mg) <= 40
            found.append(cup.content_mg - target)
        return found

    return run_virtually(main)


@pytest.mark.parametrize("channel", [1, 2, 4], ids=["lotion", "serum", "toner"])
@pytest.mark.parametrize(
    "target", [2_000, 10_000, pytest.param(30_000, marks=pytest.mark.soak)], ids=["2g", "10g", "30g"]
)
@pytest.mark.parametrize("count", [10, pytest.param(200, marks=pytest.mark.soak)])
def test_doses_land_in_tolerance(channel: int, target: int, count: int) -> None:
    tol = max(50, target // 100)
    found = errors(channel, target, count)
    assert sum(abs(error) <= tol for error in found) >= count * 0.97
    assert max(abs(error) for error in found) <= 1.6 * tol


@pytest.mark.parametrize("channel", [1, 2, 4], ids=["lotion", "serum", "toner"])
@pytest.mark.parametrize("target", [2_000, pytest.param(10_000, marks=pytest.mark.soak)], ids=["2g", "10g"])
@pytest.mark.parametrize("count", [12, pytest.param(300, marks=pytest.mark.soak)])
def test_a_one_sided_dose_is_aimed_at_the_middle_of_its_band_and_never_goes_over(
    channel: int, target: int, count: int
) -> None:
    """The band of a limited active: twice the tolerance under what was written, nothing over it."""
    tol = max(50, target // 100)
    found = errors(channel, target, count, (2 * tol, 0))
    inside = [error for error in found if -2 * tol <= error <= 0]
    assert len(inside) >= count * 0.97
    assert sum(error > 0 for error in found) <= count * 0.003
    assert -1.5 * tol < sum(found) / count < -0.5 * tol


FAULTS = ("cup_off", "bump", "empty", "stall", "estop", "cut", "cut_back", "cancel")


def act(name: str, stage: Stage) -> None:
    plant = stage.plant
    match name:
        case "cup_off":
            plant.cup_off()
        case "bump":
            plant.bumping_since = plant.now
        case "empty":
            plant.channels[2].container.mass_mg = 0.0
        case "stall":
            plant.channels[2].stalled = True
        case "estop":
            plant.press_stop(True)
        case "cancel":
            stage.cancel.set()
        case _:
            stage.pump.line_up = False
            if name == "cut_back":
                asyncio.get_running_loop().call_later(0.6, setattr, stage.pump, "line_up", True)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("runs", [6, pytest.param(150, marks=pytest.mark.soak)])
def test_a_fault_at_any_moment_leaves_a_true_record(name: str, runs: int) -> None:
    rng = random.Random(name)
    for seed in range(runs):
        target = rng.choice([700, 2_500, 8_000])
        result, stage = dose(plan(target), at=lambda s: act(name, s), after_s=rng.uniform(0.0, 9.0), seed=seed)
        if result.outcome in (Outcome.DONE, Outcome.OVER, Outcome.SHORT):
            assert result.stop_confirmed and result.landed_mg is not None
        if result.landed_mg is not None and name != "cup_off":
            assert abs(result.landed_mg - stage.truth_mg) <= 45
        assert stage.truth_mg <= target + 1_900 * 1.1 * 1.1 + 600
        assert stage.plant.channels[2].dose_counter <= result.pump_starts  # never more doses than starts sent
