"""R-SCP-15: how many shops the province lists of this enterprise, against the cap that its notice states."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.dossier import RosterRow
from store_service.rules.gates import ask

from .cases import ROSTER, RULES, TODAY, changed, passing

ROW = ROSTER.rows[0]
OTHER = ROW.model_copy(update={"store_id": "SH0099"})


def refused(cap: int | None, *others: RosterRow) -> list[tuple[object, object]]:
    """(counted, limit) of what R-SCP-15 refuses at the start."""
    rows = (ROW.model_copy(update={"max_shops": cap}), *others)
    case = changed(passing("start"), {"roster": ROSTER.model_copy(update={"rows": rows})})
    found = [one for one in ask("start", case, RULES).refusals if one.rule == "R-SCP-15"]
    assert all(one.saying == "shops" for one in found)
    return [(one.facts["counted"], one.facts["limit"]) for one in found]


@given(st.integers(0, 8), st.none() | st.integers(0, 8))
def test_refused_above_the_cap_only(others: int, cap: int | None) -> None:
    rows = [ROW.model_copy(update={"store_id": f"SH9{number:03}"}) for number in range(others)]
    assert refused(cap, *rows) == ([(others + 1, cap)] if cap is not None and others + 1 > cap else [])


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"status": "suspended"}, True),
        ({"status": "rectifying"}, True),
        ({"status": "cancelled"}, False),
        ({"filer_id": "ANOTHER"}, False),
        ({"province": "GD"}, False),
        ({"valid_from": TODAY}, True),
        ({"valid_from": TODAY + timedelta(days=1)}, False),
        ({"valid_to": TODAY}, True),
        ({"valid_to": TODAY - timedelta(days=1)}, False),
        ({"store_id": ROW.store_id}, False),
        ({"max_shops": 9}, True),
    ],
)
def test_what_counts_as_a_shop_of_ours(changes: dict[str, object], counts: bool) -> None:
    """The cap is that of this shop's own notice."""
    assert refused(1, OTHER.model_copy(update=changes)) == ([(2, 1)] if counts else [])
