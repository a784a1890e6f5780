"""A label printer on raw TCP port 9100: decodes a small ESC/POS subset and keeps every label as a picture.

Subset: ESC @, GS v 0 (raster), LF, ESC d, GS V (cut), DLE EOT 1–4 (status), and the settings that emitters send before
them. A label is what was printed up to a cut or a feed. Sources: Epson ESC/POS command reference (GS v 0, DLE EOT).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from PIL import Image

from simulators.faults import FaultBoard

_ESC_LENGTH = {b"@": 0, b"2": 0, b"3": 1, b"a": 1, b"t": 1, b"R": 1, b"!": 1, b"E": 1, b"M": 1, b"J": 1, b"{": 1}
_GS_LENGTH = {b"!": 1, b"a": 1, b"B": 1, b"L": 2, b"W": 2}
_STATUS = 0x12
"""Bits 1 and 4 are fixed in every status byte."""


@dataclass(frozen=True, slots=True)
class Label:
    """One printed label. `raster_sha256` is of the packed rows (bit 1 black, rows padded to bytes), as they came."""

    label_id: str
    printed_at: datetime
    width: int
    height: int
    png: bytes
    sha256: str
    raster_sha256: str
    complete: bool
    """False: the paper jammed in the middle of it."""


class LabelPrinter:
    """`now` dates the labels. Without paper, or with the cover open, print data is thrown away."""

    def __init__(self, faults: FaultBoard, now: Callable[[], datetime]) -> None:
        self.faults = faults
        self.labels: list[Label] = []
        self._now = now
        self._jammed = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int) -> int:
        """Serve; the port really bound."""
        self._server = await asyncio.start_server(self._connected, host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def status(self, n: int) -> int:
        """The answer to DLE EOT n: 1 printer, 2 cause of off-line, 3 error, 4 paper."""
        paper_out, cover, jam = (self.faults.is_on(f"printer_{name}") for name in ("paper_out", "cover_open", "jam"))
        match n:
            case 1:
                return _STATUS | (0x08 if paper_out or cover or jam else 0)
            case 2:
                return _STATUS | (0x04 if cover else 0) | (0x20 if paper_out else 0) | (0x40 if jam else 0)
            case 3:
                return _STATUS | (0x04 if jam else 0)
            case _:
                return _STATUS | (0x6C if paper_out else 0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        page = _Page()
        try:
            if not self.faults.is_on("printer_offline"):
                await self._read(reader, writer, page)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._finish(page)
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, page: _Page) -> None:
        while True:
            lead = await reader.readexactly(1)
            if self.faults.is_on("printer_offline"):
                return
            if lead == b"\x10":
                if await reader.readexactly(1) == b"\x04":
                    writer.write(bytes([self.status((await reader.readexactly(1))[0])]))
                    await writer.drain()
            elif lead == b"\x1b":
                name = await reader.readexactly(1)
                if name == b"d":
                    await reader.readexactly(1)
                    self._finish(page)
                else:
                    await reader.readexactly(_ESC_LENGTH.get(name, 0))
            elif lead == b"\x1d":
                await self._group(reader, page)
            elif lead == b"\x0c":
                self._finish(page)

    async def _group(self, reader: asyncio.StreamReader, page: _Page) -> None:
        name = await reader.readexactly(1)
        if name == b"v":
            _, mode, xl, xh, yl, yh = await reader.readexactly(6)
            stride, rows = xl | xh << 8, yl | yh << 8
            data = await reader.readexactly(stride * rows)
            if mode in (0, 48):
                self._print(page, stride, data)
        elif name == b"V":
            if (await reader.readexactly(1))[0] in (65, 66):
                await reader.readexactly(1)
            self._finish(page)
        else:
            await reader.readexactly(_GS_LENGTH.get(name, 0))

    def _print(self, page: _Page, stride: int, data: bytes) -> None:
        if self.faults.is_on("printer_paper_out") or self.faults.is_on("printer_cover_open") or stride == 0:
            return
        if page.rows and page.stride != stride:
            self._finish(page)
        page.stride = stride
        if not self.faults.is_on("printer_jam"):
            self._jammed = False
        elif self._jammed:
            return
        else:
            self._jammed = True
            half = len(data) // stride // 2 * stride
            page.rows += data[:half]
            self._finish(page, complete=False)
            return
        page.rows += data

    def _finish(self, page: _Page, *, complete: bool = True) -> None:
        rows, stride = bytes(page.rows), page.stride
        page.rows.clear()
        if not rows:
            return
        width, height = stride * 8, len(rows) // stride
        picture = Image.frombytes("1", (width, height), bytes(byte ^ 0xFF for byte in rows))
        out = BytesIO()
        picture.save(out, "PNG")
        png = out.getvalue()
        number = len(self.labels) + 1
        self.labels.append(
            Label(
                f"label-{number:04d}",
                self._now(),
                width,
                height,
                png,
                sha256(png).hexdigest(),
                sha256(rows).hexdigest(),
                complete,
            )
        )


class _Page:
    """Rows of the label that is being printed on one connection."""

    def __init__(self) -> None:
        self.stride = 0
        self.rows = bytearray()
