"""A Modbus line by hand, RTU frames and TCP, with the units on it: every byte is ours, so every byte can go wrong.

Source: Modbus application protocol V1.1b3; Modbus over serial line V1.02 (CRC-16, polynomial 0xA001, low byte first).
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping
from typing import Protocol

from simulators.faults import FaultBoard
from simulators.runner import Runner

from .byte_port import BytePort, Write
from .line import LineTime

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, DEVICE_FAILURE, ACKNOWLEDGE, BUSY = 1, 2, 3, 4, 5, 6
LATE_S = 0.4
_WRITES = (5, 6, 15, 16)
_FIXED = 8
"""Bytes of an RTU request without a list of values."""


class Refused(Exception):
    """A unit says no; `code` is the Modbus exception."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exception {code}")


class Silent(Exception):
    """A unit does not answer this request at all."""


class Unit(Protocol):
    """One device on the line. Addresses are 0-based; what one frame writes comes in one call."""

    def deaf(self) -> bool:
        """Whether it does not even answer now."""

    def read(self, table: str, address: int) -> int:
        """One coil or register. Refused, Silent."""

    def write(self, table: str, address: int, values: list[int]) -> None:
        """One coil (its 16-bit value), or registers. Refused or Silent, and then nothing has changed."""

    def is_stop(self, table: str, address: int, values: list[int]) -> bool: ...

    def is_start(self, table: str, address: int, values: list[int]) -> bool: ...

    def asked(self) -> None:
        """A request was served: whatever hangs on being asked."""


def crc(frame: bytes) -> bytes:
    """Two bytes, low first."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


class ModbusServer:
    """`prefix` names the faults that count here: `pump` or `relay`."""

    def __init__(
        self, units: Mapping[int, Unit], runner: Runner, faults: FaultBoard, line: LineTime, prefix: str = "pump"
    ) -> None:
        self.units, self.runner, self.faults, self.line = dict(units), runner, faults, line
        self._prefix = prefix
        self._port = BytePort(lambda: self._on("unplugged"))
        self._bus = asyncio.Lock()

    async def listen(self, host: str, port: int, *, rtu: bool = False) -> int:
        return await self._port.listen(host, port, self._talk_rtu if rtu else self._talk_tcp)

    async def open_pty(self) -> str:
        return await self._port.open_pty(self._talk_rtu)

    async def close(self) -> None:
        await self._port.close()

    # --- frames ---

    async def _talk_tcp(self, reader: asyncio.StreamReader, write: Write) -> None:
        while True:
            number, _, length = struct.unpack(">HHH", await reader.readexactly(6))
            body = await reader.readexactly(length)
            answer = await self._exchange(body[0], body[1:], 8 + len(body))
            if answer is not None:
                write(struct.pack(">HHHB", number, 0, len(answer) + 1, body[0]) + answer)

    async def _talk_rtu(self, reader: asyncio.StreamReader, write: Write) -> None:
        while True:
            frame = await reader.readexactly(7)
            rest = _FIXED - 7 if frame[1] not in (15, 16) else frame[6] + 2
            frame += await reader.readexactly(rest)
            if crc(frame[:-2]) != frame[-2:]:
                await _until_silence(reader)
                continue
            answer = await self._exchange(frame[0], frame[1:-2], len(frame))
            if answer is not None:
                reply = bytes([frame[0]]) + answer
                reply += crc(reply)
                write(_disturbed(reply) if self._on("noise") else reply)

    async def _exchange(self, address: int, pdu: bytes, length: int) -> bytes | None:
        """One request of `length` bytes on the wire; its answer, None for silence."""
        async with self._bus:
            await asyncio.sleep(self.line.seconds(length) + self.line.latency_s)
            self.runner.catch_up()
            unit = self.units.get(address)
            if unit is None or unit.deaf() or self._on("requests_lost") or self._on("lost"):
                return None
            answer, silent = self._serve(unit, pdu)
            unit.asked()
            if silent or self._on("replies_lost"):
                return None
            await asyncio.sleep(self.line.seconds(len(answer) + 3) + (LATE_S if self._on("reply_late") else 0.0))
            return answer

    def _serve(self, unit: Unit, pdu: bytes) -> tuple[bytes, bool]:
        """The answer, and whether it gets lost."""
        function = pdu[0]
        try:
            table, address, values = _parsed(pdu)
            stopping = function in _WRITES and unit.is_stop(table, address, values)
            starting = function in _WRITES and unit.is_start(table, address, values)
            if stopping and self._on("stop_lost"):
                return b"", True
            if self._on("exception_4"):
                raise Refused(DEVICE_FAILURE)
            for name, code in (("exception_5", ACKNOWLEDGE), ("exception_6", BUSY)):
                if self._on(name) and function in _WRITES and not stopping:
                    raise Refused(code)
            if function in _WRITES:
                unit.write(table, address, values)
                return pdu[:5], starting and self._on("start_reply_lost")
            return _values(function, [unit.read(table, address + i) for i in range(values[0])]), False
        except Silent:
            return b"", True
        except Refused as refused:
            return bytes([function | 0x80, refused.code]), False

    def _on(self, name: str) -> bool:
        return self.faults.is_on(f"{self._prefix}_{name}")


def _parsed(pdu: bytes) -> tuple[str, int, list[int]]:
    """Table, address, and the values written or the count read. Refused."""
    function, address, last = struct.unpack(">BHH", pdu[:5])
    match function:
        case 1 | 3 | 4:
            if not 1 <= last <= 125:
                raise Refused(ILLEGAL_VALUE)
            return {1: "coil", 3: "holding", 4: "input"}[function], address, [last]
        case 5:
            return "coil", address, [last]
        case 6:
            return "holding", address, [last]
        case 16:
            if last < 1 or len(pdu) != 6 + 2 * last or pdu[5] != 2 * last:
                raise Refused(ILLEGAL_VALUE)
            return "holding", address, list(struct.unpack(f">{last}H", pdu[6:]))
        case _:
            raise Refused(ILLEGAL_FUNCTION)


def _values(function: int, read: list[int]) -> bytes:
    if function == 1:
        packed = sum(bool(bit) << i for i, bit in enumerate(read)).to_bytes((len(read) + 7) // 8, "little")
    else:
        packed = struct.pack(f">{len(read)}H", *read)
    return bytes([function, len(packed)]) + packed


def _disturbed(frame: bytes) -> bytes:
    """One bit flipped in the middle: the check must find it."""
    at = len(frame) // 2
    return frame[:at] + bytes([frame[at] ^ 0x10]) + frame[at + 1 :]


async def _until_silence(reader: asyncio.StreamReader) -> None:
    """After a broken frame nothing can be trusted until the line has been quiet."""
    while True:
        try:
            async with asyncio.timeout(0.02):
                if not await reader.read(256):
                    return
        except TimeoutError:
            return
