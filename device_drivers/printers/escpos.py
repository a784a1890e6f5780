"""ESC/POS: the label as one raster image (`GS v 0`), over TCP port 9100, into a file or device node, or over USB.

python-escpos is used as an emitter of bytes only; sockets, time-outs and status are ours. Text is never sent: its
encodings turn Chinese punctuation into question marks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from escpos.capabilities import Profile
from escpos.printer import Dummy
from PIL import Image

from device_drivers.errors import CoverOpen, PaperOut, PrinterJam, PrinterOffline
from device_drivers.printers.base import Printer, PrinterStatus
from device_drivers.printers.escpos_status import ASK, decode

_T = TypeVar("_T")

_FEED_AND_CUT = b"\x1bd\x03\x1dV\x42\x00"  # ESC d 3, GS V 66 0: feed to the cutter, partial cut


class _NoMedia(Profile):  # type: ignore[misc]  # python-escpos carries no types
    """A profile that claims no paper width: the default one makes `image` print a remark on our standard output."""

    profile_data = {**Profile.profile_data, "media": {}}  # noqa: RUF012 - the attribute's shape is python-escpos'


def raster(width_px: int, height_px: int, rows: bytes) -> bytes:
    """The bytes for one label: initialise, image, feed, cut. Raises ValueError when `rows` does not fit the size."""
    stride = (width_px + 7) // 8
    if width_px <= 0 or height_px <= 0 or len(rows) != stride * height_px:
        raise ValueError(f"{len(rows)} bytes are not {width_px} × {height_px} pixels of 1 bit")
    black_is_zero = bytes(byte ^ 0xFF for byte in rows)
    image = Image.frombytes("1", (width_px, height_px), black_is_zero)
    emitter = Dummy(profile=_NoMedia())
    emitter.hw("INIT")
    # One fragment: split images leave hairlines between the strips on some printers.
    emitter.image(image, impl="bitImageRaster", fragment_height=height_px)
    return bytes(emitter.output) + _FEED_AND_CUT


def open_printer(address: str, timeout_s: float = 3.0) -> Printer:
    """`tcp://host:9100`, `file:///path`, `usb://04b8:0e15`. Raises ValueError for anything else."""
    parts = urlsplit(address)
    if parts.scheme == "tcp" and parts.hostname:
        return TcpPrinter(parts.hostname, parts.port or 9100, timeout_s)
    if parts.scheme == "file" and parts.path:
        return FilePrinter(Path(unquote(parts.path)))
    if parts.scheme == "usb":
        vendor, _, product = parts.netloc.partition(":")
        return UsbPrinter(int(vendor, 16), int(product, 16))
    raise ValueError(f"a printer's address is tcp://…, file://… or usb://vendor:product, not {address!r}")


class TcpPrinter:
    """Raw port 9100. One connection a job; status is asked before and after on the same connection."""

    def __init__(self, host: str, port: int, timeout_s: float = 3.0) -> None:
        self._host = host
        self._port = port
        self._timeout_s = timeout_s
        self._lock = asyncio.Lock()

    async def print_bitmap(self, width_px: int, height_px: int, rows: bytes) -> None:
        data = raster(width_px, height_px, rows)

        async def job(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            require_ready(await self._ask(reader, writer))
            writer.write(data)
            await writer.drain()
            require_ready(await self._ask(reader, writer))

        await self._connected(job)

    async def status(self) -> PrinterStatus:
        return await self._connected(self._ask)

    async def _connected(self, job: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[_T]]) -> _T:
        name = f"{self._host}:{self._port}"
        async with self._lock:
            try:
                async with asyncio.timeout(self._timeout_s):
                    reader, writer = await asyncio.open_connection(self._host, self._port)
            except (OSError, TimeoutError) as error:
                raise PrinterOffline(f"{name}: {error or 'no connection'}") from error
            try:
                return await job(reader, writer)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                raise PrinterOffline(f"{name}: {error or 'no answer'}") from error
            finally:
                writer.close()
                try:
                    await asyncio.wait_for(writer.wait_closed(), self._timeout_s)
                except (OSError, TimeoutError):
                    writer.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> PrinterStatus:
        answers = []
        for question in ASK:
            async with asyncio.timeout(self._timeout_s):
                writer.write(question)
                await writer.drain()
                answers.append((await reader.readexactly(1))[0])
        try:
            return decode(*answers)
        except ValueError as error:
            raise PrinterOffline(f"{self._host}:{self._port}: {error}") from error


class FilePrinter:
    """Appends to a file or writes to a device node (`/dev/usb/lp0`). It cannot be asked anything."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def print_bitmap(self, width_px: int, height_px: int, rows: bytes) -> None:
        data = raster(width_px, height_px, rows)
        try:
            await asyncio.to_thread(self._append, data)
        except OSError as error:
            raise PrinterOffline(f"{self._path}: {error}") from error

    async def status(self) -> PrinterStatus:
        return PrinterStatus(None, None, None, None, f"{self._path} gives no answers")

    def _append(self, data: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(data)


class UsbPrinter:
    """python-escpos' own USB connection, found by vendor and product id. NOT tested on hardware: none was available."""

    def __init__(self, vendor: int, product: int) -> None:
        self._vendor = vendor
        self._product = product

    async def print_bitmap(self, width_px: int, height_px: int, rows: bytes) -> None:
        data = raster(width_px, height_px, rows)
        await asyncio.to_thread(self._send, data)

    async def status(self) -> PrinterStatus:
        return PrinterStatus(None, None, None, None, "status over USB is not asked")

    def _send(self, data: bytes) -> None:
        name = f"usb {self._vendor:04x}:{self._product:04x}"
        if find_spec("usb") is None:
            raise PrinterOffline(f"{name}: pyusb is not installed")
        try:
            from escpos.printer import Usb  # imported here: a shop without a USB printer has no pyusb

            device = Usb(self._vendor, self._product)
            try:
                device._raw(data)
            finally:
                device.close()
        except Exception as error:  # pyusb's and python-escpos' errors share no base class
            raise PrinterOffline(f"{name}: {error}") from error


def require_ready(status: PrinterStatus) -> None:
    """Raises CoverOpen, PaperOut, PrinterJam or PrinterOffline, whichever explains the state best."""
    if status.cover_closed is False:
        raise CoverOpen(status.detail)
    if status.paper_ok is False:
        raise PaperOut(status.detail)
    if status.mechanism_ok is False:
        raise PrinterJam(status.detail)
    if status.online is False:
        raise PrinterOffline(status.detail)
