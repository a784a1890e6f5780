"""What the rest of a unit must be when a component has landed off its target, and the order that leaves room for it.

Pure arithmetic in mg and bp: it proposes, and changes nothing. A command that follows a proposal puts the old and the
new targets on record; where none exists the unit lies outside its envelope, and that is a deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .amounts import WHOLE_BP, largest_remainder


@dataclass(frozen=True, slots=True)
class Part:
    """One component: its planned target, the envelope's share limits, and what has landed (None: not dosed yet)."""

    target_mg: int
    min_bp: int
    max_bp: int
    landed_mg: int | None = None
    active: bool = False


def dose_order(parts: Sequence[Part]) -> tuple[int, ...]:
    """Indices in the order to dose: actives first, then the small before the large, so that the base comes last and
    can make up for what landed before it. Ties keep the envelope's order."""
    return tuple(sorted(range(len(parts)), key=lambda i: (not parts[i].active, parts[i].target_mg, i)))


def band(target_mg: int, tolerance_mg: int, *, active: bool) -> tuple[int, int]:
    """How far a dose may be (under, over) its target: an active never goes over what was written, and may stay under
    by the whole width of the band. Never under by all of it."""
    under = min(2 * tolerance_mg if active else tolerance_mg, target_mg - 1)
    return under, 0 if active else tolerance_mg


def reratio(parts: Sequence[Part], most_mg: int) -> tuple[int, ...] | None:
    """Final masses of all parts, those that have landed as they are, so that every share lies inside its limits.

    The fill stays what was planned if that can be; else it is the smallest larger one, at most `most_mg`. What is
    still to be dosed keeps its proportions as far as the limits let it. None when nothing inside the envelope exists.
    Raises ValueError on limits or masses that make no sense.
    """
    for part in parts:
        if not 0 <= part.min_bp <= part.max_bp <= WHOLE_BP or part.target_mg < 0 or (part.landed_mg or 0) < 0:
            raise ValueError("shares lie between 0 and 10,000 bp, masses are not negative")
    fixed = [part for part in parts if part.landed_mg is not None]
    landed = sum(part.landed_mg or 0 for part in fixed)
    least = max(sum(part.target_mg for part in parts), landed)
    for part in fixed:
        mass = part.landed_mg or 0
        if mass > 0 and part.max_bp == 0:
            return None
        least = max(least, -(-mass * WHOLE_BP // part.max_bp) if mass else 0)
    open_min = sum(part.min_bp for part in parts if part.landed_mg is None)
    if open_min < WHOLE_BP:  # room for the least shares of what is still open
        least = max(least, landed * WHOLE_BP // (WHOLE_BP - open_min))
    # Rounding each least share up may ask for a few mg more than the proportion says.
    # Of a tiny fill a narrow share may hold no whole milligram: then a few more are tried.
    tries = len(parts) + 1 if least >= WHOLE_BP else 200
    for fill in range(least, min(least + tries, most_mg) + 1):
        found = _filled(parts, fill)
        if found is not None:
            return found
    return None


def _filled(parts: Sequence[Part], fill_mg: int) -> tuple[int, ...] | None:
    low = [-(-part.min_bp * fill_mg // WHOLE_BP) for part in parts]
    high = [part.max_bp * fill_mg // WHOLE_BP for part in parts]
    if any(least > most for least, most in zip(low, high, strict=True)):
        return None
    masses = [part.landed_mg for part in parts]
    for i, mass in enumerate(masses):
        if mass is not None and not low[i] <= mass <= high[i]:
            return None
    opened = [i for i, mass in enumerate(masses) if mass is None]
    rest = fill_mg - sum(mass for mass in masses if mass is not None)
    if not sum(low[i] for i in opened) <= rest <= sum(high[i] for i in opened):
        return None
    given = _shared(rest, [(parts[i].target_mg, low[i], high[i]) for i in opened])
    for i, mass in zip(opened, given, strict=True):
        masses[i] = mass
    return tuple(mass or 0 for mass in masses)


def _shared(total: int, wants: Sequence[tuple[int, int, int]]) -> list[int]:
    """`total` in proportion to the first figure of each, none below its second or above its third. Feasible sums only.

    Those that a limit holds are set aside, worst side first, until the others share the rest freely.
    """
    given: list[int | None] = [None] * len(wants)
    while free := [i for i, mass in enumerate(given) if mass is None]:
        rest = total - sum(mass for mass in given if mass is not None)
        weights = [wants[i][0] for i in free]
        shares = largest_remainder(rest, weights if any(weights) else [1] * len(free))
        short = {i: wants[i][1] for i, share in zip(free, shares, strict=True) if share < wants[i][1]}
        beyond = {i: wants[i][2] for i, share in zip(free, shares, strict=True) if share > wants[i][2]}
        lacking = sum(low - shares[free.index(i)] for i, low in short.items())
        surplus = sum(shares[free.index(i)] - high for i, high in beyond.items())
        held = short if lacking >= surplus and short else beyond
        for i, mass in (held or dict(zip(free, shares, strict=True))).items():
            given[i] = mass
    # Rounding may have held one at a limit a milligram too early: what is left over goes where there is room.
    masses = [min(max(mass or 0, low), high) for mass, (_, low, high) in zip(given, wants, strict=True)]
    for i, (_, low, high) in enumerate(wants):
        missing = total - sum(masses)
        masses[i] = min(max(masses[i] + missing, low), high)
    return masses
