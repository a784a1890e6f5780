"""ZPL II, a small subset: ^XA, ^PW, ^LL, ^FO, ^GFA (hexadecimal, bit 1 black), ^PQ, ^XZ; ~HQES and ~HS, ~JA cancel.

As Zebra's guide says, ~HS is not answered while media or ribbon is out or the head is open; ~HQES always is.
Source: Zebra, ZPL II Programming Guide.
"""

from __future__ import annotations

import asyncio

from PIL import Image

from simulators.wire.labels import picture_of
from simulators.wire.mechanism import Mechanism

_JAM = 0x100
_LONGEST = 200


def errors(printer: Mechanism) -> bytes:
    """The answer to ~HQES."""
    flags = (
        (0x1 if printer.no_paper() else 0)
        | (0x2 if printer.is_on("ribbon_out") else 0)
        | (0x4 if printer.is_on("cover_open") else 0)
        | (_JAM if printer.is_on("jam") else 0)
    )
    return (
        f"\x02\r\n  PRINTER STATUS\r\n   ERRORS:         {int(bool(flags))} 00000000 {flags:08X}\r\n"
        "   WARNINGS:       0 00000000 00000000\r\n\x03\r\n"
    ).encode()


def state(printer: Mechanism, height: int) -> bytes:
    """The answer to ~HS, b"" while none is given. A label that was just printed is still on its way at first."""
    if printer.no_paper() or printer.is_on("ribbon_out") or printer.is_on("cover_open"):
        return b""
    busy, printer.busy = printer.busy or printer.is_on("never_done"), False
    left = len(printer.held) + int(busy)
    lines = (
        f"030,0,{int(printer.is_on('paused'))},{height:04d},000,0,0,0,000,0,0,0",
        f"000,0,0,0,0,2,4,0,{left:08d},1,000",
        "1234,0",
    )
    return "".join(f"\x02{line}\x03\r\n" for line in lines).encode()


class ZplTalk:
    """One connection and its format."""

    def __init__(self, printer: Mechanism, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._printer, self._reader, self._writer = printer, reader, writer
        self._width, self._height, self._at, self._copies = 8, 8, (0, 0), 1
        self._fields: list[tuple[tuple[int, int], Image.Image]] = []

    async def run(self) -> None:
        command = b""
        while True:
            byte = await self._reader.readexactly(1)
            if self._printer.is_on("offline"):
                return
            self._printer.catch_up()
            if byte in b"^~":
                self._command(command)
                command = b""
            if byte == b"~":
                await self._at_once()
            elif command or byte == b"^":
                command = (command + byte)[:_LONGEST]
            if command.startswith(b"^GFA,") and command.count(b",") == 4:
                await self._graphic(command[len(b"^GFA,") :])
                command = b""
            if command == b"^XZ":
                self._command(command)
                command = b""

    def end(self) -> None:
        """A format without its end is gone with its line."""

    async def _at_once(self) -> None:
        asked = await self._reader.readexactly(2)
        if asked == b"HS":
            self._writer.write(state(self._printer, self._height))
        elif asked == b"HQ" and await self._reader.readexactly(2) == b"ES":
            self._writer.write(errors(self._printer))
        elif asked == b"JA":
            self._printer.held.clear()
        elif asked == b"SD":
            await self._reader.readexactly(2)
        await self._writer.drain()

    def _command(self, command: bytes) -> None:
        name, said = command[1:3], command[3:].strip()
        if name == b"XA":
            self._fields, self._copies = [], 1
        elif name == b"PW":
            self._width = int(said)
        elif name == b"LL":
            self._height = int(said)
        elif name == b"FO":
            x, y = said.split(b",")[:2]
            self._at = (int(x), int(y))
        elif name == b"PQ":
            self._copies = int(said.split(b",")[0])
        elif name == b"XZ":
            self._print()

    async def _graphic(self, fields: bytes) -> None:
        sent, whole, stride = (int(field) for field in fields.split(b",")[:3])
        data = await self._reader.readexactly(2 * sent)
        if sent == whole:
            self._fields.append((self._at, picture_of(stride, bytes.fromhex(data.decode()))))

    def _print(self) -> None:
        page = Image.new("1", (self._width, self._height), 1)
        for at, picture in self._fields:
            page.paste(picture, at)
        if self._fields:
            for _ in range(self._copies):
                self._printer.put(page.copy())
