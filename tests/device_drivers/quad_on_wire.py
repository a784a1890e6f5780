"""A counter-part on a real socket: Modbus TCP by hand, every frame kept, every answer bendable."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

STOP, START, REVERSE = 0, 1, 2


class QuadOnWire:
    """Register file of demo_quad with instant channels. `bend(function, address, values)` may give an exception code,
    "silent" (act, no answer), "deaf" (neither) or "drop" (close the line)."""

    def __init__(self) -> None:
        self.registers = dict.fromkeys(range(0x500), 0)
        self.registers |= {0: 0x5144, 1: 0x0100, 2: 500}
        self.requests: list[tuple[int, int, list[int]]] = []
        self.bend: Callable[[int, int, list[int]], int | str | None] = lambda f, a, v: None
        self.stops_work = True
        self.starts_work = True

    @property
    def writes(self) -> list[tuple[int, list[int]]]:
        return [(address, values) for function, address, values in self.requests if function != 3]

    def commands(self, value: int) -> int:
        return sum(1 for address, values in self.writes if address & 0xFF == 0 and address and values == [value])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                tid, _, length = struct.unpack(">HHH", await reader.readexactly(6))
                body = await reader.readexactly(length)
                unit, function, address, count = struct.unpack(">BBHH", body[:6])
                values = (
                    [] if function == 3 else [count] if function == 6 else list(struct.unpack(f">{count}H", body[7:]))
                )
                self.requests.append((function, address, values))
                bent = self.bend(function, address, values)
                if bent == "drop":
                    break
                if not isinstance(bent, int) and bent != "deaf":
                    self._take(address, values)
                if bent in ("silent", "deaf"):
                    continue
                if isinstance(bent, int):
                    answer = struct.pack(">BB", function | 0x80, bent)
                elif function == 3:
                    got = [self.registers[address + i] for i in range(count)]
                    answer = struct.pack(f">BB{count}H", 3, 2 * count, *got)
                else:
                    answer = struct.pack(">BHH", function, address, count)
                writer.write(struct.pack(">HHHB", tid, 0, len(answer) + 1, unit) + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _take(self, address: int, values: list[int]) -> None:
        for offset, value in enumerate(values):
            self.registers[address + offset] = value
        if address & 0xFF or not address or not values:
            return
        if values == [START] and self.starts_work:
            self.registers[address + 1] = 1
            self.registers[address + 8] = (self.registers[address + 8] + 1) & 0xFFFF
        if values == [STOP] and self.stops_work and self.registers[address + 1] in (1, 6):
            self.registers[address + 1] = 3
