"""Which tests name which rule, by a static scan, and which were seen to refuse a command by it and to let one pass: so
that docs/rules.md can say it and goes stale when it is no longer so."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path

RULE_ID = re.compile(r"R-[A-Z]+-\d{2}")


Pairs = Mapping[str, Mapping[str, str]]
"""Rule id → `{gate, refuses, passes}`, the last two as pytest names its tests (tests/witness.py)."""


def witnessed(root: Path) -> Pairs:
    """The pair of every rule that can refuse, as tests/witness.py keeps it."""
    found: Pairs = json.loads((root / "tests" / "golden" / "commands.json").read_text("utf-8"))
    return found


def covering(root: Path) -> Mapping[str, tuple[str, ...]]:
    """Rule id → where it is tested: `file::test` for a test that names it, `file` for a table of cases, and the
    overlays that the demo plays. Sorted; paths relative to `root`."""
    found: dict[str, set[str]] = {}
    for path in sorted((root / "tests").rglob("*.py")):
        text = path.read_text("utf-8")
        if RULE_ID.search(text):
            for rule_id, where in _named(text, path.relative_to(root).as_posix()):
                found.setdefault(rule_id, set()).add(where)
    for path in sorted((root / "config" / "demo" / "refusals").glob("*.toml")):
        for rule_id in RULE_ID.findall(path.read_text("utf-8"))[:1]:
            found.setdefault(rule_id, set()).add(path.relative_to(root).as_posix())
    return {rule_id: tuple(sorted(places)) for rule_id, places in found.items()}


def _named(text: str, name: str) -> list[tuple[str, str]]:
    places = []
    for node in ast.parse(text).body:
        is_test = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        where = f"{name}::{node.name}" if is_test else name  # type: ignore[attr-defined]  # is_test says which node
        for inner in ast.walk(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                places += [(rule_id, where) for rule_id in RULE_ID.findall(inner.value)]
    return places
