"""When to stop and what to do about the remainder. Pure: figures in, decisions out.

A dose that the scale can follow is fed at full speed and stopped by prediction; a small one, and every remainder, is
given by volume, bounded by the device. Both stop short by as much as the doubt asks, and what is then missing is given
by volume again.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

from device_drivers.dosing.estimator import RAMP_S, Estimator
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan

FULL_BP = 10_000
SLOW_BP = 4_000
JOG_BP = 5_000
_BUS_S = 0.030  # a command takes about this long to take effect
_BUS_SD_S = 0.009
_SLOW_FOR_S = 0.12
_LEAST_JOG_MG = 8
_MOST_SHY_MG = 60.0
_SURE = 2.8
_USED = 0.9  # share of the band that doubt may fill before the aim is lowered for it
_LOW_MG, _LOW_FOR_DROPS_MG = 3.0, 10.0
_ROOM_MG = 21.0  # an estimate that ends a dose keeps this far from the lower end: three and a half times its noise
_ROOM_AT_REST_MG = 12.0  # the mean of readings at rest keeps this far
_FOLLOWED_S = 0.9  # a feed must last longer than this for the scale to decide its stop


@dataclass(frozen=True, slots=True)
class Feed:
    """One start. `measured`: the scale decides when to stop, the bound is a net; else the bound itself is the dose, and
    brings about `expected_mg`."""

    speed_bp: int
    bound_ul: int
    measured: bool
    expected_mg: float


def stop_pumps_s(speed_bp: int) -> float:
    """What is still pumped after a stop at that speed, in seconds of full flow: the bus, then the motor's ramp."""
    share = speed_bp / FULL_BP
    return share * _BUS_S + share * share * RAMP_S / 2.0


