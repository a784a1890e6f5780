"""ESC/POS, a small subset: ESC @, GS v 0 (raster), LF, ESC d, GS V (cut), DLE EOT 1–4 (status), DLE ENQ, and the
settings that emitters send before them. A label is what was printed up to a cut or a feed; without paper print data is
thrown away.
Sources: Epson ESC/POS command reference (GS v 0, DLE EOT).
"""

from __future__ import annotations

import asyncio

from simulators.wire.labels import picture_of
from simulators.wire.mechanism import Mechanism

_ESC_LENGTH = {b"@": 0, b"2": 0, b"3": 1, b"a": 1, b"t": 1, b"R": 1, b"!": 1, b"E": 1, b"M": 1, b"J": 1, b"{": 1}
_GS_LENGTH = {b"!": 1, b"a": 1, b"B": 1, b"L": 2, b"W": 2}
_STATUS = 0x12
"""Bits 1 and 4 are fixed in every status byte."""


def status(printer: Mechanism, n: int) -> int:
    """The answer to DLE EOT n: 1 printer, 2 cause of off-line, 3 error, 4 paper."""
    paper_out, cover, jam = printer.no_paper(), printer.is_on("cover_open"), printer.is_on("jam")
    match n:
        case 1:
            return _STATUS | (0x08 if paper_out or cover or jam or printer.is_on("paused") else 0)
        case 2:
            return _STATUS | (0x04 if cover else 0) | (0x20 if paper_out else 0) | (0x40 if jam else 0)
        case 3:
            return _STATUS | (0x04 if jam else 0)
        case _:
            return _STATUS | (0x6C if paper_out else 0)


class EscPosTalk:
    """One connection; rows of the label that is being printed on it."""

    def __init__(self, printer: Mechanism, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._printer, self._reader, self._writer = printer, reader, writer
        self._stride = 0
        self._rows = bytearray()

    async def run(self) -> None:
        reader = self._reader
        while True:
            lead = await reader.readexactly(1)
            if self._printer.is_on("offline"):
                return
            if lead == b"\x10":
                await self._real_time()
            elif lead == b"\x1b":
                name = await reader.readexactly(1)
                if name == b"d":
                    await reader.readexactly(1)
                    self.end()
                else:
                    await reader.readexactly(_ESC_LENGTH.get(name, 0))
            elif lead == b"\x1d":
                await self._group()
            elif lead == b"\x0c":
                self.end()

    async def _real_time(self) -> None:
        name, n = await self._reader.readexactly(1), await self._reader.readexactly(1)
        if name == b"\x04":
            self._writer.write(bytes([status(self._printer, n[0])]))
            await self._writer.drain()
        elif name == b"\x05" and n == b"\x02":
            self._rows.clear()

    async def _group(self) -> None:
        reader = self._reader
        name = await reader.readexactly(1)
        if name == b"v":
            _, mode, xl, xh, yl, yh = await reader.readexactly(6)
            stride, rows = xl | xh << 8, yl | yh << 8
            data = await reader.readexactly(stride * rows)
            if mode in (0, 48):
                self._print(stride, data)
        elif name == b"V":
            if (await reader.readexactly(1))[0] in (65, 66):
                await reader.readexactly(1)
            self.end()
        else:
            await reader.readexactly(_GS_LENGTH.get(name, 0))

    def _print(self, stride: int, data: bytes) -> None:
        if self._printer.stopped() or stride == 0:
            return
        if self._rows and self._stride != stride:
            self.end()
        self._stride = stride
        if not self._printer.spoils():
            self._rows += data
            return
        self._rows += data[: len(data) // stride // 2 * stride]
        self.end(complete=False)

    def end(self, *, complete: bool = True) -> None:
        rows, stride = bytes(self._rows), self._stride
        self._rows.clear()
        if rows:
            self._printer.keep(picture_of(stride, rows), complete=complete)
