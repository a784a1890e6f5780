"""What is learned per channel and product: flow, lag, tail, yield. Bounded, outlier-gated, visible, resettable.

Method: exponentially weighted mean and variance (a factory's automatic free-fall correction averages few doses, applies
them partly and ignores those outside a gate; so does this).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import sqrt
from typing import Any

_GATE = 4.0
_WEAR_PER_KG = 0.02


@dataclass(slots=True)
class Quantity:
    """A learned number with its spread. `low` and `high` bound the mean, `floor` bounds the spread from below; `least`
    is the weight of a new observation once there are many, `trust` how many observations the first guess is worth."""

    mean: float
    sd: float
    low: float
    high: float
    floor: float
    least: float = 0.25
    trust: int = 0
    count: int = 0
    refused: int = 0

    def observe(self, value: float, noise: float = 0.0) -> bool:
        """True when taken. An outlier is refused; three in a row mean that the world has changed, and count again.

        `noise` is how far off this one observation may be, where that is more than the usual.
        """
        if not self.low <= value <= self.high:
            return False
        least_sd = max(self.floor, noise)
        if abs(value - self.mean) > _GATE * max(self.sd, least_sd) and self.count and self.refused < 2:
            self.refused += 1
            return False
        if self.refused >= 2:
            self.count, self.sd = 0, abs(value - self.mean)
        self.refused = 0
        self.count += 1
        weight = max(1.0 / (self.count + self.trust), self.least)
        if noise > 0.0:  # a vague observation weighs no more than what it is held against
            weight = min(weight, self.sd**2 / (self.sd**2 + noise**2))
        error = value - self.mean
        self.mean += weight * error
        strange = max(error**2 - noise**2, 0.0)
        first = self.count == 1 and not self.trust
        variance = min(1.5 * least_sd, self.sd) ** 2 if first else (1 - weight) * (self.sd**2 + weight * strange)
        self.sd = max(sqrt(variance), self.floor)
        return True

    def widen(self, sd: float) -> None:
        """The mean is still the best guess, but it was learned of something else: at least `sd` off, and the next
        observation weighs half."""
        self.sd = max(self.sd, sd)
        self.count, self.refused = min(self.count, 1), 0


def _flow() -> Quantity:
    return Quantity(1600.0, 1500.0, 50.0, 10_000.0, 20.0)


def _lag() -> Quantity:
    return Quantity(0.25, 0.20, 0.0, 3.0, 0.012, least=0.08)


def _tail() -> Quantity:
    return Quantity(0.0, 0.03, -0.1, 0.3, 0.006, least=0.12, trust=1)


def _yield() -> Quantity:
    return Quantity(1.0, 0.08, 0.3, 2.5, 0.014, least=0.12)


def _void() -> Quantity:
    return Quantity(-5.0, 30.0, -60.0, 150.0, 4.0, least=0.08)


@dataclass(slots=True)
class Learned:
    """Of one channel with one product.

    `flow_mg_s` at full speed; `lag_s`: the hose's, first order; `tail_s`: what is still pumped after a stop command,
    beyond what the motor's ramp and the bus explain, in seconds of full flow; `yield_mg_per_ul`: mass per µL that the
    device counts; `void_mg`: what a jog gives less than that, beyond what is sucked back.
    """

    flow_mg_s: Quantity = field(default_factory=_flow)
    lag_s: Quantity = field(default_factory=_lag)
    tail_s: Quantity = field(default_factory=_tail)
    yield_mg_per_ul: Quantity = field(default_factory=_yield)
    void_mg: Quantity = field(default_factory=_void)

    @classmethod
    def fresh(cls, density_ug_per_ul: int) -> Learned:
        """Before the first dose: the yield is the density, the rest are wide guesses."""
        learned = cls()
        learned.yield_mg_per_ul.mean = density_ug_per_ul / 1000.0
        return learned

    @property
    def unknown(self) -> bool:
        """Too little is known to stop a running feed by: what is given is bounded by volume, weighed, and learned from
        before the next start."""
        flow, lag, per_ul = self.flow_mg_s, self.lag_s, self.yield_mg_per_ul
        return flow.sd > 0.12 * flow.mean or per_ul.sd > 0.04 * per_ul.mean or lag.sd > 0.1

    def changed(self, *, lot: bool, tube: bool) -> None:
        """Begin with another lot or another tube: judgement, no maker's figure. A lot differs in density by a few per
        cent and in viscosity by more; a tube in what one turn gives, by up to what a worn one had lost."""
        flow, per_ul, lag = self.flow_mg_s, self.yield_mg_per_ul, self.lag_s
        if lot or tube:
            per_ul.widen((0.06 if tube else 0.03) * per_ul.mean)
            flow.widen((0.10 if tube else 0.05) * flow.mean)
            self.void_mg.widen(10.0)
        if lot:
            lag.widen(max(0.03, 0.3 * lag.mean))
            self.tail_s.widen(0.02)

    def aged(self, kg: float) -> None:
        """Of the same tube after `kg` of other doses: it has worn meanwhile, by about two per cent a kilogram."""
        if kg > 0.0:
            for one in (self.flow_mg_s, self.yield_mg_per_ul):
                one.sd = sqrt(one.sd**2 + (_WEAR_PER_KG * kg * one.mean) ** 2)

    def to_json(self) -> dict[str, dict[str, float]]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Learned:
        """Raises KeyError, TypeError or ValueError when the stored shape is not ours; the caller then starts fresh."""
        learned = cls(**{name: Quantity(**stored[name]) for name in cls.__dataclass_fields__})
        for name in cls.__dataclass_fields__:
            quantity: Quantity = getattr(learned, name)
            if not quantity.low <= quantity.mean <= quantity.high or not quantity.sd >= 0:
                raise ValueError(f"{name} is out of bounds")
        return learned
