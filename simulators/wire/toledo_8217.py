"""A till scale that speaks Toledo 8217: one letter in, STX … CR out, kilograms in steps of 1 g.

Source: Mettler-Toledo 8217 service manual. A weight goes out only at rest and not below zero; else `?` and the status
byte: bit 0 motion, 1 over capacity, 2 under zero, 4 centre of zero, 5 net, 6 always 1. Bit 7 is the parity of the line
(7E1): over a socket there is none, and a pty cannot carry it.
"""

from __future__ import annotations

from simulators.faults import FaultBoard
from simulators.plant import Sample
from simulators.runner import Runner

from .line import LineTime
from .weigher import OUNCE_MG, Look, Weigher

STEP_MG = 1_000
MOTION, OVER, UNDER, NO_ZERO, CENTRE, NET, ALWAYS = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40


class Toledo8217(Weigher):
    def __init__(
        self, runner: Runner, faults: FaultBoard, *, line: LineTime | None = None, patience_s: float = 5.0
    ) -> None:
        super().__init__(runner, faults, patience_s)
        self.line = line or LineTime(baud=9600, latency_s=0.004)

    def requests(self, buffer: bytes, port: str) -> tuple[list[bytes], bytes]:
        return [bytes([byte]) for byte in buffer], b""

    def interrupts(self, request: bytes) -> bool:
        return False

    def spontaneous(self, sample: Sample, port: str) -> bytes | None:
        return None

    async def serve(self, request: bytes, port: str) -> list[bytes]:
        look = await self.now()
        if request == b"Z":
            self.set_zero(await self.sample())
            look = await self.now()
        return [self.frame(look) if request == b"W" else self.status(look)]

    def frame(self, look: Look) -> bytes:
        """Weight, or status where there is none, with CR."""
        grams = round(look.mg / STEP_MG)
        if self.in_ounces:
            grams = round(look.mg / OUNCE_MG * 1000)  # what the till takes for kilograms are ounces
        if look.state != "ok" or not look.stable or grams < 0:
            return self.status(look)
        return f"\x02{grams / 1000:06.3f}{'N' if self.tare_mg else ''}\r".encode("ascii")

    def status(self, look: Look) -> bytes:
        bits = ALWAYS | (NET if self.tare_mg else 0)
        bits |= OVER if look.state == "over" else 0
        bits |= UNDER if look.state == "under" or look.mg < -STEP_MG // 2 else 0
        bits |= MOTION if not look.stable or look.state == "not_ready" else 0
        bits |= CENTRE if bits == ALWAYS and abs(look.mg) <= STEP_MG // 4 else 0
        return b"\x02?" + bytes([bits]) + b"\r"
