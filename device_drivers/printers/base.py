"""What printing a label needs of a printer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """None = this connection cannot tell (a file, a USB printer without answers)."""

    online: bool | None
    paper_ok: bool | None
    cover_closed: bool | None
    mechanism_ok: bool | None
    detail: str = ""


class Printer(Protocol):
    """Errors: PrinterOffline, PaperOut, CoverOpen, PrinterJam. After one the label may be half printed: void it."""

    async def print_bitmap(self, width_px: int, height_px: int, rows: bytes) -> None:
        """One label, then feed and cut. `rows` is 1 bit a pixel, most significant bit left, bit 1 = black, each row
        padded to whole bytes. Raises ValueError when its length does not fit the size."""

    async def status(self) -> PrinterStatus:
        """Ask now. PrinterOffline when nobody answers."""
