"""Each gate lets its passing case through, and each saying of each rule is heard when its one condition is broken."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from store_service.rules.checks import CHECKS
from store_service.rules.gates import GATES, ask

from .cases import RULES, changed, passing
from .refusing import EVERY, Row

HAN = "[\u4e00-\u9fff]"


@pytest.mark.parametrize("gate", GATES)
def test_a_good_case_passes_without_a_warning(gate: str) -> None:
    verdict = ask(gate, passing(gate), RULES)
    assert (verdict.refusals, verdict.warnings, verdict.notes) == ((), (), ())
    assert verdict.allowed and verdict.asked


@pytest.mark.parametrize(("rule", "saying", "gate", "changes"), EVERY, ids=lambda v: v if isinstance(v, str) else "")
def test_a_rule_says_no(rule: str, saying: str, gate: str, changes: dict[str, object]) -> None:
    case = changed(passing(gate), changes)
    params = RULES.fill(case.params)
    said = [no.saying for rule_id, check in CHECKS[gate] if rule_id == rule for no in check(case, params)]
    assert saying in said

    verdict = ask(gate, case, RULES)
    told = {"refuse": verdict.refusals, "warn": verdict.warnings, "note": verdict.notes}
    heard = [finding for finding in told[RULES.rules[rule].no[saying].outcome] if finding.rule == rule]
    assert heard and rule in verdict.asked
    assert verdict.allowed is (verdict.refusals == ())
    for finding in heard:
        assert finding.facts and json.loads(json.dumps(dict(finding.facts))) == finding.facts
        assert all(isinstance(value, str | int | bool | list) for value in finding.facts.values())
        assert finding.title_zh and finding.title_en and finding.next_steps
        for text in (finding.message_zh, finding.message_en, *(s.zh for s in finding.next_steps)):
            assert text and "{" not in text and "None" not in text


def test_every_saying_has_its_case() -> None:
    written = {(rule.id, saying) for rule in RULES.rules.values() for saying in rule.no}
    assert {(rule, saying) for rule, saying, _, _ in EVERY} == written


def test_every_rule_with_a_saying_is_asked_somewhere() -> None:
    assert {rule.id for rule in RULES.rules.values() if rule.no} == {
        rule for pairs in CHECKS.values() for rule, _ in pairs
    }
    assert set(GATES) == set(CHECKS)


def test_unknown_is_said_in_words() -> None:
    verdict = ask("open_service", changed(passing("open_service"), {"officers_on_duty": None}), RULES)
    (finding,) = verdict.refusals
    assert finding.facts["on_duty"] == "unknown"
    assert "未知" in finding.message_zh and "unknown" in finding.message_en


def test_all_failing_rules_are_told_at_once() -> None:
    case = changed(
        passing("verdict"), {"params.in_pilot": False, "officers_on_duty": (), "consumer.age": 13, "label.fits": False}
    )
    told = {finding.rule for finding in ask("verdict", case, RULES).refusals}
    assert told == {"R-SCP-01", "R-PPL-02", "R-CON-05", "R-LAB-18"}


def test_amounts_are_told_with_their_units() -> None:
    case = changed(passing("weigh"), {"progress.dosed.0.actual_mg": 24_241})
    (finding,) = ask("weigh", case, RULES).refusals
    assert "24.241 g" in finding.message_en and "24 g" in finding.message_en and "0.24 g" in finding.message_zh
    assert finding.facts["tolerance_mg"] == 240


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_that_knows_nothing_refuses_and_does_not_fall_over(gate: str) -> None:
    nothing = replace(
        passing(gate), site=None, roster=None, person=None, officers_on_duty=None, consumer=None, units=(), unit=None,
        source=None, bench=None, cup=None, progress=None, label=None, receipt=None, clock_ok=None, explained=None,
        readiness=None, sync=None, started_today=None, record=None, name_fits=None,
        params={}, matter=None,
    )  # fmt: skip
    assert not ask(gate, nothing, RULES).allowed


def test_there_is_no_other_gate() -> None:
    with pytest.raises(ValueError, match="no such gate"):
        ask("side_door", passing("verdict"), RULES)


@pytest.mark.parametrize("rule", RULES.rules.values(), ids=lambda rule: rule.id)
def test_words_are_there_in_both_languages_and_well_set(rule: Any) -> None:
    chinese = [rule.title_zh] + [text for s in rule.no.values() for text in (s.zh, *(n.zh for n in s.next))]
    english = [rule.title_en] + [text for s in rule.no.values() for text in (s.en, *(n.en for n in s.next))]
    for text in chinese:
        assert re.search(HAN, text)
        assert not re.search(f"{HAN}[,;:?!()]|[,;:?!()]{HAN}", text), text
    for text in english:
        assert text and not re.search(HAN, text), text
    for saying in rule.no.values():
        fields = [re.findall(r"\{(\w+)\}", text) for text in (saying.zh, saying.en)]
        same = [{name.removesuffix("_zh").removesuffix("_en") for name in one} for one in fields]
        assert same[0] == same[1], "both languages tell the same values"


def row_id(row: Row) -> str:
    return f"{row[0]}-{row[1]}"


def test_no_row_stands_twice() -> None:
    names = [row_id(row) for row in EVERY]
    assert len(names) == len(set(names))


BY_A_PERSON = (
    "sign_in", "open_service", "verdict", "start", "scan", "cup", "dose", "reratio", "weigh", "sign", "print",
    "release", "resume", "hand_over",
)  # fmt: skip


@pytest.mark.parametrize("gate", BY_A_PERSON)
def test_a_banned_person_does_nothing_at_any_gate_of_a_unit(gate: str) -> None:
    banned = ask(gate, changed(passing(gate), {"person.staff.banned": True}), RULES)
    assert [one.rule for one in banned.refusals] == ["R-PPL-08"]
    assert ask(gate, passing(gate), RULES).allowed
