"""Documents that rules ask of the readiness register: there, in force, and somebody answers for them (R-SYN-02)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from .case import Case
from .catalogue import Paper, Rule, RuleSet
from .checking import No, no
from .dates import beijing_date
from .dossier import ReadinessDocument, ReadinessRegister

HERE = "*"
"""In `store_ids`: valid for every shop of the filer."""


def wanted(case: Case, ruleset: RuleSet) -> Iterator[tuple[Rule, Paper]]:
    """Every document that is asked of this shop, with its rule."""
    province = case.site.province if case.site else ""
    for rule in ruleset.rules.values():
        for paper in rule.documents:
            if not paper.provinces or province in paper.provinces:
                yield rule, paper


def held(register: ReadinessRegister | None, rule: Rule, paper: Paper, store_id: str) -> ReadinessDocument | None:
    """The register's newest version of a document for this shop: the one that is valid longest."""
    rows = register.documents if register else ()
    found = [
        row
        for row in rows
        if (row.rule, row.document) == (rule.id, paper.key) and (HERE in row.store_ids or store_id in row.store_ids)
    ]
    return max(found, key=lambda row: (row.valid_to, row.valid_from), default=None)


def documents_lacking(case: Case, ruleset: RuleSet) -> Iterator[tuple[str, No]]:
    """(rule id, no) for each rule and way of lacking; documents that govern blending refuse, the others warn."""
    store_id = case.site.store_id if case.site else ""
    today = beijing_date(case.now)
    found: dict[tuple[str, str, bool], list[Paper]] = {}
    for rule, paper in wanted(case, ruleset):
        why = lack(held(case.readiness, rule, paper, store_id), today)
        if why is not None:
            found.setdefault((rule.id, why, paper.governs), []).append(paper)
    for (rule_id, why, governs), papers in found.items():
        zh, en = [one.zh for one in papers], [one.en for one in papers]
        said = no(why, documents_zh=zh, documents_en=en, today=today)
        yield rule_id, No(said.saying, said.facts, milder=not governs)


def lack(row: ReadinessDocument | None, today: date) -> str | None:
    """The saying for what is wrong with a document today, None where nothing is.

    A named deputy takes over for an owner who is away; a document that nobody answers for is as good as none.
    """
    if row is None:
        return "document_missing"
    if not row.valid_from <= today <= row.valid_to:
        return "document_lapsed"
    if (not row.owner or row.owner_away) and not row.deputy:
        return "document_vacant"
    return None


def check_readiness(register: ReadinessRegister, ruleset: RuleSet) -> None:
    """A register with a slip would stop every shop: raises ValueError naming row and field."""
    known = {(rule.id, paper.key) for rule in ruleset.rules.values() for paper in rule.documents}
    seen = set[tuple[object, ...]]()
    for number, row in enumerate(register.documents):
        here, name = f"documents[{number}]", (row.rule, row.document, row.version, *row.store_ids)
        if row.rule not in ruleset.rules:
            raise ValueError(f"{here}.rule: no rule {row.rule[:20]}")
        if (row.rule, row.document) not in known:
            raise ValueError(f"{here}.document: {row.rule} asks for no {row.document[:40]}")
        if row.valid_to < row.valid_from:
            raise ValueError(f"{here}.valid_to: {row.valid_to} is before {row.valid_from}")
        if name in seen:
            raise ValueError(f"{here}.version: {row.document} {row.version[:40]} stands twice")
        seen.add(name)
