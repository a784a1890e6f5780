"""What is asked of the consumer, what it is for, and where the answers can lead."""

from __future__ import annotations

from itertools import product as every
from typing import Any

import pytest

from store_service.rules.checks.consultation import BARRING, CAUTIONING
from store_service.rules.dossier import EnvelopeRegister, RuleParameters

from .documents import raw, snapshot

CONSENT = raw("consent")
QUESTIONS: list[dict[str, Any]] = raw("consultation")["questions"]
RECOMMENDATION = raw("recommendation")
PURPOSES = {row["key"]: row for row in CONSENT["purposes"]}


def values(question_id: str) -> list[str]:
    return [o["value"] for q in QUESTIONS if q["id"] == question_id for o in q["options"]]


def test_every_purpose_has_its_own_versioned_text_in_both_languages() -> None:
    assert {"questionnaire", "allergy", "skin_image", "contact"} <= set(PURPOSES)
    for row in (*PURPOSES.values(), CONSENT["notice"]):
        assert row["version"] and row["zh"].strip() and row["en"].strip()
    assert len({row["version"] for row in PURPOSES.values()}) == len(PURPOSES)


def test_only_the_screening_is_a_condition_of_the_service() -> None:
    assert [key for key, row in PURPOSES.items() if row["required"]] == ["allergy"]
    assert {key for key, row in PURPOSES.items() if row["sensitive"]} == {"allergy", "skin_image", "guardian"}
    assert {q["purpose"] for q in QUESTIONS if q["necessary"]} == {"allergy"}
    assert all("prefer_not_to_say" in values(q["id"]) for q in QUESTIONS if not q["necessary"])


@pytest.mark.parametrize(
    "word", ["处理者", "目的", "种类", "敏感个人信息", "必要性", "保存", "撤回", "删除", "021-0000 0099"]
)
def test_the_notice_says_what_the_law_asks_for(word: str) -> None:
    assert word in CONSENT["notice"]["zh"]


def test_contra_indications_come_first_and_each_question_is_one_screen() -> None:
    assert [q["id"] for q in QUESTIONS] == ["condition", "age", "allergy", "feel", "goal", "texture"]
    for question in QUESTIONS:
        assert question["kind"] in ("one", "many") and question["purpose"] in PURPOSES
        for row in (question, *question["options"]):
            assert row["zh"].strip() and row["en"].strip()
        assert question["why_zh"].strip() and question["why_en"].strip()
        assert len(set(values(question["id"]))) == len(question["options"])


def test_conditions_are_those_that_the_screening_knows() -> None:
    asked = {o["condition"] for q in QUESTIONS for o in q["options"] if "condition" in o}
    assert asked == {*BARRING, *CAUTIONING}


def test_age_bands_are_judged_by_their_youngest_year() -> None:
    ages = {o["value"]: o["age"] for q in QUESTIONS if q["id"] == "age" for o in q["options"]}
    assert (
        ages["under_14"] < 14 <= ages["14_17"] < 18 <= min(v for k, v in ages.items() if k not in ("under_14", "14_17"))
    )


def test_listed_allergens_are_signed_groups() -> None:
    rules = snapshot("rules")
    assert isinstance(rules, RuleParameters)
    assert set(values("allergy")) - {"none"} <= {group.key for group in rules.allergen_groups}


def test_recommendations_ask_for_answers_that_exist() -> None:
    for row in (*RECOMMENDATION["choose"], *RECOMMENDATION["shift"]):
        assert row["reason_zh"].strip() and row["reason_en"].strip()
        assert row["when"] and all(value in values(question) for question, value in row["when"].items())


def test_every_combination_of_answers_stays_inside_its_envelope() -> None:
    register = snapshot("envelopes")
    assert isinstance(register, EnvelopeRegister)
    blends = {e.envelope_id: e for e in register.envelopes if e.kind == "blend"}
    assert {row["envelope"] for row in RECOMMENDATION["choose"]} == set(blends)
    assert RECOMMENDATION["fallback"] in blends
    for feel, goal, texture in every(values("feel"), values("goal"), values("texture")):
        answers = {"feel": feel, "goal": goal, "texture": texture}
        for envelope in blends.values():
            parts = {part.product_id: part for part in envelope.components}
            shares = dict(zip(parts, envelope.default_bp, strict=True))
            for row in RECOMMENDATION["shift"]:
                if row["envelope"] == envelope.envelope_id and row["when"].items() <= answers.items():
                    shares[row["from"]] -= row["bp"]
                    shares[row["to"]] += row["bp"]
            assert sum(shares.values()) == 10_000
            assert all(parts[key].min_bp <= bp <= parts[key].max_bp for key, bp in shares.items()), (answers, shares)
