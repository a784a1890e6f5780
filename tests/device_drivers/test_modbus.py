"""The driver on a real socket against a counter-part that can be bent: what goes out, how often, what is believed."""

import asyncio
import logging
import os
import tty
from collections.abc import Awaitable, Callable, Iterator

import pytest

from device_drivers.dispensers.base import ChannelState
from device_drivers.dispensers.maps import load_map
from device_drivers.dispensers.modbus import ModbusDispenser
from device_drivers.errors import (
    DeviceBusy,
    DeviceError,
    DeviceFault,
    LineLost,
    NoAnswer,
    NotConfirmed,
    PortBusy,
    Rejected,
    WrongModel,
)
from device_drivers.transport import LineSettings, SerialPort
from tests.device_drivers.quad_on_wire import REVERSE, START, STOP, QuadOnWire


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    yield
    logging.getLogger("pymodbus").setLevel(logging.NOTSET)


def with_pump(use: Callable[[ModbusDispenser, QuadOnWire], Awaitable[None]]) -> QuadOnWire:
    async def main() -> QuadOnWire:
        quad = QuadOnWire()
        server = await asyncio.start_server(quad.serve, "127.0.0.1", 0)
        pump = ModbusDispenser(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", load_map("demo_quad"))
        try:
            await use(pump, quad)
        finally:
            quad.bend = lambda f, a, v: None
            await pump.close()
            server.close()
            await server.wait_closed()
            await asyncio.sleep(0)
        return quad

    return asyncio.run(main())


def bending(match: tuple[int, list[int]], how: int | str, times: int = 10**6) -> Callable[..., int | str | None]:
    left = [times]

    def bend(function: int, address: int, values: list[int]) -> int | str | None:
        if function != 3 and (address, values) == match and left[0]:
            left[0] -= 1
            return how
        return None

    return bend


def test_the_first_frames_of_every_connect_are_stops() -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        for _ in range(2):
            quad.registers[0x201] = 1
            quad.requests.clear()
            identity = await pump.connect()
            assert identity.firmware == "1.0"
            assert quad.requests[:4] == [(6, 0x100 * n, [STOP]) for n in (1, 2, 3, 4)]
            assert [v for a, v in quad.writes if a & 0xFF == 3 and a > 3] == [[0]] * 4
            assert quad.registers[0x201] == 3

    with_pump(use)


def test_another_model_is_not_driven() -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        quad.registers[0] = 0x1234
        with pytest.raises(WrongModel):
            await pump.connect()
        with pytest.raises(LineLost):
            await pump.start(1, 10_000, 100)
        quad.registers[0] = 0x5144
        quad.bend = lambda f, a, v: 2
        with pytest.raises(WrongModel):
            await pump.connect()

    with_pump(use)


def test_a_start_is_proven_by_the_dose_counter() -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        await pump.connect()
        quad.registers[0x208] = 0xFFFF
        assert (await pump.start(2, 9_000, 70_000)).counter == 0
        assert (quad.registers[0x203], quad.registers[0x204], quad.registers[0x205]) == (9_000, 1, 70_000 - 65_536)
        status = await pump.status(2)
        assert status.running and status.state is ChannelState.RUNNING and status.fault is None
        with pytest.raises(DeviceBusy):
            await pump.start(2, 9_000, 100)

    assert with_pump(use).commands(START) == 1


def test_a_lost_reply_to_start_is_one_dose_and_one_frame() -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        await pump.connect()
        quad.bend = bending((0x100, [START]), "silent")
        assert (await pump.start(1, 10_000, 500)).counter == 1

    assert with_pump(use).commands(START) == 1


def test_a_start_that_did_not_arrive_is_not_repeated_and_ends_in_stop() -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        await pump.connect()
        quad.bend = bending((0x100, [START]), "deaf")
        with pytest.raises(NoAnswer):
            await pump.start(1, 10_000, 500)
        assert quad.writes[-1] == (0x100, [STOP])

    assert with_pump(use).commands(START) == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [(1, Rejected), (3, Rejected), (4, DeviceFault), (5, DeviceBusy), (6, DeviceBusy), (11, NoAnswer)],
)
def test_exceptions_to_a_start(code: int, error: type[DeviceError]) -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        await pump.connect()
        quad.bend = bending((0x100, [START]), code)
        with pytest.raises(error):
            await pump.start(1, 10_000, 500)

    assert with_pump(use).commands(START) == 1


