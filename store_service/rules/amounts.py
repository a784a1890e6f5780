"""Amounts: targets, tolerances, net content. Integer mg and bp; every rounding is exact and says its direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

WHOLE_BP = 10_000
NUMERAL_DIGITS = 3

_SHORTAGE = (  # upper bound (inclusive) in mg, permille of the nominal or a fixed mass in mg: Order 70 (2023), JJF 1070
    (50_000, 90, None),
    (100_000, None, 4_500),
    (200_000, 45, None),
    (300_000, None, 9_000),
    (500_000, 30, None),
    (1_000_000, None, 15_000),
    (10_000_000, 15, None),
    (15_000_000, None, 150_000),
    (50_000_000, 10, None),
)
_NUMERAL_MM_X100 = ((50_000, 200), (200_000, 300), (1_000_000, 400))  # R-LAB-07: at most so many mg → at least so high
_NUMERAL_MM_X100_ABOVE = 600


@dataclass(frozen=True, slots=True)
class NetContent:
    """What the label says: the mass in mg, its text, and how high its numerals must be (0.01 mm)."""

    label_mg: int
    text: str
    numeral_min_mm_x100: int


def targets(fill_mg: int, shares_bp: Sequence[int]) -> tuple[int, ...]:
    """Split a fill by shares: exact sum by largest remainder, ties to the earlier component.

    Raises ValueError unless the fill is positive and the shares are not negative and sum to 10,000 (R-BLD-03)."""
    if fill_mg <= 0 or any(bp < 0 for bp in shares_bp) or sum(shares_bp) != WHOLE_BP:
        raise ValueError("shares are basis points that sum to 10,000, of a positive fill")
    return largest_remainder(fill_mg, shares_bp)


def largest_remainder(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Integers in proportion to `weights` whose sum is exactly `total`; what rounding leaves goes to the largest
    remainders."""
    whole = sum(weights)
    floors = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(floors)]:
        floors[i] += 1
    return tuple(floors)


def component_tolerance(target_mg: int, abs_mg: int, rel_bp: int) -> int:
    """Allowed |actual − target| in mg: the larger of the two, the relative one rounded down (R-BLD-07 as amended)."""
    return max(abs_mg, target_mg * rel_bp // WHOLE_BP)


def shortage_mg(nominal_mg: int) -> int:
    """Permitted shortage T of one pack in mg, from JJF 1070's table (R-BLD-08). A percentage is rounded to 0.1 g up
    to 1 kg and to 1 g beyond, half to even as GB/T 8170 rounds. Raises ValueError outside 0 < nominal ≤ 50 kg."""
    for upper, permille, fixed in _SHORTAGE:
        if 0 < nominal_mg <= upper:
            if permille is None:
                return fixed or 0
            step = 100 if nominal_mg <= 1_000_000 else 1_000
            return round(Fraction(nominal_mg * permille, 1000 * step)) * step
    raise ValueError("net content is more than nothing and at most 50 kg")


def net_content(net_mg: int, d_mg: int) -> NetContent:
    """The label figure for a measured net mass: rounded DOWN to the coarser of the scale's step `d_mg` and three
    significant digits, so that the pack never holds less than its label says (R-BLD-08 and R-LAB-07 as amended).

    Raises ValueError when nothing is left to declare or the step is not positive."""
    if d_mg <= 0:
        raise ValueError("a scale's step is positive")
    step_mg = max(d_mg, 10 ** max(0, len(str(max(net_mg, 0))) - NUMERAL_DIGITS))
    label_mg = net_mg // step_mg * step_mg
    if label_mg <= 0:
        raise ValueError("no net content to declare")
    return NetContent(label_mg, f"净含量：{mass_text(label_mg, step_mg)}", numeral_min_mm_x100(label_mg))


def mass_text(mass_mg: int, step_mg: int = 1) -> str:
    """Grams below 1000 g, kilograms from there (R-LAB-07), with the decimals that a step of `step_mg` can show:
    29.9 g, 30.0 g, 100 g, 1.23 kg."""
    unit_mg, unit, most = (1_000, "g", 3) if mass_mg < 1_000_000 else (1_000_000, "kg", 6)
    zeros = len(str(step_mg)) - len(str(step_mg).rstrip("0"))
    decimals = max(0, most - zeros)
    whole, rest = divmod(mass_mg, unit_mg)
    return f"{whole}.{f'{rest:0{most}d}'[:decimals]} {unit}" if decimals else f"{whole} {unit}"


def numeral_min_mm_x100(mass_mg: int) -> int:
    """Least height of the net content's numerals in 0.01 mm: 2, 3, 4 or 6 mm (R-LAB-07)."""
    return next((height for upper, height in _NUMERAL_MM_X100 if mass_mg <= upper), _NUMERAL_MM_X100_ABOVE)
