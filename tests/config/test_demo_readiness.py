"""The demo's readiness register holds every document that a rule asks for, and nothing that none asks for."""

from __future__ import annotations

from store_service.rules.catalogue import load
from store_service.rules.dossier import ReadinessRegister
from store_service.rules.readiness import check_readiness

from .documents import CONFIG, raw, snapshot

RULESET = load(CONFIG / "rules", CONFIG / "provinces.toml")


def test_every_document_is_there_in_its_words() -> None:
    """A rule that asks for a new document needs its row in config/demo/readiness.toml, else the demo warns all day."""
    register = snapshot("readiness")
    assert isinstance(register, ReadinessRegister)
    check_readiness(register, RULESET)
    province = raw("store")["shop"]["province"]
    asked = {
        (rule.id, paper.key, paper.zh, paper.en)
        for rule in RULESET.rules.values()
        for paper in rule.documents
        if not paper.provinces or province in paper.provinces
    }
    held = {(row.rule, row.document, row.name_zh, row.name_en) for row in register.documents}
    assert asked - held == set() and held - asked == set()
