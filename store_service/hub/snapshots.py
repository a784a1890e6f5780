"""Head office's registers as the shops receive them: rendered from its own log, holds applied, signed, kept.

The version rises with every change of content; the same version is signed again, valid for longer, once a tenth of its
validity has passed, so that a shop that loses its line now can still work for nine tenths of it.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from store_service.catalogue.queries import parse, render
from store_service.evidence.canonical import sha256_hex
from store_service.evidence.snapshot import sign_snapshot
from store_service.records.projection import upsert
from store_service.records.projections.catalogue import hold, snapshot
from store_service.records.tables import blob, head
from store_service.rules.dossier import SNAPSHOT_KINDS, LotRegister

from .answers import Answer, json_answer, problem
from .hub import Hub
from .tables import issue

RENEW_AFTER = 10


@dataclass(frozen=True, slots=True)
class Issue:
    """One register as it is signed now."""

    kind: str
    version: int
    sha256: str
    valid_from: datetime
    valid_to: datetime
    note: str

    @property
    def etag(self) -> str:
        return sha256_hex(self.note.encode())

    def renew_at(self) -> datetime:
        return self.valid_from + (self.valid_to - self.valid_from) / RENEW_AFTER


class Registry:
    """Answers the shops' questions for registers; signs again only what changed or is due."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._size = -1
        self._issues: dict[str, Issue] = {}

    def listing(self, answers: list[str]) -> Answer:
        """`GET /api/v1/sync/snapshots`; `answers` are signed, for the shop that asks."""
        etags = {kind: one.etag for kind, one in self.issues().items()}
        return json_answer({"snapshots": etags, "seconds": answers})

    def one(self, kind: str, if_none_match: str | None) -> Answer:
        """`GET /api/v1/sync/snapshots/{kind}`."""
        found = self.issues().get(kind)
        if found is None:
            return problem(404, "unknown", f"no snapshot of {kind[:40]} has been issued")
        headers = {"ETag": f'"{found.etag}"'}
        if if_none_match is not None and found.etag in (tag.strip(' "') for tag in if_none_match.split(",")):
            return Answer(304, headers=headers)
        with self._hub.database.read() as connection:
            payload = _blob(connection, found.sha256)
        return json_answer({"note": found.note, "payload": base64.b64encode(payload).decode()}, headers)

    def issues(self) -> dict[str, Issue]:
        """What is in force now, by kind; signs what is due first."""
        now = self._hub.now()
        with self._lock:
            with self._hub.database.read() as connection:
                size = connection.execute(select(head.c.size).where(head.c.store_id == self._site)).scalar() or 0
            if size != self._size or any(now >= one.renew_at() for one in self._issues.values()):
                with self._hub.database.write() as connection:
                    self._issues = self._brought_up(connection, now)
                self._size = size
            return dict(self._issues)

    @property
    def _site(self) -> str:
        return self._hub.desk.site_id

    def _brought_up(self, connection: Connection, now: datetime) -> dict[str, Issue]:
        known = {row.kind: Issue(**row) for row in connection.execute(select(issue)).mappings()}
        rows = connection.execute(select(snapshot.c.id, snapshot.c.sha256).where(snapshot.c.store_id == self._site))
        for kind, digest in rows.all():
            if kind not in SNAPSHOT_KINDS:
                continue
            payload = self._payload(connection, kind, digest)
            last = known.get(kind)
            if last is not None and last.sha256 == sha256_hex(payload):
                if now < last.renew_at():
                    continue
                version = last.version
            else:
                version = last.version + 1 if last is not None else 1
            known[kind] = self._sign(connection, kind, version, payload, now)
        return known

    def _payload(self, connection: Connection, kind: str, digest: str) -> bytes:
        body = _blob(connection, digest)
        if kind != "lots":
            return body
        register = parse(kind, body)
        assert isinstance(register, LotRegister)
        query = select(hold.c.product_id, hold.c.lot_no, hold.c.reason).where(
            hold.c.store_id == self._site, hold.c.held == 1
        )
        held = {(row.product_id, row.lot_no): row.reason for row in connection.execute(query)}
        lots = tuple(
            lot.model_copy(update={"hold": held[lot.product_id, lot.lot_no]})
            if (lot.product_id, lot.lot_no) in held
            else lot
            for lot in register.lots
        )
        return render(LotRegister(lots=lots)) if held else body

    def _sign(self, connection: Connection, kind: str, version: int, payload: bytes, now: datetime) -> Issue:
        begin = now.replace(microsecond=0)
        end = begin + self._hub.validity[kind]
        note = sign_snapshot(payload, kind, version, begin, end, self._hub.snapshot_key)
        fresh = Issue(kind, version, sha256_hex(payload), begin, end, note)
        keep_blob(connection, fresh.sha256, "application/json", payload, now)
        row = {name: getattr(fresh, name) for name in ("kind", "version", "sha256", "valid_from", "valid_to", "note")}
        upsert(connection, issue, [row])
        return fresh


def keep_blob(connection: Connection, digest: str, media: str, body: bytes, now: datetime) -> None:
    """Store content under its digest; what is there already stays."""
    row = {"sha256": digest, "media": media, "at": now, "body": body}
    if connection.dialect.name == "postgresql":
        connection.execute(postgresql.insert(blob).on_conflict_do_nothing(), [row])
    elif connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(blob).on_conflict_do_nothing(), [row])
    else:
        connection.execute(insert(blob), [row])


def _blob(connection: Connection, digest: str) -> bytes:
    return bytes(connection.execute(select(blob.c.body).where(blob.c.sha256 == digest)).scalar_one())
