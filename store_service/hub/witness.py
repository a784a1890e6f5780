"""add-checkpoint (C2SP tlog-witness): take a signed checkpoint that extends the last one, and nothing else."""

from __future__ import annotations

from sqlalchemy import Connection

from store_service.evidence.checkpoint import Checkpoint, open_checkpoint
from store_service.evidence.errors import EvidenceError, NoteRefused, ProofFails
from store_service.evidence.merkle import EMPTY_ROOT
from store_service.evidence.note import parse_note
from store_service.evidence.paths import verify_consistency
from store_service.evidence.wire import AddCheckpoint

from .answers import Answer, problem
from .hub import Enrolled, Hub
from .standing import Standing, change, forked, locked, proof_fails, still_frozen


def add_checkpoint(hub: Hub, shop: Enrolled, body: bytes) -> Answer:
    """Check in the order of protocol §4, store in one transaction, answer after its commit."""
    try:
        asked = AddCheckpoint.parse(body)
        offered = Checkpoint.parse(parse_note(asked.note).text)
    except EvidenceError as error:
        return problem(400, "malformed", str(error))
    if asked.old > offered.size:
        return problem(400, "malformed", f"old {asked.old} is beyond the checkpoint's {offered.size}")
    refused = not_this_shop(hub, shop, offered.origin)
    if refused is not None:
        return refused
    try:
        open_checkpoint(asked.note, shop.log_keys)
    except NoteRefused as error:
        return problem(403, "not-signed", str(error))
    with hub.database.write() as connection:
        return _take(hub, connection, locked(connection, shop.store_id), asked, offered)


def not_this_shop(hub: Hub, shop: Enrolled, origin: str) -> Answer | None:
    """404 for an origin that nobody enrolled, 403 for another shop's."""
    if origin == shop.origin:
        return None
    if hub.by_origin(origin) is None:
        return problem(404, "unknown", f"nobody enrolled the log {origin[:200]}")
    return problem(403, "not-yours", f"the token is that of {shop.store_id}")


def _take(hub: Hub, connection: Connection, standing: Standing, asked: AddCheckpoint, offered: Checkpoint) -> Answer:
    frozen = still_frozen(standing)
    if frozen is not None:
        return frozen
    if asked.old != standing.pending_size:
        return Answer(409, f"{standing.pending_size}\n".encode(), "text/x.tlog.size")
    ours = (standing.pending_note or "").encode()
    known_root = _root(standing)
    if offered.size == asked.old and offered.root != known_root:
        detail = f"two checkpoints of {offered.size} with different roots are signed"
        return forked(connection, standing, hub.now(), detail, ours=ours, theirs=asked.note.encode())
    try:
        verify_consistency(asked.old, known_root, offered.size, offered.root, asked.proof)
    except ProofFails as error:
        return proof_fails(connection, standing, hub.now(), str(error), ours=ours, theirs=asked.body())
    if offered.size > standing.pending_size:
        change(connection, standing.store_id, pending_size=offered.size, pending_note=asked.note)
    return Answer(200)


def _root(standing: Standing) -> bytes:
    if standing.pending_note is None:
        return EMPTY_ROOT
    return Checkpoint.parse(parse_note(standing.pending_note).text).root
