"""TSPL, a small subset: SIZE, CLS, BITMAP (mode 0, bit 1 white), PRINT; `<ESC>!?` status, `<ESC>!.` cancel. Other lines
are settings and are passed over. Source: TSC, TSPL/TSPL2 Programming Language.
"""

from __future__ import annotations

import asyncio
import re

from PIL import Image

from simulators.wire.mechanism import Mechanism

_PER_MM = {203: 8.0, 300: 300 / 25.4}
_SIZE = re.compile(rb"SIZE ([\d.]+) mm, ?([\d.]+) mm")
_LONGEST = 200


def status(printer: Mechanism) -> int:
    """The answer to `<ESC>!?`; a label that was just printed is still on its way at the first question."""
    busy, printer.busy = printer.busy or printer.is_on("never_done"), False
    return (
        (0x01 if printer.is_on("cover_open") else 0)
        | (0x02 if printer.is_on("jam") else 0)
        | (0x04 if printer.no_paper() else 0)
        | (0x08 if printer.is_on("ribbon_out") else 0)
        | (0x10 if printer.is_on("paused") else 0)
        | (0x20 if busy else 0)
    )


class TsplTalk:
    """One connection and its page."""

    def __init__(self, printer: Mechanism, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._printer, self._reader, self._writer = printer, reader, writer
        self._page = Image.new("1", (8, 8), 1)

    async def run(self) -> None:
        line = b""
        while True:
            byte = await self._reader.readexactly(1)
            if self._printer.is_on("offline"):
                return
            self._printer.catch_up()
            if byte == b"\x1b" and not line:
                await self._at_once()
                continue
            line = (line + byte)[-_LONGEST:]
            if line.startswith(b"BITMAP ") and line.count(b",") == 5:
                await self._bitmap(line[len(b"BITMAP ") :])
                line = b""
            elif byte == b"\n":
                self._command(line.strip())
                line = b""

    def end(self) -> None:
        """A page that was never printed is gone with its line."""

    async def _at_once(self) -> None:
        asked = await self._reader.readexactly(2)
        if asked == b"!?":
            self._writer.write(bytes([status(self._printer)]))
            await self._writer.drain()
        elif asked == b"!.":
            self._printer.held.clear()

    async def _bitmap(self, fields: bytes) -> None:
        x, y, stride, height, mode = (int(field) for field in fields.split(b",")[:5])
        data = await self._reader.readexactly(stride * height)
        if mode == 0 and data:
            self._page.paste(Image.frombytes("1", (stride * 8, height), data), (x, y))

    def _command(self, line: bytes) -> None:
        size = _SIZE.fullmatch(line)
        if size is not None:
            per_mm = _PER_MM[self._printer.dpi]
            self._page = Image.new("1", (round(float(size[1]) * per_mm), round(float(size[2]) * per_mm)), 1)
        elif line == b"CLS":
            self._page = Image.new("1", self._page.size, 1)
        elif line.startswith(b"PRINT "):
            sets, _, copies = line[len(b"PRINT ") :].partition(b",")
            for _ in range(int(sets) * int(copies or b"1")):
                self._printer.put(self._page.copy())
