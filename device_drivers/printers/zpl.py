"""ZPL II (Zebra and those that emulate it): the label as one `^GFA` field in hexadecimal; bit 1 = black.

Source: Zebra, ZPL II Programming Guide (^PW, ^LL, ^FO, ^GF, ^MN, ^PQ, ~SD, ~JA; status in zpl_status.py).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from device_drivers.printers.base import Ask, PrinterStatus, stride_of
from device_drivers.printers.zpl_status import ASK_ERRORS, ASK_STATE, decode_errors, decode_state, is_errors, is_state


@dataclass(frozen=True)
class Zpl:
    """`gap_mm` 0 is a continuous roll, more a roll with gaps, None leaves the printer's own; `density` is the darkness
    0 to 30, None likewise."""

    gap_mm: float | None = 2.0
    density: int | None = None
    name = "ZPL"
    cancel = b"~JA"

    def __post_init__(self) -> None:
        if self.density is not None and not 0 <= self.density <= 30:
            raise ValueError(f"density of a ZPL printer is 0 to 30, not {self.density}")

    def job(self, width_px: int, height_px: int, rows: bytes) -> bytes:
        stride = stride_of(width_px, height_px, rows)
        dark = "" if self.density is None else f"~SD{self.density:02d}"
        media = "" if self.gap_mm is None else "^MNY" if self.gap_mm else "^MNN"
        # Orientation, mirror and reverse outlive the program that set them.
        head = f"{dark}^XA^PON^PMN^LRN^LH0,0^LT0{media}^PW{width_px}^LL{height_px}"
        field = f"^FO0,0^GFA,{len(rows)},{len(rows)},{stride},{rows.hex().upper()}^FS"
        return f"{head}{field}^PQ1,0,0,N^XZ\r\n".encode()

    async def ask(self, ask: Ask) -> PrinterStatus:
        """Errors first: with one of them Zebra's printers owe no answer to `~HS`, which alone knows of a pause. Old
        firmware knows no `~HQES` and is silent: then `~HS` has to do."""
        with suppress(TimeoutError):
            errors = decode_errors(await ask(ASK_ERRORS, is_errors))
            if errors.detail:
                return errors
        return decode_state(await ask(ASK_STATE, is_state))
