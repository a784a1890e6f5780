"""One rig for every dispenser model: plant, its simulator on a real socket, a tap on the line, our driver."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from device_drivers.dispensers.base import ChannelState, ChannelStatus, Dispenser
from device_drivers.dispensers.batch import BatchPump
from device_drivers.dispensers.continuous import ContinuousPump
from device_drivers.dispensers.guarded import GuardedDispenser
from device_drivers.dispensers.maps import load_map
from device_drivers.dispensers.modbus import ModbusDispenser
from device_drivers.dispensers.relays import TimedRelay, load_relay
from device_drivers.dispensers.runze import RunzeSyringe
from device_drivers.dispensers.runze_frames import RunzeSplitter
from device_drivers.dispensers.watson_marlow import WatsonMarlow
from device_drivers.dispensers.watson_marlow_frames import STATUS_END
from device_drivers.transport import SerialPort
from simulators.faults import FAULTS, MODEL_FAULTS, FaultBoard
from simulators.plant import Plant
from simulators.runner import Runner
from simulators.wire.line import LineTime
from simulators.wire.modbus_quad import ModbusQuad
from simulators.wire.pumps import make_pumps, make_relay

SPEED = 4.0
ANSWER_S = 0.1
NO_LINE_TIME = LineTime(0)
FULL_UL_S = 1900.0 / 1.02 * SPEED  # channel 2, serum-a, in the host's seconds


class Tap:
    """Hands bytes through, keeps those of the host, and can cut the line as a dying host does."""

    def __init__(self) -> None:
        self.sent = b""
        self._writers: list[asyncio.StreamWriter] = []
        self._copies: set[asyncio.Task[None]] = set()

    async def listen(self, target: int) -> int:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
            except OSError:
                writer.transport.abort()
                return
            self._writers += [writer, far_writer]
            copies = [self._copy(reader, far_writer, True), self._copy(far_reader, writer, False)]
            self._copies |= {asyncio.ensure_future(copy) for copy in copies}

        self._server = await asyncio.start_server(connected, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(512):
                self.sent += data if host else b""
                writer.write(data)
        writer.transport.abort()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def close(self) -> None:
        self._server.close()
        self.cut()
        for copy in self._copies:
            copy.cancel()
        await asyncio.gather(*self._copies, return_exceptions=True)


@dataclass
class Rig:
    name: str
    plant: Plant
    runner: Runner
    faults: FaultBoard
    simulator: Any
    tap: Tap
    make: Callable[[], Dispenser]
    pump: Dispenser

    channel = 2

    @property
    def truth(self) -> Any:
        self.runner.catch_up()
        return self.plant.channels[self.channel]

    @property
    def pumped_ul(self) -> float:
        return float(self.truth.delivered_ul)

    def fault(self, name: str, on: bool = True) -> None:
        self.runner.catch_up()
        per_channel = name in ("pump_stalled", "container_empty")
        self.faults.switch(name, on, self.channel if per_channel else None)

    async def start(self, bound_ul: int = 300, speed_bp: int = 10_000) -> int:
        return (await self.pump.start(self.channel, speed_bp, bound_ul)).counter

    async def start_long(self) -> int:
        """Two seconds and more: it still runs when a test has done what it does to it."""
        return await self.start(4_000, 2_500)

    async def status(self) -> ChannelStatus:
        return await self.pump.status(self.channel)

    async def until(self, wanted: Callable[[ChannelStatus], bool], kick: bool = True) -> ChannelStatus:
        """As the guard of a dose does: look and kick."""
        for _ in range(150):
            status = await self.status()
            if wanted(status):
                return status
            if kick:
                await self.pump.kick()
            await asyncio.sleep(0.02)
        raise AssertionError(f"never came: {status}")

    async def ended(self) -> ChannelStatus:
        return await self.until(lambda s: not s.running or s.state is ChannelState.FAULT)

    async def stands(self) -> None:
        """The motor's ramp is over."""
        for _ in range(100):
            if self.truth.actual == 0.0 and not self.truth.active:
                return
            await asyncio.sleep(0.01)


