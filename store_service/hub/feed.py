"""From cosigned entries to tables, one shop after another, and a feed that says what has entered them.

It runs after the cosignature, from a cursor per shop: an entry that cannot be read or projected is parked with its
reason and delays nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, delete, func, insert, select

from store_service.records.event import Event, decode
from store_service.records.projection import PROJECTIONS, project, upsert
from store_service.sync.log import entries_of

from .hub import Hub
from .tables import cursor, feed, mirror, parked

log = structlog.get_logger()
BATCH = 2_000
IDLE_S = 0.5
SEQUENCER = 0x66656564
"""Key of the advisory lock under which `hub_seq` is given, so that a lower one never becomes visible later."""


@dataclass(frozen=True, slots=True)
class Range:
    """Entries [first, after) of a shop are in the tables."""

    hub_seq: int
    store_id: str
    first: int
    after: int


class Follower:
    """The thread that brings head office's tables up to date; `stop` ends it within half a second."""

    def __init__(self, hub: Hub, stop: threading.Event) -> None:
        self._hub, self._stop = hub, stop
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float = 5.0) -> None:
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                moved = follow(self._hub)
            except Exception:
                log.exception("feed")
                moved = 0
            if not moved:
                self._stop.wait(IDLE_S)


def follow(hub: Hub) -> int:
    """One batch for every shop that has entries waiting; how many entries were taken. Call until it is 0."""
    waiting = (
        select(mirror.c.store_id)
        .outerjoin(cursor, cursor.c.store_id == mirror.c.store_id)
        .where(mirror.c.size > func.coalesce(cursor.c.next, 0))
    )
    with hub.database.read() as connection:
        shops = [store_id for (store_id,) in connection.execute(waiting)]
    return sum(_advance(hub, store_id) for store_id in shops)


def _advance(hub: Hub, store_id: str) -> int:
    with hub.database.write() as connection:
        first = _locked_cursor(connection, store_id)
        size = connection.execute(select(mirror.c.size).where(mirror.c.store_id == store_id)).scalar_one()
        bodies = entries_of(connection, store_id, first, min(size, first + BATCH))
        if not bodies:
            return 0
        after = first + len(bodies)
        _project(connection, _readable(connection, store_id, first, bodies))
        upsert(connection, cursor, [{"store_id": store_id, "next": after}])
        _announce(hub, connection, store_id, first, after)
    return len(bodies)


def _locked_cursor(connection: Connection, store_id: str) -> int:
    query = select(cursor.c.next).where(cursor.c.store_id == store_id)
    if connection.dialect.name == "postgresql":
        query = query.with_for_update()
    found = connection.execute(query).scalar()
    if found is not None:
        return int(found)
    upsert(connection, cursor, [{"store_id": store_id, "next": 0}])
    return 0


def _readable(connection: Connection, store_id: str, first: int, bodies: Sequence[bytes]) -> list[Event]:
    events: list[Event] = []
    for idx, body in enumerate(bodies, start=first):
        try:
            event = decode(body)
        except ValueError as error:
            _park(connection, store_id, idx, "unreadable", str(error))
            continue
        if (event.site, event.idx) != (store_id, idx):
            # An event names the rows that it changes; one that names another shop's must not reach them.
            _park(connection, store_id, idx, "misplaced", f"says it is entry {event.idx} of {event.site}")
        elif event.payload is None:
            _park(connection, store_id, idx, "unknown", f"{event.type} v{event.v}")
        else:
            events.append(event)
    return events


def _project(connection: Connection, events: list[Event]) -> None:
    try:
        with connection.begin_nested():
            project(connection, events)
    except Exception:  # whatever one shop's odd history does to a fold, the others' tables go on
        for event in events:
            try:
                with connection.begin_nested():
                    project(connection, [event])
            except Exception as error:
                _park(connection, event.site, event.idx, "unprojectable", f"{event.type}: {type(error).__name__}")


def _park(connection: Connection, store_id: str, idx: int, reason: str, detail: str) -> None:
    upsert(connection, parked, [{"store_id": store_id, "idx": idx, "reason": reason, "detail": detail[:500]}])


def _announce(hub: Hub, connection: Connection, store_id: str, first: int, after: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(SEQUENCER)))
    last = connection.execute(select(func.max(feed.c.hub_seq))).scalar() or 0
    connection.execute(insert(feed).values(hub_seq=last + 1, store_id=store_id, first=first, after=after, at=hub.now()))


def ranges(connection: Connection, after: int, limit: int) -> list[Range]:
    """What entered the tables since `hub_seq` was `after`; the last one's `hub_seq` is the next question's `after`."""
    query = (
        select(feed.c.hub_seq, feed.c.store_id, feed.c.first, feed.c.after)
        .where(feed.c.hub_seq > after)
        .order_by(feed.c.hub_seq)
        .limit(limit)
    )
    return [Range(*row) for row in connection.execute(query)]


def begin_again(connection: Connection) -> None:
    """Empty every shop's tables and begin again at its first entry: after an upgrade, which may also know what was
    parked. The feed tells the ranges again; who reads it knows an entry by shop and index (docs/protocol.md)."""
    for store_id in connection.execute(select(mirror.c.store_id)).scalars().all():
        _locked_cursor(connection, store_id)
        for table in dict.fromkeys([*(one.table for one in PROJECTIONS), parked]):
            connection.execute(delete(table).where(table.c.store_id == store_id))
        upsert(connection, cursor, [{"store_id": store_id, "next": 0}])
