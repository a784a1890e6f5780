"""docs/rules.md is what the rules say today."""

from __future__ import annotations

from store_service.rules.page import page

from .cases import ROOT, RULES


def test_the_page_is_not_stale() -> None:
    written = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert written == page(RULES), "run: python -m store_service.rules.page > docs/rules.md"


def test_the_page_tells_every_rule_in_both_languages() -> None:
    text = page(RULES)
    for rule in RULES.rules.values():
        assert f"### {rule.id} {rule.title_zh} · {rule.title_en}" in text
        for saying in rule.no.values():
            assert saying.zh in text and saying.en in text
    assert "(15)" in text and "(16)" in text
