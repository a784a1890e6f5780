"""What a dose is asked to do and what it did. All masses integer mg, gross readings; landed is their difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from device_drivers.dosing.faults import Fault


@dataclass(frozen=True, slots=True)
class DosePlan:
    """One component into the cup on the scale.

    `gross_before_mg` is the recorded gross mass of the cup before this dose; the scale must still show it within
    `same_cup_mg`, else nothing moves. `bound_ul` limits what all starts of this dose may pump together.
    `density_ug_per_ul` 1000 = 1 g/mL. `suck_back_ms` 0: the nozzle has none, and a last drop may fall until
    `drip_window_s` after the stop; where it is held back, `sucked_window_s` is enough. Raises ValueError when the
    figures contradict each other.
    """

    channel: int
    target_mg: int
    tol_under_mg: int
    tol_over_mg: int
    bound_ul: int
    gross_before_mg: int
    density_ug_per_ul: int
    max_gross_mg: int
    time_budget_s: float
    drip_window_s: float = 1.5
    same_cup_mg: int = 60
    suck_back_ms: int = 20
    sucked_window_s: float = 1.2

    def __post_init__(self) -> None:
        if min(self.target_mg, self.bound_ul, self.density_ug_per_ul) <= 0 or self.time_budget_s <= 0:
            raise ValueError("target, bound, density and time budget are positive")
        if min(self.tol_under_mg, self.tol_over_mg) < 0 or self.tol_under_mg + self.tol_over_mg == 0:
            raise ValueError("a tolerance band has a width")
        if self.gross_before_mg + self.target_mg + self.tol_over_mg > self.max_gross_mg:
            raise ValueError("the cup or the scale cannot take this dose")

    @property
    def drips_s(self) -> float:
        """For how long after a stop nothing counts as final."""
        return self.sucked_window_s if self.suck_back_ms > 0 else self.drip_window_s


@dataclass(frozen=True, slots=True)
class PourPlan:
    """A component poured by hand under the gauge. `hold_s` is how long the pointer must rest; drips fall meanwhile."""

    target_mg: int
    tol_under_mg: int
    tol_over_mg: int
    gross_before_mg: int
    max_gross_mg: int
    time_budget_s: float
    hold_s: float = 1.5
    same_cup_mg: int = 60

    def __post_init__(self) -> None:
        if self.target_mg <= 0 or self.time_budget_s <= 0:
            raise ValueError("target and time budget are positive")
        if min(self.tol_under_mg, self.tol_over_mg) < 0 or self.tol_under_mg + self.tol_over_mg == 0:
            raise ValueError("a tolerance band has a width")
        if self.gross_before_mg + self.target_mg + self.tol_over_mg > self.max_gross_mg:
            raise ValueError("the cup or the scale cannot take this dose")


class Outcome(StrEnum):
    """`done`: in tolerance by a stable reading after the drip window, and only then."""

    DONE = "done"
    STOPPED = "stopped"
    SHORT = "short"
    OVER = "over"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Sample:
    """For the gauge: where the dose stands. `landed_mg` is None while the scale gives no mass."""

    t_ms: int
    gross_mg: int | None
    landed_mg: int | None
    stable: bool
    speed_bp: int
    phase: str


OnSample = Callable[[Sample], None]


@dataclass(frozen=True, slots=True)
class DoseResult:
    """`gross_after_mg` and `landed_mg` are None when the cup could not be weighed to a stable, dated reading.

    `pump_starts` counts the starts that were sent, accepted or not; `jogs` those after the first. `raw_last` is the
    frame of `gross_after_mg`, or the last one seen. `trace` is (ms since the start, gross mg, commanded speed bp) per
    reading. `stop_confirmed` False: the pump's line was lost and what ends the dose is the device itself, named in
    `detail`.
    """

    outcome: Outcome
    fault: Fault | None
    gross_before_mg: int
    gross_after_mg: int | None
    landed_mg: int | None
    raw_first: bytes
    raw_last: bytes
    trace: tuple[tuple[int, int, int], ...]
    seconds: float
    jogs: int
    pump_starts: int
    stop_confirmed: bool
    detail: str


def judged(landed_mg: int, target_mg: int, tol_under_mg: int, tol_over_mg: int) -> Outcome:
    """Where a finally weighed mass lies."""
    if landed_mg > target_mg + tol_over_mg:
        return Outcome.OVER
    return Outcome.DONE if landed_mg >= target_mg - tol_under_mg else Outcome.SHORT
