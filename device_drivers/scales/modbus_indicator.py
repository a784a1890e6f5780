"""A weight indicator behind Modbus, described by an `IndicatorMap`.

Weight, status, decimals and unit come out of one read: two reads can pair a new weight with an old "stable". Only
`zero` and `tare` write, and only to the command register that the map names; setpoints and calibration never.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from decimal import Decimal
from urllib.parse import urlsplit

from pymodbus.pdu import ModbusPDU

from device_drivers.dispensers.modbus_bus import Client, ModbusBus
from device_drivers.errors import BadFrame, DeviceBusy, DeviceError, NoAnswer, PortBusy, Rejected, WrongModel
from device_drivers.identity import Identity
from device_drivers.reading import Reading, State
from device_drivers.scales.indicator_map import Command, IndicatorMap, Lookup
from device_drivers.scales.weight import Weight, nothing, weighed
from device_drivers.transport import LineSettings

_NO_REST = (State.MOVING, State.BUSY)
_BAD_TOLERATED = 3
_DATED_WITHIN_S = 0.3


def decode(made: IndicatorMap, registers: Sequence[int], mass_unit: str | None, decimals: int | None) -> Weight:
    """One block of registers. `mass_unit` and `decimals` stand in for what the map says is not on the wire.

    Stable where the status says so; a map without a status gives MOVING here. Raises WrongModel for a code that the map
    does not know, BadFrame for a float that is no number.
    """
    block = list(registers)
    if len(block) != made.count:
        raise BadFrame(f"{len(block)} registers, not {made.count}")
    word = 0 if made.status_at is None else block[made.status_at]

    def told(flag: str) -> bool:
        return bool(word & made.bits.get(flag, 0))

    if told("error") or ("valid" in made.bits and not told("valid")):
        return nothing(State.ERROR)
    if told("overload"):
        return nothing(State.OVERLOAD)
    if told("underload"):
        return nothing(State.UNDERLOAD)
    net = told("net") and made.net is not None
    at = made.net if net and made.net is not None else made.gross
    digits = _digits(made, block, at, _places(made, block, decimals))
    if made.sign == "status" and told("net_negative" if net else "gross_negative"):
        digits = f"-{digits}"
    unit = made.unit.find(block) if isinstance(made.unit, Lookup) else mass_unit
    if unit is None:
        raise WrongModel(f"{made.name}: unit code not in the map: {block}")
    rest = told("stable") if "stable" in made.bits else "motion" in made.bits and not told("motion")
    centre = told("center_of_zero") if "center_of_zero" in made.bits else None
    raw = " ".join(f"{register:04X}" for register in block).encode()
    return weighed(digits, unit, rest, raw, "net" if net else "gross", centre)


def _places(made: IndicatorMap, block: list[int], decimals: int | None) -> int:
    found = made.decimals.find(block) if isinstance(made.decimals, Lookup) else decimals
    if found is None and made.decimals != "number":
        raise WrongModel(f"{made.name}: division code not in the map: {block}")
    return int(found or 0)


def _digits(made: IndicatorMap, block: list[int], at: int, places: int) -> str:
    high, low = block[at : at + 2] if made.word_order == "big" else block[at : at + 2][::-1]
    pair = struct.pack(">HH", high, low)
    if made.format == "f32":
        value = struct.unpack(">f", pair)[0]
        if not abs(value) < 1e7:  # also NaN
            raise BadFrame(f"{made.name}: {value} is no weight")
        return f"{value:.7f}"
    number = int.from_bytes(pair, "big", signed=made.format == "i32")
    return f"{Decimal(number).scaleb(-places):f}"


class Stillness:
    """Rest, where the indicator does not tell it: every reading of the last while lay close to the newest."""

    def __init__(self, steps: int, for_ms: int) -> None:
        self._steps, self._for_s = steps, for_ms / 1000
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, at: float, mass_mg: int, step_mg: int) -> bool:
        seen = self._seen
        if seen and at - seen[-1][0] > self._for_s / 2:
            seen.clear()  # nobody looked in between: that is no evidence of rest
        seen.append((at, mass_mg))
        while len(seen) > 1 and seen[1][0] <= at - self._for_s:
            seen.popleft()
        return at - seen[0][0] >= self._for_s and all(abs(one - mass_mg) <= self._steps * step_mg for _, one in seen)


class _Bus(ModbusBus):
    async def write_with_16(self, address: int, value: int) -> None:
        """One register with function 16, for indicators that do not know function 6."""

        def request(client: Client) -> Awaitable[ModbusPDU]:
            return client.write_registers(address, [value], device_id=self._device_id)

        await self._ask(request, 16, f"write {address:#06x}={value}")


class ModbusIndicator:
    """A `Scale` at `tcp://host:port` or `rtu:///dev/…`. ValueError when the map needs a unit or decimals not given."""

    def __init__(
        self,
        address: str,
        made: IndicatorMap,
        settings: LineSettings,
        device_id: int = 1,
        mass_unit: str | None = None,
        decimals: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if urlsplit(address).scheme not in ("tcp", "rtu"):
            raise ValueError(f"a Modbus indicator's address is tcp://host:port or rtu:///dev/…, not {address!r}")
        if made.unit == "settings" and not mass_unit:
            raise ValueError(f"{made.name}: the unit is not on the wire, mass_unit must say what the indicator shows")
        if made.decimals == "settings" and decimals is None:
            raise ValueError(f"{made.name}: the decimals are not on the wire, decimals must say them")
        self._map, self._unit, self._decimals = made, mass_unit, decimals
        self._bus = _Bus(address, settings, made.answer_s, device_id)
        self._clock, self._sleep = clock, sleep
        self._lock = asyncio.Lock()
        self._seq = 0
        self._still: Stillness | None = None

    async def connect(self) -> Identity:
        async with self._turn(self._map.answer_s):
            self._still = Stillness(self._map.still_steps, self._map.still_ms) if self._map.still_ms else None
            await self._bus.open()
            try:
                await self._look()
            except DeviceError:
                self._bus.close()
                raise
        return Identity(f"Modbus {self._map.name}", "", "")

    async def weigh(self, stable: bool, timeout_s: float) -> Reading:
        async with self._turn(timeout_s):
            until = self._clock() + timeout_s
            while True:
                began = self._clock()
                reading, _ = await self._look()
                if not stable or reading.state not in _NO_REST:
                    return reading
                if self._clock() + self._map.period_s >= until:
                    return Reading(None, State.BUSY, "", reading.kind, reading.at, self._next(), reading.raw)
                await self._sleep(max(began + self._map.period_s - self._clock(), 0.0))

    async def stream(self) -> AsyncGenerator[Reading, None]:
        bad = 0
        async with self._turn(self._map.answer_s):
            while True:
                began = self._clock()
                try:
                    reading, _ = await self._look()
                    bad = 0
                    if reading.at - began <= _DATED_WITHIN_S:
                        yield reading
                except (BadFrame, NoAnswer):
                    bad += 1
                    if bad > _BAD_TOLERATED:
                        raise
                await self._sleep(max(began + self._map.period_s - self._clock(), 0.0))

    async def zero(self) -> None:
        async with self._turn(self._map.answer_s * 8):
            await self._command("zero")
            await self._rests_at_zero("zero")

    async def tare(self) -> Reading:
        async with self._turn(self._map.answer_s * 8):
            before = await self._rest()
            await self._command("tare")
            await self._rests_at_zero("tare")
        return before

    async def close(self) -> None:
        self._bus.close()

    async def _look(self) -> tuple[Reading, Weight]:
        """The one read. BUSY is what exception 6 says."""
        made = self._map
        try:
            registers = await self._bus.read(made.first, made.count)
        except DeviceBusy as error:
            busy = nothing(State.BUSY)
            return busy.reading(error.detail.encode(), self._clock(), self._next(), "unknown"), busy
        at = self._clock()
        weight = decode(made, registers, self._unit, self._decimals)
        raw = " ".join(f"{register:04X}" for register in registers).encode()
        reading = weight.reading(raw, at, self._next(), "unknown")
        mass = reading.mass_mg
        if self._still is not None and mass is not None and self._still.add(at, mass, weight.step_mg):
            reading = Reading(mass, State.STABLE, reading.unit, reading.kind, at, reading.seq, raw)
        return reading, weight

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    async def _command(self, name: str) -> None:
        command: Command | None = self._map.commands.get(name)
        if command is None:
            raise Rejected("read-only", f"{self._map.name} has no command for {name}")
        for value in command.write:
            if command.function == 16:
                await self._bus.write_with_16(command.at, value)
            else:
                await self._bus.write(command.at, [value])

    async def _rest(self) -> Reading:
        for _ in range(40):
            reading, _ = await self._look()
            if reading.stable:
                return reading
            if reading.state not in _NO_REST:
                raise Rejected(reading.state.value, reading.raw.decode())
            await self._sleep(self._map.period_s)
        raise DeviceBusy("the scale does not come to rest")

    async def _rests_at_zero(self, act: str) -> None:
        reading: Reading | None = None
        for _ in range(40):
            reading, weight = await self._look()
            if reading.stable and abs(reading.mass_mg or 0) <= 5 * weight.step_mg:
                return
            await self._sleep(self._map.period_s)
        if reading is not None and reading.stable:
            raise Rejected(act, f"the indicator does not show the {act}")
        raise DeviceBusy(act)

    @contextlib.asynccontextmanager
    async def _turn(self, timeout_s: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(timeout_s):
                await self._lock.acquire()
        except TimeoutError:
            raise PortBusy("the indicator is streaming or answering another request") from None
        try:
            yield
        finally:
            self._lock.release()
