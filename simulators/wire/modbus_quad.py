"""Four bounded dispenser channels behind Modbus (TCP, or RTU frames on a socket): "demo quad", provenance simulated.

Holding registers, 0-based: 0 model 0x5144, 1 firmware 0x0100, 2 watchdog time-out ms (RW), 3 watchdog kick (W),
4 status bits (0 watchdog tripped, until the next accepted start; 1 emergency stop). Channel n at 0x0100·n: +0 command
(W: 0 stop, 1 start a bounded dose, 2 suck back +11 ms), +1 state, +2 fault, +3 speed set bp (RW), +4/+5 bound µL (RW,
U32 high word first), +6/+7 delivered µL, +8 dose counter, +9 reserved, +10 actual speed bp, +11 reverse ms (RW, ≤ 200).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pymodbus import FramerType
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from simulators.faults import FaultBoard
from simulators.plant import Busy, Channel
from simulators.runner import Runner

from .line import LineTime
from .terminal import Terminal

MODEL, FIRMWARE = 0x5144, 0x0100
WATCHDOG_MS = 500
HR_WATCHDOG, HR_KICK, HR_STATUS = 2, 3, 4
COMMAND, STATE, FAULT, SPEED, BOUND, DELIVERED, COUNTER, ACTUAL, REVERSE = 0, 1, 2, 3, 4, 6, 8, 10, 11
STOP, START, SUCK_BACK = 0, 1, 2
FULL_SPEED_BP, LONGEST_REVERSE_MS = 10_000, 200
_WRITES = (6, 16, 22, 23)
_ECHO = 6
"""Function 06 answers with what was written: pymodbus reads it back for that, which is no request of its own."""


async def _copy(reader: asyncio.StreamReader, write: Callable[[bytes], None]) -> None:
    while data := await reader.read(512):
        write(data)


class ModbusQuad:
    """The dispenser's registers over the plant's channels."""

    def __init__(
        self,
        runner: Runner,
        faults: FaultBoard,
        *,
        line: LineTime | None = None,
        unit: int = 1,
        watchdog_ms: int = WATCHDOG_MS,
    ) -> None:
        self.runner = runner
        self.faults = faults
        self.line = line or LineTime(baud=19_200, bits_per_char=11, latency_s=0.004)
        self.unit = unit
        self.watchdog_ms = watchdog_ms
        self._bounds = dict.fromkeys(runner.plant.channels, 0)
        self._servers: list[ModbusTcpServer] = []
        self._terminal: Terminal | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._copies: list[asyncio.Task[None]] = []
        self._bus = asyncio.Lock()
        self._drop_reply = False

    async def listen(self, host: str, port: int, *, rtu: bool = False) -> int:
        """Serve on a socket, Modbus TCP or RTU frames; the port really bound."""
        server = ModbusTcpServer(
            SimDevice(self.unit, simdata=self._layout(), action=self._action),
            framer=FramerType.RTU if rtu else FramerType.SOCKET,
            address=(host, port),
            trace_packet=self._trace,
        )
        self._servers.append(server)
        try:
            await server.serve_forever(background=True)
        except RuntimeError as error:  # all that pymodbus says of a port that is taken
            raise OSError(f"pump port {port} on {host} cannot be opened") from error
        transport = server.transport
        assert isinstance(transport, asyncio.Server)
        bound: int = transport.sockets[0].getsockname()[1]
        return bound

    async def open_pty(self) -> str:
        """Serve RTU frames on a pseudo-terminal too; the path that a host opens."""
        reader, writer = await asyncio.open_connection("127.0.0.1", await self.listen("127.0.0.1", 0, rtu=True))
        self._terminal = Terminal()
        self._copies = [
            asyncio.create_task(_copy(reader, self._terminal.write)),
            asyncio.create_task(_copy(self._terminal.reader, writer.write)),
        ]
        self._writer = writer
        return self._terminal.path

    async def close(self) -> None:
        for task in self._copies:
            task.cancel()
        await asyncio.gather(*self._copies, return_exceptions=True)
        if self._terminal is not None and self._writer is not None:
            self._terminal.close()
            self._writer.close()
        for server in self._servers:
            await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it untyped

    def _layout(self) -> list[SimData]:
        def block(address: int, count: int, *, readonly: bool) -> SimData:
            return SimData(address, count=count, values=0, datatype=DataType.REGISTERS, readonly=readonly)

        data = [block(0, 2, readonly=True), block(HR_WATCHDOG, 2, readonly=False), block(HR_STATUS, 1, readonly=True)]
        for number in self.runner.plant.channels:
            base = number << 8
            data += [
                block(base + COMMAND, 1, readonly=False),
                block(base + STATE, 2, readonly=True),
                block(base + SPEED, 3, readonly=False),
                block(base + DELIVERED, 5, readonly=True),
                block(base + REVERSE, 1, readonly=False),
            ]
        return data

    def _trace(self, sending: bool, data: bytes) -> bytes:
        lost = self._drop_reply or self.faults.is_on("pump_requests_lost") or self.faults.is_on("pump_replies_lost")
        if sending and lost:
            self._drop_reply = False
            return b""
        return data

    async def _action(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """One request: waits as long as its bytes take, acts at its own instant, refreshes what is read."""
        if function == _ECHO and values is None:
            return None
        writing = function in _WRITES and values is not None
        async with self._bus:
            asked, answered = (8 if count == 1 else 9 + 2 * count, 8) if writing else (8, 5 + 2 * count)
            await asyncio.sleep(self.line.seconds(asked) + self.line.latency_s)
            self.runner.catch_up()
            result = self._serve(address, [int(value) for value in values] if writing and values else None)
            # Where a read and a write meet, the read shows what the device holds, not what was once written.
            for offset in range(count):
                registers[address - start + offset] = self.register(address + offset)
            await asyncio.sleep(self.line.seconds(answered))
            return result

    def _serve(self, address: int, values: list[int] | None) -> ExcCodes | None:
        on = self.faults.is_on
        stopping = values is not None and address & 0xFF == COMMAND and address > 0xFF and values[0] == STOP
        if on("pump_requests_lost"):
            return ExcCodes.DEVICE_FAILURE
        if on("pump_stop_lost") and stopping:
            self._drop_reply = True
            return ExcCodes.DEVICE_FAILURE
        if on("pump_exception_4"):
            return ExcCodes.DEVICE_FAILURE
        if values is None:
            return None
        if on("pump_exception_6") and not stopping and address != HR_KICK:
            return ExcCodes.DEVICE_BUSY
        result = self._write(address, values)
        if result is None and on("pump_start_reply_lost") and address & 0xFF == COMMAND and values[0] == START:
            self._drop_reply = address > 0xFF
        return result

    # --- registers ---

    def register(self, address: int) -> int:
        """What a read of this holding register gives now."""
        number, offset = address >> 8, address & 0xFF
        if number == 0:
            plant = self.runner.plant
            status = int(plant.watchdog_tripped) | int(plant.stop_pressed) << 1
            return (MODEL, FIRMWARE, self.watchdog_ms, 0, status)[offset]
        channel = self.runner.plant.channels[number]
        delivered = round(channel.delivered_ul) & 0xFFFFFFFF
        bound = self._bounds[number]
        return (
            0,
            int(channel.state),
            int(channel.fault),
            round(channel.speed_set * FULL_SPEED_BP),
            bound >> 16,
            bound & 0xFFFF,
            delivered >> 16,
            delivered & 0xFFFF,
            channel.dose_counter,
            0,
            round(channel.actual * FULL_SPEED_BP),
            channel.reverse_ms,
        )[offset]

    def _write(self, address: int, values: list[int]) -> ExcCodes | None:
        """Check every value first, then take all of them: a refused request changes nothing."""
        pairs = list(enumerate(values, start=address))
        for each, value in pairs:
            if (each >> 8 and each & 0xFF == SPEED and value > FULL_SPEED_BP) or (
                each >> 8 and each & 0xFF == REVERSE and value > LONGEST_REVERSE_MS
            ):
                return ExcCodes.ILLEGAL_VALUE
        for each, value in pairs:
            if (result := self._take(each, value)) is not None:
                return result
        return None

    def _take(self, address: int, value: int) -> ExcCodes | None:
        plant = self.runner.plant
        number, offset = address >> 8, address & 0xFF
        if number == 0:
            if offset == HR_WATCHDOG:
                self.watchdog_ms = value
            else:
                plant.kick()
            return None
        channel = plant.channels[number]
        match offset:
            case 0:
                return self._command(channel, value)
            case 3:
                plant.set_speed(number, value / FULL_SPEED_BP)
            case 4:
                self._bounds[number] = value << 16 | self._bounds[number] & 0xFFFF
            case 5:
                self._bounds[number] = self._bounds[number] & 0xFFFF0000 | value
            case _:
                channel.reverse_ms = value
        return None

    def _command(self, channel: Channel, value: int) -> ExcCodes | None:
        plant, number = self.runner.plant, channel.number
        if value == STOP:
            plant.stop(number)
            return None
        if value not in (START, SUCK_BACK):
            return ExcCodes.ILLEGAL_VALUE
        if plant.stop_pressed:
            return ExcCodes.DEVICE_FAILURE
        try:
            if value == SUCK_BACK:
                plant.reverse(number, channel.reverse_ms)
            elif self._bounds[number] == 0:
                return ExcCodes.ILLEGAL_VALUE
            else:
                # The watchdog counts real time, because the host kicks in real time.
                plant.watchdog_s = self.watchdog_ms / 1000.0 * self.runner.speed
                plant.start(number, float(self._bounds[number]))
        except Busy:
            return ExcCodes.DEVICE_BUSY
        return None
