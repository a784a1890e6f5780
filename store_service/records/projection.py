"""Projections: from a batch of events to rows to upsert, per table; never SQL per event (RECORD.md §3).

A projection declares its table and, per event type, which rows the event touches and how a row changes:

    units = Projection(unit)
    units.on(UnitSigned, by=lambda p: p.unit_id, then=lambda row, p, e: {"state": "signed"})

`row` is a dict of the row as it stands (every column None when new); what `then` returns is merged into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from .event import Event, Payload

Row = dict[str, Any]
Change = Mapping[str, Any] | None
P = TypeVar("P", bound=Payload)

PROJECTIONS: list[Projection] = []
CHUNK = 400


@dataclass
class Projection:
    """One table with primary key (store_id, id), folded from events; `by_index` makes the event's index the id."""

    table: Table
    by_index: bool = False
    handlers: dict[str, list[tuple[Callable[[Any], str | Iterable[str]], Callable[[Row, Any, Event], Change]]]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        PROJECTIONS.append(self)

    def on(
        self, payload: type[P], *, by: Callable[[P], str | Iterable[str]], then: Callable[[Row, P, Event], Change]
    ) -> None:
        """Fold events of `payload`'s type into the rows whose ids `by` gives."""
        self.handlers.setdefault(payload.type, []).append((by, then))

    def touched(self, events: Sequence[Event]) -> list[tuple[str, str, Callable[[Row, Any, Event], Change], Event]]:
        steps = []
        for event in events:
            if event.payload is None:
                continue
            for by, then in self.handlers.get(event.type, ()):
                found = f"{event.idx:010d}" if self.by_index else by(event.payload)
                for one in (found,) if isinstance(found, str) else found:
                    steps.append((event.site, one, then, event))
        return steps

    def fold(self, connection: Connection, events: Sequence[Event]) -> None:
        steps = self.touched(events)
        if not steps:
            return
        rows = self._load(connection, {(site, key) for site, key, _, _ in steps})
        changed: dict[tuple[str, str], Row] = {}
        for site, key, then, event in steps:
            row = rows.setdefault((site, key), self._blank(site, key))
            change = then(row, event.payload, event)
            if change is not None:
                row.update(change)
                changed[site, key] = row
        if changed:
            upsert(connection, self.table, list(changed.values()))

    def _blank(self, site: str, key: str) -> Row:
        return {column.name: None for column in self.table.columns} | {"store_id": site, "id": key}

    def _load(self, connection: Connection, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        found: dict[tuple[str, str], Row] = {}
        by_site: dict[str, list[str]] = {}
        for site, key in wanted:
            by_site.setdefault(site, []).append(key)
        for site, keys in by_site.items():
            for start in range(0, len(keys), CHUNK):
                query = select(self.table).where(
                    self.table.c.store_id == site, self.table.c.id.in_(keys[start : start + CHUNK])
                )
                for row in connection.execute(query).mappings():
                    found[site, row["id"]] = dict(row)
        return found


def upsert(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert rows or replace every column but the primary key."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key.columns]
    statement = statement.on_conflict_do_update(
        index_elements=keys,
        set_={column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys},
    )
    connection.execute(statement, rows)


def project(connection: Connection, events: Sequence[Event]) -> None:
    """Bring every projection up to date with a batch, inside the caller's transaction."""
    for projection in PROJECTIONS:
        projection.fold(connection, events)
