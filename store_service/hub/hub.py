"""Head office as one value: its own desk, its two keys, how long its registers hold, and who may ask."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update

from store_service.database.engines import Database
from store_service.evidence.keys import Cosigner, SigningKey, VerifierKey
from store_service.records.desk import Desk

from .tables import enrolment

SEEN_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A shop that head office knows: its log's origin and the keys that may sign it."""

    store_id: str
    origin: str
    log_keys: tuple[VerifierKey, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """A person of head office's quality people. `staff_id` is the same for whoever works in a shop too."""

    staff_id: str
    name_zh: str
    name_en: str


@dataclass
class Hub:
    """`desk` writes head office's own log (site HQ); `readers`, `admins` and `signers` map a token's SHA-256 to its
    holder. A signer answers the shops' requests for a second person."""

    desk: Desk
    mirror_key: Cosigner
    snapshot_key: SigningKey
    validity: Mapping[str, timedelta]
    readers: Mapping[str, str] = field(default_factory=dict)
    admins: Mapping[str, str] = field(default_factory=dict)
    signers: Mapping[str, Signer] = field(default_factory=dict)
    looks_over: bool = True
    """Whether a register is checked before it is published. Only the demo's refusals do without: a shop refuses also
    what a head office of another make sends."""
    _heard: dict[str, datetime] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.desk.ledger.database

    def now(self) -> datetime:
        return self.desk.now()

    def shop(self, token: str) -> Enrolled | None:
        """Whose token this is; the shop counts as seen."""
        found = self._enrolled(enrolment.c.token_sha256 == token_digest(token))
        if found is not None:
            self._see(found.store_id)
        return found

    def by_origin(self, origin: str) -> Enrolled | None:
        return self._enrolled(enrolment.c.origin == origin)

    def by_store(self, store_id: str) -> Enrolled | None:
        return self._enrolled(enrolment.c.store_id == store_id)

    def _enrolled(self, condition: object) -> Enrolled | None:
        query = select(enrolment.c.store_id, enrolment.c.origin, enrolment.c.log_keys)
        with self.database.read() as connection:
            row = connection.execute(query.where(condition)).one_or_none()  # type: ignore[arg-type]  # a column's ==
        return Enrolled(row.store_id, row.origin, tuple(map(VerifierKey.parse, row.log_keys))) if row else None

    def _see(self, store_id: str) -> None:
        # Thousands of shops ask every few seconds: once a minute is enough for "silent while open".
        now, last = self.now(), self._heard.get(store_id)
        if last is not None and now - last < SEEN_EVERY:
            return
        self._heard[store_id] = now
        with self.database.write() as connection:
            connection.execute(update(enrolment).where(enrolment.c.store_id == store_id).values(seen_at=now))


def token_digest(token: str) -> str:
    """What is stored of a token: its SHA-256 in hexadecimal; tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
