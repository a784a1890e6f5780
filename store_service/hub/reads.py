"""What may be read of a shop's mirrored log, and the blobs beside it."""

from __future__ import annotations

import json

from sqlalchemy import select

from store_service.evidence.canonical import sha256_hex
from store_service.records.tables import blob
from store_service.sync.pages import entries_page

from .answers import Answer, json_answer, problem
from .hub import Hub
from .snapshots import keep_blob
from .tables import mirror

MAX_DIGESTS = 1000
MAX_BLOB = 8 * 2**20


def mirrored_checkpoint(hub: Hub, store_id: str) -> Answer:
    """The last cosigned checkpoint with its signatures; 204 if there is none."""
    with hub.database.read() as connection:
        note = connection.execute(select(mirror.c.note).where(mirror.c.store_id == store_id)).scalar()
    return Answer(200, note.encode()) if note else Answer(204)


def entries(hub: Hub, store_id: str, start: int, limit: int) -> Answer:
    """A page of cosigned entries."""
    return json_answer(page(hub, store_id, start, limit))


def page(hub: Hub, store_id: str, start: int, limit: int) -> dict[str, object]:
    with hub.database.read() as connection:
        size = connection.execute(select(mirror.c.size).where(mirror.c.store_id == store_id)).scalar() or 0
        return entries_page(connection, store_id, size, start, limit)


def missing_blobs(hub: Hub, body: bytes) -> Answer:
    """Of the digests asked for, those that head office has not got."""
    try:
        asked = json.loads(body)["sha256"]
        digests = [one for one in asked if isinstance(one, str)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return problem(400, "malformed", "a document with a list `sha256` is expected")
    if len(digests) != len(asked) or len(digests) > MAX_DIGESTS:
        return problem(400, "malformed", f"at most {MAX_DIGESTS} digests in hexadecimal")
    with hub.database.read() as connection:
        query = select(blob.c.sha256).where(blob.c.sha256.in_(digests))
        known = {digest for (digest,) in connection.execute(query)}
    return json_answer({"missing": [digest for digest in dict.fromkeys(digests) if digest not in known]})


def put_blob(hub: Hub, digest: str, media: str, body: bytes) -> Answer:
    """Keep content under its own digest."""
    if len(body) > MAX_BLOB:
        return problem(413, "too-large", f"at most {MAX_BLOB} bytes")
    if sha256_hex(body) != digest:
        return problem(400, "malformed", "the content has another digest")
    with hub.database.write() as connection:
        keep_blob(connection, digest, media[:100] or "application/octet-stream", body, hub.now())
    return Answer(204)


def get_blob(hub: Hub, digest: str) -> Answer:
    """Content by digest, for a shop that was restored; who knows the digest may have it."""
    with hub.database.read() as connection:
        row = connection.execute(select(blob.c.media, blob.c.body).where(blob.c.sha256 == digest)).one_or_none()
    if row is None:
        return problem(404, "unknown", "no such content")
    return Answer(200, bytes(row.body), row.media)
