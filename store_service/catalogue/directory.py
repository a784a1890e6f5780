"""The imported lists of ingredients as the rules want them (`rules.restricted.Directory`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from store_service.records.desk import Desk
from store_service.rules.chemistry import further_warnings
from store_service.rules.merge import Formula, merged_warnings
from store_service.rules.restricted import Directory, NoDirectory, Restriction, read_entry, restrictions_of

from .ingredients import ingredient_lists
from .queries import Registers


class Substance(Protocol):
    @property
    def names(self) -> tuple[str, ...]: ...


class Limit(Protocol):
    @property
    def scope(self) -> str: ...
    @property
    def text(self) -> str: ...


class Entry(Protocol):
    """A row of the table: its limits in the order of their letters, notes as numbers or in full."""

    @property
    def no(self) -> int: ...
    @property
    def cn_name(self) -> str: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def limits(self) -> Sequence[Limit]: ...
    @property
    def label_warning(self) -> str: ...
    @property
    def notes(self) -> tuple[str, ...]: ...


class Lists(Protocol):
    """What an import keeps in memory."""

    def find(self, name: str) -> Substance | None: ...
    def restricted(self, inci: str) -> Sequence[Entry]: ...


class Listed:
    """`Directory` over imported lists."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    def find(self, name: str) -> Sequence[str]:
        found = self._lists.find(name)
        return found.names if found is not None else ()

    def restricted(self, inci: str) -> Sequence[Restriction]:
        return tuple(clause for row in self._lists.restricted(inci) for clause in read_entry(_raw(row)))


def _raw(row: Entry) -> dict[str, object]:
    """The row as it was imported: several limits carry the letters (a), (b) … of their places."""

    def lettered(texts: list[str]) -> str:
        return texts[0] if len(texts) == 1 else "；".join(f"({chr(97 + n)}) {text}" for n, text in enumerate(texts))

    table_4 = any(note == "1" or "防腐剂" in note for note in row.notes)
    return {
        "no": row.no,
        "cn_name": row.cn_name,
        "scope": lettered([limit.scope for limit in row.limits]) if row.limits else "",
        "max_conc": lettered([limit.text for limit in row.limits]) if row.limits else "",
        "label_warning": row.label_warning,
        "note_refs": ["1"] if table_4 else [],
        "match_inci": list(row.names),
    }


def directory(connection: Connection, site: str) -> Directory:
    """The directory of a shop; nothing is known of ingredients where no list was imported."""
    lists = ingredient_lists(connection, site)
    return Listed(lists) if lists.loaded else NoDirectory()


def label_warnings(connection: Connection, desk: Desk, known: Registers, formula: Formula) -> tuple[str, ...]:
    """Everything that the label of a formula warns of: what its sources say, and what its own contents call for."""
    restrictions = restrictions_of(formula, directory(connection, desk.site_id))
    params = desk.ruleset.fill(known.params(desk))
    return merged_warnings(formula, further_warnings(formula, restrictions, params))
