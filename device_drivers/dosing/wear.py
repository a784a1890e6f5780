"""How a tube wears: its yield falls with what has gone through it, and a day comes when it must be changed. Pure.

Method: the yield of each dose over the mass pumped since the tube was fitted; a line by Theil and Sen (the median of
the slopes of all pairs), which a few bad doses do not move. The limit is ours (judgement, not a maker's figure): a tube
that gives a tenth less than it gave when new is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

LIMIT_SHARE = 0.10
LEAST_DOSES = 12
LEAST_KG = 0.2
MOST_POINTS = 120
FARTHEST_DAYS = 3 * 365


@dataclass(frozen=True, slots=True)
class YieldPoint:
    """One settled dose: on `day`, after `pumped_mg` through this tube, it gave `mg_per_ul` of what the pump counts."""

    day: date
    pumped_mg: int
    mg_per_ul: float


@dataclass(frozen=True, slots=True)
class Wear:
    """`lost_share` of the new tube's yield is gone (0.04 = 4 %; below 0 it gives more), `per_kg` more with each kg.

    `change_on` is the day on which the limit is reached at the pace of use so far; None while it does not wear.
    """

    lost_share: float
    per_kg: float
    change_on: date | None

    @property
    def due(self) -> bool:
        """The limit is reached."""
        return self.lost_share >= LIMIT_SHARE


def wear(points: Sequence[YieldPoint]) -> Wear | None:
    """Of one tube, one product, oldest first. None while there is too little to judge by."""
    chosen = _thinned(points)
    if len(points) < LEAST_DOSES or chosen[-1].pumped_mg - chosen[0].pumped_mg < LEAST_KG * 1e6:
        return None
    slope = _slope(chosen)  # mg/µL per mg
    new = median(point.mg_per_ul - slope * point.pumped_mg for point in chosen)
    if new <= 0:
        return None
    last = points[-1]
    per_kg = -slope * 1e6 / new
    lost = per_kg * last.pumped_mg / 1e6
    return Wear(lost, per_kg, _when(points[0], last, lost, per_kg))


def _thinned(points: Sequence[YieldPoint]) -> Sequence[YieldPoint]:
    """At most `MOST_POINTS`, evenly: the pairs grow with the square."""
    step = -(-len(points) // MOST_POINTS)
    return points[::step] if step > 1 else points


def _slope(points: Sequence[YieldPoint]) -> float:
    slopes = [
        (b.mg_per_ul - a.mg_per_ul) / (b.pumped_mg - a.pumped_mg)
        for i, a in enumerate(points)
        for b in points[i + 1 :]
        if b.pumped_mg > a.pumped_mg
    ]
    return median(slopes) if slopes else 0.0


def _when(first: YieldPoint, last: YieldPoint, lost: float, per_kg: float) -> date | None:
    if lost >= LIMIT_SHARE:
        return last.day
    days = max((last.day - first.day).days, 1)
    share_a_day = per_kg * (last.pumped_mg - first.pumped_mg) / 1e6 / days
    if share_a_day <= 0:
        return None
    left = (LIMIT_SHARE - lost) / share_a_day
    return last.day + timedelta(days=int(left)) if left <= FARTHEST_DAYS else None
