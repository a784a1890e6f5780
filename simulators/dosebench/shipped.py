"""The controller that ships, under its own supervisor, on any `DosePlant` in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from device_drivers.dosing.dose import run_dose
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan, DoseResult

from .cells import SCALE, Cell
from .doses import Bus, Dose, come_to_rest, empty_gross
from .plants import Factory
from .virtual import VirtualBench, VirtualPump, VirtualScale, clock, run_virtually

_DENSITY = 1_000
_BUDGET_S = 120.0

OnResult = Callable[[int, DoseResult, float], None]


def run_shipped(make: Factory, cell: Cell, seed: str, count: int, on_result: OnResult | None = None) -> list[Dose]:
    """`count` doses in a row, learning from the first. `on_result` gets each dose's number, result and true mg."""

    async def main() -> list[Dose]:
        plant, learned, doses = make(cell), Learned.fresh(_DENSITY), []
        bench = VirtualBench(plant)
        model = ScaleModel(SCALE.settle_s, SCALE.transport_s, SCALE.d_mg, SCALE.noise_mg)
        for number in range(count):
            luck = cell.luck(seed, number)
            plant.next_dose(luck, cell.wear(number, count))
            empty_mg, bus = empty_gross(plant, luck), Bus(luck)
            await asyncio.sleep(plant.now - clock())
            scale, pump = VirtualScale(bench), VirtualPump(bench, bus.latency)
            result = await run_dose(plan(cell, empty_mg), scale, pump, clock, asyncio.sleep, learned, scale_model=model)
            bench.catch_up()
            truth = come_to_rest(plant)
            said = result.outcome.value if result.fault is None else result.fault.value
            doses.append(Dose(truth - cell.target_mg, result.seconds, result.pump_starts, said))
            if on_result is not None:
                on_result(number, result, truth)
        return doses

    return run_virtually(main)


def plan(cell: Cell, empty_mg: int) -> DosePlan:
    """What the shop would ask for."""
    tol = round(cell.tol_mg)
    return DosePlan(
        channel=1,
        target_mg=cell.target_mg,
        tol_under_mg=tol,
        tol_over_mg=tol,
        bound_ul=cell.target_mg * 14 // 10 + 1_000,
        gross_before_mg=empty_mg,
        density_ug_per_ul=_DENSITY,
        max_gross_mg=500_000,
        time_budget_s=_BUDGET_S,
        suck_back_ms=cell.suck_back_ms,
    )
