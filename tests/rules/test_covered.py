"""The page of the rules names the tests that hold a rule: what the scan finds, and where."""

from __future__ import annotations

import json
from pathlib import Path

from store_service.rules.covered import covering, witnessed

NAMING = '''ROWS = [("R-AAA-01", "x"), ("R-BBB-02", "y")]

def test_one():
    """Says R-AAA-01 and R-CCC-03."""

async def test_two():
    assert "R-BBB-02 R-AAA-01"

def helper():
    return "R-DDD-04"
'''


def test_a_test_is_named_by_itself_and_a_table_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "tests" / "rules").mkdir(parents=True)
    (tmp_path / "tests" / "rules" / "b.py").write_text(NAMING, "utf-8")
    (tmp_path / "tests" / "a.py").write_text('WHY = "规则 R-AAA-01"\n', "utf-8")
    (tmp_path / "tests" / "silent.py").write_text("not python at all: and no rule in it\n", "utf-8")
    refusals = tmp_path / "config" / "demo" / "refusals"
    refusals.mkdir(parents=True)
    (refusals / "z.toml").write_text('rule = "R-CCC-03" # 规则, not R-DDD-04\n', "utf-8")
    (refusals / "z.md").write_text("R-EEE-05", "utf-8")
    b = "tests/rules/b.py"
    assert covering(tmp_path) == {
        "R-AAA-01": ("tests/a.py", b, f"{b}::test_one", f"{b}::test_two"),
        "R-BBB-02": (b, f"{b}::test_two"),
        "R-CCC-03": ("config/demo/refusals/z.toml", f"{b}::test_one"),
        "R-DDD-04": (b,),
    }


def test_the_pairs_are_those_of_the_golden_file(tmp_path: Path) -> None:
    pairs = {"R-AAA-01": {"gate": "签", "refuses": "a::b", "passes": "a::c"}}
    (tmp_path / "tests" / "golden").mkdir(parents=True)
    (tmp_path / "tests" / "golden" / "commands.json").write_text(json.dumps(pairs, ensure_ascii=False), "utf-8")
    assert witnessed(tmp_path) == pairs