def test_an_accepted_start_that_does_not_count_is_stopped() -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        await pump.connect()
        quad.starts_work = False
        with pytest.raises(NotConfirmed):
            await pump.start(1, 10_000, 500)
        assert quad.writes[-1] == (0x100, [STOP])

    with_pump(use)


def test_a_stop_is_repeated_until_it_is_answered() -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        await pump.connect()
        await pump.start(1, 10_000, 500)
        quad.requests.clear()
        quad.bend = bending((0x100, [STOP]), "deaf", times=2)
        await pump.stop(1)
        assert quad.registers[0x101] == 3
        assert quad.commands(STOP) == 3

    with_pump(use)


def test_a_stop_that_does_not_show_is_not_believed() -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        await pump.connect()
        await pump.start(1, 10_000, 500)
        quad.stops_work = False
        quad.requests.clear()
        with pytest.raises(NotConfirmed):
            await pump.stop(1)
        assert [f for f, _, _ in quad.requests] == [6, 3, 3]  # the stop and two looks: two bus cycles
        quad.stops_work = True
        quad.bend = bending((0x100, [STOP]), 4, times=1)
        with pytest.raises(DeviceFault):
            await pump.stop()
        assert [a for a, v in quad.writes if v == [STOP]][-4:] == [0x100, 0x200, 0x300, 0x400]

    with_pump(use)


def test_a_closed_line_is_lost_and_stays_lost_until_connect() -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        await pump.connect()
        quad.bend = lambda f, a, v: "drop"
        with pytest.raises(LineLost):
            await pump.kick()
        quad.bend = lambda f, a, v: None
        count = len(quad.requests)
        for _ in range(2):
            with pytest.raises(LineLost):
                await pump.kick()
        assert len(quad.requests) == count  # no reconnect behind our back: it would not begin with stop
        await pump.connect()
        await pump.kick()

    with_pump(use)


def test_suck_back_is_a_trigger_too() -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        await pump.connect()
        quad.bend = bending((0x300, [REVERSE]), "silent")
        await pump.suck_back(3, 20)
        assert quad.registers[0x30B] == 20
        for ms in (0, 201):
            with pytest.raises(ValueError, match="out of range"):
                await pump.suck_back(3, ms)

    assert with_pump(use).commands(REVERSE) == 1


@pytest.mark.parametrize(("speed", "bound"), [(0, 1), (10_001, 1), (1, 0), (1, 1 << 32)])
def test_a_start_without_speed_or_bound_is_never_sent(speed: int, bound: int) -> None:
    async def use(pump: ModbusDispenser, quad: QuadOnWire) -> None:
        await pump.connect()
        with pytest.raises(ValueError, match="out of range"):
            await pump.start(1, speed, bound)

    assert with_pump(use).commands(START) == 0


def test_nobody_there() -> None:
    async def main() -> None:
        with pytest.raises(LineLost):
            await ModbusDispenser("tcp://127.0.0.1:9", load_map("demo_quad")).connect()
        with pytest.raises(LineLost):
            await ModbusDispenser("rtu:///dev/does-not-exist", load_map("demo_quad")).connect()

    asyncio.run(main())


def test_a_serial_port_that_another_holds_is_busy() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)

    async def main() -> None:
        pump = ModbusDispenser(f"rtu://{os.ttyname(slave)}", load_map("demo_quad"), LineSettings.parse("19200 8E1"))
        holder = SerialPort(os.ttyname(slave))
        await holder.open()
        with pytest.raises(PortBusy):
            await pump.connect()
        await holder.close()

    asyncio.run(main())
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("address", ["", "http://x", "/dev/ttyUSB0"])
def test_addresses_that_mean_nothing(address: str) -> None:
    with pytest.raises(ValueError, match="tcp://"):
        ModbusDispenser(address, load_map("demo_quad"))
