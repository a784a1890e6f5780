"""The bench in virtual time: an event loop that jumps to the next timer, a plant behind two in-process devices."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeVar

from device_drivers.dispensers.base import ChannelState, ChannelStatus, Started
from device_drivers.errors import DeviceBusy, LineLost, NoAnswer
from device_drivers.identity import Identity
from device_drivers.reading import Reading, State
from simulators.plant import Sample

from .plants import PumpAndScale

T = TypeVar("T")


class _JumpingSelector(selectors.SelectSelector):
    """Waiting costs no time: it moves the loop's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("every task waits and no timer runs: a deadlock")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_virtually(make: Callable[[], Awaitable[T]]) -> T:
    async def main() -> T:
        return await make()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())


def clock() -> float:
    return asyncio.get_running_loop().time()


class VirtualBench:
    """Moves the plant to the loop's time whenever it is asked; keeps the scale's samples for the stream."""

    def __init__(self, plant: PumpAndScale) -> None:
        self.plant = plant
        self.samples: deque[Sample] = deque()

    def catch_up(self) -> None:
        gap = clock() - self.plant.now
        if gap > 0:
            self.samples.extend(self.plant.advance(gap))


class VirtualScale:
    """`tamper` may change, delay (None) or break (LineLost) any reading: the faults of a scale line."""

    def __init__(self, bench: VirtualBench, tamper: Callable[[Reading], Reading | None] = lambda r: r) -> None:
        self._bench = bench
        self._tamper = tamper
        self._seq = 0

    async def connect(self) -> Identity:
        return Identity("virtual", "1", "1")

    async def weigh(self, stable: bool, timeout_s: float) -> Reading:
        give_up = clock() + timeout_s
        async with contextlib.aclosing(self.stream()) as readings:
            async for reading in readings:
                if reading.stable or reading.mass_mg is None or not stable:
                    return reading
                if clock() >= give_up:
                    return Reading(None, State.BUSY, "", "unknown", clock(), self._seq, b"S I")
        raise NoAnswer("the stream ended")

    async def stream(self) -> AsyncGenerator[Reading, None]:
        bench = self._bench
        bench.catch_up()
        bench.samples.clear()
        while True:
            await asyncio.sleep(max(bench.plant.next_sample_at - clock(), 0.001))
            bench.catch_up()
            while bench.samples:
                reading = self._tamper(self._reading(bench.samples.popleft()))
                if reading is not None:
                    yield reading

    def _reading(self, sample: Sample) -> Reading:
        self._seq += 1
        state = State.OVERLOAD if sample.over else State.UNDERLOAD if sample.under else None
        letter = "S" if sample.stable else "D"
        raw = f"S {letter} {sample.gross_mg / 1000:10.3f} g".encode()
        if state is not None:
            return Reading(None, state, "", "unknown", clock(), self._seq, raw)
        state = State.STABLE if sample.stable else State.MOVING
        return Reading(sample.gross_mg, state, "g", "unknown", clock(), self._seq, raw)

    async def zero(self) -> None:
        raise AssertionError("nobody zeroes a scale during a dose")

    async def tare(self) -> Reading:
        raise AssertionError("nobody tares a scale during a dose")

    async def close(self) -> None:
        return None


class VirtualPump:
    """`line_up` False: every request ends in LineLost. `latency` gives the seconds of one bus cycle."""

    ends_by_itself = ("bounded_dose", "watchdog")
    suck_back_most_ms = 200

    def __init__(self, bench: VirtualBench, latency: Callable[[], float] = lambda: 0.030) -> None:
        self._bench = bench
        self._latency = latency
        self._bus = asyncio.Lock()
        self.line_up = True
        self.starts = 0

    async def _cycle(self) -> PumpAndScale:
        async with self._bus:
            await asyncio.sleep(self._latency())
            if not self.line_up:
                raise LineLost("cut")
            self._bench.catch_up()
            return self._bench.plant

    async def connect(self) -> Identity:
        await self.stop(None)
        (await self._cycle()).watchdog_s = 0.5
        return Identity("virtual", "", "1")

    async def start(self, channel: int, speed_bp: int, bound_ul: int) -> Started:
        plant = await self._cycle()
        if plant.channels[channel].turning:
            raise DeviceBusy("running")
        (await self._cycle()).set_speed(channel, speed_bp / 10_000)
        counter = (await self._cycle()).start(channel, bound_ul)
        self.starts += 1
        await self._cycle()
        return Started(counter)

    async def set_speed(self, channel: int, speed_bp: int) -> None:
        (await self._cycle()).set_speed(channel, speed_bp / 10_000)

    async def suck_back(self, channel: int, ms: int) -> None:
        await self._cycle()
        (await self._cycle()).reverse(channel, ms)

    async def stop(self, channel: int | None = None) -> None:
        plant = await self._cycle()
        for number in plant.channels if channel is None else (channel,):
            plant.stop(number)
        await self._cycle()

    async def status(self, channel: int) -> ChannelStatus:
        one = (await self._cycle()).channels[channel]
        state = ChannelState(one.state.name.lower())
        fault = one.fault.name.lower() if one.fault else None
        return ChannelStatus(
            state.moves, state, round(one.delivered_ul), one.dose_counter, fault, round(one.actual * 10_000)
        )

    async def kick(self) -> None:
        (await self._cycle()).kick()

    async def close(self) -> None:
        return None
