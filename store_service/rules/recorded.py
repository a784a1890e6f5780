"""A record that a rule asks for is there at the release, or the unit is not released."""

from __future__ import annotations

from collections.abc import Iterator

from .case import Case
from .catalogue import RuleSet
from .checking import No, filled, no


def not_recorded(case: Case, ruleset: RuleSet) -> Iterator[tuple[str, No]]:
    """Every rule whose places in the unit's record are not all filled: (rule id, `not_recorded`)."""
    for rule in ruleset.rules.values():
        missing = [path for path in rule.records if not filled(case.record, path)]
        if missing:
            yield rule.id, no("not_recorded", missing=missing)
