"""Where the mass and the flow are now, through a scale that filters, delays, quantises and speaks ten times a second.

A Kalman filter on [mass past the nozzle, flow at the nozzle, flow that the pump gives at full speed, two states of the
scale's filter]. What the pump was told is a known input, so a change of flow is predicted, not discovered. The hose
lags as a first order; the scale is a critically damped second-order filter (w0 = 9.23 / settling time to 0.1 %,
Flintec MCS-64 table) read with a transport delay. A steady jet presses with the weight of the mass in the air, so the
scale shows what has passed the nozzle; when the flow changes, the force of the old one lasts for the time of the fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, exp, sqrt

_STEP_S = 0.034
RAMP_S = 0.1  # motors of this kind reach full speed in about this time
_FALL_S = 0.14  # about 10 cm
_JOLT_S2 = _FALL_S**2 / 2.0
_SHAKEN_S = 0.015  # for a while after a change of flow, the scale shows what the model does not know
_SHAKES_FOR_S = 0.45
_JITTER_S = 0.012  # how exactly we know when a command took effect
_RESTLESS_MG_S = 25.0  # per square root of a second: the pump's flow wanders
_PULSE_MG = 2.0
_MODEL_MG = 3.0  # however fine the scale, the model is no better than this
_SURPRISE = 3.0
_SIZE = range(5)
_Matrix = list[list[float]]


@dataclass(frozen=True, slots=True)
class ScaleModel:
    """What the estimator assumes of the scale. Wrong figures shift the mass by flow × error, which the learned tail
    takes up; they need to be near, not right."""

    settle_s: float = 0.482
    transport_s: float = 0.040
    d_mg: int = 10
    noise_mg: float = 6.0

    @property
    def delay_s(self) -> float:
        """By how much what it shows is late on the average."""
        return 2.0 * self.settle_s / 9.23 + self.transport_s

    @property
    def quiet_mg(self) -> float:
        """Two readings closer than this say the same."""
        return max(3.0 * self.d_mg, 4.0 * self.noise_mg)


class Estimator:
    """Times are monotonic seconds; `now` of an estimate may lie ahead of the last sample. `lag_s` is the hose's."""

    def __init__(self, scale: ScaleModel, mass_mg: float, sd_mg: float, at: float, lag_s: float = 0.15) -> None:
        self._w0 = 9.23 / scale.settle_s
        self._delay = scale.transport_s
        self._noise = scale.noise_mg**2 + scale.d_mg**2 / 12.0 + _MODEL_MG**2
        self.lag_s = max(lag_s, 0.02)
        self._at = at - self._delay
        self._x = [mass_mg, 0.0, 0.0, mass_mg, mass_mg]
        self._p: _Matrix = [[0.0] * 5 for _ in _SIZE]
        for i in (0, 3, 4):
            for j in (0, 3, 4):
                self._p[i][j] = sd_mg**2
        self._speeds: list[tuple[float, float]] = [(at - 1.0, 0.0)]
        self._doubts: list[tuple[float, float]] = []
        self._shaken_at, self._shaken_mg = at, 0.0

    # --- what the pump was told ---

    def started(self, at: float, flow_mg_s: float, flow_sd: float, speed: float, swallows_sd: float) -> None:
        """Running since `at` at `speed`, a share of full. `flow_mg_s` is believed of full speed; the nozzle may
        swallow up to about `swallows_sd` mg before anything lands."""
        self._advance(max(at, self._at))
        self._x[2] = flow_mg_s
        for i in _SIZE:
            self._p[i][2] = self._p[2][i] = 0.0
        self._p[2][2] = flow_sd**2
        self._then(at, speed)
        self._doubts.append((at + RAMP_S, (_JITTER_S * flow_mg_s * speed) ** 2 + swallows_sd**2))

    def turns(self, at: float, speed: float) -> None:
        """The running pump was told another speed, which took effect at `at`."""
        self._then(at, speed)

    def ends_after(self, turns_s: float) -> None:
        """The running start ends by itself once it has turned for `turns_s` seconds of full speed."""
        at, speed = self._speeds[-1]
        began = at - speed * RAMP_S
        if turns_s < speed * speed * RAMP_S:
            peak = sqrt(turns_s / RAMP_S)
            self._speeds[-1:] = [(began + peak * RAMP_S, peak), (began + 2.0 * peak * RAMP_S, 0.0)]
        else:
            end = began + turns_s / speed
            self._speeds += [(end, speed), (end + speed * RAMP_S, 0.0)]

    def stopped(self, at: float) -> None:
        """A stop took effect at about `at`; nothing new when the start has ended by itself."""
        if self._speed(at) == 0.0:
            return
        self._then(at, 0.0)
        self._doubts.append((at, (_JITTER_S * self._x[2]) ** 2))

    def sucked_back(self, at: float, seconds: float) -> None:
        """`seconds` of full flow went back, out of the hose as far as it held that much."""
        self._advance(max(at, self._at))
        taken = min(seconds * self._x[2], self.lag_s * max(self._x[1], 0.0))
        self._x[1] -= taken / self.lag_s
        self._p[1][1] += (0.2 * taken / self.lag_s) ** 2

    def _then(self, at: float, speed: float) -> None:
        before = self._speed(at)
        self._shaken_at, self._shaken_mg = at, _SHAKEN_S * abs(speed - before) * self._x[2]
        self._speeds = [point for point in self._speeds if point[0] < at]
        self._speeds += [(at, before), (at + abs(speed - before) * RAMP_S, speed)]

    def _speed(self, at: float) -> float:
        left_at, left = self._speeds[0]
        for right_at, right in self._speeds:
            if right_at > at:
                return left + (right - left) * (at - left_at) / (right_at - left_at)
            left_at, left = right_at, right
        return left

    def _turned(self, since: float, until: float) -> float:
        """Seconds of full speed between two instants."""
        last_at, last = self._speeds[-1]
        if since >= last_at:
            return last * (until - since)
        turned, a = 0.0, since
        for at, _ in self._speeds:
            if at > since:
                b = min(at, until)
                turned += (self._speed(a) + self._speed(b - 1e-9)) / 2.0 * (b - a)
                a = b
                if at >= until:
                    break
        return turned + last * max(until - last_at, 0.0)

    # --- what the scale said ---

    def sample(self, mass_mg: float, at: float) -> None:
        """A reading whose last byte came at `at`. Older than the last one: ignored."""
        taken = at - self._delay
        if taken <= self._at:
            return
        self._advance(taken)
        p = self._p
        innovation = mass_mg - self._x[4]
        shaken = self._shaken_mg if taken - self._shaken_at < _SHAKES_FOR_S else 0.0
        spread = p[4][4] + self._noise + shaken**2
        if innovation**2 > _SURPRISE**2 * spread:  # the pump or the hose did something else than we think
            p[0][0] += innovation**2
            p[1][1] += (innovation / self.lag_s / 4.0) ** 2
        gain = [p[i][4] / spread for i in _SIZE]
        self._x = [x + k * innovation for x, k in zip(self._x, gain, strict=True)]
        row = list(p[4])
        self._p = [[p[i][j] - gain[i] * row[j] for j in _SIZE] for i in _SIZE]

    # --- what is thought ---

    def turned_at_s(self, since: float) -> float:
        """When the pump turned since `since`, on the average."""
        marks = [since, *(at for at, _ in self._speeds if at > since)]
        turned = moment = 0.0
        for a, b in pairwise(marks):
            at_a, at_b, middle = self._speed(a + 1e-9), self._speed(b - 1e-9), (a + b) / 2.0
            at_middle = (at_a + at_b) / 2.0
            turned += at_middle * (b - a)
            moment += (at_a * a + 4.0 * at_middle * middle + at_b * b) * (b - a) / 6.0
        return moment / turned if turned > 0.0 else since

    @property
    def flow_mg_s(self) -> float:
        """At the nozzle, when the last sample was taken."""
        return self._x[1]

    @property
    def full_flow_mg_s(self) -> float:
        """What the pump gives at full speed."""
        return self._x[2]

    @property
    def full_flow_sd(self) -> float:
        return sqrt(max(self._p[2][2], 0.0))

    @property
    def hose_mg(self) -> float:
        """What has been pumped and has not left the nozzle yet."""
        return self.lag_s * self._x[1]

    def pumped_mg(self, now: float) -> float:
        """The mass in the cup and in the hose, the filter's lag undone."""
        return self._x[0] + self.lag_s * self._x[1] + self._x[2] * self._turned(self._at, now)

    def pumped_sd_mg(self, now: float) -> float:
        """Standard deviation of `pumped_mg(now)`."""
        p, lag, ahead = self._p, self.lag_s, self._turned(self._at, now)
        of_now = p[0][0] + lag * lag * p[1][1] + 2.0 * lag * p[0][1]
        of_flow = ahead * ahead * p[2][2] + 2.0 * ahead * (p[0][2] + lag * p[1][2])
        doubts = sum(variance for at, variance in self._doubts if at <= now)
        return sqrt(max(of_now + of_flow + doubts, 0.0))

    def when(self, mass_mg: float, after_s: float) -> float | None:
        """When `mass_mg` will have been pumped if what is sent at that instant still pumps `after_s` seconds of full
        flow. None without a flow to speak of.
        """
        flow = self._x[2] * self._speeds[-1][1]
        if flow < 1.0:
            return None
        reached = self._speeds[-1][0] + 1.0
        return reached + (mass_mg - self._x[2] * after_s - self.pumped_mg(reached)) / flow

    def _advance(self, to: float) -> None:
        span = to - self._at
        if span <= 1e-9:
            return
        steps = ceil(span / _STEP_S)
        for _ in range(steps):
            self._step(span / steps)
        self._at = to

    def _step(self, dt: float) -> None:
        u = self._turned(self._at, self._at + dt) / dt
        self._at += dt
        k = 1.0 - exp(-dt / self.lag_s)
        keep = exp(-self._w0 * dt)  # both stages of the filter follow an input that is linear over the step, exactly
        mean = (1.0 - keep) / (self._w0 * dt)
        old, new = mean - keep, 1.0 - mean
        both = old + new
        from_q, from_g = self.lag_s * k, (dt - self.lag_s * k) * u
        jolt = both * _JOLT_S2 * k / dt
        q_in, g_in = new * from_q + jolt, new * from_g - jolt * u
        f = (
            (1.0, from_q, from_g, 0.0, 0.0),
            (0.0, 1.0 - k, k * u, 0.0, 0.0),
            (0.0, 0.0, 1.0, 0.0, 0.0),
            (both, q_in, g_in, keep, 0.0),
            (new * both, new * q_in, new * g_in, old + new * keep, keep),
        )
        x, p = self._x, self._p
        self._x = [r[0] * x[0] + r[1] * x[1] + r[2] * x[2] + r[3] * x[3] + r[4] * x[4] for r in f]
        t = [[r[0] * s[0] + r[1] * s[1] + r[2] * s[2] + r[3] * s[3] + r[4] * s[4] for s in p] for r in f]
        self._p = [[r[0] * s[0] + r[1] * s[1] + r[2] * s[2] + r[3] * s[3] + r[4] * s[4] for s in f] for r in t]
        self._p[0][0] += _PULSE_MG**2 * dt
        if u > 0.0:
            self._p[2][2] += (_RESTLESS_MG_S * u) ** 2 * dt
        due = [variance for at, variance in self._doubts if at <= self._at]
        if due:
            self._p[0][0] += sum(due)
            self._doubts = [doubt for doubt in self._doubts if doubt[0] > self._at]
