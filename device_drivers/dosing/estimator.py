"""Where the mass and the flow are now, through a scale that filters, delays, quantises and speaks ten times a second.

A Kalman filter on [mass in the cup, flow, two states of the scale's filter]. The scale is a critically damped
second-order filter (w0 = 9.23 / settling time to 0.1 %, Flintec MCS-64 table) read with a transport delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

_STEP_S = 0.025
_SIZE = range(4)


@dataclass(frozen=True, slots=True)
class ScaleModel:
    """What the estimator assumes of the scale. Wrong figures shift the mass by flow × error, which the learned tail
    takes up; they need to be near, not right."""

    settle_s: float = 0.482
    transport_s: float = 0.040
    d_mg: int = 10
    noise_mg: float = 6.0

    @property
    def quiet_mg(self) -> float:
        """Two readings closer than this say the same."""
        return max(3.0 * self.d_mg, 4.0 * self.noise_mg)


class Estimator:
    """Times are monotonic seconds; `now` of an estimate may lie ahead of the last sample."""

    def __init__(self, scale: ScaleModel, mass_mg: float, at: float) -> None:
        self._w0 = 9.23 / scale.settle_s
        self._delay = scale.transport_s
        self._noise = scale.noise_mg**2 + scale.d_mg**2 / 12.0
        self._at = at - self._delay
        self._x = [mass_mg, 0.0, mass_mg, mass_mg]
        self._p = [[(scale.noise_mg**2 if i == j else 0.0) for j in _SIZE] for i in _SIZE]
        self._changed_at = at
        self._surprise = 0.0

    def commanded(self, at: float, change_mg_s: float) -> None:
        """The pump was told to change its flow by about this much: trust the old flow less for a while."""
        self._changed_at = at
        self._surprise = abs(change_mg_s)

    def sample(self, mass_mg: float, at: float) -> None:
        """A reading whose last byte came at `at`. Older than the last one: ignored."""
        taken = at - self._delay
        if taken <= self._at:
            return
        self._advance(taken)
        p = self._p
        innovation = mass_mg - self._x[3]
        spread = p[3][3] + self._noise
        gain = [p[i][3] / spread for i in _SIZE]
        self._x = [x + k * innovation for x, k in zip(self._x, gain, strict=True)]
        row = list(p[3])
        self._p = [[p[i][j] - gain[i] * row[j] for j in _SIZE] for i in _SIZE]

    @property
    def flow_mg_s(self) -> float:
        return self._x[1]

    def mass_mg(self, now: float) -> float:
        """Mass in the cup, the filter's lag undone, if the flow goes on until `now`."""
        return self._x[0] + self._x[1] * (now - self._at)

    def sd_mg(self, now: float) -> float:
        """Standard deviation of `mass_mg(now)`."""
        ahead = now - self._at
        p = self._p
        return sqrt(max(p[0][0] + 2.0 * ahead * p[0][1] + ahead * ahead * p[1][1], 0.0))

    def when(self, mass_mg: float, tail_s: float) -> float | None:
        """When `mass_mg` will be in the cup if a stop at that instant still lets `tail_s` of flow follow.

        None without a flow to speak of.
        """
        flow = self._x[1]
        if flow < 1.0:
            return None
        return self._at + (mass_mg - self._x[0]) / flow - tail_s

    def _advance(self, to: float) -> None:
        while self._at < to - 1e-9:
            dt = min(_STEP_S, to - self._at)
            self._step(dt)
            self._at += dt

    def _step(self, dt: float) -> None:
        a = 1.0 - exp(-self._w0 * dt)
        m, q, y1, y2 = self._x
        self._x = [m + q * dt, q, y1 + a * (m + q * dt / 2 - y1), y2 + a * (y1 - y2)]
        f = (
            (1.0, dt, 0.0, 0.0),
            (0.0, 1.0, 0.0, 0.0),
            (a, a * dt / 2, 1.0 - a, 0.0),
            (0.0, 0.0, a, 1.0 - a),
        )
        p = self._p
        fp = [[sum(f[i][k] * p[k][j] for k in _SIZE if f[i][k]) for j in _SIZE] for i in _SIZE]
        self._p = [[sum(fp[i][k] * f[j][k] for k in _SIZE if f[j][k]) for j in _SIZE] for i in _SIZE]
        age = self._at - self._changed_at
        restless = 30.0 + 2.0 * self._surprise * exp(-max(age, 0.0) / 0.3)
        self._p[1][1] += restless**2 * dt
        self._p[0][0] += 2.0**2 * dt
