"""What truly happened: one numbered event per dose, pour, late drip and change of cup or container."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Fact: TypeAlias = str | int | float | None

DRIP_WINDOW_S = 1.5
"""What lands until this long after the motor stood, or the pour ended, belongs to the dose; the rest is late."""


@dataclass(frozen=True, slots=True)
class Truth:
    """`seq` counts from 1 without gaps, `t` is plant time in s. Kinds and facts (mg and µL rounded to integers):

    dose {dose, channel, counter, product, cup, pumped_ul, landed_mg, late_mg 0, spilled_mg, started_s, stopped_s};
    pour {dose, product, cup, asked_mg, landed_mg, late_mg 0, spilled_mg, started_s, stopped_s};
    late {dose, channel, product, cup, landed_mg 0, late_mg}; cup_on {cup, tare_mg, content_mg};
    cup_off {cup, tare_mg, content_mg}; container {channel, product, mass_mg}.
    """

    seq: int
    t: float
    kind: str
    facts: dict[str, Fact]


@dataclass(slots=True, eq=False)
class Portion:
    """One dose or one pour under way: everything that left the nozzle (or the bottle) for it carries this object."""

    number: int
    kind: str  # dose | pour
    product: str
    cup_id: str | None
    started_s: float
    channel: int | None = None
    counter: int | None = None
    asked_mg: float | None = None
    stopped_s: float | None = None
    landed_mg: float = 0.0
    spilled_mg: float = 0.0
    late_mg: float = 0.0
    told: bool = False


@dataclass(slots=True)
class Chronicle:
    """The list of truths, append only."""

    events: list[Truth] = field(default_factory=list)

    def tell(self, t: float, kind: str, **facts: Fact) -> Truth:
        event = Truth(len(self.events) + 1, round(t, 3), kind, facts)
        self.events.append(event)
        return event

    def since(self, seq: int) -> list[Truth]:
        """Events with a number above `seq`."""
        return self.events[max(seq, 0) :]
