"""A unit's proof (`.tlog-proof`) and record (`.record`), which a consumer may check anywhere (RECORD.md §2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from store_service.evidence.canonical import Json, canonical, parse, sha256_hex
from store_service.evidence.errors import ProofFails
from store_service.evidence.keys import VerifierKey
from store_service.evidence.note import parse_note, parse_signatures
from store_service.evidence.paths import LeafTree, inclusion_proof
from store_service.evidence.proof import TlogProof
from store_service.evidence.record_file import RecordFile
from store_service.records.tables import blob, checkpoint, cosignature, entry

Read = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class Cosigned:
    """Head office (or whoever watches) stood by the checkpoint at `at`."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed checkpoint over an entry, with the cosignatures that are known."""

    size: int
    at: datetime
    note: str
    cosigned: tuple[Cosigned, ...]


class _SiteLeaves:
    """Leaf hashes of one site by slice; each slice is one query."""

    def __init__(self, read: Read, site: str) -> None:
        self._read, self._site = read, site

    def __getitem__(self, part: slice) -> Sequence[bytes]:
        query = (
            select(entry.c.leaf)
            .where(entry.c.store_id == self._site, entry.c.idx >= part.start, entry.c.idx < part.stop)
            .order_by(entry.c.idx)
        )
        with self._read() as connection:
            return [bytes(leaf) for (leaf,) in connection.execute(query)]


class LogProofs:
    """Inclusion proofs of one site's log. Complete subtrees are remembered, so that only the first proof is slow."""

    def __init__(self, read: Read, site: str) -> None:
        self._read, self._site = read, site
        self._tree = LeafTree(_SiteLeaves(read, site))

    def prove(self, idx: int, seal: Seal) -> TlogProof:
        """The path from entry `idx` to the checkpoint `seal`. Raises ProofFails where entries are missing."""
        return TlogProof(idx, tuple(inclusion_proof(idx, seal.size, self._tree.node)), seal.note)

    def proved(self, idx: int, seal: Seal, body: bytes, keys: Sequence[VerifierKey]) -> TlogProof:
        """The path, followed again from the entry's own bytes to the signed root. Raises EvidenceError if it fails."""
        proof = self.prove(idx, seal)
        try:
            proof.verify(body, keys)
        except ProofFails:
            # A log that was put back from head office has other leaves than those remembered: read them once more.
            self._tree = LeafTree(_SiteLeaves(self._read, self._site))
            proof = self.prove(idx, seal)
            proof.verify(body, keys)
        return proof


def seal_of(connection: Connection, site: str, idx: int) -> Seal | None:
    """The newest cosigned checkpoint over entry `idx`, else the newest one that the shop alone signed; None yet."""
    cosigned = (
        select(cosignature.c.size)
        .where(cosignature.c.store_id == site, cosignature.c.size > idx)
        .order_by(cosignature.c.size.desc())
        .limit(1)
    )
    newest = (
        select(checkpoint.c.size)
        .where(checkpoint.c.store_id == site, checkpoint.c.size > idx)
        .order_by(checkpoint.c.size.desc())
        .limit(1)
    )
    for query in (cosigned, newest):
        found = connection.execute(query).scalar()
        seal = None if found is None else seal_at(connection, site, found)
        if seal is not None:
            return seal
    return None


def seal_at(connection: Connection, site: str, size: int) -> Seal | None:
    """The checkpoint of `size` with every cosignature line known for it."""
    row = connection.execute(
        select(checkpoint.c.at, checkpoint.c.note).where(checkpoint.c.store_id == site, checkpoint.c.size == size)
    ).one_or_none()
    if row is None:
        return None
    lines = connection.execute(
        select(cosignature.c.signer, cosignature.c.at, cosignature.c.line)
        .where(cosignature.c.store_id == site, cosignature.c.size == size)
        .order_by(cosignature.c.signer)
    ).all()
    note = parse_note(row.note)
    whole = note.add(*(signature for one in lines for signature in parse_signatures(one.line)))
    return Seal(size, row.at, str(whole), tuple(Cosigned(one.signer, one.at) for one in lines))


def first_sealed(connection: Connection, site: str, idx: int) -> datetime | None:
    """When the first checkpoint over entry `idx` was signed."""
    query = (
        select(checkpoint.c.at)
        .where(checkpoint.c.store_id == site, checkpoint.c.size > idx)
        .order_by(checkpoint.c.size)
        .limit(1)
    )
    return connection.execute(query).scalar()


def first_cosigned(connection: Connection, site: str, idx: int) -> Cosigned | None:
    """Who first stood by a checkpoint over entry `idx`, and when."""
    query = (
        select(cosignature.c.signer, cosignature.c.at)
        .where(cosignature.c.store_id == site, cosignature.c.size > idx)
        .order_by(cosignature.c.size, cosignature.c.signer)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return Cosigned(row.signer, row.at) if row else None


def record_file(connection: Connection, site: str, idx: int) -> RecordFile | None:
    """The release at `idx` and the public record that it sealed; None while head office has not got the record.

    Raises EvidenceError when entry and record do not belong together.
    """
    body = connection.execute(select(entry.c.body).where(entry.c.store_id == site, entry.c.idx == idx)).scalar()
    if body is None:
        return None
    digest = _public_digest(bytes(body))
    kept = connection.execute(select(blob.c.body).where(blob.c.sha256 == digest)).scalar() if digest else None
    return None if kept is None else RecordFile.of(RecordFile(bytes(body), parse(bytes(kept))).to_json())


def _public_digest(body: bytes) -> str | None:
    event = parse(body)
    data = event.get("data") if isinstance(event, dict) else None
    digest = data.get("public_sha256") if isinstance(data, dict) else None
    return digest if isinstance(digest, str) else None


def sealed_record(connection: Connection, digest: str | None) -> Json:
    """The record whose digest a release carries; None if it is not here. Raises ProofFails if it was altered."""
    body = connection.execute(select(blob.c.body).where(blob.c.sha256 == digest)).scalar() if digest else None
    if body is None:
        return None
    found = parse(bytes(body))
    if sha256_hex(canonical(found)) != digest:
        raise ProofFails(f"the record {digest} is not the one that was sealed")
    return found


def file_bytes(found: RecordFile) -> bytes:
    """The `.record` file."""
    return json.dumps(found.to_json(), ensure_ascii=False, separators=(",", ":")).encode()
