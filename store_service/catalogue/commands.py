"""Put registers into force. A shop accepts what head office signed; head office publishes, two persons at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from store_service.evidence.keys import VerifierKey
from store_service.evidence.snapshot import verify_snapshot
from store_service.records.desk import Desk
from store_service.records.events.catalogue import (
    ListImported,
    LotFreed,
    LotHeld,
    RegisterPublished,
    SnapshotAccepted,
    StopReceived,
)
from store_service.records.ledger import Act
from store_service.records.projections.catalogue import snapshot
from store_service.records.projections.stock import lot
from store_service.rules.dossier import SNAPSHOT_KINDS, Document

from .queries import document_of, parse, render
from .stops import newly_stopped


class NotTwoPersons(ValueError):
    """The second person must be another person."""


def accept_snapshot(desk: Desk, note: str, payload: bytes, keys: Sequence[VerifierKey]) -> bool:
    """Verify a signed register and put it into force; False when that version is in force already.

    Raises evidence errors for a wrong signature, ValueError for malformed content or a version older than the one in
    force (a replay of an old register would bring a recalled lot back).
    """
    offered, key = verify_snapshot(note, payload, keys)
    document = parse(offered.kind, payload)
    with desk.act("sync") as act:
        standing = act.connection.execute(
            select(snapshot.c.version, snapshot.c.sha256, snapshot.c.valid_to).where(
                snapshot.c.store_id == desk.site_id, snapshot.c.id == offered.kind
            )
        ).one_or_none()
        if standing is not None and offered.version < standing.version:
            raise ValueError(f"{offered.kind} version {offered.version} is older than {standing.version}, in force")
        if standing is not None and (standing.version, standing.valid_to) == (offered.version, offered.valid_to):
            return False
        if standing is not None and standing.version < offered.version:
            _tell_stops(act, desk.site_id, offered.kind, offered.version, standing.sha256, document)
        digest = act.keep(payload, "application/json")
        act.record(
            SnapshotAccepted(
                kind=offered.kind,
                version=offered.version,
                sha256=digest,
                valid_from=offered.valid_from,
                valid_to=offered.valid_to,
                key=str(key),
            )
        )
    return True


def _tell_stops(act: Act, site: str, kind: str, version: int, before: str, document: Document) -> None:
    query = select(lot.c.product_id, lot.c.lot_no).where(lot.c.store_id == site)
    here = {(row.product_id, row.lot_no) for row in act.connection.execute(query)}
    items = newly_stopped(document_of(act.connection, kind, before), document, here)
    if items:
        act.record(StopReceived(stop_id=f"{kind}-{version}", kind=kind, version=version, items=items))


def publish_register(desk: Desk, document: Document, *, by: str, second: str, reason: str) -> int:
    """Head office puts a register into force; returns its version. Two persons, never one twice."""
    if by == second:
        raise NotTwoPersons("a register is published by two persons")
    kind = next(kind for kind, model in SNAPSHOT_KINDS.items() if type(document) is model)
    with desk.act(by) as act:
        last = act.connection.execute(
            select(snapshot.c.version).where(snapshot.c.store_id == desk.site_id, snapshot.c.id == kind)
        ).scalar()
        version = (last or 0) + 1
        digest = act.keep(render(document), "application/json")
        act.record(RegisterPublished(kind=kind, version=version, sha256=digest, by=by, second=second, reason=reason))
    return version


def hold_lot(desk: Desk, product_id: str, lot_no: str, *, reason: str, by: str) -> None:
    """Head office stops a lot at once; one person may, because stopping is the safe side."""
    with desk.act(by) as act:
        act.record(LotHeld(product_id=product_id, lot_no=lot_no, reason=reason, by=by))


def free_lot(desk: Desk, product_id: str, lot_no: str, *, reason: str, by: str, second: str) -> None:
    """Head office lifts a hold; two persons."""
    if by == second:
        raise NotTwoPersons("a hold is lifted by two persons")
    with desk.act(by) as act:
        act.record(LotFreed(product_id=product_id, lot_no=lot_no, reason=reason, by=by, second=second))


def import_register(desk: Desk, document: Document, *, by: str, valid_to: datetime) -> int:
    """A shop without head office puts a register into force by itself; one with a hub must refuse to (DESIGN §4.11).
    Returns the register's version."""
    kind = next(kind for kind, model in SNAPSHOT_KINDS.items() if type(document) is model)
    with desk.act(by) as act:
        last = act.connection.execute(
            select(snapshot.c.version).where(snapshot.c.store_id == desk.site_id, snapshot.c.id == kind)
        ).scalar()
        version = (last or 0) + 1
        act.record(
            SnapshotAccepted(
                kind=kind,
                version=version,
                sha256=act.keep(render(document), "application/json"),
                valid_from=desk.now(),
                valid_to=valid_to,
                key="import",
            )
        )
    return version


def import_list(desk: Desk, kind: str, body: bytes, *, entries: int, by: str) -> int:
    """Put an imported public list (`ingredients` or `restricted`, checked UTF-8 bytes) into force; returns its
    version. A shop with head office may too: the lists are the authority's, not the filer's."""
    with desk.act(by) as act:
        last = act.connection.execute(
            select(snapshot.c.version).where(snapshot.c.store_id == desk.site_id, snapshot.c.id == kind)
        ).scalar()
        version = (last or 0) + 1
        act.record(
            ListImported(kind=kind, version=version, sha256=act.keep(body, "text/plain"), entries=entries, by=by)
        )
    return version
