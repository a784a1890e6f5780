"""Forbidden words in any text that a consumer may see (regulation.md §7.1). The words are data: lexicon.toml.

Han words are looked for in the text without everything that is neither letter nor digit, so that 美·白 is found;
Latin words match whole words, with anything but letters and digits allowed inside (S.P.F, mei bai). A hit that only
arises across the end of a clause, or behind a denial ("不具有治疗作用"), goes to a person.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Outcome = Literal["refuse", "human"]

_CLAUSE_ENDS = frozenset("。！？；，、：!?;,:\n")
_DENIAL_ZH = re.compile(
    r"(?:不具有|不具备|不能替代|不能代替|不可替代|不得用于|不用于|不是|并非|没有|不含|不作|无|非|勿)[^。！？；，!?;,]{0,4}$"
)
_DENIAL_EN = re.compile(r"(?:\bnot?\b|n't\b|\bnever\b|\bwithout\b|\bcannot\b)[^.!?;]{0,24}$")


@dataclass(frozen=True, slots=True)
class Hit:
    """`start` and `end` are positions in the text as it was given; `word` is the lexicon's form."""

    family: str
    word: str
    start: int
    end: int
    source: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Word:
    family: str
    text: str
    source: str
    outcome: Outcome
    pattern: re.Pattern[str]
    spared: tuple[re.Pattern[str], ...]
    asked: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text made comparable, with the original position of each of its characters."""

    text: str
    at: tuple[int, ...]


def lint(text: str) -> list[Hit]:
    """Every hit, in the order of the text; of several words of one family at overlapping places only the longest."""
    loose = _fold(text, _lexicon()[1])
    tight_at = [i for i, char in enumerate(loose.text) if char.isalnum()]
    tight = _Folded("".join(loose.text[i] for i in tight_at), tuple(loose.at[i] for i in tight_at))
    hits = [hit for word in _lexicon()[0] for hit in _find(word, loose if word.text.isascii() else tight, text)]
    return _longest(hits)


def _find(word: _Word, folded: _Folded, original: str) -> Iterator[Hit]:
    for found in word.pattern.finditer(folded.text):
        if _within(word.spared, folded.text, found):
            continue
        start, end = folded.at[found.start()], folded.at[found.end() - 1] + 1
        before = original[:start].casefold()
        doubtful = (
            any(char in _CLAUSE_ENDS for char in original[start:end])
            or _DENIAL_ZH.search(before) is not None
            or _DENIAL_EN.search(before) is not None
            or _within(word.asked, folded.text, found)
        )
        yield Hit(word.family, word.text, start, end, word.source, "human" if doubtful else word.outcome)


def _within(patterns: tuple[re.Pattern[str], ...], text: str, found: re.Match[str]) -> bool:
    """The match lies inside a longer expression that changes its meaning."""
    return any(
        longer.start() <= found.start() and found.end() <= longer.end()
        for pattern in patterns
        for longer in pattern.finditer(text)
    )


def _longest(hits: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start)):
        if not any(k.family == hit.family and k.start < hit.end and hit.start < k.end for k in kept):
            kept.append(hit)
    return sorted(kept, key=lambda h: (h.start, h.family))


def _fold(text: str, simplified: dict[str, str]) -> _Folded:
    """NFKC, lower case, simplified characters; what is invisible falls out."""
    chars: list[str] = []
    at: list[int] = []
    for index, char in enumerate(text):
        for folded in unicodedata.normalize("NFKC", char).casefold():
            if unicodedata.category(folded) not in ("Cf", "Mn", "Me"):
                chars.append(simplified.get(folded, folded))
                at.append(index)
    return _Folded("".join(chars), tuple(at))


def lexicon_document() -> dict[str, Any]:
    """lexicon.toml as it is written."""
    return tomllib.loads((files(__package__) / "lexicon.toml").read_text("utf-8"))


@cache
def _lexicon() -> tuple[tuple[_Word, ...], dict[str, str]]:
    raw = lexicon_document()
    pairs = raw["traditional"]
    simplified = dict(zip(pairs[::2], pairs[1::2], strict=True))
    words = tuple(
        _Word(
            entry["family"], word, entry["source"], entry["outcome"], _pattern(word),
            _longer(word, entry.get("passes", [])), _longer(word, entry.get("asks", [])),
        )
        for entry in raw["entry"]
        for word in entry["words"]
    )  # fmt: skip
    return words, simplified


def _longer(word: str, expressions: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(expression) for expression in expressions if word in expression)


def _pattern(word: str) -> re.Pattern[str]:
    if not word.isascii():
        return re.compile(re.escape(word))
    letters = [re.escape(char) for char in word if char.isalnum()]
    return re.compile(r"(?<![a-z0-9])" + r"[^a-z0-9]*".join(letters) + r"(?![a-z])")
