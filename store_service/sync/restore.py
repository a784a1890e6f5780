"""On every start, before anything is signed: ask head office how far this log had come, and fetch what is missing.

A shop restored from an old backup would sign a second history otherwise (protocol §4, "after a restore").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, insert, select

from store_service.evidence.canonical import sha256_hex
from store_service.evidence.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint, parse_decimal
from store_service.evidence.errors import EvidenceError
from store_service.evidence.keys import VerifierKey
from store_service.evidence.merkle import Head, leaf_hash
from store_service.evidence.note import Note, decode_base64
from store_service.evidence.wire import AddCheckpoint
from store_service.records.event import Event, decode
from store_service.records.events.blending import UnitReleased, UnitSigned
from store_service.records.events.catalogue import ListImported, SnapshotAccepted
from store_service.records.ledger import Ledger
from store_service.records.projection import project, upsert
from store_service.records.tables import blob, checkpoint, entry, head

from .freeze import freeze_fork, freeze_lost, recall_fork
from .link import Link
from .log import newest_seal, own_head, root_at
from .outcome import Away, Halted, Nonsense, Refused
from .push import keep_cosignatures

PAGE = 1000


@dataclass(frozen=True, slots=True)
class InStep:
    """Nothing was missing, or `fetched` entries were brought back; the log may go on."""

    fetched: int = 0


@dataclass(frozen=True, slots=True)
class MustNotSign:
    """The log may not go on; `ledger.frozen` holds the words for the clerk."""

    detail: str


Start: TypeAlias = InStep | MustNotSign | Away | Refused | Nonsense


def restore(ledger: Ledger, link: Link, mirror_keys: Sequence[VerifierKey]) -> Start:
    """Compare with head office and bring own entries back. All of them or none; never raises for what a hub does.

    Away, Refused and Nonsense leave the log as it is: an ordinary start goes on without head office, a start after a
    restore from backup must not.
    """
    recall_fork(ledger)
    try:
        return _compare(ledger, link, tuple(mirror_keys))
    except Halted as halted:
        return halted.outcome
    except EvidenceError as error:
        return Nonsense(str(error))


def _compare(ledger: Ledger, link: Link, mirror_keys: tuple[VerifierKey, ...]) -> Start:
    with ledger.read() as connection:
        own, seal = own_head(connection, ledger.site), newest_seal(connection, ledger.site)
    mirrored = _mirrored(ledger, link, mirror_keys)
    fetched = 0
    if mirrored is not None:
        known = mirrored.checkpoint
        if known.size > own.size:
            if not _fetch(ledger, link, own, mirrored):
                if _served_root(link, known.size) != known.root:
                    return Nonsense("head office serves other entries than it cosigned")
                return _forked(ledger, f"own {own.size} entries do not begin the log of {known.size}")
            fetched = known.size - own.size
        elif root_at(ledger, known.size) != known.root:
            return _forked(ledger, f"the first {known.size} entries differ from those cosigned")
        _keep_seal(ledger, mirrored, mirror_keys)
    note = str(mirrored.note) if mirrored is not None else seal.note if seal is not None else None
    pending = _pending(link, note or Checkpoint.of(ledger.key.name, Head.empty()).sign(ledger.key))
    if pending > own.size + fetched:
        freeze_lost(ledger)
        return MustNotSign(f"a checkpoint of {pending} was given, only {own.size + fetched} entries are left")
    return InStep(fetched)


def _forked(ledger: Ledger, detail: str) -> MustNotSign:
    freeze_fork(ledger, detail)
    return MustNotSign(detail)


def _mirrored(ledger: Ledger, link: Link, mirror_keys: tuple[VerifierKey, ...]) -> SignedCheckpoint | None:
    reply = link.ask("GET", "/api/v1/sync/checkpoint")
    if reply.status == 204:
        return None
    if reply.status != 200 or reply.media != "text/plain":
        raise reply.no()
    signed = open_checkpoint(reply.text(), [ledger.key.verifier], mirror_keys)
    if not signed.cosignatures:
        raise Halted(Nonsense("the mirrored checkpoint is not cosigned by head office"))
    return signed


def _pending(link: Link, note: str) -> int:
    # From 0 and without a proof, any signed checkpoint makes head office say what it knows.
    body = AddCheckpoint(0, (), note).body()
    reply = link.ask("POST", "/api/v1/sync/add-checkpoint", body, {"Content-Type": "text/plain; charset=utf-8"})
    if reply.status == 200:
        return 0
    if reply.status != 409 or reply.media != "text/x.tlog.size":
        raise reply.no()
    return parse_decimal(reply.text().removesuffix("\n"))


def _fetch(ledger: Ledger, link: Link, own: Head, mirrored: SignedCheckpoint) -> bool:
    """Append entries [own.size, mirrored size) in one transaction; False, and nothing stored, if the root differs."""
    tree = own
    with ledger.database.write() as connection, connection.begin_nested() as attempt:
        fetched: list[list[bytes]] = []
        for bodies in _pages(link, own.size, mirrored.checkpoint.size):
            leaves = [leaf_hash(body) for body in bodies]
            rows = [
                {"store_id": ledger.site, "idx": tree.size + offset, "body": body, "leaf": leaf}
                for offset, (body, leaf) in enumerate(zip(bodies, leaves, strict=True))
            ]
            connection.execute(insert(entry), rows)
            tree = tree.extend(leaves)
            fetched.append(bodies)
        if tree.root() != mirrored.checkpoint.root:
            attempt.rollback()
            return False
        # Only now: another history's events could not be folded onto these rows.
        last_at: datetime | None = None
        wanted: dict[str, str] = {}
        for bodies in fetched:
            events = list(_readable(bodies))
            project(connection, events)
            last_at = max((event.at for event in events), default=last_at)
            wanted |= _blobs(events)
        upsert(
            connection,
            head,
            [{"store_id": ledger.site, "size": tree.size, "peaks": tree.to_bytes(), "last_at": last_at}],
        )
        for digest in wanted.values():
            _fetch_blob(connection, ledger, link, digest)
    return True


def _served_root(link: Link, size: int) -> bytes:
    """The root over all that head office serves: tells a fork of ours from a fault of its."""
    tree = Head.empty()
    for bodies in _pages(link, 0, size):
        tree = tree.extend(map(leaf_hash, bodies))
    return tree.root()


def _pages(link: Link, start: int, end: int) -> Iterator[list[bytes]]:
    while start < end:
        reply = link.ask("GET", f"/api/v1/sync/entries?from={start}&limit={min(PAGE, end - start)}")
        if reply.status != 200:
            raise reply.no()
        found = reply.json()
        try:
            rows = found["entries"]  # type: ignore[index]  # whatever is no such document raises below
            bodies = [decode_base64(row["entry"]) for row in rows]
            indexes = [row["idx"] for row in rows]
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise Halted(Nonsense(f"not a page of entries: {error}")) from error
        if not bodies or indexes != list(range(start, start + len(bodies))) or start + len(bodies) > end:
            raise Halted(Nonsense(f"entries from {start} to {end} were asked for, others came"))
        yield bodies
        start += len(bodies)


def _readable(bodies: list[bytes]) -> Iterator[Event]:
    for body in bodies:
        # It was cosigned, so it belongs to the log whatever it says; a table cannot be made of it.
        try:
            yield decode(body)
        except ValueError:
            continue


def _blobs(events: list[Event]) -> dict[str, str]:
    """Which blobs the tables will ask for, by the thing that needs them; a later register replaces an earlier one."""
    wanted: dict[str, str] = {}
    for event in events:
        payload = event.payload
        if isinstance(payload, SnapshotAccepted | ListImported):
            wanted[payload.kind] = payload.sha256
        elif isinstance(payload, UnitReleased):
            wanted[f"record {payload.unit_id}"] = payload.record_sha256
            wanted[f"public {payload.unit_id}"] = payload.public_sha256
        elif isinstance(payload, UnitSigned):
            wanted.setdefault(f"record {payload.unit_id}", payload.record_sha256)
    return wanted


def _fetch_blob(connection: Connection, ledger: Ledger, link: Link, digest: str) -> None:
    if connection.execute(select(blob.c.sha256).where(blob.c.sha256 == digest)).one_or_none() is not None:
        return
    reply = link.ask("GET", f"/api/v1/sync/blobs/{digest}")
    if reply.status == 404:
        return
    if reply.status != 200:
        raise reply.no()
    if sha256_hex(reply.body) != digest:
        raise Halted(Nonsense(f"blob {digest} came with other content"))
    row = {"sha256": digest, "media": reply.media or "application/octet-stream", "at": ledger.clock.now()}
    connection.execute(insert(blob).values(**row, body=reply.body))


def _keep_seal(ledger: Ledger, mirrored: SignedCheckpoint, mirror_keys: tuple[VerifierKey, ...]) -> None:
    size, note = mirrored.checkpoint.size, mirrored.note
    own = [line for line in note.signatures if ledger.key.verifier.made(line)]
    others = [line for line in note.signatures if line not in own]
    seal = {"store_id": ledger.site, "size": size, "at": ledger.clock.now(), "note": str(Note(note.text, tuple(own)))}
    with ledger.database.write() as connection:
        upsert(connection, checkpoint, [seal])
    keep_cosignatures(ledger, size, "".join(line.line() for line in others), mirror_keys)
