"""`store-service label-lint`: exit 0 for a label that may be printed, 1 with the rule for one that may not."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from store_service.cli import app

CONFIG = Path(__file__).parents[2] / "config"
LABEL = CONFIG / "demo" / "label.toml"
OVERLAYS = [
    path
    for path in sorted((CONFIG / "demo" / "refusals").glob("*.toml"))
    if tomllib.loads(path.read_text("utf-8"))["expect_at"] == "label_lint"
]


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["label-lint", *words, "--config", str(CONFIG)])
    return done.exit_code, done.output


def test_the_demos_label_passes() -> None:
    code, told = run(str(LABEL), "--json")
    assert code == 0
    assert json.loads(told)["refusals"] == []


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.stem)
def test_an_overlay_is_refused_by_its_rule(overlay: Path) -> None:
    code, told = run(str(LABEL), "--overlay", str(overlay), "--json")
    assert code == 1
    rules = {one["rule"] for one in json.loads(told)["refusals"]}
    assert rules == {tomllib.loads(overlay.read_text("utf-8"))["rule"]}


def test_in_words_it_says_both_languages() -> None:
    small_pack = next(path for path in OVERLAYS if path.stem.startswith("r-lab-04"))
    code, told = run(str(LABEL), "--overlay", str(small_pack))
    assert code == 1
    assert "净含量" in told and "Net" in told


def test_a_file_that_is_no_label_is_no_label(tmp_path: Path) -> None:
    file = tmp_path / "label.toml"
    file.write_text('fits = "perhaps"', "utf-8")
    done = CliRunner().invoke(app, ["label-lint", str(file), "--config", str(CONFIG)])
    assert done.exit_code == 1
    assert isinstance(done.exception, ValueError)
    assert "fits" in str(done.exception)


def test_an_envelope_that_is_not_registered_is_named(tmp_path: Path) -> None:
    file = tmp_path / "label.toml"
    file.write_text(LABEL.read_text("utf-8").replace('"ENV-TONER"', '"ENV-NONE"'), "utf-8")
    done = CliRunner().invoke(app, ["label-lint", str(file), "--config", str(CONFIG)])
    assert isinstance(done.exception, ValueError)
    assert "ENV-NONE" in str(done.exception)
