"""The catalogue is read whole or not at all, and its digest follows its content."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from store_service.rules.catalogue import load
from store_service.rules.params import Parameters

from .cases import ROOT, RULES

CONFIG = ROOT / "config"
IDS = (ROOT / "tests" / "golden" / "rule_ids.txt").read_text("utf-8").split()


def copy(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG / "rules", tmp_path / "rules")
    shutil.copy(CONFIG / "provinces.toml", tmp_path)
    return tmp_path


def test_ids_are_those_of_the_rules() -> None:
    assert len(IDS) == 167
    assert set(RULES.rules) <= set(IDS)


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
