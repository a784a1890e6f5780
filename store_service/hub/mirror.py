"""add-entries (C2SP tlog-mirror): hold every entry, and only then cosign that they are held."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert

from store_service.evidence.checkpoint import Checkpoint, cosign
from store_service.evidence.merkle import leaf_hash
from store_service.evidence.note import parse_note
from store_service.evidence.wire import PACKAGE, AddEntries, Malformed, MirrorInfo
from store_service.records.projection import upsert
from store_service.records.tables import checkpoint, cosignature, entry
from store_service.sync.log import entries_of

from .answers import Answer, problem
from .hub import Enrolled, Hub
from .standing import Standing, change, forked, locked, still_frozen
from .witness import not_this_shop

MAX_BODY = 32 * 2**20
MAX_PACKAGES = 64


class TooLarge(Exception):
    """413: the shop sends fewer."""


def add_entries(hub: Hub, shop: Enrolled, body: bytes) -> Answer:
    """`body` is decompressed. Store what is new, compare what is known; cosign when the signed root is reached."""
    try:
        upload = AddEntries.parse(body)
    except Malformed as error:
        return problem(400, "malformed", str(error))
    if len(upload.entries) > MAX_PACKAGES * PACKAGE:
        return problem(413, "too-large", f"at most {MAX_PACKAGES} packages at once")
    refused = not_this_shop(hub, shop, upload.origin)
    if refused is not None:
        return refused
    leaves = [leaf_hash(one) for one in upload.entries]
    with hub.database.write() as connection:
        return _take(hub, connection, locked(connection, shop.store_id), upload, leaves)


def inflate(body: bytes) -> bytes:
    """A gzip body, at most 32 MiB of content; raises TooLarge or Malformed. A body cut off gives what came whole."""
    stream = zlib.decompressobj(wbits=31)
    try:
        found = stream.decompress(body, MAX_BODY + 1)
    except zlib.error as error:
        raise Malformed(f"not gzip: {error}") from error
    if len(found) > MAX_BODY:
        raise TooLarge
    return found


def _take(hub: Hub, connection: Connection, standing: Standing, upload: AddEntries, leaves: Sequence[bytes]) -> Answer:
    frozen = still_frozen(standing)
    if frozen is not None:
        return frozen
    held = standing.held.size
    if upload.end != standing.pending_size or upload.start > held or standing.pending_note is None:
        return Answer(409, MirrorInfo(standing.pending_size, held).body(), "text/x.tlog.mirror-info")
    if not upload.entries and held < upload.end:
        return problem(400, "malformed", "not one whole package came, and entries are missing")
    known = min(held, upload.start + len(upload.entries))
    for place, ours in enumerate(entries_of(connection, standing.store_id, upload.start, known)):
        theirs = upload.entries[place]
        if ours != theirs:
            detail = f"entry {upload.start + place} differs from the one held"
            return forked(connection, standing, hub.now(), detail, ours=ours, theirs=theirs)
    fresh = max(0, held - upload.start)
    head = standing.held.extend(leaves[fresh:])
    signed = Checkpoint.parse(parse_note(standing.pending_note).text)
    if head.size == signed.size and head.root() != signed.root:
        detail = f"the {head.size} entries sent have another root than the signed one"
        note = standing.pending_note.encode()
        return forked(connection, standing, hub.now(), detail, ours=note, theirs=upload.body())
    _store(connection, standing.store_id, held, upload.entries[fresh:], leaves[fresh:])
    change(connection, standing.store_id, peaks=head.to_bytes())
    if head.size < signed.size:
        return Answer(202, MirrorInfo(signed.size, head.size).body(), "text/x.tlog.mirror-info")
    return _cosign(hub, connection, standing, signed)


def _cosign(hub: Hub, connection: Connection, standing: Standing, signed: Checkpoint) -> Answer:
    # The line leaves this process only after the commit that makes what it says true.
    note, now = standing.pending_note or "", hub.now()
    line = cosign(note, hub.mirror_key, int(now.timestamp()))
    site = {"store_id": standing.store_id, "size": signed.size, "at": now}
    upsert(connection, checkpoint, [site | {"note": note}])
    upsert(connection, cosignature, [site | {"signer": hub.mirror_key.name, "line": line}])
    change(connection, standing.store_id, size=signed.size, note=note + line, acked_at=now)
    return Answer(200, line.encode())


def _store(connection: Connection, store_id: str, first: int, bodies: Sequence[bytes], leaves: Sequence[bytes]) -> None:
    if not bodies:
        return
    if connection.dialect.name == "postgresql":
        pg: Any = connection.connection.cursor()
        with pg, pg.copy("COPY entry (store_id, idx, body, leaf) FROM STDIN WITH (FORMAT BINARY)") as copy:
            copy.set_types(["text", "int8", "bytea", "bytea"])
            for offset, body in enumerate(bodies):
                copy.write_row((store_id, first + offset, body, leaves[offset]))
        return
    rows = [
        {"store_id": store_id, "idx": first + offset, "body": body, "leaf": leaves[offset]}
        for offset, body in enumerate(bodies)
    ]
    connection.execute(insert(entry), rows)
