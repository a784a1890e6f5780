"""Real-time status of ESC/POS printers, `DLE EOT n` (Epson ESC/POS command reference): one byte an answer.

In every answer bit 1 and bit 4 are 1, bit 0 and bit 7 are 0: anything else is not a status byte.
"""

from __future__ import annotations

from device_drivers.printers.base import PrinterStatus

PRINTER, OFFLINE_CAUSE, PAPER = 1, 2, 4
ASK = tuple(bytes((0x10, 0x04, n)) for n in (PRINTER, OFFLINE_CAUSE, PAPER))

_OFFLINE = 0x08  # n = 1
_COVER_OPEN, _PAPER_STOPPED, _ERROR = 0x04, 0x20, 0x40  # n = 2
_PAPER_END, _PAPER_NEAR_END = 0x60, 0x0C  # n = 4


def decode(printer: int, cause: int, paper: int) -> PrinterStatus:
    """The three answers of `ASK`, in its order. Raises ValueError for a byte that is no status byte."""
    for byte in (printer, cause, paper):
        if byte & 0x93 != 0x12:
            raise ValueError(f"{byte:#04x} is not a status byte")
    words = []
    if cause & _COVER_OPEN:
        words.append("cover open")
    if cause & _PAPER_STOPPED or paper & _PAPER_END:
        words.append("paper out")
    elif paper & _PAPER_NEAR_END:
        words.append("paper near its end")
    if cause & _ERROR:
        words.append("error (cutter, heat or mechanism)")
    if printer & _OFFLINE:
        words.append("offline")
    return PrinterStatus(
        online=not printer & _OFFLINE,
        paper_ok=not (cause & _PAPER_STOPPED or paper & _PAPER_END),
        cover_closed=not cause & _COVER_OPEN,
        mechanism_ok=not cause & _ERROR,
        detail=", ".join(words),
    )
