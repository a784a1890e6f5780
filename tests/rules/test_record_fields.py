"""R-REC-03: the release waits for every field of the minimum batch record, also in one entry of a list."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from store_service.rules.checking import filled
from store_service.rules.gates import ask

from .cases import EXPLAINED, RECORD, RULES, changed, passing

FIELDS = RULES.fill({}).record_fields
EMPTY = (None, "", [], {})


def without(record: Any, path: str, value: object) -> Any:
    """The record with `value` at `path`, in the last entry of every list on the way."""
    made = copy.deepcopy(record)
    here, keys = made, path.split(".")
    for key in keys[:-1]:
        here = here[-1] if key == "*" else here[key]
    here[keys[-1]] = value
    return made


def missing(record: object) -> list[str]:
    verdict = ask("release", changed(passing("release"), {"record": record}), RULES)
    return [str(path) for one in verdict.refusals if one.rule == "R-REC-03" for path in one.facts["missing"]]  # type: ignore[union-attr]  # a list of paths


def test_a_whole_record_lacks_nothing() -> None:
    assert missing(RECORD) == []


@pytest.mark.parametrize("value", EMPTY, ids=["null", "empty", "no list", "no object"])
@pytest.mark.parametrize("path", FIELDS)
def test_what_is_not_there_is_named(path: str, value: object) -> None:
    assert path in missing(without(RECORD, path, value))


@pytest.mark.parametrize("path", FIELDS)
def test_it_is_named_in_both_languages(path: str) -> None:
    assert RULES.terms.term(path, "zh") != path != RULES.terms.term(path, "en")


@pytest.mark.parametrize("nothing", [[], None, "x", {"0": {"name": "A"}}])
def test_a_list_without_entries_is_not_there(nothing: object) -> None:
    assert not filled({"components": nothing}, "components.*.name")


def test_every_entry_of_a_list_is_looked_at() -> None:
    assert filled({"a": [{"b": 0}, {"b": False}]}, "a.*.b")
    assert not filled({"a": [{"b": 1}, {"c": 1}]}, "a.*.b")
    assert not filled({"a": [{"b": [{"c": 1}]}, {"b": []}]}, "a.*.b.*.c")


@pytest.mark.parametrize("left_out", EXPLAINED)
def test_each_thing_to_be_explained_is_asked_for_by_itself(left_out: str) -> None:
    told = tuple(one for one in EXPLAINED if one != left_out)
    (found,) = ask("hand_over", changed(passing("hand_over"), {"explained": told}), RULES).refusals
    assert (found.rule, found.facts["missing"]) == ("R-CON-09", [left_out])


@pytest.mark.parametrize(
    ("recall_by", "allowed"), [("contact", True), ("card", True), (None, False), ("poster", False)]
)
def test_a_recall_reaches_the_consumer_by_a_contact_or_a_card(recall_by: str | None, allowed: bool) -> None:
    verdict = ask("hand_over", changed(passing("hand_over"), {"recall_by": recall_by}), RULES)
    assert (verdict.allowed, [one.rule for one in verdict.refusals]) == (allowed, [] if allowed else ["R-REC-03"])
