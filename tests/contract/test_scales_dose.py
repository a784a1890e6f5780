"""A dose with every scale over its own wire: the controller needs nothing but the contract of `Scale`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator

import pytest

from device_drivers.dispensers.maps import load_map
from device_drivers.dispensers.modbus import ModbusDispenser
from device_drivers.dosing.dose import run_dose
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan, DoseResult, Outcome
from simulators.bench import RunningBench, running_bench
from tests.device_drivers.scales_on_wire import CASES, Case

TARGET, CUP = 2_500, 20_000.0


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    yield
    logging.getLogger("pymodbus").setLevel(logging.NOTSET)


async def _dose(bench: RunningBench, case: Case) -> DoseResult:
    scale = case.make(bench.scale_port)
    pump = ModbusDispenser(f"tcp://127.0.0.1:{bench.pump_port}", load_map("demo_quad"))
    await scale.connect()
    await pump.connect()
    try:
        bench.do(lambda plant: plant.cup_on(CUP))
        await asyncio.sleep(1.0)
        gross = (await scale.weigh(stable=True, timeout_s=6.0)).mass_mg
        assert gross is not None and abs(gross - CUP) <= case.tol_mg
        plan = DosePlan(2, TARGET, 100, 100, TARGET * 14 // 10 + 500, gross, 1_020, 500_000, 40.0, drip_window_s=0.6)
        model = ScaleModel(d_mg=1, noise_mg=0.6)
        return await run_dose(plan, scale, pump, time.monotonic, asyncio.sleep, Learned.fresh(1_020), scale_model=model)
    finally:
        await pump.close()
        await scale.close()


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=[] if case.name == "laumas" else pytest.mark.soak)
        for case in CASES
        if case.name != "toledo_8217"
    ],
)
def test_a_dose_over_the_wire(case: Case) -> None:
    with running_bench(scale_language=case.language) as bench:
        result = asyncio.run(_dose(bench, case))
        truth = bench.do(lambda plant: plant.cup.content_mg)
        assert result.outcome is not Outcome.FAULT and result.stop_confirmed
        assert result.landed_mg is not None and abs(result.landed_mg - truth) <= 35  # a late drip is 30 mg at most


@pytest.mark.soak
def test_a_till_scale_never_lets_a_pump_start() -> None:
    """8217 tells a weight at rest only, five times a second: nothing that a dose could be stopped by."""
    case = next(one for one in CASES if one.name == "toledo_8217")
    with running_bench(scale_language=case.language) as bench:
        result = asyncio.run(_dose(bench, case))
        assert (result.outcome, result.fault, result.pump_starts) == (Outcome.FAULT, Fault.NOT_STABLE, 0)
