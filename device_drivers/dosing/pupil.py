"""Who learns during one dose, and from what: the settled mass of each start while little is known, the final reading
of the whole dose at its end, and what a broken-off dose left in the cup when that can be believed."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from device_drivers.dispensers.base import ChannelState, ChannelStatus
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.lessons import Fed, believable, teach
from device_drivers.dosing.track import Track

TEACHING = frozenset({None, Fault.OVER_LIMIT, Fault.NOT_RISING, Fault.TIME_BUDGET, Fault.NOT_STABLE, Fault.WATCHDOG})
"""After these (None: the clerk's stop) what lies in the cup may all have come out of the pump."""


_OF_SURPRISE = 0.33  # share of what a first start brought more or less than believed that stays in doubt


@dataclass(frozen=True, slots=True)
class Feeding:
    """A start under way: the gross mass before it, when it began, and the pump's number of it once that is known."""

    speed_bp: int
    before_mg: float
    started: float
    counter: int | None = None


class Pupil:
    """`believed` is what the dose goes by: `learned`, and on a channel that nobody knows also what this very dose has
    shown so far. Only final readings change `learned`."""

    def __init__(self, learned: Learned, sucked_s: float, track: Track, model: ScaleModel) -> None:
        self._learned = self.believed = learned
        self._sucked_s, self._track, self._model = sucked_s, track, model
        self._fed: list[Fed] = []

    def fed(self, one: Fed, settled_mg: float) -> None:
        """A start whose mass has settled at the gross `settled_mg`."""
        self._fed.append(one)
        if self._learned.unknown:
            self.believed = deepcopy(self._learned)
            self._teach(self.believed, settled_mg)
            if len(self._fed) == 1:  # it may be the hose, or air that has passed and is gone
                per_ul = self.believed.yield_mg_per_ul
                off = abs(per_ul.mean - self._learned.yield_mg_per_ul.mean)
                per_ul.sd = max(per_ul.sd, _OF_SURPRISE * off)

    def ended(self, final_mg: float) -> None:
        """The whole dose, by its final stable reading."""
        if self._fed:
            self._teach(self._learned, final_mg)

    def broken_off(self, final_mg: float, feeding: Feeding | None, status: ChannelStatus, ended: float) -> None:
        """A dose that a fault or the clerk ended, weighed afterwards. `feeding` is the start that had not settled yet:
        it counts by what the pump says it gave, if it was stopped and not ended by anything else."""
        if feeding is not None:
            stopped = status.state in (ChannelState.STOPPED, ChannelState.IDLE)
            if not stopped or status.counter != feeding.counter:
                return
            middle = (feeding.started + ended) / 2.0
            one = Fed(feeding.speed_bp, feeding.before_mg, status.delivered_ul, feeding.started, middle, 0.0, None)
            self._fed.append(one)
        if self._fed and believable(self._learned, self._fed, final_mg):
            self._teach(self._learned, final_mg)

    def _teach(self, learned: Learned, mass_mg: float) -> None:
        teach(learned, self._fed, mass_mg, self._sucked_s, self._track, self._model)
