"""What may stop the pump at any moment. Knows limits and the clock; knows nothing of the controller's plans.

It sees every reading and is asked many times a second. A reading that it cannot date does not exist for it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median

from device_drivers.dosing.faults import Fault
from device_drivers.reading import Reading, State

_BAD_STATES = {
    State.OVERLOAD: Fault.OVERLOAD,
    State.UNDERLOAD: Fault.UNDERLOAD,
    State.ERROR: Fault.SCALE_FAULT,
    State.WRONG_UNIT: Fault.WRONG_UNIT,
}
_FROZEN_S = 0.29
_AWAKE_S = 0.55
_SAME_S = 0.45
_RAN_S = 0.3
_RISE_S = 1.0
_RISE_SHARE = 0.2
_SETTLING_S = 2.5


@dataclass(frozen=True, slots=True)
class Limits:
    """mg and s. `full_flow_mg_s` is what the pump can do at full speed, for judging what cannot come from it."""

    max_gross_mg: int
    final_gross_mg: int
    full_flow_mg_s: float
    time_budget_s: float
    drop_mg: int = 300
    jump_mg: int = 600
    stale_periods: float = 3.0
    stale_least_s: float = 0.25
    stale_most_s: float = 0.6
    starts_within_s: float = 1.0


class Supervisor:
    """`see` every reading, tell when the pump is commanded, `check` often. Both return the first fault found."""

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._began = now
        self._last: Reading | None = None
        self._last_at = now
        self._intervals: deque[float] = deque(maxlen=9)
        self._masses: deque[tuple[float, int]] = deque()
        self._peak_mg: int | None = None
        self._same_since = now
        self._step_before_same_mg = 0
        self._flow_mg_s = self._ran_s = 0.0
        self._moving_since: float | None = None
        self._started_at = self._same_at_fault = float("-inf")
        self._stopped_at = float("-inf")

    def pump(self, flow_mg_s: float, now: float) -> None:
        """The flow that the pump is now commanded to give; 0 = stopped."""
        if flow_mg_s > 0.0 and self._moving_since is None:
            self._moving_since = self._same_since = self._started_at = now
            self._masses.clear()
        if flow_mg_s <= 0.0 and self._moving_since is not None:
            self._ran_s, self._moving_since = now - self._moving_since, None
            self._stopped_at = now
        self._flow_mg_s = max(flow_mg_s, 0.0)

    def see(self, reading: Reading, now: float) -> Fault | None:
        """Judge one reading. One from the future, or not newer than the last, cannot be dated and is left out."""
        if reading.at > now + 0.05 or (self._last is not None and reading.at <= self._last_at):
            return None
        if reading.state in _BAD_STATES:
            return _BAD_STATES[reading.state]
        mass = reading.mass_mg
        if mass is None:
            return None  # busy: no news is no news, staleness counts on
        last, before_at = self._last, self._last_at
        if last is not None:
            self._intervals.append(reading.at - before_at)
        self._last, self._last_at = reading, reading.at
        self._masses.append((reading.at, mass))
        while self._masses and self._masses[0][0] < reading.at - _RISE_S - 0.05:
            self._masses.popleft()
        previous = last.mass_mg if last is not None and last.mass_mg is not None else mass
        if last is None or reading.raw != last.raw:
            self._same_since = reading.at
            self._step_before_same_mg = mass - previous
        self._peak_mg = mass if self._peak_mg is None else max(self._peak_mg, mass)
        return self._judge_mass(mass, previous, reading.at - before_at)

    def check(self, now: float) -> Fault | None:
        """What time alone can reveal: a silent or frozen scale, a mass that does not rise, a budget used up."""
        if now - self._last_at > self.stale_after_s:
            return Fault.SCALE_STALE
        if now - self._began > self._limits.time_budget_s:
            return Fault.TIME_BUDGET
        if self._moving_since is None:
            return Fault.SCALE_FROZEN if self._stood_still_at_the_stop() else None
        if self._last_at - self._same_since >= _FROZEN_S and self._stopped_abruptly():
            return Fault.SCALE_FROZEN
        if self._last_at - self._moving_since >= _AWAKE_S and self._last_at - self._same_since >= _SAME_S:
            self._same_at_fault = now  # not one digit has changed, and the pump turns
            return Fault.NOT_RISING
        return Fault.NOT_RISING if self._not_rising() else None

    @property
    def shows_life(self) -> bool:
        """Whether a digit has changed since the last start, and since all of them stood still while the pump turned.
        Until one has, a blocked hose and a dead scale look alike, and what the scale says of the cup is not believed.
        """
        return self._same_since > max(self._started_at, self._same_at_fault)

    @property
    def stale_after_s(self) -> float:
        """Three periods of the stream as measured, within bounds: too eager stops good doses, too late floods."""
        limits = self._limits
        period = median(self._intervals) if len(self._intervals) >= 3 else limits.stale_most_s / limits.stale_periods
        return min(max(limits.stale_periods * period, limits.stale_least_s), limits.stale_most_s)

    def _judge_mass(self, mass: int, previous: int, interval: float) -> Fault | None:
        limits = self._limits
        if self._peak_mg is not None and mass < self._peak_mg - limits.drop_mg:
            return Fault.CUP_REMOVED
        flowing = self._moving_since is not None or self._last_at - self._stopped_at < _SETTLING_S
        possible = 2.0 * limits.full_flow_mg_s * min(max(interval, 0.0), 1.0) if flowing else 0.0
        if mass - previous > limits.jump_mg + possible:
            return Fault.DISTURBED
        if mass > limits.max_gross_mg:
            return Fault.CUP_FULL
        return Fault.OVER_LIMIT if mass > limits.final_gross_mg else None

    def _stood_still_at_the_stop(self) -> bool:
        """A mass that rose and then stands from before the stop on: what was in the air and in the filter then must
        still be seen, and the next start would fly blind."""
        stood = self._started_at < self._same_since < self._stopped_at and self._ran_s >= _RAN_S
        return stood and self._last_at - self._stopped_at >= _SAME_S

    def _stopped_abruptly(self) -> bool:
        """Behind a filter a flow that ends fades out; a value that stops in full rise comes from a dead converter."""
        period = median(self._intervals) if self._intervals else 0.1
        return self._step_before_same_mg > 0.6 * self._flow_mg_s * period

    def _not_rising(self) -> bool:
        if not self._masses or self._moving_since is None:
            return False
        first_at, first = self._masses[0]
        span = self._last_at - first_at
        if span < 0.9 * _RISE_S or first_at < self._moving_since + self._limits.starts_within_s - _RISE_S:
            return False
        return self._masses[-1][1] - first < _RISE_SHARE * self._flow_mg_s * span