class Controller:
    """For one dose. `aim` is near the middle of the tolerance band, which for a one-sided limit lies off the target:
    a little below, since more can be given and none taken back, and further where a last drop may still fall."""

    def __init__(self, plan: DosePlan, learned: Learned) -> None:
        self._plan = plan
        self._learned = learned
        self._sucked_s = plan.suck_back_ms / 1000.0
        self._shy_mg = 0.0
        self.half_mg = (plan.tol_over_mg + plan.tol_under_mg) / 2.0
        centre = plan.target_mg + (plan.tol_over_mg - plan.tol_under_mg) / 2.0
        self.aim_mg = centre - min(_LOW_MG if plan.suck_back_ms > 0 else _LOW_FOR_DROPS_MG, 0.35 * self.half_mg)
        content_mg = min(max(self.half_mg - _ROOM_MG, 0.3 * self.half_mg), 0.6 * self.half_mg)
        self._content_mg = centre - content_mg - (centre - self.aim_mg) / 2.0
        self._content_at_rest_mg = min(centre - self.half_mg + _ROOM_AT_REST_MG, self._content_mg)

    def believe(self, learned: Learned) -> None:
        """What the dose itself has taught so far."""
        self._learned = learned

    def lost_mg(self, *, first: bool) -> float:
        """What a start gives less than it pumps: sucked back at its end, or swallowed at its beginning."""
        sucked = self._sucked_s * self._learned.flow_mg_s.mean
        return sucked if first else sucked + self._learned.void_mg.mean + self._shy_mg

    def gave(self, feed: Feed, gained_mg: float, *, first: bool) -> float:
        """A start by volume brought `gained_mg`; what is missing of the expected mg. A jog that gave too little makes
        the next ones of this dose bolder. The first start of a dose says nothing of them: how much of a suck-back is
        swallowed at once and how much at the next start depends on what the hose held."""
        missing = feed.expected_mg - gained_mg
        if feed.speed_bp == JOG_BP and not first:
            self._shy_mg = min(max(self._shy_mg + 0.7 * missing, 0.0), _MOST_SHY_MG)
        return missing

    def enough(self, landed_mg: float) -> bool:
        """Whether a settled mass needs no further start: inside the band with something to spare for noise. On a
        channel that nobody knows it was weighed at rest, and a jog is more doubtful than what it could mend."""
        content_mg = self._content_at_rest_mg if self._learned.unknown else self._content_mg
        return landed_mg >= content_mg or self.aim_mg - landed_mg < _LEAST_JOG_MG

    def sure(self, estimator: Estimator, now: float) -> bool:
        """Whether the mass is known well enough to decide about the next start: what is still in the hose counts as
        doubtful by as much as its lag is, and by a fifth at least."""
        lag = self._learned.lag_s
        doubtful = min(max(lag.sd / max(lag.mean, 0.02), 0.2), 1.0)
        sd_mg = sqrt(estimator.pumped_sd_mg(now) ** 2 + (doubtful * estimator.hose_mg) ** 2)
        return sd_mg <= max(0.16 * self.half_mg, 4.5)

    def next_feed(self, landed_mg: float, bound_left_ul: int, *, first: bool) -> Feed | None:
        """The start that brings `landed_mg` to the aim; None when the bound of the plan is used up.

        A remainder too short for the scale to see the flow is given by volume and stops short rather than over; the
        next one gives the rest.
        """
        learned, remainder, lost = self._learned, self.aim_mg - landed_mg, self.lost_mg(first=first)
        per_ul = learned.yield_mg_per_ul
        measured = remainder > _FOLLOWED_S * learned.flow_mg_s.mean and not learned.unknown
        speed = FULL_BP if remainder > 0.3 * learned.flow_mg_s.mean else JOG_BP
        if measured:
            wanted = 1.1 * (remainder + max(lost, 0.0)) / max(per_ul.mean - 2.0 * per_ul.sd, per_ul.low)
        else:
            sucked_sd = self._sucked_s * learned.flow_mg_s.sd
            spread = ((per_ul.sd / per_ul.mean * remainder) ** 2 + learned.void_mg.sd**2 + sucked_sd**2) ** 0.5
            give = remainder - max(0.0, _SURE * spread - _USED * self.half_mg)
            wanted = max(max(give, 0.5 * remainder) + lost, 0.25 * remainder) / per_ul.mean
        bound = min(ceil(wanted), bound_left_ul)
        return Feed(speed, bound, measured, bound * per_ul.mean - lost) if bound > 0 else None

    @property
    def slows_down(self) -> bool:
        """Whether the bus alone makes a stop at full speed too uncertain for this band."""
        return _SURE * _BUS_SD_S * self._learned.flow_mg_s.mean > 0.5 * self.half_mg

    def slow_at(self, estimator: Estimator, now: float, empty_mg: float) -> float | None:
        """When to send the slow speed, so that about `_SLOW_FOR_S` of it remain until the stop."""
        share = SLOW_BP / FULL_BP
        before_stop = _BUS_S + (1.0 - share * share) * RAMP_S / 2.0 + share * _SLOW_FOR_S
        return self._at(estimator, now, empty_mg, SLOW_BP, before_stop)

    def stop_at(self, estimator: Estimator, now: float, empty_mg: float, speed_bp: int) -> float | None:
        """When to send stop, by the clock, so that what still follows ends at the aim less a margin for doubt."""
        return self._at(estimator, now, empty_mg, speed_bp, 0.0)

    def _at(self, estimator: Estimator, now: float, empty_mg: float, speed_bp: int, before_s: float) -> float | None:
        tail, lag = self._learned.tail_s, self._learned.lag_s
        flow = max(estimator.full_flow_mg_s, 0.0)
        of_bus = _BUS_SD_S * speed_bp / FULL_BP
        of_lag = lag.sd if lag.count < 2 else 0.0  # later on, the tail that was learned with a lag makes up for it
        of_tail = max(tail.sd, of_bus)
        doubt = (estimator.pumped_sd_mg(now) ** 2 + (of_tail**2 + of_lag**2) * flow**2) ** 0.5
        margin = max(0.0, _SURE * doubt - _USED * self.half_mg)
        after_s = stop_pumps_s(speed_bp) + tail.mean - self._sucked_s + before_s
        return estimator.when(empty_mg + self.aim_mg - margin, after_s)