MODBUS = ("demo_quad", "kamoer", "longer_l100_1s2", "longer_l100_board", "jbt", "dulco_flex")
CONTINUOUS = ("kamoer", "longer_l100_1s2", "longer_l100_board", "jbt")
ALL = (*MODBUS, "watson_marlow_520", "runze_sy01b")
BEHIND_A_RELAY = tuple(f"{name}+relay" for name in CONTINUOUS)


def _driver(name: str, place: str, scheme: str) -> Dispenser:
    """`place` is host:port, or the path of a pty."""
    loaded: Any = replace(load_map(name), answer_s=ANSWER_S)  # type: ignore[type-var]
    address = f"rtu://{place}" if scheme == "pty" else f"{scheme}://{place}"
    serial = place if scheme == "pty" else f"socket://{place}"
    units = {n: loaded.unit + n - 1 for n in (1, 2, 3, 4)}
    match name:
        case "demo_quad":
            return ModbusDispenser(address, loaded)
        case "dulco_flex":
            return BatchPump(address, loaded, units=units)
        case "watson_marlow_520":
            line = SerialPort(serial, terminator=STATUS_END)
            return WatsonMarlow(line, replace(loaded, gap_s=0.0), units)
        case "runze_sy01b":
            return RunzeSyringe(SerialPort(serial, splitter=RunzeSplitter), loaded, units)
        case _:
            per_rev = round(FULL_UL_S * 60 / loaded.max_rpm)
            return ContinuousPump(address, loaded, units=units, ul_per_rev=per_rev)


@contextlib.asynccontextmanager
async def rig(name: str, scheme: str = "rtu", hold_ms: int = 200) -> AsyncIterator[Rig]:
    """`name+relay` puts the dead-man relay in front. The driver is connected."""
    model, _, relay = name.partition("+")
    plant = Plant(seed=3)
    runner = Runner(plant, speed=SPEED)
    faults = FaultBoard(plant, FAULTS + MODEL_FAULTS)
    plant.cup_on(20_000.0)
    quad = model == "demo_quad"
    simulator: Any = (
        ModbusQuad(runner, faults, line=NO_LINE_TIME) if quad else make_pumps(model, runner, faults, NO_LINE_TIME)
    )
    tap, relay_tap = Tap(), Tap()
    port = await tap.listen(await simulator.listen("127.0.0.1", 0, rtu=scheme == "rtu"))
    place = await simulator.open_pty() if scheme == "pty" else f"127.0.0.1:{port}"
    module = make_relay(runner, faults, NO_LINE_TIME) if relay else None
    relay_port = await relay_tap.listen(await module.listen("127.0.0.1", 0, rtu=True)) if module else 0

    def make() -> Dispenser:
        pump = _driver(model, place, scheme)
        if module is None:
            return pump
        flash = replace(load_relay("waveshare_flash"), hold_ms=hold_ms, answer_s=ANSWER_S)
        return GuardedDispenser(pump, TimedRelay(f"rtu://127.0.0.1:{relay_port}", flash))

    made = Rig(name, plant, runner, faults, simulator, tap, make, make())
    running = asyncio.create_task(runner.run())
    try:
        await made.pump.connect()
        yield made
    finally:
        faults.clear()
        await made.pump.close()
        await tap.close()
        if module is not None:
            await relay_tap.close()
            await module.close()
        await simulator.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


Law = Callable[[Rig], Awaitable[None]]


def law(*names: str, scheme: str = "rtu") -> Callable[[Law], Callable[[str], None]]:
    """A test for each model. All models of a law play at once, in one loop: the waiting is shared."""

    def wrap(use: Law) -> Callable[[str], None]:
        async def one(name: str) -> None:
            async with rig(name, scheme) as made:
                await use(made)

        async def all_of_them() -> list[BaseException | None]:
            return await asyncio.gather(*(one(name) for name in names), return_exceptions=True)

        @cache
        def outcomes() -> dict[str, BaseException | None]:
            return dict(zip(names, asyncio.run(all_of_them()), strict=True))

        @pytest.mark.parametrize("name", names)
        def test(name: str) -> None:
            error = outcomes()[name]
            if error is not None:
                raise error

        test.__doc__ = use.__doc__
        return test

    return wrap
