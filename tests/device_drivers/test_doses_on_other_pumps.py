"""Whole doses, closed over the scale, with pumps that are not the four-channel dispenser: real sockets, one bench, in
real time. `tests/faults/test_dose_suite.py` plays the same pumps in virtual time in the normal run."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from device_drivers.dispensers.base import DEAD_MAN_RELAY, Dispenser
from device_drivers.dosing.dose import run_dose
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan, DoseResult, Outcome
from device_drivers.scales.mt_sics import MtSics
from device_drivers.transport import SerialPort
from simulators.bench import RunningBench, running_bench
from simulators.wire.pumps import MODELS
from store_service.equipment.devices import dispenser
from store_service.settings import DispenserSettings

pytestmark = pytest.mark.soak
SPEED = 2.0
MAX_RPM = {"kamoer": 300, "longer_l100_1s2": 100, "longer_l100_board": 100, "jbt": 600}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    yield
    logging.getLogger("pymodbus").setLevel(logging.NOTSET)


def fitted(bench: RunningBench, name: str) -> Dispenser:
    """As a shop would, from settings."""
    model = MODELS[name]
    said: dict[str, Any] = {
        "url": f"{model.scheme}://127.0.0.1:{bench.pump_port}",
        "map": name,
        "units": [model.first_unit, model.first_unit + 1],
    }
    if bench.relay_port is not None:
        said["relay"] = {"url": f"rtu://127.0.0.1:{bench.relay_port}", "map": "waveshare_flash"}
    if name in MAX_RPM:
        said["ul_per_rev"] = round(1900 / 1.02 * 60 / MAX_RPM[name] * SPEED)
    return dispenser(DispenserSettings.model_validate(said))


def dosed(name: str, target_mg: int, fault: str | None = None) -> tuple[DoseResult, float, int]:
    """The result, what truly lies in the cup, and how often the pump was started."""
    with running_bench(speed=SPEED, pump_model=name) as bench:

        async def main() -> DoseResult:
            scale, pump = MtSics(SerialPort(f"socket://127.0.0.1:{bench.scale_port}")), fitted(bench, name)
            await scale.connect()
            await pump.connect()
            bench.do(lambda plant: plant.cup_on(20_000.0))
            await asyncio.sleep(1.0)
            gross = (await scale.weigh(stable=True, timeout_s=6.0)).mass_mg
            assert gross is not None
            back = min(20, pump.suck_back_most_ms)
            plan = DosePlan(
                2, target_mg, 150, 150, target_mg * 14 // 10 + 500, gross, 1_020, 500_000, 40.0, 0.8, suck_back_ms=back
            )
            switching = asyncio.create_task(_switch(bench, fault)) if fault else None
            model = ScaleModel(d_mg=1, noise_mg=0.6)
            result = await run_dose(
                plan, scale, pump, time.monotonic, asyncio.sleep, Learned.fresh(1_020), scale_model=model
            )
            if switching:
                await switching
            await pump.close()
            await scale.close()
            return result

        result = asyncio.run(main())
        return result, bench.do(lambda plant: plant.cup.content_mg), bench.plant.channels[2].dose_counter


async def _switch(bench: RunningBench, fault: str) -> None:
    while not bench.plant.channels[2].turning:
        await asyncio.sleep(0.02)
    await asyncio.to_thread(bench.fault, fault)


@pytest.mark.parametrize("name", MODELS)
def test_a_dose_is_done_and_weighed(name: str) -> None:
    result, truth, starts = dosed(name, 2_500)
    assert (result.outcome, result.fault, result.stop_confirmed) == (Outcome.DONE, None, True)
    assert result.landed_mg is not None and abs(result.landed_mg - truth) <= 35  # a late drip is 30 mg at most
    assert starts == result.pump_starts


@pytest.mark.parametrize("fault", ["pump_stop_lost", "pump_requests_lost", "pump_local_key", "relay_lost"])
def test_a_pump_that_nothing_stops_is_stopped_by_the_relay(fault: str) -> None:
    target = 5_000
    result, truth, starts = dosed("longer_l100_1s2", target, fault)
    assert result.outcome is Outcome.FAULT and result.fault is not None
    assert starts == result.pump_starts
    # The relay's own time and a tail beyond the dose; without a relay the line runs until it is empty.
    assert truth < target + 1.2 * 1_900 * SPEED
    assert result.stop_confirmed or DEAD_MAN_RELAY in result.detail
