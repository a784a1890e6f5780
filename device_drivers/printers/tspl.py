"""TSPL / TSPL2 (TSC and the many that speak it: Gprinter, HPRT, Xprinter): `BITMAP` in mode 0, where bit 1 = WHITE.

Source: TSC, TSPL/TSPL2 Programming Language (SIZE, GAP, DENSITY, DIRECTION, REFERENCE, BITMAP, PRINT; status
`<ESC>!?`, one byte of bits, answered at any time; `<ESC>!.` cancels what waits). Lengths are sent in millimetres: older
firmware does not know the form in dots.
"""

from __future__ import annotations

from dataclasses import dataclass

from device_drivers.printers.base import Ask, PrinterStatus, stride_of

DOTS_PER_MM = {203: 8.0, 300: 300 / 25.4}
_HEAD, _JAM, _PAPER, _RIBBON, _PAUSE, _PRINTING, _COVER, _TEMPERATURE = (1 << bit for bit in range(8))
_WORDS = {
    _HEAD: "head open",
    _JAM: "paper jam",
    _PAPER: "paper out",
    _RIBBON: "ribbon out",
    _PAUSE: "paused",
    _COVER: "cover open",
    _TEMPERATURE: "other error or out of temperature",
}


@dataclass(frozen=True)
class Tspl:
    """`gap_mm` between labels, 0 for a continuous roll, None leaves the printer's own; `density` 0 to 15 likewise."""

    dpi: int = 203
    gap_mm: float | None = 2.0
    density: int | None = None
    name = "TSPL"
    cancel = b"\x1b!."

    def __post_init__(self) -> None:
        if self.dpi not in DOTS_PER_MM:
            raise ValueError(f"dpi is one of {', '.join(map(str, DOTS_PER_MM))}, not {self.dpi}")
        if self.density is not None and not 0 <= self.density <= 15:
            raise ValueError(f"density of a TSPL printer is 0 to 15, not {self.density}")

    def job(self, width_px: int, height_px: int, rows: bytes) -> bytes:
        stride = stride_of(width_px, height_px, rows)
        per_mm = DOTS_PER_MM[self.dpi]
        lines = [f"SIZE {_mm(width_px / per_mm)} mm,{_mm(height_px / per_mm)} mm"]
        if self.gap_mm is not None:
            lines.append(f"GAP {_mm(self.gap_mm)} mm,0 mm")
        if self.density is not None:
            lines.append(f"DENSITY {self.density}")
        # Direction and reference outlive the program that set them: another one may have left a mirror image.
        lines += ["DIRECTION 0,0", "REFERENCE 0,0", "CLS"]
        head = "".join(f"{line}\r\n" for line in lines) + f"BITMAP 0,0,{stride},{height_px},0,"
        white_is_one = bytes(byte ^ 0xFF for byte in rows)
        return head.encode() + white_is_one + b"\r\nPRINT 1,1\r\n"

    async def ask(self, ask: Ask) -> PrinterStatus:
        return decode((await ask(b"\x1b!?", bool))[0])


def decode(byte: int) -> PrinterStatus:
    """The answer to `<ESC>!?`; any byte is one."""
    return PrinterStatus(
        online=True,
        paper_ok=not byte & _PAPER,
        cover_closed=not byte & (_HEAD | _COVER),
        mechanism_ok=not byte & (_JAM | _TEMPERATURE),
        detail=", ".join(words for bit, words in _WORDS.items() if byte & bit),
        ribbon_ok=not byte & _RIBBON,
        paused=bool(byte & _PAUSE),
        busy=bool(byte & _PRINTING),
    )


def _mm(length: float) -> str:
    return f"{length:.2f}".rstrip("0").rstrip(".")
