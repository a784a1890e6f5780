"""A balance that speaks A&D's standard format, 17 bytes a line.

Source: A&D manuals (EK-L, FX-i): `ST,+00123.45  g`, US moving, OL out of range; Q S SI SIR C Z T ?TN ?SN; EC,E01
unknown command, EC,E02 not ready, EC,E11 not stable in time.
"""

from __future__ import annotations

from simulators.faults import FaultBoard
from simulators.plant import Sample
from simulators.runner import Runner

from .line import LineTime, lines
from .weigher import OUNCE_MG, Look, Weigher, digits


class AandD(Weigher):
    def __init__(
        self,
        runner: Runner,
        faults: FaultBoard,
        *,
        acknowledges: bool = False,
        line: LineTime | None = None,
        patience_s: float = 5.0,
    ) -> None:
        super().__init__(runner, faults, patience_s)
        self.acknowledges = acknowledges
        self.line = line or LineTime(baud=9600, latency_s=0.004)
        self.stream_port: str | None = None

    def requests(self, buffer: bytes, port: str) -> tuple[list[bytes], bytes]:
        return lines(buffer)

    def interrupts(self, request: bytes) -> bool:
        return request == b"C"

    def spontaneous(self, sample: Sample, port: str) -> bytes | None:
        return self.frame(self.look(sample)) if self.stream_port == port else None

    async def serve(self, request: bytes, port: str) -> list[bytes]:
        match request:
            case b"Q" | b"SI":
                return [self.frame(await self.now())]
            case b"S":
                sample = await self.settled()
                return [b"EC,E11\r\n" if sample is None else self.frame(self.look(sample))]
            case b"SIR":
                self.stream_port = port
            case b"C":
                self.stream_port = None
            case b"Z" | b"R":
                return self._done(await self.settled(), self.set_zero)
            case b"T":
                return self._done(await self.settled(), self.set_tare)
            case b"?TN":
                return [b"TN,SIM-500i\r\n"]
            case b"?SN":
                return [b"SN,99999001\r\n"]
            case _:
                return [b"EC,E01\r\n"]
        return [b"\x06\r\n"] if self.acknowledges else []

    def _done(self, sample: Sample | None, act: object) -> list[bytes]:
        assert callable(act)
        if sample is None:
            return [b"EC,E11\r\n"]
        if act(sample):
            return [b"EC,E21\r\n"]
        return [b"\x06\r\n"] if self.acknowledges else []

    def frame(self, look: Look) -> bytes:
        """One line with CR LF."""
        match look.state:
            case "over":
                return b"OL,+9999999E+19\r\n"
            case "under":
                return b"OL,-9999999E+19\r\n"
            case "not_ready":
                return b"EC,E02\r\n"
            case _:
                sign = "-" if look.mg < 0 else "+"
        mass = f"{abs(look.mg) / OUNCE_MG:.4f}" if self.in_ounces else digits(abs(look.mg), self.d_mg)
        unit = " oz" if self.in_ounces else "  g"
        return f"{'ST' if look.stable else 'US'},{sign}{mass.rjust(8, '0')}{unit}\r\n".encode("ascii")
