"""What printing a label needs of a printer, and what a printer's language has to bring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from device_drivers.errors import CoverOpen, PaperOut, PrinterJam, PrinterOffline, PrinterPaused, RibbonOut


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """None = this connection, or this language, cannot tell. `busy`: a label is being printed."""

    online: bool | None
    paper_ok: bool | None
    cover_closed: bool | None
    mechanism_ok: bool | None
    detail: str = ""
    ribbon_ok: bool | None = None
    paused: bool | None = None
    busy: bool = False


class Printer(Protocol):
    """Errors: PrinterOffline, PaperOut, RibbonOut, CoverOpen, PrinterJam, PrinterPaused, PrintUncertain. After one the
    label may be half printed: void it."""

    async def print_bitmap(self, width_px: int, height_px: int, rows: bytes) -> None:
        """One label, then feed and cut. `rows` is 1 bit a pixel, most significant bit left, bit 1 = black, each row
        padded to whole bytes. Raises ValueError when its length does not fit the size."""

    async def status(self) -> PrinterStatus:
        """Ask now. PrinterOffline when nobody answers."""


Ask = Callable[[bytes, Callable[[bytes], bool]], Awaitable[bytes]]
"""Send a question and read on until what came is a whole answer. TimeoutError when it does not become one."""


class Language(Protocol):
    """How one family of printers is spoken to; all of them print the same rows."""

    name: str
    cancel: bytes
    """Forget the job that a printer holds back, or it comes out, void, when paper is loaded."""

    def job(self, width_px: int, height_px: int, rows: bytes) -> bytes:
        """The bytes of one label. Raises ValueError as `Printer.print_bitmap`."""

    async def ask(self, ask: Ask) -> PrinterStatus:
        """The printer's state. Raises ValueError for an answer that is none, TimeoutError."""


def stride_of(width_px: int, height_px: int, rows: bytes) -> int:
    """Bytes a row. Raises ValueError when `rows` does not fit the size."""
    stride = (width_px + 7) // 8
    if width_px <= 0 or height_px <= 0 or len(rows) != stride * height_px:
        raise ValueError(f"{len(rows)} bytes are not {width_px} × {height_px} pixels of 1 bit")
    return stride


def require_ready(status: PrinterStatus) -> None:
    """Raises the error that explains the state best; what stops the others, such as an open cover, comes first."""
    if status.cover_closed is False:
        raise CoverOpen(status.detail)
    if status.paper_ok is False:
        raise PaperOut(status.detail)
    if status.ribbon_ok is False:
        raise RibbonOut(status.detail)
    if status.mechanism_ok is False:
        raise PrinterJam(status.detail)
    if status.paused:
        raise PrinterPaused(status.detail)
    if status.online is False:
        raise PrinterOffline(status.detail)
