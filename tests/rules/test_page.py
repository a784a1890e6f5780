"""docs/rules.md is what the rules say today, and which tests hold them to it."""

from __future__ import annotations

import pytest

from store_service.rules.catalogue import Rule, load
from store_service.rules.covered import covering, witnessed
from store_service.rules.page import page

from .cases import ROOT, RULES

TESTS, PAIRS = covering(ROOT), witnessed(ROOT)


def test_the_page_is_not_stale() -> None:
    written = (ROOT / "docs" / "rules.md").read_text("utf-8")
    fresh = load(ROOT / "config" / "rules", ROOT / "config" / "provinces.toml")
    assert written == page(fresh, TESTS, PAIRS), "run: python -m store_service.rules.page > docs/rules.md"


def test_the_page_tells_every_rule_in_both_languages() -> None:
    text = page(RULES, TESTS, PAIRS)
    for rule in RULES.rules.values():
        assert f"### {rule.id} {rule.title_zh} · {rule.title_en}" in text
        for saying in rule.no.values():
            assert saying.zh in text and saying.en in text
        for paper in rule.documents:
            assert paper.zh in text and paper.en in text
        assert rule.does_zh in text and rule.does_en in text
    assert "(15)" in text and "(16)" in text


@pytest.mark.parametrize("rule", [rule for rule in RULES.rules.values() if rule.no], ids=lambda rule: rule.id)
def test_a_rule_that_a_gate_asks_is_named_by_a_test(rule: Rule) -> None:
    assert TESTS.get(rule.id)


def test_the_scan_finds_tests_and_tables() -> None:
    assert "tests/rules/refusing.py" in TESTS["R-SCP-01"]
    assert "tests/rules/test_provinces.py::test_a_shop_anywhere_else_may_not" in TESTS["R-SCP-01"]
    assert "config/demo/refusals/r-scp-01-outside-pilot.toml" in TESTS["R-SCP-01"]
