"""When a warning that was answered is asked again: when it says another thing, or the same of other facts."""

from __future__ import annotations

from .refusal import Facts

MOVING = frozenset(
    {
        "today", "now_at", "hours", "age_days", "days", "remaining_days", "behind_since",
        "temp_c10", "rh_pct10", "usable_mg", "at_character", "second_person",
    }
)  # fmt: skip
"""Facts that move with the clock, a reading or the day's work: alone they make no new question. Of a room
(R-BLD-14) `beyond` tells the step that counts."""
PERSONAL = frozenset({"conditions", "allergens", "allergen", "text"})
"""Facts that belong to the consumer: no event holds them (RECORD.md §4). `consulted_at` tells one consultation's
conditions from another's."""


def kept(facts: Facts) -> Facts:
    """What goes on record of a warning's facts."""
    return {name: value for name, value in facts.items() if name not in PERSONAL}


def same(before: Facts, now: Facts) -> bool:
    """Whether what was accepted `before` is what is asked `now`."""
    return _settled(before) == _settled(now)


def _settled(facts: Facts) -> Facts:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in kept(facts).items()
        if name not in MOVING
    }
