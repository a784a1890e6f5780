"""The official lists of ingredients, imported: the catalogue of used ingredients (已使用原料目录) with its synonyms,
and the restricted ingredients (限用组分) of the technical specification.

    lists = ingredient_lists(connection, desk.site_id)
    lists.find("积雪草提取物")          # Ingredient | None: by Chinese name, INCI name or a synonym
    lists.restricted("SALICYLIC ACID")  # every entry that names it

`store-service import ingredients|restricted FILE` puts them into force; neither is part of this tree. A list that was
never imported answers "unknown": `loaded` tells it from a list that does not hold the name.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, select

from store_service.records.projections.catalogue import snapshot
from store_service.records.tables import blob

INGREDIENTS, RESTRICTED = "ingredients", "restricted"
"""Kinds of imported lists, as they stand in the log beside the registers."""

_LATIN = re.compile(r"\([A-Z][A-Z .'×-]*\)")


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One substance of the catalogue. Several rows may name it (水: AQUA, WATER); `cn_name` and `inci_name` are the
    first row's, `names` all that the rows say."""

    serial: str
    cn_name: str
    inci_name: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """One use of a restricted ingredient. `max_ppm` is None where the text states no single figure: a person reads
    `text`."""

    scope: str
    text: str
    max_ppm: int | None


class RestrictedEntry(BaseModel):
    """One row of the table of restricted ingredients as it is imported; percentages by mass."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    no: int
    cn_name: str
    en_name: str
    inci_name: str
    scope: str
    max_conc: str
    other_limits: str
    label_warning: str
    note_refs: tuple[str, ...] = ()
    match_inci: tuple[str, ...]
    legal_cap: Decimal | None = None
    assertion: str = ""


class RestrictedTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    footnotes: Mapping[str, str]
    entries: tuple[RestrictedEntry, ...]


@dataclass(frozen=True, slots=True)
class Restriction:
    """What the table says of one substance or group. `names` is what it is matched by; a group without names (盐类,
    酯类) can only be recognised by a person."""

    no: int
    cn_name: str
    names: tuple[str, ...]
    limits: tuple[Limit, ...]
    cap_ppm: int | None  # the one figure that holds for every permitted use, where there is one
    other_limits: str
    label_warning: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class IngredientLists:
    """Both lists in memory. Names are compared without letter case, width and spaces."""

    by_name: Mapping[str, Ingredient] = field(default_factory=dict)
    restrictions: tuple[Restriction, ...] = ()
    loaded: frozenset[str] = frozenset()

    def find(self, name: str) -> Ingredient | None:
        """The ingredient of that Chinese name, INCI name or synonym; None when unknown or ambiguous."""
        return self.by_name.get(name_key(name))

    def restricted(self, inci: str) -> list[Restriction]:
        """Every entry that names this ingredient, also by one of its other names in the catalogue."""
        known = self.find(inci)
        keys = {name_key(one) for one in (inci, *(known.names if known else ()))}
        return [one for one in self.restrictions if keys.intersection(map(name_key, one.names))]

    @property
    def groups(self) -> tuple[Restriction, ...]:
        """Restrictions of whole groups, which no name can be matched with."""
        return tuple(one for one in self.restrictions if not one.names)


_parsed: dict[tuple[str | None, str | None], IngredientLists] = {}


def ingredient_lists(connection: Connection, site: str) -> IngredientLists:
    """The lists that were imported at `site`, kept in memory until others are in force."""
    query = select(snapshot.c.id, snapshot.c.sha256).where(
        snapshot.c.store_id == site, snapshot.c.id.in_((INGREDIENTS, RESTRICTED))
    )
    digests = {row.id: row.sha256 for row in connection.execute(query)}
    key = (digests.get(INGREDIENTS), digests.get(RESTRICTED))
    known = _parsed.get(key)
    if known is not None:
        return known
    bodies = {
        kind: connection.execute(select(blob.c.body).where(blob.c.sha256 == digest)).scalar()
        for kind, digest in digests.items()
    }
    fresh = lists_of(*(bytes(body) if (body := bodies.get(one)) else None for one in (INGREDIENTS, RESTRICTED)))
    if all(bodies.values()):  # after a restore the log may name a list whose bytes are not here: import it again
        _parsed.clear()
        _parsed[key] = fresh
    return fresh


def lists_of(ingredients: bytes | None, restricted: bytes | None) -> IngredientLists:
    """Both lists out of the bytes that were imported (UTF-8 CSV and JSON, checked when they came in)."""
    loaded = {kind for kind, body in ((INGREDIENTS, ingredients), (RESTRICTED, restricted)) if body is not None}
    rows = list(csv.DictReader(io.StringIO(ingredients.decode("utf-8")))) if ingredients else []
    table = RestrictedTable.model_validate_json(restricted) if restricted else None
    return IngredientLists(
        by_name=_by_name((row["serial"], row["cn_name"], row["inci_name"]) for row in rows),
        restrictions=tuple(_restriction(one, table.footnotes) for one in table.entries) if table else (),
        loaded=frozenset(loaded),
    )


def name_key(text: str) -> str:
    """What names are compared by: NFKC, folded, without any space."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _by_name(rows: Iterable[tuple[str, str, str]]) -> dict[str, Ingredient]:
    """Rows that share a name are one substance. A shortened name counts only while it means one substance."""
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for row in rows:
        here = [groups[key] for key in map(name_key, row[1:]) if key in groups]
        group = here[0] if here else []
        if len(here) == 2 and here[1] is not group:
            group += here[1]
        group.append(row)
        for _, cn_name, inci_name in group:
            groups[name_key(cn_name)] = groups[name_key(inci_name)] = group
    known = {id(group): _ingredient(group) for group in groups.values()}
    names = {key: known[id(group)] for key, group in groups.items()}
    short: dict[str, set[Ingredient]] = {}
    for one in known.values():
        for name in one.names:
            short.setdefault(name_key(_LATIN.sub("", unicodedata.normalize("NFKC", name))), set()).add(one)
    return {key: next(iter(found)) for key, found in short.items() if len(found) == 1} | names


