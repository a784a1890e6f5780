"""Forbidden words in any text that a consumer may see (regulation.md §7.1). The words are data: lexicon.toml.

Han words are looked for in the text without everything that is neither letter nor digit, so that 美·白 is found;
Latin words match whole words, with anything but letters and digits allowed inside (S.P.F, mei bai). A hit that only
arises across the end of a clause, or behind a denial that reaches the word itself ("不具有美白或治疗作用", but not
"非常美白" or "没有副作用的治疗"), goes to a person.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal

from .folding import Folded, fold

Outcome = Literal["refuse", "human"]

LONGEST = 20_000
"""Characters of one text that are screened; a longer one is no label text and is refused as it is."""

_CLAUSE_ENDS = frozenset("。！？；，、：!?;,:\n")
_DENIES_ZH = "不具有|不具备|不能替代|不能代替|不可替代|不得用于|不用于|不是|并非|没有|不含|不作|无|非|勿"
_PASSED_ZH = (
    "任何|一切|药物|药品|医药|医疗|医学|医生的?|医师的?|专业|疾病的?|替代|代替|预防|诊断"
    "|具有|用于|作为|起到|或者?|和|与|及|、|/"
)
_DENIAL_EN = re.compile(
    r"(?:\b(?:not?|never|without|cannot)\b|n't\b)(?:[\s,/]+(?:an?|any|the|to|be|intended|meant|for|or|and|nor|as|have|has|"
    r"claim|provide|offer|replace|substitute|diagnose|prevent|treat|cure|heal|mitigate|diseases?|of|medical))*[\s,]*$"
)
_DENIAL_REACH = 48


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
    """`key` is what is looked for; `spared` and `asked` are longer expressions, each with the key's place in it."""

    family: str
    text: str
    key: str
    source: str
    outcome: Outcome
    spared: tuple[tuple[str, int], ...] = ()
    asked: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    """An ingredient as a text may name it, and parts of the names that it has in a formula (folded)."""

    words: tuple[_Word, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    words: tuple[_Word, ...]
    ingredients: tuple[_Named, ...]
    simplified: Mapping[str, str]
    denial_zh: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Text:
    original: str
    loose: Folded
    tight: Folded
    latin: Folded
    latin_after: Mapping[int, str]

    @classmethod
    def of(cls, text: str) -> _Text:
        loose = fold(text, _lexicon().simplified)
        kept = [i for i, ch in enumerate(loose.text) if ch.isascii() and ch.isalnum()]
        joined = {n for n, (i, j) in enumerate(pairwise(kept)) if j == i + 1}
        latin = loose.only(latin=True)
        return cls(text, loose, loose.only(latin=False), latin, {n: latin.text[n + 1] for n in joined})


def lint(text: str) -> list[Hit]:
    """Every hit, in the order of the text; of several words of one family at overlapping places only the longest.
    Raises ValueError for a text of more than LONGEST characters."""
    return list(_lint(text))


@lru_cache(maxsize=1024)
def _lint(text: str) -> tuple[Hit, ...]:
    if len(text) > LONGEST:
        raise ValueError(f"{len(text)} characters: no text of a label is longer than {LONGEST}")
    folded = _Text.of(text)
    return tuple(_longest([hit for word in _lexicon().words for hit in _find(word, folded)], len(text)))


def misnamed(text: str, formula: Mapping[str, int], trace_ppm: int) -> list[Hit]:
    """Ingredients that a text names (family W7) against a formula, name → ppm, both kinds of name in any writing. One
    that is not in it is refused; one of at most `trace_ppm`, or one that is denied, goes to a person."""
    hits = list[Hit]()
    present = {_plain(name): ppm for name, ppm in formula.items()}
    for hit, members in ingredients_named(text):
        content = max((ppm for name, ppm in present.items() if any(m in name for m in members)), default=None)
        if content is None:
            hits.append(hit)
        elif content <= trace_ppm or hit.outcome == "human":
            hits.append(replace(hit, outcome="human"))
    return _longest(hits, len(text))


@lru_cache(maxsize=1024)
def ingredients_named(text: str) -> tuple[tuple[Hit, tuple[str, ...]], ...]:
    """Every ingredient that a text names, and the parts of names by which a formula has it. Raises ValueError as
    `lint`."""
    if len(text) > LONGEST:
        raise ValueError(f"{len(text)} characters: no text of a label is longer than {LONGEST}")
    folded = _Text.of(text)
    return tuple(
        (hit, one.members) for one in _lexicon().ingredients for word in one.words for hit in _find(word, folded)
    )


@lru_cache(maxsize=8192)
def _plain(name: str) -> str:
    return fold(name, _lexicon().simplified).only(latin=False).text


def mentioned(text: str, words: Iterable[str]) -> list[str]:
    """Those of `words` that the text has, however it is written."""
    tight = _plain(text)
    return [word for word in words if _key(word) in tight]


def traditional_in(text: str) -> list[str]:
    """Traditional characters in the text that the lexicon knows, each once (R-LAB-08: standard characters)."""
    return list(dict.fromkeys(char for char in text if _lexicon().simplified.get(char, char) != char))


def _find(word: _Word, text: _Text) -> Iterator[Hit]:
    latin = word.key.isascii()
    folded = text.latin if latin else text.tight
    start = folded.text.find(word.key)
    while start >= 0:
        end = start + len(word.key)
        if not (latin and _inside_a_word(text, start, end)) and not _within(word.spared, folded.text, start):
            yield _hit(word, text.original, folded, start, end)
        start = folded.text.find(word.key, start + 1)


def _inside_a_word(text: _Text, start: int, end: int) -> bool:
    """A Latin word has no letter or digit right before it, no letter right after it, and no digit after a digit."""
    after = text.latin_after.get(end - 1, "")
    return (start > 0 and start - 1 in text.latin_after) or (
        after.isalpha() or (after.isdigit() and text.latin.text[end - 1].isdigit())
    )


def _hit(word: _Word, original: str, folded: Folded, first: int, last: int) -> Hit:
    start, end = folded.at[first], folded.at[last - 1] + 1
    before = original[max(0, start - _DENIAL_REACH) : start].casefold()
    doubtful = (
        any(char in _CLAUSE_ENDS for char in original[start:end])
        or _lexicon().denial_zh.search(before) is not None
        or _DENIAL_EN.search(before) is not None
        or _within(word.asked, folded.text, first)
    )
    return Hit(word.family, word.text, start, end, word.source, "human" if doubtful else word.outcome)


def _within(longer: tuple[tuple[str, int], ...], text: str, start: int) -> bool:
    """The match lies inside a longer expression that changes its meaning."""
    return any(start >= place and text.startswith(expression, start - place) for expression, place in longer)


def _longest(hits: Iterable[Hit], length: int) -> list[Hit]:
    kept: list[Hit] = []
    taken: dict[str, bytearray] = {}
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start)):
        places = taken.setdefault(hit.family, bytearray(length))
        if not any(places[hit.start : hit.end]):
            places[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
            kept.append(hit)
    return sorted(kept, key=lambda h: (h.start, h.family))


def lexicon_document() -> dict[str, Any]:
    """lexicon.toml as it is written."""
    return tomllib.loads((files(__package__) / "lexicon.toml").read_text("utf-8"))


@cache
def _lexicon() -> _Lexicon:
    raw = lexicon_document()
    pairs = raw["traditional"]
    simplified = dict(zip(pairs[::2], pairs[1::2], strict=True))
    words = tuple(
        _word(word, entry["family"], entry["source"], entry["outcome"], entry.get("passes", ()), entry.get("asks", ()))
        for entry in raw["entry"]
        for word in entry["words"]
    )
    ingredients = tuple(
        _Named(
            tuple(
                _word(word, "W7", raw["ingredient_source"], "refuse", one.get("passes", ())) for word in one["words"]
            ),
            tuple(fold(member, simplified).only(latin=False).text for member in one["members"]),
        )
        for one in raw["ingredient"]
    )
    han = sorted({word.text for word in words if not word.key.isascii()}, key=len, reverse=True)
    passed = "|".join((_PASSED_ZH, *map(re.escape, han)))
    return _Lexicon(words, ingredients, simplified, re.compile(f"(?:{_DENIES_ZH})(?:{passed})*$"))


def _word(
    text: str, family: str, source: str, outcome: Outcome, passes: Iterable[str] = (), asks: Iterable[str] = ()
) -> _Word:
    key = _key(text)
    return _Word(family, text, key, source, outcome, tuple(_longer(key, passes)), tuple(_longer(key, asks)))


def _longer(key: str, expressions: Iterable[str]) -> Iterator[tuple[str, int]]:
    for expression in map(_key, expressions):
        place = expression.find(key)
        while place >= 0:
            yield expression, place
            place = expression.find(key, place + 1)


def _key(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
