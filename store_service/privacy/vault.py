"""Personal records, sealed one by one (RECORD.md §4). Erasing a record's key is erasing the record."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Index, MetaData, Table, Text, delete, insert, select, update

from store_service.database.engines import Database
from store_service.database.types import Bytes, Instant, Int
from store_service.evidence.canonical import canonical
from store_service.evidence.personal import commitment

metadata = MetaData()
CHUNK = 400
_STRICT: dict[str, Any] = {"sqlite_strict": True}

sealed = Table(
    "sealed",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("k_record", Bytes),
    Column("nonce", Bytes, nullable=False),
    Column("body", Bytes),
    Column("at", Instant, nullable=False),
    **_STRICT,
)

staff = Table(
    "staff",
    metadata,
    Column("staff_id", Text, primary_key=True),
    Column("badge_hmac", Text, nullable=False, unique=True),
    Column("pin_salt", Bytes, nullable=False),
    Column("pin_hash", Bytes, nullable=False),
    Column("tries", Int, nullable=False),
    Column("locked_until", Instant),
    **_STRICT,
)

session = Table(
    "session",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("staff_id", Text, nullable=False),
    Column("kiosk", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_session_staff", "staff_id"),
    **_STRICT,
)


class Erased(Exception):
    """The record's key is gone; only its commitment remains in the log."""


class Vault:
    """The shop's own vault in a database of its own. `pepper` keys the badge index and never leaves its folder."""

    def __init__(self, database: Database, pepper: bytes) -> None:
        self.database, self._pepper = database, pepper
        with database.write() as connection:
            metadata.create_all(connection)

    def put(self, kind: str, ref: str, data: Mapping[str, Any], at: datetime) -> str:
        """Seal a record (a new one under the same ref replaces it) and commit; returns its commitment (64 hex).

        The same data again changes nothing: what an event has cited stays citable. What comes after an erasure is a
        record of its own.
        """
        plain = canonical(dict(data))
        try:
            known = self._open(kind, ref)
        except Erased:
            known = None
        if known is not None and known[1] == plain:
            return commitment(*known)
        k_record, nonce = os.urandom(32), os.urandom(12)
        body = AESGCM(k_record).encrypt(nonce, plain, f"{kind}/{ref}".encode())
        with self.database.write() as connection:
            connection.execute(delete(sealed).where(sealed.c.kind == kind, sealed.c.ref == ref))
            connection.execute(
                insert(sealed).values(kind=kind, ref=ref, k_record=k_record, nonce=nonce, body=body, at=at)
            )
        return commitment(k_record, plain)

    def get(self, kind: str, ref: str) -> dict[str, Any] | None:
        """Open a record; None when there never was one. Raises Erased."""
        known = self._open(kind, ref)
        if known is None:
            return None
        opened: dict[str, Any] = json.loads(known[1])
        return opened

    def commitment(self, kind: str, ref: str) -> str | None:
        """What an event that cites this record as it stands would say; None when there never was one. Raises Erased."""
        known = self._open(kind, ref)
        return commitment(*known) if known else None

    def _open(self, kind: str, ref: str) -> tuple[bytes, bytes] | None:
        """(the record's own key, its canonical data)."""
        with self.database.read() as connection:
            row = connection.execute(select(sealed).where(sealed.c.kind == kind, sealed.c.ref == ref)).one_or_none()
        if row is None:
            return None
        if row.k_record is None:
            raise Erased(f"{kind}/{ref}")
        return row.k_record, AESGCM(row.k_record).decrypt(row.nonce, row.body, f"{kind}/{ref}".encode())

    def erase(self, ref: str, kinds: tuple[str, ...] | None = None) -> int:
        """Forget the keys and bodies of a person's records; returns how many there were."""
        query = update(sealed).where(sealed.c.ref == ref, sealed.c.k_record.is_not(None))
        if kinds is not None:
            query = query.where(sealed.c.kind.in_(kinds))
        with self.database.write() as connection:
            erased = connection.execute(query.values(k_record=None, body=None)).rowcount
        self.database.forget()
        return erased

    def among(self, kind: str, refs: Collection[str]) -> set[str]:
        """Those of some refs under which a record of a kind is there: asked for all at once, and nothing is opened."""
        asked, found = sorted(refs), set[str]()
        with self.database.read() as connection:
            for start in range(0, len(asked), CHUNK):
                query = select(sealed.c.ref).where(sealed.c.kind == kind, sealed.c.k_record.is_not(None))
                query = query.where(sealed.c.ref.in_(asked[start : start + CHUNK]))
                found.update(connection.execute(query).scalars())
        return found

    def there(self) -> dict[tuple[str, str], datetime]:
        """(kind, ref) of every record that is not erased, with the time it was written."""
        with self.database.read() as connection:
            query = select(sealed.c.kind, sealed.c.ref, sealed.c.at).where(sealed.c.k_record.is_not(None))
            return {(row.kind, row.ref): row.at for row in connection.execute(query)}

    def badge_hmac(self, badge: str) -> str:
        return hmac.new(self._pepper, badge.strip().upper().encode(), hashlib.sha256).hexdigest()


def held(vault: Vault, kind: str, ref: str) -> dict[str, Any] | None:
    """A record, or None where there is none or it was erased."""
    try:
        return vault.get(kind, ref)
    except Erased:
        return None
