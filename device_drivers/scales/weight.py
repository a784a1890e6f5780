"""What one frame of a scale says, before it is dated and numbered."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from device_drivers.errors import BadFrame
from device_drivers.reading import Kind, Reading, State, mass_mg

_MG = {"mg": Decimal(1), "g": Decimal(1_000), "kg": Decimal(1_000_000)}


@dataclass(frozen=True, slots=True)
class Weight:
    """`step_mg` is what the last digit sent stands for, at least 1; meaningful only with a mass."""

    mass_mg: int | None
    state: State
    unit: str = ""
    kind: Kind = "unknown"
    step_mg: int = 1
    center_of_zero: bool | None = None

    def reading(self, raw: bytes, at: float, seq: int, kind: Kind) -> Reading:
        """`kind` is what the driver knows where the frame itself does not tell."""
        told = kind if self.kind == "unknown" else self.kind
        return Reading(self.mass_mg, self.state, self.unit, told, at, seq, raw, self.center_of_zero)


def nothing(state: State) -> Weight:
    """A frame that names a reason instead of a mass."""
    return Weight(None, state)


def weighed(
    digits: str, unit: str, stable: bool, raw: bytes, kind: Kind = "unknown", center_of_zero: bool | None = None
) -> Weight:
    """Decimal digits with their unit. An unknown unit is WRONG_UNIT. Raises BadFrame when they are no number."""
    try:
        mass = mass_mg(digits, unit)
    except ValueError as error:
        raise BadFrame(f"not a weight: {raw!r}") from error
    if mass is None:
        return Weight(None, State.WRONG_UNIT, unit, kind)
    decimals = len(digits.partition(".")[2])
    step = max(int(_MG[unit].scaleb(-decimals)), 1)
    return Weight(mass, State.STABLE if stable else State.MOVING, unit, kind, step, center_of_zero)


def ascii_text(raw: bytes) -> str:
    """Raises BadFrame for bytes beyond printable ASCII: noise, or a line opened with another parity."""
    if not all(0x20 <= byte < 0x7F for byte in raw):
        raise BadFrame(f"not text: {raw!r}")
    return raw.decode("ascii")
