"""A plain text asked for forbidden words alone (`label-lint FILE` for anything that is no label document).

There is no formula beside a plain text, so an ingredient that it names (family W7) goes to a person.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from store_service.http import finding_json
from store_service.rules.catalogue import RuleSet
from store_service.rules.checking import No, no
from store_service.rules.checks.words import told
from store_service.rules.words import LONGEST, Hit, lint, misnamed

MOST_BYTES = 4_000_000
MOST_HITS = 1_000
"""Beyond so many nothing more is read, and the text is refused."""


def lint_text(file: Path, ruleset: RuleSet) -> dict[str, Any]:
    """{gate, allowed, asked, refusals, warnings, hits}; at most MOST_HITS hits, each with its place: `start`
    and `end` in characters, `line` and `column` from 1. Raises ValueError for a file too large or no UTF-8."""
    if file.stat().st_size > MOST_BYTES:
        raise ValueError(f"{file.name}: more than {MOST_BYTES} bytes is no label text")
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file.name}: not UTF-8 at byte {error.start}") from None
    hits, findings, start = list[dict[str, Any]](), list[tuple[str, No]](), 0
    lines = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
    for block in _blocks(text):
        if len(hits) >= MOST_HITS:
            break
        if len(block) > LONGEST:
            findings.append(("R-WORD-08", no("too_long", where=file.name, characters=len(block), most=LONGEST)))
        else:
            for hit in _hits(block)[: MOST_HITS - len(hits)]:
                placed = replace(hit, start=hit.start + start, end=hit.end + start)
                findings.append((f"R-WORD-0{hit.family[1]}", told(file.name, text, placed)))
                hits.append(_where(text, placed, lines))
        start += len(block)
    refused = [ruleset.rules[rule].no[one.saying].outcome == "refuse" for rule, one in findings]
    told_json = [finding_json(ruleset.finding(rule, one)) for rule, one in findings]
    return {
        "gate": "text",
        "allowed": not any(refused) and len(hits) < MOST_HITS,
        "asked": 8,
        "refusals": [one for one, no_ in zip(told_json, refused, strict=True) if no_],
        "warnings": [one for one, no_ in zip(told_json, refused, strict=True) if not no_],
        "hits": hits,
    }


def _blocks(text: str) -> Iterator[str]:
    """Whole lines, as many together as are screened at once; a longer line stands alone."""
    block = ""
    for line in text.splitlines(keepends=True):
        if block and len(block) + len(line) > LONGEST:
            yield block
            block = ""
        block += line
    if block:
        yield block


def _hits(block: str) -> list[Hit]:
    named = [replace(hit, outcome="human") for hit in misnamed(block, {}, 0)]
    return sorted([*lint(block), *named], key=lambda hit: hit.start)


def _where(text: str, hit: Hit, lines: list[int]) -> dict[str, Any]:
    line = bisect_right(lines, hit.start)
    return {
        "family": hit.family,
        "word": hit.word,
        "text": text[hit.start : hit.end],
        "start": hit.start,
        "end": hit.end,
        "line": line,
        "column": hit.start - lines[line - 1] + 1,
        "outcome": hit.outcome,
        "source": hit.source,
    }
