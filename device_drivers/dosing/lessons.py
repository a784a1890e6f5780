"""What one dose teaches, told from its final stable reading and nothing earlier."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from device_drivers.dosing.controller import FULL_BP, stop_pumps_s
from device_drivers.dosing.estimator import RAMP_S, Estimator, ScaleModel
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.track import Track

_TEACHES_LAG_MG = 300
_LOST_AT_MOST_MG = 60.0
_BEFORE_SUCK_S = 0.15
_JOG_NOISE_MG, _DRIPPING_NOISE_MG = 8.0, 20.0  # a drop of the start before may fall into the jog's weighing
_SEEN_S = 0.03  # the end of a start that ends by itself is seen by polling


@dataclass(frozen=True, slots=True)
class AtStop:
    """What the estimator thought when stop was sent: the gross mass pumped by then, the full flow, the hose's lag."""

    pumped_mg: float
    flow_mg_s: float
    flow_sd: float
    lag_s: float
    speed_bp: int

    @classmethod
    def of(cls, thinks: Estimator, now: float, speed_bp: int) -> AtStop:
        return cls(thinks.pumped_mg(now), thinks.full_flow_mg_s, thinks.full_flow_sd, thinks.lag_s, speed_bp)


@dataclass(frozen=True, slots=True)
class Fed:
    """One start at `speed_bp`. `before_mg` gross; `turned_at` the mean instant of its pumping; `ran_s` how long a start
    that ended by itself was seen to run; `at_stop` when the scale ended it."""

    speed_bp: int
    before_mg: float
    delivered_ul: int
    started: float
    turned_at: float
    ran_s: float
    at_stop: AtStop | None


def believable(learned: Learned, fed: list[Fed], final_mg: float) -> bool:
    """Whether what a broken-off dose left in the cup can be what its pump says it gave: then it may teach. A blocked
    hose, an empty container or a hand on the cup must not, and unlike an outlier it does not even count."""
    volume, per_ul = sum(one.delivered_ul for one in fed), learned.yield_mg_per_ul
    if volume <= 0:
        return False
    gained = final_mg - fed[0].before_mg
    doubt_mg = 3.0 * per_ul.sd * volume + _LOST_AT_MOST_MG * len(fed)
    return gained > _TEACHES_LAG_MG and abs(gained - per_ul.mean * volume) <= doubt_mg


def teach(learned: Learned, fed: list[Fed], final_mg: float, sucked_s: float, track: Track, model: ScaleModel) -> None:
    """Update `learned` from a dose that ended at the gross mass `final_mg`.

    The yield and the lag come from the dose as a whole: all that landed over all that was pumped, and the delay between
    pumping and showing. The tail comes from the first feed, its share being what the later ones do not explain.
    """
    pumped = [one.delivered_ul for one in fed]
    volume = sum(pumped)
    if volume <= 0:
        return
    first, later = fed[0], fed[1:]
    gained, per_ul, void = final_mg - first.before_mg, learned.yield_mg_per_ul, learned.void_mg
    flow = learned.flow_mg_s
    sucked = sucked_s * flow.mean
    if later:
        of_later = final_mg - later[0].before_mg
        of_yield = per_ul.sd * sum(pumped[1:])
        of_jog = _JOG_NOISE_MG if sucked_s > 0.0 else _DRIPPING_NOISE_MG
        noise = sqrt(of_yield**2 + of_jog**2) / len(later)
        void.observe((per_ul.mean * sum(pumped[1:]) - of_later) / len(later) - sucked, noise)
    # What is swallowed at a start was sucked back before.
    per_ul.observe((gained + len(fed) * sucked + len(later) * void.mean) / volume, sucked_s * flow.sd / volume)
    if gained > _TEACHES_LAG_MG:
        shown_at = track.shown_at_s(first.started, first.before_mg, final_mg)
        lag = shown_at - model.delay_s - _pumped_at(fed, per_ul.mean, flow.mean, sucked, learned.lag_s.mean)
        learned.lag_s.observe(max(lag, 0.0), 0.0 if first.at_stop else _SEEN_S)
    at_stop = first.at_stop
    if at_stop is None:
        share = first.speed_bp / FULL_BP
        if first.ran_s > 2.0 * RAMP_S:
            at_speed_s = first.ran_s - share * RAMP_S
            seen = per_ul.mean * first.delivered_ul / at_speed_s / share
            flow.observe(seen, seen * (_SEEN_S + RAMP_S / 10.0) / at_speed_s)
    elif at_stop.flow_mg_s > flow.low:
        of_first = final_mg - sum(per_ul.mean * one - sucked - void.mean for one in pumped[1:])
        after_s = (of_first - at_stop.pumped_mg) / at_stop.flow_mg_s + at_stop.lag_s - learned.lag_s.mean
        learned.tail_s.observe(after_s - stop_pumps_s(at_stop.speed_bp) + sucked_s)
        flow.observe(at_stop.flow_mg_s, at_stop.flow_sd)
    if void.count:
        # What jogs lost was seen as a sum: another flow moves the share of it that is sucked back, not the sum.
        void.mean = min(max(void.mean + sucked - sucked_s * flow.mean, void.low), void.high)


def _pumped_at(fed: list[Fed], per_ul: float, flow: float, sucked: float, lag_s: float) -> float:
    """When that was pumped which landed, on the average. What a long hose gives back to a suck-back would have come
    last; a short one is empty by then."""
    mass = moment = 0.0
    for one in fed:
        pumped = one.delivered_ul * per_ul
        back = sucked if lag_s * min(flow, pumped / RAMP_S) > sucked else 0.0
        back_at = one.turned_at + pumped / flow / 2.0 + _BEFORE_SUCK_S
        mass += pumped - back
        moment += pumped * one.turned_at - back * back_at
    return moment / mass if mass > 0.0 else fed[0].turned_at
