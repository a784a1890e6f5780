"""A balance that speaks Sartorius SBI in 16 or 22 columns.

Source: Entris II technical note, Cubis MSE operating instructions. The unit stands there only at rest; non-verified
digits may stand in brackets; `ESC P` switches automatic output on or off where that is set up, and prints where not.
"""

from __future__ import annotations

import re

from simulators.faults import FaultBoard
from simulators.plant import Sample
from simulators.runner import Runner

from .line import LineTime
from .weigher import OUNCE_MG, Look, Weigher, digits

_REQUEST = re.compile(rb"\x1b(?:([xfs]\d{1,2})_|([A-Z?@]))(?:\r\n|\r|\n)?")
_INCOMPLETE = re.compile(rb"\x1b[xfs]?\d{0,2}\Z|\x1b")


class Sbi(Weigher):
    def __init__(
        self,
        runner: Runner,
        faults: FaultBoard,
        *,
        columns: int = 22,
        bracketed: bool = False,
        autoprint: bool = False,
        line: LineTime | None = None,
        patience_s: float = 5.0,
    ) -> None:
        super().__init__(runner, faults, patience_s)
        self.columns = columns
        self.bracketed = bracketed
        self.autoprint = autoprint
        """Set up to send by itself; `printing` is whether it does so now."""
        self.printing = autoprint
        self.line = line or LineTime(baud=9600, latency_s=0.004)

    def requests(self, buffer: bytes, port: str) -> tuple[list[bytes], bytes]:
        found: list[bytes] = []
        end = 0
        for match in _REQUEST.finditer(buffer):
            found.append((match[1] or match[2]).rstrip(b"_"))
            end = match.end()
        rest = buffer[end:]
        start = rest.find(b"\x1b")
        return found, rest[start:] if start >= 0 and _INCOMPLETE.match(rest[start:]) else b""

    def interrupts(self, request: bytes) -> bool:
        return False

    def spontaneous(self, sample: Sample, port: str) -> bytes | None:
        return self.frame(self.look(sample)) if self.autoprint and self.printing else None

    async def serve(self, request: bytes, port: str) -> list[bytes]:
        sample = await self.sample()
        match request:
            case b"P" if self.autoprint:
                self.printing = not self.printing
            case b"P":
                return [self.frame(self.look(sample))]
            case b"V":
                self.set_zero(sample)
            case b"U" | b"T":
                self.set_tare(sample)
            case b"x1":
                return [self._text("SIM524-1S")]
            case b"x2":
                return [self._text("0099999001")]
            case b"x3":
                return [self._text("00-00-00")]
            case _:
                pass
        return []

    def frame(self, look: Look) -> bytes:
        """One print, 16 or 22 characters with CR LF."""
        if look.state != "ok":
            return self._special({"over": "High", "under": "Low", "not_ready": "Cal."}[look.state])
        sign = "-" if look.mg < 0 else "+"
        if self.in_ounces:
            value, unit = f"{abs(look.mg) / OUNCE_MG:.5f}", "oz"
        else:
            value, unit = digits(abs(look.mg), self.d_mg), "g"
        if self.bracketed:
            value = f"{value[:-1]}[{value[-1]}]"
        shown = unit if look.stable else ""
        return self._line("N", f"{sign}{value:>9} {shown:<3}")

    def _line(self, ident: str, body: str) -> bytes:
        return (f"{ident:<6}{body}\r\n" if self.columns == 22 else f"{body}\r\n").encode("ascii")

    def _special(self, word: str) -> bytes:
        body = f"Stat      {word:<10}" if self.columns == 22 else f"      {word:<8}"
        return f"{body}\r\n".encode("ascii")

    def _text(self, text: str) -> bytes:
        return f"{text:>{self.columns - 2}}\r\n".encode("ascii")
