"""The weighing cell: a critically damped second-order filter, quantised samples and the stability rule.

Model and figures: Flintec MCS-64 filter table (settling to 0.1 % equals 9.23 / w0 of a critically damped filter).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import exp
from random import Random


@dataclass(frozen=True, slots=True)
class ScaleSpec:
    """`d_mg` is the readability; `sigma_mg` the repeatability, 0.6 d unless told."""

    settle_s: float = 0.482
    transport_s: float = 0.040
    rate_hz: float = 10.0
    d_mg: int = 1
    sigma_mg: float | None = None
    stable_s: float = 1.0
    stable_d: int = 2
    capacity_mg: int = 520_000
    under_mg: int = -20_000

    @property
    def noise_mg(self) -> float:
        return 0.6 * self.d_mg if self.sigma_mg is None else self.sigma_mg


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading: taken at `t`, on the balance's output at `available`; gross mg, a multiple of d."""

    t: float
    available: float
    gross_mg: int
    stable: bool
    over: bool
    under: bool


class Balance:
    """Follows the load on the pan and takes samples. The pan was empty when it was switched on: gross 0."""

    def __init__(self, spec: ScaleSpec, rng: Random) -> None:
        self.spec = spec
        self._rng = rng
        self._w0 = 9.23 / spec.settle_s
        self._x = 0.0
        self._v = 0.0
        self._decay_for = 0.0
        self._decay = 1.0
        self._window: deque[tuple[float, int]] = deque()

    def reseed(self, rng: Random) -> None:
        self._rng = rng

    @property
    def filtered_mg(self) -> float:
        return self._x

    def follow(self, load_mg: float, dt: float) -> None:
        """Exact step of the filter for a load that is constant over `dt`."""
        if dt != self._decay_for:
            self._decay_for, self._decay = dt, exp(-self._w0 * dt)
        e = self._x - load_mg
        slope = self._v + self._w0 * e
        self._x = load_mg + (e + slope * dt) * self._decay
        self._v = (self._v - self._w0 * slope * dt) * self._decay

    def sample(self, t: float) -> Sample:
        """Quantise with noise. Stable: for `stable_s` every reading was within `stable_d` d of this one."""
        spec, d = self.spec, self.spec.d_mg
        gross = round((self._x + self._rng.gauss(0.0, spec.noise_mg)) / d) * d
        window = self._window
        window.append((t, gross))
        since = t - spec.stable_s + 1e-6
        while len(window) > 1 and window[1][0] <= since:
            window.popleft()
        band = spec.stable_d * d
        stable = window[0][0] <= since and all(abs(value - gross) <= band for _, value in window)
        return Sample(
            t, t + spec.transport_s, gross, stable, over=gross > spec.capacity_mg, under=gross < spec.under_mg
        )
