"""One site's log and the unit of work on it: append, project, commit — and only then the answer (RECORD.md §1)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from store_service.clock import Clock
from store_service.database.engines import Database
from store_service.evidence.canonical import sha256_hex
from store_service.evidence.checkpoint import Checkpoint
from store_service.evidence.keys import SigningKey
from store_service.evidence.merkle import Head, leaf_hash

from .event import Event, Payload, decode, encode
from .events.site import ClockStepped
from .projection import project, upsert
from .tables import blob, checkpoint, entry, head

STEP = timedelta(seconds=2)


@dataclass
class Act:
    """One unit of work. `record` numbers an event at once; entries and projections are written at its end."""

    connection: Connection
    site: str
    actor: str
    size: int
    events: list[tuple[Payload, str]] = field(default_factory=list)
    seal: bool = False
    blobs: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def record(self, payload: Payload, *, actor: str | None = None) -> int:
        """Note an event; returns the index it will have once committed."""
        self.events.append((payload, actor or self.actor))
        return self.size + len(self.events) - 1

    def keep(self, body: bytes, media: str) -> str:
        """Store a content-addressed blob with this act; returns its sha256 in hex."""
        digest = sha256_hex(body)
        self.blobs[digest] = (media, body)
        return digest


@dataclass(frozen=True)
class Standing:
    size: int
    peaks: Head
    last_at: datetime | None


class Ledger:
    """The log of `site` in `database`, signed with `key`. Every write of the site goes through `act`."""

    def __init__(self, database: Database, site: str, key: SigningKey, clock: Clock, boot_id: str) -> None:
        self.database, self.site, self.key, self.clock, self.boot_id = database, site, key, clock, boot_id
        self.clock_offset_ms: int | None = None
        self.frozen: tuple[str, str] | None = None
        self._serial = threading.RLock()
        self.committed = threading.Condition()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.database.read() as connection:
            yield connection

    @contextmanager
    def act(self, actor: str) -> Iterator[Act]:
        """A transaction that ends in commit, or in nothing at all when the block raises."""
        with self._serial, self.database.write() as connection:
            standing = self._locked_head(connection)
            act = Act(connection, self.site, actor, standing.size)
            now = self.clock.now()
            if standing.last_at is not None and now < standing.last_at - STEP:
                behind = int((standing.last_at - now) / timedelta(milliseconds=1))
                act.record(ClockStepped(behind_ms=behind), actor="clock")
            yield act
            self._append(connection, standing, act)
        with self.committed:
            self.committed.notify_all()

    def _locked_head(self, connection: Connection) -> Standing:
        query = select(head).where(head.c.store_id == self.site)
        if connection.dialect.name == "postgresql":
            query = query.with_for_update()
        row = connection.execute(query).one_or_none()
        if row is None:
            empty = Head.empty()
            connection.execute(insert(head).values(store_id=self.site, size=0, peaks=empty.to_bytes(), last_at=None))
            return Standing(0, empty, None)
        return Standing(row.size, Head.from_bytes(row.peaks), row.last_at)

    def _append(self, connection: Connection, standing: Standing, act: Act) -> None:
        if act.blobs:
            self._keep_blobs(connection, act)
        if act.events:
            self._write(connection, standing, act.events, self.clock.now())
        if act.seal:
            self.sign(connection)

    def _write(
        self, connection: Connection, standing: Standing, pending: list[tuple[Payload, str]], now: datetime
    ) -> None:
        peaks, rows, events = standing.peaks, [], []
        for offset, (payload, actor) in enumerate(pending):
            body = encode(
                payload,
                site=self.site,
                idx=standing.size + offset,
                at=now,
                boot_id=self.boot_id,
                mono_ns=self.clock.mono_ns(),
                clock_offset_ms=self.clock_offset_ms,
                actor=actor,
            )
            leaf = leaf_hash(body)
            peaks = peaks.append(leaf)
            rows.append({"store_id": self.site, "idx": standing.size + offset, "body": body, "leaf": leaf})
            events.append(decode(body))
        connection.execute(insert(entry), rows)
        stepped = any(isinstance(payload, ClockStepped) for payload, _ in pending)
        last = now if stepped or standing.last_at is None else max(now, standing.last_at)
        upsert(
            connection,
            head,
            [{"store_id": self.site, "size": peaks.size, "peaks": peaks.to_bytes(), "last_at": last}],
        )
        project(connection, events)

    def _keep_blobs(self, connection: Connection, act: Act) -> None:
        dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
        rows = [
            {"sha256": digest, "media": media, "at": self.clock.now(), "body": body}
            for digest, (media, body) in act.blobs.items()
        ]
        connection.execute(dialect.insert(blob).on_conflict_do_nothing(), rows)

    def sign(self, connection: Connection) -> str:
        """Sign a checkpoint of the log as it stands in this transaction; returns the note."""
        row = connection.execute(select(head).where(head.c.store_id == self.site)).one()
        peaks = Head.from_bytes(row.peaks)
        signed = Checkpoint(self.key.name, peaks.size, peaks.root()).sign(self.key)
        upsert(
            connection,
            checkpoint,
            [{"store_id": self.site, "size": peaks.size, "at": self.clock.now(), "note": signed}],
        )
        return signed

    def seal(self) -> None:
        """Sign a checkpoint if entries have come since the last one."""
        with self._serial, self.database.write() as connection:
            standing = self._locked_head(connection)
            last = connection.execute(
                select(checkpoint.c.size)
                .where(checkpoint.c.store_id == self.site)
                .order_by(checkpoint.c.size.desc())
                .limit(1)
            ).scalar()
            if standing.size and (last is None or last < standing.size):
                self.sign(connection)


def stepped_back(connection: Connection, site: str, now: datetime) -> bool:
    """Whether the wall clock stands more than 2 s behind the last event (RECORD.md §2)."""
    last_at = connection.execute(select(head.c.last_at).where(head.c.store_id == site)).scalar()
    return last_at is not None and now < last_at - STEP


def events_of(connection: Connection, site: str, start: int = 0, limit: int = 1 << 31) -> Iterator[Event]:
    """Events of a site's log in order, from index `start`."""
    query = (
        select(entry.c.body).where(entry.c.store_id == site, entry.c.idx >= start).order_by(entry.c.idx).limit(limit)
    )
    for (body,) in connection.execute(query):
        yield decode(bytes(body))
