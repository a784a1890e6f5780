"""A scale that speaks Ohaus' new command set, in the columns of the Navigator's manual.

Weight right-aligned in 10, blank, unit in 5, blank, `?` when unstable, blank, legend; trailing blanks are not sent.
`ES` for an unknown command. What it prints when overloaded stands in no manual found; here `Err 8.3` and `Err 8.4`.
"""

from __future__ import annotations

from simulators.faults import FaultBoard
from simulators.plant import Sample
from simulators.runner import Runner

from .line import LineTime, lines
from .weigher import OUNCE_MG, Look, Weigher, digits


class Ohaus(Weigher):
    def __init__(
        self, runner: Runner, faults: FaultBoard, *, line: LineTime | None = None, patience_s: float = 5.0
    ) -> None:
        super().__init__(runner, faults, patience_s)
        self.line = line or LineTime(baud=9600, latency_s=0.004)
        self.stream_port: str | None = None

    def requests(self, buffer: bytes, port: str) -> tuple[list[bytes], bytes]:
        return lines(buffer)

    def interrupts(self, request: bytes) -> bool:
        return request == b"0P"

    def spontaneous(self, sample: Sample, port: str) -> bytes | None:
        return self.frame(self.look(sample)) if self.stream_port == port else None

    async def serve(self, request: bytes, port: str) -> list[bytes]:
        match request:
            case b"IP" | b"P":
                return [self.frame(await self.now())]
            case b"SP":
                sample = await self.settled()
                return [] if sample is None else [self.frame(self.look(sample))]
            case b"CP":
                self.stream_port = port
                return []
            case b"0P":
                self.stream_port = None
            case b"Z":
                if (sample := await self.settled()) is not None:
                    self.set_zero(sample)
            case b"T":
                if (sample := await self.settled()) is not None:
                    self.set_tare(sample)
            case b"PV":
                return [b"SIM3000 Sr 1.00\r\n"]
            case b"PSN":
                return [b"B999999001\r\n"]
            case _:
                return [b"ES\r\n"]
        return [b"OK!\r\n"]

    def frame(self, look: Look) -> bytes:
        """One line with CR LF."""
        if look.state != "ok":
            return {"over": b"Err 8.3\r\n", "under": b"Err 8.4\r\n", "not_ready": b"Err 8.2\r\n"}[look.state]
        value = f"{look.mg / OUNCE_MG:.4f}" if self.in_ounces else digits(look.mg, self.d_mg)
        text = f"{value:>10} {'oz' if self.in_ounces else 'g':<5}"
        text += " " if look.stable else " ?"
        text += " NET" if self.tare_mg else ""
        return f"{text.rstrip()}\r\n".encode("ascii")
