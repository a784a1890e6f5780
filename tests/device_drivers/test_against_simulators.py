"""Our drivers against the simulated bench, over its real sockets and in real time."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

import pytest

from device_drivers.dispensers.maps import load_map
from device_drivers.dispensers.modbus import ModbusDispenser
from device_drivers.dosing.dose import run_dose
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan, DoseResult, Outcome
from device_drivers.errors import CoverOpen, DeviceError, LineLost, PaperOut, PrinterJam, PrinterOffline
from device_drivers.printers.doors import open_printer
from device_drivers.reading import State
from device_drivers.scales.mt_sics import MtSics
from device_drivers.transport import SerialPort
from simulators.bench import RunningBench, running_bench

CUP = 20_000.0


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    yield
    logging.getLogger("pymodbus").setLevel(logging.NOTSET)


SPEED = 3.0
"""The plant runs faster than the wires: good enough to see that everything stops."""


@pytest.fixture
def bench() -> Iterator[RunningBench]:
    with running_bench(speed=SPEED) as running:
        yield running


@dataclass
class Devices:
    scale: MtSics
    pump: ModbusDispenser


def with_devices(bench: RunningBench, use: Callable[[Devices], Awaitable[None]], url: str | None = None) -> None:
    async def main() -> None:
        scale = MtSics(SerialPort(url or f"socket://127.0.0.1:{bench.scale_port}"))
        pump = ModbusDispenser(f"tcp://127.0.0.1:{bench.pump_port}", load_map("demo_quad"))
        await scale.connect()
        await pump.connect()
        try:
            await use(Devices(scale, pump))
        finally:
            await pump.close()
            await scale.close()

    asyncio.run(main())


async def put_cup(bench: RunningBench, scale: MtSics) -> int:
    bench.do(lambda plant: plant.cup_on(CUP))
    await asyncio.sleep(1.0)
    mass = (await scale.weigh(stable=True, timeout_s=6.0)).mass_mg
    assert mass is not None
    return mass


async def dose(
    bench: RunningBench,
    devices: Devices,
    target: int,
    fault: str | None = None,
    channel: int | None = None,
    drips_s: float = 0.6,
) -> DoseResult:
    gross = await put_cup(bench, devices.scale)
    plan = DosePlan(2, target, 60, 60, target * 14 // 10 + 500, gross, 1_020, 500_000, 40.0, drip_window_s=drips_s)
    acting = None
    if fault is not None:
        acting = asyncio.create_task(_switch(bench, devices.pump, fault, channel))
    result = await run_dose(
        plan,
        devices.scale,
        devices.pump,
        time.monotonic,
        asyncio.sleep,
        Learned.fresh(1_020),
        scale_model=ScaleModel(d_mg=1, noise_mg=0.6),
    )
    if acting is not None:
        await acting
    return result


async def _switch(bench: RunningBench, pump: ModbusDispenser, fault: str, channel: int | None) -> None:
    while not bench.plant.channels[2].turning:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    await asyncio.to_thread(bench.fault, fault, True, channel)


def test_the_balance_answers_every_command_of_a_dose(bench: RunningBench) -> None:
    async def use(devices: Devices) -> None:
        scale = devices.scale
        gross = await put_cup(bench, scale)
        assert abs(gross - CUP) <= 3
        assert (await scale.tare_value()).mass_mg == 0
        assert (await scale.weigh(stable=False, timeout_s=1.0)).kind == "gross"
        assert (await scale.tare()).mass_mg == pytest.approx(CUP, abs=3)
        net = await scale.weigh(stable=True, timeout_s=6.0)
        assert (net.kind, abs(net.mass_mg or 0) <= 3) == ("net", True)
        await scale.clear_tare()
        count = 0
        stream = scale.stream()
        async for reading in stream:
            count += reading.mass_mg is not None
            if count == 3:
                break
        await stream.aclose()
        assert (await scale.weigh(stable=False, timeout_s=1.0)).mass_mg == pytest.approx(CUP, abs=3)
        bench.fault("scale_not_ready")
        assert (await scale.weigh(stable=False, timeout_s=1.0)).state is State.BUSY
        bench.fault("scale_not_ready", False)
        bench.fault("scale_wrong_unit")
        assert (await scale.weigh(stable=False, timeout_s=1.0)).state is State.WRONG_UNIT
        bench.fault("scale_wrong_unit", False)
        bench.fault("scale_unplugged")
        with pytest.raises(LineLost):
            await asyncio.sleep(0.1)
            await scale.weigh(stable=False, timeout_s=1.0)
        with pytest.raises(DeviceError):
            await scale.connect()
        bench.fault("scale_unplugged", False)
        assert (await scale.connect()).serial == "B999999001"

    with_devices(bench, use)


def test_a_dose_over_the_wires_in_real_time_with_the_scale_on_a_pty() -> None:
    with running_bench(pty=True) as bench:

        async def use(devices: Devices) -> None:
            await asyncio.sleep(1.0)
            result = await dose(bench, devices, 2_500, drips_s=1.5)
            truth = bench.do(lambda plant: plant.cup.content_mg)
            assert (result.outcome, result.fault, result.stop_confirmed) == (Outcome.DONE, None, True)
            assert result.landed_mg is not None and abs(result.landed_mg - truth) <= 35  # a late drip is 30 mg at most
            assert bench.plant.channels[2].dose_counter == result.pump_starts

        with_devices(bench, use, bench.scale_pty)


@pytest.mark.parametrize(
    ("fault", "channel", "kinds", "weighed"),
    [
        ("scale_unplugged", None, {Fault.SCALE_LOST}, False),
        pytest.param("scale_frozen", None, {Fault.SCALE_FROZEN}, False, marks=pytest.mark.soak),
        pytest.param("scale_garbage", None, {Fault.SCALE_STALE}, False, marks=pytest.mark.soak),
        ("container_empty", 2, {Fault.CONTAINER_EMPTY}, True),
        pytest.param("cup_removed", None, {Fault.CUP_REMOVED, Fault.UNDERLOAD}, False, marks=pytest.mark.soak),
        ("pump_requests_lost", None, {Fault.PUMP_LOST, Fault.WATCHDOG}, True),
        pytest.param("pump_replies_lost", None, {Fault.PUMP_LOST, Fault.WATCHDOG}, True, marks=pytest.mark.soak),
        pytest.param("pump_stop_pressed", None, {Fault.PUMP_FAULT}, True, marks=pytest.mark.soak),
    ],
)
def test_bad_days(bench: RunningBench, fault: str, channel: int | None, kinds: set[Fault], weighed: bool) -> None:
    async def use(devices: Devices) -> None:
        result = await dose(bench, devices, 25_000, fault, channel)
        assert result.outcome is Outcome.FAULT and result.fault in kinds
        assert (result.landed_mg is not None) == weighed
        await asyncio.sleep(0.2)  # the motor's ramp
        assert not bench.do(lambda plant: plant.channels[2].turning)
        assert bench.plant.channels[2].dose_counter == 1
        if weighed:
            truth = bench.do(lambda plant: plant.cup.content_mg)
            assert result.landed_mg is not None and abs(result.landed_mg - truth) <= 35

    with_devices(bench, use)


def test_the_printer_keeps_the_label_as_sent_and_says_what_is_wrong(bench: RunningBench) -> None:
    rows = bytes(range(256)) * 9

    async def main() -> None:
        printer = open_printer(f"tcp://127.0.0.1:{bench.printer_port}", timeout_s=1.0)
        await printer.print_bitmap(64, 288, rows)
        assert (await printer.status()).paper_ok
        for fault, error in (
            ("printer_paper_out", PaperOut),
            ("printer_cover_open", CoverOpen),
            ("printer_jam", PrinterJam),
            ("printer_offline", PrinterOffline),
        ):
            bench.fault(fault)
            with pytest.raises(error):
                await printer.print_bitmap(64, 288, rows)
            bench.fault(fault, False)

    asyncio.run(main())
    assert [label.raster_sha256 for label in bench.printer.labels] == [sha256(rows).hexdigest()]
