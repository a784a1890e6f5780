"""When to stop and what to do about the remainder. Pure: figures in, decisions out.

There is no slow stage: a doubtful dose stops short at full speed and the rest is given by volume, bounded by the
device. On the simulated plant that was faster and more accurate than slowing down, because every stop at full speed
teaches the tail that the next dose needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from device_drivers.dosing.estimator import Estimator
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan

FULL_BP = 10_000
JOG_BP = 5_000
_STOP_JITTER_S = 0.010
_LEAST_JOG_MG = 8


@dataclass(frozen=True, slots=True)
class Feed:
    """One start. `measured`: the scale decides when to stop, the bound is a net; else the bound itself is the dose."""

    speed_bp: int
    bound_ul: int
    measured: bool


class Controller:
    """For one dose. `aim` is the middle of the tolerance band, which for a one-sided limit lies off the target."""

    def __init__(self, plan: DosePlan, learned: Learned) -> None:
        self._plan = plan
        self._learned = learned
        self.aim_mg = plan.target_mg + (plan.tol_over_mg - plan.tol_under_mg) / 2.0
        self._half_mg = (plan.tol_over_mg + plan.tol_under_mg) / 2.0

    def enough(self, landed_mg: float) -> bool:
        """Whether a settled mass needs no further start: inside the band with something to spare for noise."""
        return landed_mg >= self.aim_mg - 0.7 * self._half_mg or self.aim_mg - landed_mg < _LEAST_JOG_MG

    def next_feed(self, landed_mg: float, bound_left_ul: int, void_mg: float) -> Feed | None:
        """The start that brings `landed_mg` to the aim; None when the bound of the plan is used up.

        `void_mg` is what an earlier suck-back makes this start swallow. A remainder too short for the scale to see the
        flow is given by volume and stops short rather than over; the next one gives the rest.
        """
        learned, remainder = self._learned, self.aim_mg - landed_mg
        per_ul = learned.yield_mg_per_ul
        measured = remainder > 1.4 * learned.flow_mg_s.mean
        if measured:
            wanted = 1.1 * (remainder + void_mg) / max(per_ul.mean - 2.0 * per_ul.sd, per_ul.low)
            return _bounded(FULL_BP, wanted, bound_left_ul, measured=True)
        spread = per_ul.sd / per_ul.mean * remainder + (learned.void_mg.sd if void_mg else 0.0)
        give = remainder - max(0.0, 2.3 * spread - 0.8 * self._half_mg)
        wanted = (max(give, 0.5 * remainder) + void_mg) / per_ul.mean
        speed = FULL_BP if remainder > 0.3 * learned.flow_mg_s.mean else JOG_BP
        return _bounded(speed, wanted, bound_left_ul, measured=False)

    def stop_at(self, estimator: Estimator, now: float, gross_before_mg: float) -> float | None:
        """When to send stop, by the clock, so that what still follows ends at the aim less a margin for doubt."""
        tail = self._learned.tail_s
        flow = max(estimator.flow_mg_s, 0.0)
        doubt = (estimator.sd_mg(now) ** 2 + (tail.sd * flow) ** 2 + (_STOP_JITTER_S * flow) ** 2) ** 0.5
        margin = max(0.0, 2.3 * doubt - 0.8 * self._half_mg)
        return estimator.when(gross_before_mg + self.aim_mg - margin, tail.mean)


def _bounded(speed_bp: int, wanted_ul: float, left_ul: int, *, measured: bool) -> Feed | None:
    bound = min(ceil(wanted_ul), left_ul)
    return Feed(speed_bp, bound, measured) if bound > 0 else None
