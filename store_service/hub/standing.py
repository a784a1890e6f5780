"""How far one shop's log is held, read and written under its row's lock; and the alarm when two histories meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from store_service.evidence.merkle import Head
from store_service.records.projection import upsert

from .answers import Answer, problem
from .tables import incident, mirror


@dataclass(frozen=True, slots=True)
class Standing:
    """`held` is the head over every entry stored; `size` what is cosigned; `pending_note` the checkpoint to reach."""

    store_id: str
    pending_size: int
    pending_note: str | None
    size: int
    note: str | None
    held: Head
    frozen_why: str | None


def locked(connection: Connection, store_id: str) -> Standing:
    """The standing of a shop, locked until the transaction ends; on SQLite the transaction itself is the lock."""
    query = select(mirror).where(mirror.c.store_id == store_id)
    if connection.dialect.name == "postgresql":
        query = query.with_for_update()
    row = connection.execute(query).one()
    return Standing(
        store_id,
        row.pending_size,
        row.pending_note,
        row.size,
        row.note,
        Head.from_bytes(bytes(row.peaks)),
        row.frozen_why,
    )


def change(connection: Connection, store_id: str, **values: object) -> None:
    connection.execute(update(mirror).where(mirror.c.store_id == store_id).values(**values))


def forked(
    connection: Connection, standing: Standing, now: datetime, detail: str, *, ours: bytes, theirs: bytes
) -> Answer:
    """Keep both sides, raise the alarm, freeze the shop: 422 until QA lifts it."""
    _alarm(connection, standing.store_id, now, "fork", detail, ours, theirs)
    change(connection, standing.store_id, frozen_at=now, frozen_why=detail)
    return problem(422, "fork", detail)


def proof_fails(
    connection: Connection, standing: Standing, now: datetime, detail: str, *, ours: bytes, theirs: bytes
) -> Answer:
    """Raise the alarm; nothing is proven, so nobody is frozen."""
    _alarm(connection, standing.store_id, now, "proof-fails", detail, ours, theirs)
    return problem(422, "proof-fails", detail)


def still_frozen(standing: Standing) -> Answer | None:
    return problem(422, "fork", standing.frozen_why) if standing.frozen_why is not None else None


def _alarm(
    connection: Connection, store_id: str, now: datetime, kind: str, detail: str, ours: bytes, theirs: bytes
) -> None:
    count = connection.execute(
        select(func.count()).select_from(incident).where(incident.c.store_id == store_id)
    ).scalar_one()
    # A shop that repeats the same wrong thing every 20 s must not fill the disk: the same alarm is kept once.
    same = select(incident.c.id).where(
        incident.c.store_id == store_id,
        incident.c.kind == kind,
        incident.c.detail == detail,
        incident.c.theirs == theirs,
        incident.c.lifted_at.is_(None),
    )
    if connection.execute(same).first() is None:
        connection.execute(
            insert(incident).values(
                store_id=store_id, id=f"{count + 1:06d}", kind=kind, at=now, detail=detail, ours=ours, theirs=theirs
            )
        )


def enrolled(connection: Connection, store_id: str) -> None:
    """The standing of a shop of which nothing is held yet."""
    upsert(
        connection,
        mirror,
        [{"store_id": store_id, "pending_size": 0, "size": 0, "peaks": Head.empty().to_bytes()}],
    )
