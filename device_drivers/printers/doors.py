"""Ways to a printer, whatever it speaks: raw TCP port 9100, a file or device node, USB."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from device_drivers.errors import DeviceError, PrinterOffline, PrintUncertain
from device_drivers.printers.base import Language, Printer, PrinterStatus, require_ready
from device_drivers.printers.escpos import EscPos
from device_drivers.printers.tspl import Tspl
from device_drivers.printers.zpl import Zpl

JOB_S = 20.0
FINISH_STEP_S, FINISH_ASKS = 0.1, 100
_LONGEST_ANSWER = 512
Sleep = Callable[[float], Awaitable[None]]


def language_of(name: str, *, dpi: int = 203, gap_mm: float | None = 2.0, density: int | None = None) -> Language:
    """`escpos`, `tspl` or `zpl`. Raises ValueError for anything else, and for a setting out of its range."""
    if name == "escpos":
        return EscPos()
    if name == "tspl":
        return Tspl(dpi, gap_mm, density)
    if name == "zpl":
        return Zpl(gap_mm, density)
    raise ValueError(f"a printer's language is escpos, tspl or zpl, not {name!r}")


def open_printer(address: str, language: Language | None = None, timeout_s: float = 3.0) -> Printer:
    """`tcp://host:9100`, `file:///path`, `usb://04b8:0e15`. Raises ValueError for anything else."""
    spoken = language or EscPos()
    parts = urlsplit(address)
    if parts.scheme == "tcp" and parts.hostname:
        return TcpPrinter(parts.hostname, parts.port or 9100, spoken, timeout_s)
    if parts.scheme == "file" and parts.path:
        return FilePrinter(Path(unquote(parts.path)), spoken)
    if parts.scheme == "usb":
        vendor, _, product = parts.netloc.partition(":")
        return UsbPrinter(int(vendor, 16), int(product, 16), spoken)
    raise ValueError(f"a printer's address is tcp://…, file://… or usb://vendor:product, not {address!r}")


class TcpPrinter:
    """Raw port 9100. One connection a job; status is asked before and after on the same connection."""

    def __init__(
        self, host: str, port: int, language: Language, timeout_s: float = 3.0, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._name = f"{host}:{port}"
        self._host = host
        self._port = port
        self._language = language
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._lock = asyncio.Lock()

    async def print_bitmap(self, width_px: int, height_px: int, rows: bytes) -> None:
        data = self._language.job(width_px, height_px, rows)
        async with self._lock:
            line = await self._open()
            try:
                require_ready(await self._ask(line))
                try:
                    await self._send(line, data)
                except (DeviceError, asyncio.CancelledError):  # held back, it would come out with the next paper
                    await self._cancel(line)
                    raise
            finally:
                await line.close()

    async def status(self) -> PrinterStatus:
        async with self._lock:
            line = await self._open()
            try:
                return await self._ask(line)
            finally:
                await line.close()

    async def _send(self, line: _Line, data: bytes) -> None:
        """The job, then status until the printer is idle. From the first byte on a lost line means: nobody knows."""
        try:
            async with asyncio.timeout(JOB_S):
                line.writer.write(data)
                await line.writer.drain()
            for _ in range(FINISH_ASKS):
                status = await self._ask(line)
                require_ready(status)
                if not status.busy:
                    return
                await self._sleep(FINISH_STEP_S)
        except (OSError, TimeoutError, _Silent) as error:
            raise PrintUncertain(f"{self._name}: {error or 'lost in mid-print'}") from error
        raise PrintUncertain(f"{self._name}: still printing")

    async def _cancel(self, line: _Line) -> None:
        """As far as the line still goes. The second answer says that the printer has read it: the first may be owed to
        a question that was given up."""
        line.writer.write(self._language.cancel)
        for _ in range(2):
            with suppress(PrinterOffline):
                await self._ask(line)

    async def _open(self) -> _Line:
        # Cancelled in the instant in which it succeeds, a connection would be nobody's and stay open: it has a task.
        opening = asyncio.ensure_future(asyncio.open_connection(self._host, self._port))
        try:
            async with asyncio.timeout(self._timeout_s):
                return _Line(*await asyncio.shield(opening), self._timeout_s)
        except BaseException as error:
            opening.add_done_callback(_drop)
            opening.cancel()
            if isinstance(error, OSError | TimeoutError):
                raise PrinterOffline(f"{self._name}: {error or 'no connection'}") from error
            raise

    async def _ask(self, line: _Line) -> PrinterStatus:
        try:
            return await self._language.ask(line.ask)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            raise _Silent(f"{self._name}: {error or 'no answer'}") from error


def _drop(opening: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result()[1].transport.abort()


class _Silent(PrinterOffline):
    """No answer, as against a printer that says of itself that it is off line."""


class _Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, timeout_s: float) -> None:
        self.reader, self.writer = reader, writer
        self._timeout_s = timeout_s

    async def ask(self, question: bytes, whole: Callable[[bytes], bool]) -> bytes:
        answer = b""
        async with asyncio.timeout(self._timeout_s):
            self.writer.write(question)
            await self.writer.drain()
            while not whole(answer):
                answer += await self.reader.readexactly(1)
                if len(answer) > _LONGEST_ANSWER:
                    raise ValueError(f"{answer[:20]!r}… is no answer")
        return answer

    async def close(self) -> None:
        self.writer.close()
        try:
            async with asyncio.timeout(self._timeout_s):  # not wait_for: it may lose a cancellation in Python 3.11
                await self.writer.wait_closed()
        except (OSError, TimeoutError):
            self.writer.transport.abort()


class FilePrinter:
    """Appends to a file or writes to a device node (`/dev/usb/lp0`). It cannot be asked anything, and says so."""

    def __init__(self, path: Path, language: Language) -> None:
        self._path = path
        self._language = language

    async def print_bitmap(self, width_px: int, height_px: int, rows: bytes) -> None:
        data = self._language.job(width_px, height_px, rows)
        try:
            async with asyncio.timeout(JOB_S):
                await asyncio.to_thread(self._append, data)
        except TimeoutError as error:  # a device node without paper takes the job for as long as it likes
            raise PrintUncertain(f"{self._path}: took nothing for {JOB_S:.0f} s") from error
        except OSError as error:
            raise PrinterOffline(f"{self._path}: {error}") from error

    async def status(self) -> PrinterStatus:
        return PrinterStatus(None, None, None, None, f"{self._path} gives no answers")

    def _append(self, data: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(data)


class UsbPrinter:
    """python-escpos' own USB connection, found by vendor and product id. NOT tested on hardware: none was available."""

    def __init__(self, vendor: int, product: int, language: Language) -> None:
        self._vendor = vendor
        self._product = product
        self._language = language

    async def print_bitmap(self, width_px: int, height_px: int, rows: bytes) -> None:
        data = self._language.job(width_px, height_px, rows)
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
