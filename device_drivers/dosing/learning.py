"""What is learned per channel and product: flow, tail, yield. Bounded, outlier-gated, visible, resettable.

Method: exponentially weighted mean and variance (a factory's automatic free-fall correction averages few doses, applies
them partly and ignores those outside a gate; so does this).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import sqrt
from typing import Any

_GATE = 4.0


@dataclass(slots=True)
class Quantity:
    """A learned number with its spread. `low` and `high` bound the mean; `floor` bounds the spread from below."""

    mean: float
    sd: float
    low: float
    high: float
    floor: float
    count: int = 0
    refused: int = 0

    def observe(self, value: float) -> bool:
        """True when taken. An outlier is refused; three in a row mean that the world has changed, and count again."""
        if not self.low <= value <= self.high:
            return False
        if abs(value - self.mean) > _GATE * max(self.sd, self.floor) and self.count and self.refused < 2:
            self.refused += 1
            return False
        if self.refused >= 2:
            self.count, self.sd = 0, abs(value - self.mean)
        self.refused = 0
        self.count += 1
        weight = max(1.0 / self.count, 0.25)
        error = value - self.mean
        self.mean += weight * error
        # With one or two doses behind it, a spread cannot be trusted to be small.
        variance = (1 - weight) * (self.sd**2 + weight * error**2) if self.count > 1 else (self.sd / 2) ** 2
        self.sd = max(sqrt(variance), self.floor)
        return True


@dataclass(slots=True)
class Learned:
    """Of one channel with one product.

    `flow_mg_s` at full speed; `tail_s`: the mass that still lands after a stop command, in seconds of the flow at that
    moment; `yield_mg_per_ul`: mass per µL that the device counts; `void_mg`: what a suck-back makes the next start
    swallow.
    """

    flow_mg_s: Quantity = field(default_factory=lambda: Quantity(1600.0, 500.0, 50.0, 10_000.0, 10.0))
    tail_s: Quantity = field(default_factory=lambda: Quantity(0.22, 0.12, -0.1, 1.5, 0.006))
    yield_mg_per_ul: Quantity = field(default_factory=lambda: Quantity(1.0, 0.08, 0.3, 2.5, 0.014))
    void_mg: Quantity = field(default_factory=lambda: Quantity(15.0, 15.0, 0.0, 200.0, 3.0))

    @classmethod
    def fresh(cls, density_ug_per_ul: int) -> Learned:
        """Before the first dose: the yield is the density, the rest are wide guesses."""
        learned = cls()
        learned.yield_mg_per_ul.mean = density_ug_per_ul / 1000.0
        return learned

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
