"""What every simulated scale has inside, whatever it speaks: zero, tare, and what the faults make of a sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from simulators.faults import FaultBoard
from simulators.plant import Sample
from simulators.runner import Runner

OUNCE_MG = 28_349.523125
UNDER_SHOWN_MG = -30_000


@dataclass(frozen=True, slots=True)
class Look:
    """What the scale would show now: `mg` net of zero and tare; `gross_mg` net of zero only."""

    state: Literal["ok", "over", "under", "not_ready"]
    mg: int
    gross_mg: int
    stable: bool


class Weigher:
    """Outlives connections, as a real scale does. `patience_s`: how long it waits for stability, plant seconds."""

    def __init__(self, runner: Runner, faults: FaultBoard, patience_s: float = 5.0) -> None:
        self.runner = runner
        self.faults = faults
        self.patience_s = patience_s
        self.zero_mg = 0
        self.tare_mg = 0
        self._frozen: Look | None = None
        self._key_tare_mg: int | None = None

    @property
    def d_mg(self) -> int:
        return self.runner.plant.balance.spec.d_mg

    @property
    def in_ounces(self) -> bool:
        return self.faults.is_on("scale_wrong_unit")

    def look(self, sample: Sample) -> Look:
        """This sample under the faults that are on."""
        on = self.faults.is_on
        gross = sample.gross_mg - self.zero_mg
        self._tare_key(gross)
        seen = Look("ok", gross - self.tare_mg, gross, sample.stable)
        if on("scale_not_ready"):
            return replace(seen, state="not_ready")
        if on("scale_overload") or sample.over:
            return replace(seen, state="over")
        if on("scale_underload"):
            return Look("under", UNDER_SHOWN_MG, UNDER_SHOWN_MG, sample.stable)
        if sample.under:
            return replace(seen, state="under")
        if not on("scale_frozen"):
            self._frozen = None
        else:
            seen = self._frozen = self._frozen or seen
        if on("scale_never_stable"):
            return replace(seen, stable=False)
        return replace(seen, stable=True) if on("scale_stuck_stable") else seen

    def _tare_key(self, gross_mg: int) -> None:
        """Pressed while the fault is on; the old tare comes back with its end."""
        if self.faults.is_on("scale_tared"):
            if self._key_tare_mg is None:
                self._key_tare_mg, self.tare_mg = self.tare_mg, gross_mg
        elif self._key_tare_mg is not None:
            self.tare_mg, self._key_tare_mg = self._key_tare_mg, None

    async def sample(self) -> Sample:
        self.runner.catch_up()
        return self.runner.latest or await self.runner.next_sample()

    async def now(self) -> Look:
        return self.look(await self.sample())

    async def settled(self) -> Sample | None:
        """The next stable sample; None when the scale lost its patience or cannot weigh."""
        sample = await self.sample()
        limit = sample.t + self.patience_s
        while not self._rests(sample) or self.faults.is_on("scale_not_ready"):
            if sample.t > limit:
                return None
            sample = await self.runner.next_sample()
        return sample

    def _rests(self, sample: Sample) -> bool:
        if self.faults.is_on("scale_never_stable"):
            return False
        return sample.stable or self.faults.is_on("scale_stuck_stable")

    def set_zero(self, sample: Sample) -> str:
        """Empty when done, else `+` or `-`: outside 2 % of capacity."""
        reach = self.runner.plant.balance.spec.capacity_mg // 50
        if self.range(sample) == "+" or sample.gross_mg > reach:
            return "+"
        if self.range(sample) == "-" or sample.gross_mg < -reach:
            return "-"
        self.zero_mg, self.tare_mg = sample.gross_mg, 0
        return ""

    def set_tare(self, sample: Sample) -> str:
        """Empty when done, else `+` or `-`: out of range or below zero."""
        if out := self.range(sample):
            return out
        if sample.gross_mg < self.zero_mg:
            return "-"
        self.tare_mg = sample.gross_mg - self.zero_mg
        return ""

    def range(self, sample: Sample) -> str:
        """`+` or `-` when the load is out of range, else empty."""
        if self.faults.is_on("scale_overload") or sample.over:
            return "+"
        return "-" if self.faults.is_on("scale_underload") or sample.under else ""


def digits(mg: int, d_mg: int) -> str:
    """Grams with as many decimals as the readability shows, `-0.007`."""
    decimals = 3 if d_mg < 10 else 2
    sign = "-" if mg < 0 else ""
    whole, rest = divmod(abs(mg), 1000)
    return f"{sign}{whole}.{f'{rest:03d}'[:decimals]}"
