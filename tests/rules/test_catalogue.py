"""The catalogue is read whole or not at all, and its digest follows its content."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from store_service.rules.catalogue import Rule, load
from store_service.rules.params import Parameters

from .cases import ROOT, RULES

CONFIG = ROOT / "config"
IDS = (ROOT / "tests" / "golden" / "rule_ids.txt").read_text("utf-8").split()


def copy(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG / "rules", tmp_path / "rules")
    shutil.copy(CONFIG / "provinces.toml", tmp_path)
    return tmp_path


def family(rule_id: str) -> str:
    return rule_id.split("-")[1]


def test_no_rule_is_invented_and_the_list_is_whole() -> None:
    assert len(IDS) == len(set(IDS)) == 167
    assert set(RULES.rules) - set(IDS) == set()


def test_no_rule_is_missing() -> None:
    missing: dict[str, list[str]] = {}
    for rule_id in IDS:
        if rule_id not in RULES.rules:
            missing.setdefault(family(rule_id), []).append(rule_id)
    assert missing == {}


@pytest.mark.parametrize("rule", RULES.rules.values(), ids=lambda rule: rule.id)
def test_every_outcome_has_what_it_needs(rule: Rule) -> None:
    """What refuses or warns has sayings at a gate; what no software decides has a document; the rest says what is
    done."""
    outcomes = {saying.outcome for saying in rule.no.values()}
    if rule.outcome in ("refuse", "warn"):
        assert rule.asked and rule.outcome in outcomes
    if rule.outcome == "organisational":
        assert rule.documents
    if rule.outcome in ("record", "organisational", "note"):
        assert rule.does_zh and rule.does_en
    if rule.outcome == "note":
        assert outcomes <= {"note"}


def test_the_catalogue_read_anew_is_that_of_the_other_tests() -> None:
    """Theirs was read before they began. What stands in it, docs/rules.md holds."""
    fresh = load(CONFIG / "rules", CONFIG / "provinces.toml")
    assert (fresh.version, fresh.digest, fresh.rules, fresh.provinces, fresh.shared, fresh.reasons) == (
        "2026.11", RULES.digest, RULES.rules, RULES.provinces, RULES.shared, RULES.reasons
    )  # fmt: skip
    said = [fresh.terms.say("{a} {b}", {"a": "SH", "b": "blend"}, language) for language in ("zh", "en")]
    assert said == ["上海 调配", "Shanghai blend"]


@pytest.mark.parametrize("place", ["SH", "沪"])
def test_parameters_are_the_defaults_then_the_provinces_then_head_offices(place: str) -> None:
    raw = tomllib.loads((CONFIG / "provinces.toml").read_text("utf-8"))
    mine = raw["defaults"] | raw["provinces"]["SH"]["set"] | {"min_age": 16, "pia_ref": "P"}
    expected = Parameters.model_validate({name: None if value == "" else value for name, value in mine.items()})
    fresh = load(CONFIG / "rules", CONFIG / "provinces.toml")
    assert fresh.params(place, {"*": {"min_age": 16}, "SH": {"pia_ref": "P"}, "ZJ": {"min_age": 17}}) == dict(expected)


def test_a_document_has_one_home() -> None:
    papers = [(rule.id, paper.key) for rule in RULES.rules.values() for paper in rule.documents]
    assert len(papers) == len(set(papers)) and papers
    places = {letters for rule in RULES.rules.values() for paper in rule.documents for letters in paper.provinces}
    assert places <= set(RULES.provinces)


def test_a_parameter_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    after_sale = folder / "rules" / "after_sale.toml"
    after_sale.write_text(after_sale.read_text("utf-8").replace('["signal_n"', '["signals_n"', 1), "utf-8")
    with pytest.raises(ValueError, match="R-ADR-08: no such parameter: signals_n"):
        load(folder / "rules", folder / "provinces.toml")


def test_the_digest_is_stable_and_sees_a_changed_word(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    assert load(folder / "rules", folder / "provinces.toml").digest == RULES.digest
    assert re.fullmatch(r"[0-9a-f]{64}", RULES.digest)
    scope = folder / "rules" / "scope.toml"
    scope.write_text(scope.read_text("utf-8").replace("试点期限为", "期限为", 1), "utf-8")
    changed = load(folder / "rules", folder / "provinces.toml")
    assert changed.digest != RULES.digest and changed.version == RULES.version


def test_a_comment_does_not_change_the_digest(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    with (folder / "provinces.toml").open("a", encoding="utf-8") as file:
        file.write("\n# nothing\n")
    assert load(folder / "rules", folder / "provinces.toml").digest == RULES.digest


def test_a_rule_may_not_stand_twice(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    shutil.copy(folder / "rules" / "words.toml", folder / "rules" / "words2.toml")
    with pytest.raises(ValueError, match="defined twice: R-WORD-01"):
        load(folder / "rules", folder / "provinces.toml")


def test_an_unknown_field_is_an_error(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    words = folder / "rules" / "words.toml"
    words.write_text(words.read_text("utf-8").replace('every = "unit"', 'every = "unit"\nnonsense = 1', 1), "utf-8")
    with pytest.raises(ValidationError):
        load(folder / "rules", folder / "provinces.toml")


def test_a_missing_parameter_is_an_error(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    provinces = folder / "provinces.toml"
    provinces.write_text(provinces.read_text("utf-8").replace("min_age = 18\n", "", 1), "utf-8")
    with pytest.raises(ValidationError):
        load(folder / "rules", provinces)


def test_the_defaults_name_every_parameter() -> None:
    assert set(RULES.defaults) == set(Parameters.model_fields)
