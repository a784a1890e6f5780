"""B0 to B4: what a dose is filled with elsewhere. Rules from manuals and descriptions, none of it copied.

Two-speed feed with automatic free-fall compensation: Unipulse F701+, A&D AD-4401 (mean of the last few errors, taken
partly, outliers left out). B4: CocktailBerry's in-flight predictor as described in its issues 718 and 719: the start
latency measured at the first gram is the lead of the stop. It pours 20 to 200 mL cocktails: outside its range here.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .cells import COLD, Cell
from .feeder import Rule

_AVERAGED = 4
_COEFFICIENT = 0.5
_SEEN_MG = 1_000.0


@dataclass(frozen=True, slots=True)
class TwoSpeed:
    """The two settings that a commissioning engineer turns: where the slow stage begins, and how slow it is."""

    band_mg: float
    fine: float


DEFAULT = TwoSpeed(1_500.0, 0.10)


class Timed:
    """B0: so many seconds, from the pump's calibration with a new tube."""

    def __init__(self, cell: Cell) -> None:
        self.stop_after_s: float | None = cell.target_mg / cell.product.flow_mg_s

    def begin(self) -> float:
        return 1.0

    def see(self, t: float, mg: int) -> float:
        return 1.0

    def end(self, mg: int) -> None:
        return None


class _TwoSpeedRule:
    """Fast until `band_mg` short of the target, slow until the free-fall compensation short of it."""

    stop_after_s: float | None = None

    def __init__(self, cell: Cell, settings: TwoSpeed) -> None:
        self._target, self._settings = cell.target_mg, settings
        self._tol = cell.tol_mg
        self.compensation_mg = 0.0
        self._doses = 0

    def begin(self) -> float:
        self._doses += 1
        self._slow = self._target <= self._settings.band_mg
        return self._settings.fine if self._slow else 1.0

    def see(self, t: float, mg: int) -> float:
        if mg >= self._target - self.compensation_mg:
            return 0.0
        self._slow = self._slow or mg >= self._target - self._settings.band_mg
        return self._settings.fine if self._slow else 1.0

    def end(self, mg: int) -> None:
        return None


class FixedCutOff(_TwoSpeedRule):
    """B1: two speeds, stop when the scale shows the target."""


class FixedPreact(_TwoSpeedRule):
    """B2: the mean overshoot of the cold doses is set as the free fall, once and for all."""

    def __init__(self, cell: Cell, settings: TwoSpeed) -> None:
        super().__init__(cell, settings)
        self._overshoots: list[float] = []

    def end(self, mg: int) -> None:
        if len(self._overshoots) < COLD // 2:
            self._overshoots.append(float(mg - self._target))
            if len(self._overshoots) == COLD // 2:
                self.compensation_mg = sum(self._overshoots) / len(self._overshoots)


class AutoFreeFall(_TwoSpeedRule):
    """B3: part of the mean of the last errors is added after each dose; an error beyond the regulation value is not.

    The first dose sets the compensation: somebody who commissions a filler does that by hand.
    """

    def __init__(self, cell: Cell, settings: TwoSpeed) -> None:
        super().__init__(cell, settings)
        self._errors: deque[float] = deque(maxlen=_AVERAGED)
        self._regulation_mg = max(5.0 * cell.tol_mg, 300.0)

    def end(self, mg: int) -> None:
        error = float(mg - self._target)
        if self._doses == 1:
            self.compensation_mg = error
        elif abs(error) <= self._regulation_mg:
            self._errors.append(error)
            self.compensation_mg += _COEFFICIENT * sum(self._errors) / len(self._errors)


class StartLatency:
    """B4: full speed; the time until the first gram shows is the lead of the stop, times the rate since then."""

    stop_after_s: float | None = None

    def __init__(self, cell: Cell) -> None:
        self._target = cell.target_mg

    def begin(self) -> float:
        self._first: tuple[float, int] | None = None
        return 1.0

    def see(self, t: float, mg: int) -> float:
        if self._first is None:
            if mg > _SEEN_MG:
                self._first = (t, mg)
            return 0.0 if mg >= self._target else 1.0
        latency, at_first = self._first
        rate = (mg - at_first) / (t - latency) if t > latency else 0.0
        return 0.0 if mg + rate * latency >= self._target else 1.0

    def end(self, mg: int) -> None:
        return None


def baselines(cell: Cell, tuned: TwoSpeed) -> dict[str, Rule]:
    """Fresh ones, by the name that the table shows."""
    return {
        "B0 timed": Timed(cell),
        "B1 two-speed": FixedCutOff(cell, DEFAULT),
        "B2 preact": FixedPreact(cell, DEFAULT),
        "B3 auto free fall": AutoFreeFall(cell, DEFAULT),
        "B3t tuned": AutoFreeFall(cell, tuned),
        "B4 start latency": StartLatency(cell),
    }
