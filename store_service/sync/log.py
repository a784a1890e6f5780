"""What sync reads of a site's own log: leaves for proofs, the newest seal, how far head office has cosigned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from store_service.evidence.merkle import Head
from store_service.evidence.paths import LeafTree, range_root
from store_service.records.ledger import Ledger
from store_service.records.tables import checkpoint, cosignature, entry, head


@dataclass(frozen=True, slots=True)
class Seal:
    """A checkpoint that the site signed."""

    size: int
    note: str


@dataclass(frozen=True, slots=True)
class Ack:
    """The largest size that a cosigner stood by, and when it was received; size 0 if there is none."""

    size: int
    at: datetime | None


class DbLeaves:
    """Leaf hashes of one site by slice, for `LeafTree`; each slice is one query."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getitem__(self, part: slice) -> Sequence[bytes]:
        query = (
            select(entry.c.leaf)
            .where(entry.c.store_id == self._ledger.site, entry.c.idx >= part.start, entry.c.idx < part.stop)
            .order_by(entry.c.idx)
        )
        with self._ledger.read() as connection:
            return [bytes(leaf) for (leaf,) in connection.execute(query)]


def root_at(ledger: Ledger, size: int) -> bytes:
    """The root over the first `size` entries; raises ProofFails where some are missing."""
    return range_root(0, size, LeafTree(DbLeaves(ledger)).node)


def own_head(connection: Connection, site: str) -> Head:
    row = connection.execute(select(head.c.peaks).where(head.c.store_id == site)).one_or_none()
    return Head.from_bytes(bytes(row.peaks)) if row else Head.empty()


def newest_seal(connection: Connection, site: str) -> Seal | None:
    query = (
        select(checkpoint.c.size, checkpoint.c.note)
        .where(checkpoint.c.store_id == site)
        .order_by(checkpoint.c.size.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return Seal(row.size, row.note) if row else None


def newest_ack(connection: Connection, site: str) -> Ack:
    query = (
        select(cosignature.c.size, cosignature.c.at)
        .where(cosignature.c.store_id == site)
        .order_by(cosignature.c.size.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return Ack(row.size, row.at) if row else Ack(0, None)


def entries_of(connection: Connection, site: str, start: int, end: int) -> list[bytes]:
    """The bytes of entries [start, end)."""
    query = (
        select(entry.c.body)
        .where(entry.c.store_id == site, entry.c.idx >= start, entry.c.idx < end)
        .order_by(entry.c.idx)
    )
    return [bytes(body) for (body,) in connection.execute(query)]
