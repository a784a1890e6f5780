"""One reading of a scale: what it said, when, and how far it may be trusted.

Invalid is never a number: whenever the scale did not give a mass (overload, busy, wrong unit …) `mass_mg` is None,
so nothing downstream can add, show or record a zero that nobody weighed.

The same facts under the names of OPC 40200 (OPC UA for Weighing Technology 2.00, 9.3 WeightItemType), for whoever maps
a reading to that model:

| OPC 40200         | Reading                                                                                         |
|-------------------|-------------------------------------------------------------------------------------------------|
| Gross, Net        | `mass_mg` (their Double in kg or g is our integer mg) with `kind` gross or net                   |
| WeightStable      | `stable`; `state` MOVING is its false                                                            |
| Overload          | `overload`                                                                                      |
| Underload         | `underload`                                                                                     |
| CenterOfZero      | `center_of_zero`, None where the protocol does not tell                                         |
| PrintableValue    | `raw`: the digits as they came                                                                  |
| EngineeringUnits  | `unit` as sent; another mass unit than mg, g or kg is state WRONG_UNIT                          |
| StatusCode Bad    | state BUSY, ERROR, WRONG_UNIT: no mass                                                          |
| SourceTimestamp   | `at`, monotonic                                                                                 |
| Tare, TareMode    | not in a reading: `Scale.tare` returns the tare                                                 |
| CurrentRangeId, GrossNegative, HighResolutionValue, InsideZero, LegalForTrade, WeightId | not kept                   |
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from enum import Enum
from typing import Literal

Kind = Literal["gross", "net", "unknown"]

_MG_PER_UNIT = {"mg": Decimal(1), "g": Decimal(1_000), "kg": Decimal(1_000_000)}


class State(Enum):
    """What the scale said about the value that it sent, or why it sent none."""

    STABLE = "stable"
    MOVING = "moving"
    OVERLOAD = "overload"
    UNDERLOAD = "underload"
    BUSY = "busy"
    ERROR = "error"
    WRONG_UNIT = "wrong_unit"


@dataclass(frozen=True, slots=True)
class Reading:
    """`at` is the monotonic second at which the last byte came, `seq` counts the readings of one connection,
    `raw` is the frame without its terminator. `mass_mg` is a number exactly when `state` is STABLE or MOVING."""

    mass_mg: int | None
    state: State
    unit: str
    kind: Kind
    at: float
    seq: int
    raw: bytes
    center_of_zero: bool | None = None

    def __post_init__(self) -> None:
        if (self.mass_mg is None) != (self.state not in (State.STABLE, State.MOVING)):
            raise ValueError(f"a reading in state {self.state.value} cannot carry the mass {self.mass_mg!r}")

    @property
    def stable(self) -> bool:
        return self.state is State.STABLE

    @property
    def overload(self) -> bool:
        return self.state is State.OVERLOAD

    @property
    def underload(self) -> bool:
        return self.state is State.UNDERLOAD


def mass_mg(text: str, unit: str) -> int | None:
    """Decimal text in mg, g or kg → integer mg, exact; None for any other unit.

    A scale finer than 1 mg (`0.00005 g`) is rounded half-even to 1 mg, the resolution of the record.
    Raises ValueError when the text is not a plain decimal number: no exponent, no inner blank, no NaN.
    """
    factor = _MG_PER_UNIT.get(unit)
    if factor is None:
        return None
    if not text or not set(text) <= set("+-.0123456789"):
        raise ValueError(f"not a mass: {text!r}")
    try:
        return int((Decimal(text) * factor).to_integral_value(ROUND_HALF_EVEN))
    except InvalidOperation as error:
        raise ValueError(f"not a mass: {text!r}") from error