def _ingredient(group: Sequence[tuple[str, str, str]]) -> Ingredient:
    serial, cn_name, inci_name = group[0]
    return Ingredient(serial, cn_name, inci_name, tuple(dict.fromkeys(name for _, *names in group for name in names)))


_LETTER = re.compile(r"^\(([a-z])\)\s*")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")


def _restriction(entry: RestrictedEntry, footnotes: Mapping[str, str]) -> Restriction:
    return Restriction(
        no=entry.no,
        cn_name=entry.cn_name,
        names=entry.match_inci,
        limits=_limits(entry),
        cap_ppm=int(entry.legal_cap * 10_000) if entry.legal_cap is not None else None,
        other_limits=entry.other_limits,
        label_warning=entry.label_warning,
        notes=tuple(footnotes[one] for one in entry.note_refs if one in footnotes),
    )


def _limits(entry: RestrictedEntry) -> tuple[Limit, ...]:
    """Uses and their figures, paired by their letters; one pair where neither side has letters."""
    scopes, figures = _lettered(entry.scope), _lettered(entry.max_conc)
    if scopes is None and figures is None:
        return (Limit(entry.scope, entry.max_conc, _ppm(entry.max_conc)),)
    if scopes is None or figures is None or not figures.keys() <= scopes.keys():
        return (Limit(entry.scope, entry.max_conc, None),)
    return tuple(Limit(scope, figures.get(key, ""), _ppm(figures.get(key, ""))) for key, scope in scopes.items())


def _lettered(text: str) -> dict[str, str] | None:
    """`(a) …；(b) …` by letter; None for text that is not wholly of that shape."""
    parts = re.split(r"；(?=\([a-z]\))", text)
    found = [(match[1], _LETTER.sub("", part)) for part in parts if (match := _LETTER.match(part))]
    return dict(found) if found and len(found) == len(parts) == len({letter for letter, _ in found}) else None


def _ppm(text: str) -> int | None:
    """The figure of a text with exactly one percentage."""
    found = _PERCENT.findall(text)
    return int(Decimal(found[0]) * 10_000) if len(found) == 1 else None
