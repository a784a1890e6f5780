"""The records that released entries name by digest, and the public lists that the shop imported, travel beside the log:
head office says which it lacks."""

from __future__ import annotations

import json

from sqlalchemy import select

from store_service.records.ledger import Ledger
from store_service.records.projections.blending import unit
from store_service.records.projections.catalogue import snapshot
from store_service.records.tables import blob

from .link import Link
from .outcome import Halted, Nonsense

UNITS_A_CALL = 200
PUBLIC_LISTS = ("ingredients", "restricted")
"""Kinds of `list.imported`: a shop that is restored from head office screens by the same lists again."""


class BlobPusher:
    """Remembers in memory how far it came; after a restart it asks again, which costs one small call per 200 units."""

    def __init__(self, ledger: Ledger, link: Link) -> None:
        self._ledger, self._link, self._next = ledger, link, 0
        self._lists = frozenset[str]()

    def push(self, below: int) -> None:
        """Send what units released in [where we were, below) need, and lists imported since; raises Halted."""
        self._push_lists()
        while self._next < below:
            digests, after = self._needed(below)
            if digests:
                for digest in self._missing(digests):
                    self._send(digest)
            self._next = after

    def _push_lists(self) -> None:
        query = select(snapshot.c.sha256).where(
            snapshot.c.store_id == self._ledger.site, snapshot.c.id.in_(PUBLIC_LISTS)
        )
        with self._ledger.read() as connection:
            lists = frozenset(connection.execute(query).scalars())
        if lists - self._lists:
            for digest in self._missing(sorted(lists)):
                self._send(digest)
            self._lists = lists

    def _needed(self, below: int) -> tuple[list[str], int]:
        query = (
            select(unit.c.released_idx, unit.c.record_sha256, unit.c.public_sha256)
            .where(
                unit.c.store_id == self._ledger.site,
                unit.c.released_idx >= self._next,
                unit.c.released_idx < below,
            )
            .order_by(unit.c.released_idx)
            .limit(UNITS_A_CALL)
        )
        with self._ledger.read() as connection:
            rows = connection.execute(query).all()
        digests = [digest for row in rows for digest in (row.record_sha256, row.public_sha256) if digest]
        return digests, (rows[-1].released_idx + 1 if len(rows) == UNITS_A_CALL else below)

    def _missing(self, digests: list[str]) -> list[str]:
        body = json.dumps({"sha256": digests}).encode()
        reply = self._link.ask("POST", "/api/v1/sync/blobs/missing", body, {"Content-Type": "application/json"})
        if reply.status != 200:
            raise reply.no()
        found = reply.json()
        missing = found.get("missing") if isinstance(found, dict) else None
        if not isinstance(missing, list) or not set(map(str, missing)) <= set(digests):
            raise Halted(Nonsense("the list of missing records is none"))
        return missing

    def _send(self, digest: str) -> None:
        with self._ledger.read() as connection:
            row = connection.execute(select(blob.c.media, blob.c.body).where(blob.c.sha256 == digest)).one_or_none()
        if row is None:
            return
        reply = self._link.ask("PUT", f"/api/v1/sync/blobs/{digest}", bytes(row.body), {"Content-Type": row.media})
        if reply.status not in (200, 201, 204):
            raise reply.no()
