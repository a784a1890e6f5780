"""A balance that speaks MT-SICS levels 0 and 1, byte by byte as Mettler-Toledo's manuals say (its port: scale_port.py).

Source: MT-SICS reference manuals (New Classic 11780711, Weigh Modules 11781363). `SI` and `SIR` answer with ID `S`;
`@` answers with ID `I4`; weights are right-aligned in ten characters; a blocking command waits for stability.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulators.faults import FaultBoard
from simulators.plant import Sample
from simulators.runner import Runner

from .line import LineTime, lines
from .weigher import OUNCE_MG, Weigher, digits

LEVELS = {
    0: ("@", "I0", "I1", "I2", "I3", "I4", "S", "SI", "SIR", "Z", "ZI"),
    1: ("SR", "T", "TA", "TAC", "TI"),
}
COMMANDS = tuple((level, name) for level, names in LEVELS.items() for name in names)
SR_SHARE, SR_DIVISIONS = 8, 30
"""SR speaks again after a change of 12.5 % of the last stable weight, at least 30 d."""


@dataclass(frozen=True, slots=True)
class BalanceIdentity:
    model: str = "SIM520 520.000 g"
    software: str = "1.00 00.0.0.000.000"
    serial: str = "B999999001"


def weight(mg: int, d_mg: int) -> str:
    """Ten characters, right-aligned, as many decimals as the readability shows."""
    return digits(mg, d_mg).rjust(10)


class MtSics(Weigher):
    """The balance's commands and streams."""

    def __init__(
        self,
        runner: Runner,
        faults: FaultBoard,
        *,
        line: LineTime | None = None,
        identity: BalanceIdentity | None = None,
        patience_s: float = 5.0,
    ) -> None:
        super().__init__(runner, faults, patience_s)
        self.line = line or LineTime(baud=9600, latency_s=0.004)
        self.identity = identity or BalanceIdentity()
        self.streaming: str | None = None
        """SIR or SR while the balance sends of its own accord."""
        self.stream_port = ""
        """The port that asked for it: each port of a balance has its own stream."""
        self._sr_last: int | None = None
        self._sr_moving = False

    # --- readings ---

    def reading(self, sample: Sample) -> str:
        """`S S`, `S D`, `S +`, `S -` or `S I` for this sample under the faults that are on."""
        look = self.look(sample)
        if look.state != "ok":
            return {"over": "S +", "under": "S -", "not_ready": "S I"}[look.state]
        return f"S {'S' if look.stable else 'D'} {self._mass(look.mg)}"

    def _mass(self, mg: int) -> str:
        return f"{mg / OUNCE_MG:10.5f} oz" if self.in_ounces else f"{weight(mg, self.d_mg)} g"

    def requests(self, buffer: bytes, port: str) -> tuple[list[bytes], bytes]:
        return lines(buffer)

    def interrupts(self, request: bytes) -> bool:
        """`@` breaks off a command that is waiting for stability."""
        return request == b"@"

    async def serve(self, request: bytes, port: str) -> list[bytes]:
        reply = await self.answer(request.decode("ascii", "replace"), port)
        return [] if reply is None else [f"{line}\r\n".encode("ascii") for line in reply.split("\r\n")]

    def spontaneous(self, sample: Sample, port: str) -> bytes | None:
        if self.stream_port != port or (line := self.streamed(sample)) is None:
            return None
        return f"{line}\r\n".encode("ascii")

    def streamed(self, sample: Sample) -> str | None:
        """What a streaming balance sends for this sample; None for nothing."""
        if self.streaming == "SIR":
            return self.reading(sample)
        if self.streaming != "SR":
            return None
        last = self._sr_last
        step = SR_DIVISIONS * self.runner.plant.balance.spec.d_mg
        if last is not None and not self._sr_moving:
            if abs(sample.gross_mg - last) < max(step, abs(last) // SR_SHARE):
                return None
            self._sr_moving = True
            return self.reading(sample)
        if not sample.stable:
            return None
        self._sr_last, self._sr_moving = sample.gross_mg, False
        return self.reading(sample)

    # --- commands ---

    async def stable(self) -> str:
        sample = await self.settled()
        return "S I" if sample is None else self.reading(sample)

    async def immediate(self) -> str:
        return self.reading(await self.sample())

    async def zero(self, *, wait: bool) -> str:
        sample = await self.settled() if wait else await self.sample()
        ident = "Z" if wait else "ZI"
        if sample is None:
            return f"{ident} I"
        if out := self.set_zero(sample):
            return f"{ident} {out}"
        if wait:
            return "Z A"
        return "ZI S" if sample.stable else "ZI D"

    async def tare(self, *, wait: bool) -> str:
        sample = await self.settled() if wait else await self.sample()
        ident = "T" if wait else "TI"
        if sample is None:
            return f"{ident} I"
        if out := self.set_tare(sample):
            return f"{ident} {out}"
        return f"{ident} {'S' if wait or sample.stable else 'D'} {self._mass(self.tare_mg)}"

    def preset_tare(self, argument: str) -> str:
        """`TA` asks, `TA 10.00 g` sets; `TA L` for anything else."""
        if argument:
            value, _, unit = argument.partition(" ")
            whole, _, rest = value.partition(".")
            good = whole.isascii() and whole.isdigit() and (not rest or (rest.isascii() and rest.isdigit()))
            if unit != "g" or not good or len(rest) > 3:
                return "TA L"
            mg = int(whole) * 1000 + int(rest.ljust(3, "0"))
            if mg > self.runner.plant.balance.spec.capacity_mg:
                return "TA L"
            self.tare_mg = mg
        return f"TA A {self._mass(self.tare_mg)}"

    def reset(self) -> str:
        """`@`: as after switching on, without zeroing."""
        self.tare_mg = 0
        return f'I4 A "{self.identity.serial}"'

    def _identify(self, command: str) -> str:
        match command:
            case "I0":
                last = COMMANDS[-1]
                return "\r\n".join(f'I0 {"A" if each == last else "B"} {each[0]} "{each[1]}"' for each in COMMANDS)
            case "I1":
                return 'I1 A "01" "2.30" "2.20" "" ""'
            case "I2":
                return f'I2 A "{self.identity.model}"'
            case "I3":
                return f'I3 A "{self.identity.software}"'
            case _:
                return f'I4 A "{self.identity.serial}"'

    async def answer(self, command: str, port: str = "") -> str | None:
        """The reply to one request without CR LF (several lines joined by CR LF), None for SIR and SR, which stream."""
        name, _, argument = command.partition(" ")
        if all(name != known for _, known in COMMANDS) or (" " in command and (name != "TA" or not argument)):
            return "ES"
        if name in ("S", "SI", "SIR", "SR", "@"):
            self.streaming = None
        match name:
            case "S":
                return await self.stable()
            case "SI":
                return await self.immediate()
            case "SIR" | "SR":
                self.streaming, self.stream_port = name, port
                self._sr_last, self._sr_moving = None, False
                return None
            case "Z" | "ZI":
                return await self.zero(wait=name == "Z")
            case "T" | "TI":
                return await self.tare(wait=name == "T")
            case "TA":
                return self.preset_tare(argument)
            case "TAC":
                self.tare_mg = 0
                return "TAC A"
            case "@":
                return self.reset()
            case _:
                return self._identify(name)
