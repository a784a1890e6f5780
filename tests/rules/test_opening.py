"""What is asked once a shift is asked at its opening (regulation §0.5): of the shelf, of the room."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from store_service.rules.gates import ask

from .cases import ACTIVE, BASE, BENCH, NOW, RULES, TODAY, changed, passing

YESTERDAY = TODAY - timedelta(days=1)
LATE = ACTIVE.model_copy(update={"filed_on": date(2024, 1, 1), "annual_report_on": date(2025, 3, 1)})
HAINAN = ACTIVE.model_copy(update={"filing_number": "琼G妆网备字2025999995"})


def told(gate: str, rule: str, changes: dict[str, object]) -> list[tuple[str, object]]:
    """(how, product) of what a rule says at a gate, in order."""
    verdict = ask(gate, changed(passing(gate), changes), RULES)
    said = [("refuse", one) for one in verdict.refusals] + [("warn", one) for one in verdict.warnings]
    return [(how, one.facts.get("product_id", "")) for how, one in said if one.rule == rule]


def test_an_annual_report_is_asked_of_everything_on_the_shelf() -> None:
    assert told("open_service", "R-ADM-17", {"shelf": ()}) == []
    assert told("open_service", "R-ADM-17", {"shelf": (BASE, LATE)}) == [("warn", "ACTIVE")]
    assert told("verdict", "R-ADM-17", {"shelf": (BASE, LATE)}) == [], "what is on the shelf and not in the service"
    assert told("verdict", "R-ADM-17", {"units.0.sources.1.product": LATE}) == [("warn", "ACTIVE")]


@pytest.mark.parametrize(
    ("due", "refuses", "opening", "verdict"),
    [
        (TODAY + timedelta(days=121), True, [], []),
        (TODAY + timedelta(days=120), True, ["warn"], ["warn"]),
        (YESTERDAY, False, ["warn"], ["warn"]),
        (YESTERDAY, True, [], ["refuse"]),
    ],
)
def test_a_statement_warns_at_the_opening_and_stops_only_its_service(
    due: date, refuses: bool, opening: list[str], verdict: list[str]
) -> None:
    product, law = HAINAN.model_copy(update={"statement_due": due}), {"params.statement_refuses": refuses}
    shelf = told("open_service", "R-ADM-25", {"shelf": (BASE, product), **law})
    assert shelf == [(how, "ACTIVE") for how in opening]
    service = told("verdict", "R-ADM-25", {"units.0.sources.1.product": product, **law})
    assert service == [(how, "ACTIVE") for how in verdict]


@pytest.mark.parametrize(
    ("temp_c10", "rh_pct10", "heard"),
    [(150, 750, []), (300, 0, []), (149, 500, ["warn"]), (301, 500, ["warn"]), (220, 751, ["warn"])],
)
@pytest.mark.parametrize("gate", ["open_service", "start"])
def test_the_room_of_today_is_answered_for_at_the_opening(
    gate: str, temp_c10: int, rh_pct10: int, heard: list[str]
) -> None:
    room = {"bench": replace(BENCH, temp_c10=temp_c10, rh_pct10=rh_pct10)}
    if gate == "start":
        room |= {"units": (), "unit": None}  # an envelope's own limits are another matter
    assert [how for how, _ in told(gate, "R-BLD-14", dict(room))] == heard


@pytest.mark.parametrize(
    "changes",
    [
        {"bench": None},
        {"bench": replace(BENCH, temp_c10=None)},
        {"bench": replace(BENCH, temp_c10=99, rh_pct10=None)},
        {"bench": replace(BENCH, temp_c10=99, room_recorded_at=None)},
        {"bench": replace(BENCH, temp_c10=99, room_recorded_at=NOW - timedelta(hours=13))},
    ],
)
def test_a_room_of_which_nothing_is_known_today_waits_for_the_start(changes: dict[str, object]) -> None:
    assert told("open_service", "R-BLD-14", changes) == []
    assert [how for how, _ in told("start", "R-BLD-14", changes)] == ["refuse"]
