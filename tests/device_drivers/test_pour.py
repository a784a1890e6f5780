import asyncio
from collections.abc import Callable

import pytest

from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.plan import DoseResult, Outcome, PourPlan, Sample
from device_drivers.dosing.pour import run_pour
from simulators.dosebench.virtual import VirtualBench, VirtualScale, clock, run_virtually
from simulators.plant import Plant
from simulators.plant.balance import ScaleSpec

TARE = 20_000
PLAN = PourPlan(5_000, 100, 100, TARE, 200_000, 60.0)


class Hands:
    """What a clerk does, at times of his own."""

    def __init__(self) -> None:
        self.plant = Plant(seed=3, scale=ScaleSpec(d_mg=10))
        self.bench = VirtualBench(self.plant)
        self.cup = self.plant.cup_on(TARE)
        self.finish = asyncio.Event()
        self.cancel = asyncio.Event()
        self.samples: list[Sample] = []

    def pour(self, mg: float) -> None:
        self.bench.catch_up()
        self.plant.pour("serum-a", mg, 3_000.0)

    def lift(self) -> None:
        self.bench.catch_up()
        self.plant.cup_off()


def pour(script: list[tuple[float, Callable[[Hands], object]]], plan: PourPlan = PLAN) -> tuple[DoseResult, Hands]:
    async def main() -> tuple[DoseResult, Hands]:
        hands = Hands()
        await asyncio.sleep(2.5)
        hands.bench.catch_up()
        for at, act in script:
            asyncio.get_running_loop().call_later(at, act, hands)
        result = await run_pour(
            plan,
            VirtualScale(hands.bench),
            clock,
            asyncio.sleep,
            hands.samples.append,
            hands.finish,
            hands.cancel,
            ScaleModel(d_mg=10),
        )
        return result, hands

    return run_virtually(main)


def test_held_in_the_band_it_is_done_by_itself() -> None:
    result, hands = pour([(1.0, lambda h: h.pour(3_000)), (5.0, lambda h: h.pour(1_980))])
    assert (result.outcome, result.pump_starts) == (Outcome.DONE, 0)
    assert result.landed_mg is not None and abs(result.landed_mg - hands.cup.content_mg) <= 30
    assert (hands.samples[0].phase, hands.samples[-1].phase) == ("under", "in")


def test_over_the_band_ends_as_over() -> None:
    result, hands = pour([(1.0, lambda h: h.pour(5_300))])
    assert result.outcome is Outcome.OVER and hands.samples[-1].phase == "over"


def test_too_little_waits_for_more_until_the_clerk_is_finished() -> None:
    result, _ = pour([(1.0, lambda h: h.pour(4_000)), (12.0, lambda h: h.finish.set())])
    assert result.outcome is Outcome.SHORT and result.seconds >= 11.9


@pytest.mark.parametrize(
    ("script", "plan", "fault"),
    [
        ([(1.0, lambda h: h.pour(3_000)), (4.0, lambda h: h.lift())], PLAN, Fault.CUP_REMOVED),
        ([], PourPlan(5_000, 100, 100, TARE + 300, 200_000, 60.0), Fault.CUP_CHANGED),
        ([(1.0, lambda h: h.pour(2_000))], PourPlan(5_000, 100, 100, TARE, 200_000, 6.0), Fault.TIME_BUDGET),
        ([(1.0, lambda h: h.pour(9_000))], PourPlan(5_000, 100, 100, TARE, 26_000, 60.0), Fault.CUP_FULL),
    ],
)
def test_faults(script: list[tuple[float, Callable[[Hands], object]]], plan: PourPlan, fault: Fault) -> None:
    result, _ = pour(script, plan)
    assert (result.outcome, result.fault) == (Outcome.FAULT, fault)
    assert (result.landed_mg is None) == (fault in (Fault.CUP_REMOVED, Fault.CUP_CHANGED))


def test_a_cancelled_pour_is_still_weighed() -> None:
    result, hands = pour([(1.0, lambda h: h.pour(2_000)), (4.0, lambda h: h.cancel.set())])
    assert (result.outcome, result.fault) == (Outcome.STOPPED, None)
    assert result.landed_mg is not None and abs(result.landed_mg - hands.cup.content_mg) <= 30
