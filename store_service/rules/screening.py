"""Allergens that a consumer declares against everything that is in a unit (R-CON-08 as amended).

Names are compared without letter case, width and spaces: INCI and Chinese names, with and without what stands in
brackets, the dossiers' allergen lists, the names that the official catalogue has for the same ingredient, and the
groups that the filer has signed. A name that nothing recognises, or a collective name (香精) that may hide an allergen,
is for the officer to decide with both texts in view.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .dossier import AllergenGroup, Product

COLLECTIVE_NAMES = frozenset({"香精", "(日用)香精", "日用香精", "fragrance", "parfum", "perfume", "aroma"})

_BRACKETS = re.compile(r"\(([^()]*)\)")

Answer = Literal["contained", "absent", "undecided"]


@dataclass(frozen=True, slots=True)
class Screened:
    """One declared allergen: what was found and, for the officer, the texts that stand against each other."""

    allergen: str
    answer: Answer
    found: tuple[str, ...] = ()  # ingredients that are it
    may_hide_in: tuple[str, ...] = ()  # collective names in the unit


def screen(
    declared: Iterable[str],
    formula: Sequence[tuple[Product, int]],
    groups: Sequence[AllergenGroup],
    official: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Screened, ...]:
    """Screen each declared allergen against the whole merged list, trace ingredients included.

    `official` maps a declared allergen to every name that the imported catalogue has for it, itself included. An
    allergen is absent only when it is recognised — a member of a group, a name of the catalogue — and no collective
    name stands in the list."""
    names = _names(formula)
    collective_groups = {_key(m) for g in groups if g.collective for m in g.members}
    collective = tuple(sorted({t for k, t in names.items() if k in COLLECTIVE_NAMES or k in collective_groups}))
    recognised = {key for group in groups for key in _members(group)}
    synonyms = {text: {key for name in (official or {}).get(text, ()) for key in _keys(name)} for text in declared}
    return tuple(_one(text, synonyms[text], names, groups, collective, recognised) for text in declared)


def _one(
    text: str,
    synonyms: set[str],
    names: Mapping[str, str],
    groups: Sequence[AllergenGroup],
    collective: tuple[str, ...],
    recognised: set[str],
) -> Screened:
    own = {_key(text), *synonyms}
    wanted = own.union(*(_members(group) for group in groups if own & _members(group)))
    found = tuple(sorted({names[key] for key in wanted & names.keys()}))
    if found:
        return Screened(text, "contained", found)
    if collective or not (synonyms or own & recognised):
        return Screened(text, "undecided", (), collective)
    return Screened(text, "absent")


def _names(formula: Sequence[tuple[Product, int]]) -> dict[str, str]:
    """Every name that stands for something in the unit, by its key."""
    texts = [name for product, _ in formula for i in product.ingredients for name in (i.inci, i.cn_name)]
    texts += [allergen for product, _ in formula for allergen in product.allergens]
    return {key: text for text in reversed(texts) for key in _keys(text)}


def _members(group: AllergenGroup) -> set[str]:
    return {_key(name) for name in (group.key, group.zh, group.en, *group.members)}


def _keys(text: str) -> set[str]:
    """The name, the name without what stands in brackets, and a Latin name that stands in them."""
    key = _key(text)
    inside = {part for part in _BRACKETS.findall(key) if len(part) > 3 and part.isascii() and part.isalpha()}
    return {key, _BRACKETS.sub("", key), *inside} - {""}


def _key(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
