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


def test_a_plain_text_is_asked_for_words(tmp_path: Path) -> None:
    file = tmp_path / "poster.txt"
    file.write_text("温和保湿\n每天使用，美·白看得见\n含胶原", "utf-8")
    code, told = run(str(file), "--json")
    found = json.loads(told)
    assert code == 1 and [one["rule"] for one in found["refusals"]] == ["R-WORD-03"]
    assert [one["rule"] for one in found["warnings"]] == ["R-WORD-07"]
    first = found["hits"][0]
    assert (first["family"], first["text"], first["line"], first["column"]) == ("W3", "美·白", 2, 6)
    assert first["source"] and file.read_text("utf-8")[first["start"] : first["end"]] == "美·白"


def test_a_clean_text_passes(tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text("取适量均匀涂抹于面部。\n" * 3_000, "utf-8")
    assert run(str(file), "--json")[0] == 0


def test_a_text_without_end_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "name.txt"
    file.write_text("长" * 1_000_000, "utf-8")
    code, told = run(str(file), "--json")
    (refusal,) = json.loads(told)["refusals"]
    assert code == 1 and refusal["rule"] == "R-WORD-08" and refusal["facts"]["characters"] == 1_000_000
    assert len(told) < 2_000
    for content, word in ((b"\xff\xfe" * 10, "UTF-8"), (b"x" * 4_000_001, "bytes")):
        file.write_bytes(content)
        done = CliRunner().invoke(app, ["label-lint", str(file), "--config", str(CONFIG)])
        assert isinstance(done.exception, ValueError) and word in str(done.exception)


def test_a_name_without_end_names_its_field(tmp_path: Path) -> None:
    file = tmp_path / "label.toml"
    text = LABEL.read_text("utf-8").replace('name = "澄壤个性化清爽精华水"', f'name = "{"长" * 1_000_000}"')
    file.write_text(text, "utf-8")
    done = CliRunner().invoke(app, ["label-lint", str(file), "--config", str(CONFIG)])
    assert done.exit_code == 1 and isinstance(done.exception, ValueError)
    assert "items.name" in str(done.exception) and len(str(done.exception)) < 1_000


def test_a_text_full_of_hits_is_cut_short_and_refused(tmp_path: Path) -> None:
    file = tmp_path / "shouting.txt"
    file.write_text("最\n" * 1_000_000, "utf-8")
    code, told = run(str(file), "--json")
    assert code == 1 and len(json.loads(told)["hits"]) == 1_000
