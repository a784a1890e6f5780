"""Documents, records and ends as data: what is asked for, what is lacking, and when it is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.ahead import deadlines, step
from store_service.rules.checking import filled
from store_service.rules.dossier import ReadinessDocument, ReadinessRegister
from store_service.rules.gates import ask
from store_service.rules.readiness import check_readiness
from store_service.rules.refusal import Verdict

from .cases import READINESS, RECORD, RULES, STAFF, TODAY, changed, passing

PAPERS = [(rule.id, paper) for rule in RULES.rules.values() for paper in rule.documents if not paper.provinces]
GATES = ("open_service", "verdict", "start")
STEPS = (30, 7, 1)


def with_document(rule_id: str, key: str, **values: object) -> ReadinessRegister:
    rows = tuple(
        row.model_copy(update=values) if (row.rule, row.document) == (rule_id, key) else row
        for row in READINESS.documents
    )
    return ReadinessRegister(documents=rows)


def asked(gate: str, register: ReadinessRegister | None) -> Verdict:
    return ask(gate, changed(passing(gate), {"readiness": register}), RULES)


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize(("rule_id", "paper"), PAPERS, ids=[f"{one[0]} {one[1].key}" for one in PAPERS])
@pytest.mark.parametrize(
    "values",
    [
        {"document": "another"},
        {"valid_to": TODAY - timedelta(days=1)},
        {"valid_from": TODAY + timedelta(days=1)},
        {"owner": "", "deputy": None},
        {"owner_away": True, "deputy": None},
        {"store_ids": ("SH0043",)},
    ],
    ids=["missing", "lapsed", "not yet", "nobody", "away", "of another shop"],
)
def test_a_document_that_lacks_refuses_or_warns(
    gate: str, rule_id: str, paper: object, values: dict[str, object]
) -> None:
    """R-PPL-01, R-SYN-01, R-SYN-02 and every other: refused only where the document governs blending."""
    governs, key = paper.governs, paper.key  # type: ignore[attr-defined]  # a Paper
    verdict = asked(gate, with_document(rule_id, key, **values))
    told, silent = (verdict.refusals, verdict.warnings) if governs else (verdict.warnings, verdict.refusals)
    assert [one.rule for one in told] == [rule_id] and silent == ()
    wants = not governs and RULES.rules[rule_id].second_person
    assert told[0].second_person == wants, "a second name goes past a warning, never past a document that governs"
    assert paper.zh in told[0].message_zh and paper.en in told[0].message_en  # type: ignore[attr-defined]  # a Paper


@pytest.mark.parametrize(
    "values", [{"owner_away": True}, {"owner": ""}, {"store_ids": ("SH0042",)}, {"valid_to": TODAY}]
)
def test_a_deputy_takes_over_and_the_last_day_still_holds(values: dict[str, object]) -> None:
    assert asked("start", with_document("R-PPL-01", "quality-safety-head", **values)).allowed


def test_without_a_register_whatever_governs_blending_is_refused() -> None:
    """Unknown is no document."""
    verdict = asked("start", None)
    assert {one.rule for one in verdict.refusals} == {rule_id for rule_id, paper in PAPERS if paper.governs}
    assert {one.rule for one in verdict.warnings} >= {rule_id for rule_id, paper in PAPERS if not paper.governs}


def test_the_version_that_is_valid_longest_counts() -> None:
    old = next(row for row in READINESS.documents if row.document == "cleaning")
    renewed = ReadinessDocument(**{**old.model_dump(), "version": "V2", "valid_to": date(2028, 12, 31)})
    lapsed = old.model_copy(update={"valid_to": TODAY - timedelta(days=1)})
    others = tuple(row for row in READINESS.documents if row is not old)
    for rows in ((lapsed, renewed), (renewed, lapsed)):
        assert asked("start", ReadinessRegister(documents=(*others, *rows))).allowed
    assert not asked("start", ReadinessRegister(documents=(*others, lapsed))).allowed


@given(st.integers(-400, 400))
def test_a_step_is_the_smallest_that_is_reached(days_left: int) -> None:
    reached = step(days_left, STEPS)
    if days_left < 0 or days_left > 30:
        assert reached is None
    else:
        assert reached in STEPS and days_left <= reached and all(one >= reached for one in STEPS if days_left <= one)


@pytest.mark.parametrize(("days_left", "reached"), [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1)])
def test_each_step_is_another_thing_to_answer_for(days_left: int, reached: int | None) -> None:
    register = with_document("R-SYN-02", "recall", valid_to=TODAY + timedelta(days=days_left))
    told = asked("open_service", register).warnings
    assert [one.rule for one in told] == ([] if reached is None else ["R-SYN-02"])
    if reached is not None:
        (one,) = told
        assert one.per is not None and one.per.endswith(f" {reached}") and not one.second_person
        assert one.facts["days"] == days_left
    assert asked("verdict", register).warnings == (), "asked at the opening only"


def test_everything_with_an_end_is_listed() -> None:
    case = changed(passing("start"), {"person.staff.account_to": TODAY})
    person = STAFF.model_copy(update={"account_to": TODAY})
    found = list(deadlines(case, RULES.fill(case.params), RULES, [person]))
    assert {one.rule for one in found} >= {
        "R-SCP-03", "R-SCP-09", "R-SCP-10", "R-SCP-17", "R-PPL-03", "R-PPL-04", "R-PPL-06", "R-PPL-09", "R-BLD-10",
        "R-SYN-01", "R-SYN-02",
    }  # fmt: skip
    ends = {one.what_en: one.last_day for one in found}
    assert ends["s-01: health check"] == STAFF.health_checked + timedelta(days=365)
    assert ends["the pilot"] == date(2027, 9, 30)


RULES_WITH_RECORDS = [(rule.id, path) for rule in RULES.rules.values() for path in rule.records]


@pytest.mark.parametrize(("rule_id", "path"), RULES_WITH_RECORDS)
@pytest.mark.parametrize("emptied", [None, "", []], ids=["null", "empty", "none"])
def test_a_record_that_is_not_there_bars_the_release(rule_id: str, path: str, emptied: object) -> None:
    group, name = path.split(".")
    record = {**RECORD, group: {**RECORD[group], name: emptied}}
    (found,) = ask("release", changed(passing("release"), {"record": record}), RULES).refusals
    assert (found.rule, found.facts["missing"]) == (rule_id, [path])
    bare = {**RECORD, group: {key: value for key, value in RECORD[group].items() if key != name}}
    assert not ask("release", changed(passing("release"), {"record": bare}), RULES).allowed


def test_zero_and_no_are_records() -> None:
    assert filled({"a": {"b": 0}}, "a.b") and filled({"a": {"b": False}}, "a.b")
    assert not filled({"a": 1}, "a.b") and not filled(None, "a") and not filled({"a": {}}, "a")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"rule": "R-XXX-99"}, "rule"),
        ({"document": "no-such-document"}, "document"),
        ({"valid_to": date(2025, 12, 31)}, "valid_to"),
        ({"document": READINESS.documents[0].document, "rule": READINESS.documents[0].rule}, "version"),
    ],
)
def test_a_register_with_a_slip_is_not_published(values: dict[str, object], field: str) -> None:
    check_readiness(READINESS, RULES)
    rows = READINESS.documents
    spoilt = ReadinessRegister(documents=(*rows[:3], rows[3].model_copy(update=values), *rows[4:]))
    with pytest.raises(ValueError, match=rf"^documents\[3\]\.{field}: "):
        check_readiness(spoilt, RULES)
