"""Who waits for a second person, and how each request ended: read alike in the shop and at head office.

A request is one `second.asked`. It stays open until somebody's signature, head office's "no", or the act itself
answers it; the first of them settles it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, select

from .projections.blending import unit
from .projections.site import HEAD_OFFICE, SECOND_ASKED, SECOND_DECLINED, SECOND_GIVEN, SECOND_WITHOUT_EFFECT, finding
from .tables import entry

WAITS = timedelta(hours=24)
"""A request that is older waits for nobody: who still wants it asks again."""
UNSIGNED = ("planned", "started", "cup", "dosing", "stopped", "dosed", "checked", "parked")
"""States in which a signature can still be wanted for a unit."""
Standing: TypeAlias = Literal["open", "signed", "declined", "gone"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A warning with its reason, or a refusal (no reason), that wants a second person. `by` acted first; `zh` and `en`
    are what he was told; `idx` is the entry of the shop's log."""

    store_id: str
    idx: int
    subject: str
    rule: str
    gate: str
    reason: str | None
    by: str
    at: datetime
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Ended:
    """What settled a request: `kind` is `signed` or `declined`, `place` `head_office` or None, which is the shop."""

    kind: Literal["signed", "declined"]
    by: str
    at: datetime
    place: str | None
    reason: str | None


def newest(connection: Connection, site: str, subject: str, rule: str) -> Asked | None:
    """The newest request about a subject, None where there is none."""
    where = (finding.c.store_id == site, finding.c.subject == subject)
    found = [one for one in _requests(connection, *where) if one.rule == rule]
    return found[-1] if found else None


def request_at(connection: Connection, site: str, idx: int) -> Asked | None:
    """The request that stands at an index of a shop's log."""
    return next(_requests(connection, finding.c.store_id == site, finding.c.id == f"{idx:010d}"), None)


def waiting(connection: Connection, site: str, since: datetime) -> list[Asked]:
    """The open requests of a shop since then, one for each subject and rule, oldest first."""
    return _open(connection, finding.c.store_id == site, finding.c.at >= since)


def waiting_everywhere(connection: Connection, since: datetime) -> list[Asked]:
    """The open requests of every shop since then, oldest first. Fans out: head office's queue is over all shops."""
    return _open(connection, finding.c.at >= since)


def _open(connection: Connection, *where: ColumnElement[bool]) -> list[Asked]:
    asked = {(one.store_id, one.subject, one.rule): one for one in _requests(connection, *where)}
    return sorted(
        (one for one in asked.values() if standing(connection, one) == "open"), key=lambda one: (one.at, one.idx)
    )


def standing(connection: Connection, asked: Asked) -> Standing:
    """How a request stands in the record of its own shop, however old it is."""
    found = ended(connection, asked)
    if found is not None:
        return found.kind
    state = connection.execute(
        select(unit.c.state).where(unit.c.store_id == asked.store_id, unit.c.id == asked.subject)
    ).scalar()
    return "open" if state is None or state in UNSIGNED else "gone"


def ended(connection: Connection, asked: Asked) -> Ended | None:
    """The first answer after a request, None while there is none. The act itself, gone on with, is one."""
    for row in _about(connection, asked.store_id, asked.subject, (SECOND_GIVEN, SECOND_DECLINED, "warning")):
        own = row.kind == SECOND_GIVEN and row.actor == asked.by  # answers another's request, never one's own
        if row.idx > asked.idx and asked.rule in row.rules and not own:
            kind: Literal["signed", "declined"] = "declined" if row.kind == SECOND_DECLINED else "signed"
            return Ended(kind, row.actor, row.at, row.place, row.reason)
    return None


def declined(connection: Connection, site: str, subject: str, rule: str) -> bool:
    """Whether head office's last word about it was no: then nobody in the shop signs it."""
    said = [
        row.kind
        for row in _about(connection, site, subject, (SECOND_GIVEN, SECOND_DECLINED))
        if row.place == HEAD_OFFICE and rule in row.rules
    ]
    return said[-1:] == [SECOND_DECLINED]


def answered(connection: Connection, site: str, idxs: Sequence[int]) -> set[int]:
    """Of those requests, the ones to which head office's answer is on the shop's record, with or without effect."""
    kinds = (SECOND_GIVEN, SECOND_DECLINED, SECOND_WITHOUT_EFFECT)
    query = select(finding.c.asked_idx).where(
        finding.c.store_id == site, finding.c.asked_idx.in_(idxs), finding.c.kind.in_(kinds)
    )
    return {idx for (idx,) in connection.execute(query)}


def leaf_of(connection: Connection, site: str, idx: int) -> str | None:
    """The leaf hash of an entry in hexadecimal: what an answer names."""
    leaf = connection.execute(select(entry.c.leaf).where(entry.c.store_id == site, entry.c.idx == idx)).scalar()
    return None if leaf is None else bytes(leaf).hex()


def _about(connection: Connection, site: str, subject: str, kinds: tuple[str, ...]) -> Sequence[Row[tuple[object]]]:
    query = (
        select(finding)
        .where(finding.c.store_id == site, finding.c.subject == subject, finding.c.kind.in_(kinds))
        .order_by(finding.c.idx)
    )
    return connection.execute(query).all()


def _requests(connection: Connection, *where: ColumnElement[bool]) -> Iterator[Asked]:
    query = select(finding).where(*where, finding.c.kind == SECOND_ASKED).order_by(finding.c.store_id, finding.c.idx)
    for row in connection.execute(query).all():
        (rule,) = row.rules
        yield Asked(
            row.store_id, row.idx, row.subject, rule, row.gate, row.reason or None, row.actor, row.at, row.zh, row.en
        )
