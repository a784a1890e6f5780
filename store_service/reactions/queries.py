"""Cases with their clocks, and the lots that several of them point at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, literal, select

from store_service.blending.queries import find_unit
from store_service.records.desk import Missing
from store_service.records.projections.after import complaint, reaction, recall, returned
from store_service.records.projections.blending import dose, unit
from store_service.records.projections.catalogue import hold
from store_service.records.projections.stock import lot
from store_service.rules.dates import beijing_date
from store_service.rules.duties import Severity, reaction_due, selfcheck_due
from store_service.rules.params import Parameters

GRAVE = ("serious", "social")


class Reaction(NamedTuple):
    id: str
    unit_id: str
    batch: str
    channel: str
    aware_at: datetime
    opened_at: datetime
    severity: Severity
    contact_left: bool
    submissions: list[dict[str, Any]]
    reported_at: datetime | None
    open: bool
    conclusion: str | None


COLUMNS = tuple(reaction.c[name] for name in Reaction._fields)


@dataclass(frozen=True, slots=True)
class Clock:
    """The days by which a case must be reported and self-checked, and whether that day has passed undone."""

    report_due: date
    selfcheck_due: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Signal:
    """A lot of a source, or an envelope, that cases point at: a hold is proposed, and only a person makes it. Of an
    envelope `product_id` and `lot_no` are empty, of a lot `envelope_id`; an envelope is held by the shop's
    officer, and withdrawn by head office."""

    product_id: str
    lot_no: str
    envelope_id: str
    cases: tuple[str, ...]
    serious: bool
    held: bool


def find_case(connection: Connection, site: str, case_id: str) -> Reaction:
    """Raises Missing."""
    row = connection.execute(
        select(*COLUMNS).where(reaction.c.store_id == site, reaction.c.id == case_id)
    ).one_or_none()
    if row is None:
        raise Missing("reaction", case_id)
    return Reaction(*row)


def cases(connection: Connection, site: str, limit: int = 200) -> list[Reaction]:
    """The open ones first, then the newest."""
    query = select(*COLUMNS).where(reaction.c.store_id == site)
    query = query.order_by(reaction.c.open.desc(), reaction.c.opened_at.desc()).limit(limit)
    return [Reaction(*row) for row in connection.execute(query)]


def clock_of(found: Reaction, params: Parameters, today: date) -> Clock:
    """R-ADR-02, R-ADR-03: the days run from the earliest awareness, whatever happened since."""
    report = reaction_due(found.aware_at, found.severity, params)
    check = selfcheck_due(found.aware_at, found.severity, params)
    done = {one["kind"] for one in found.submissions}
    late = "report" not in done and today > report
    unchecked = check is not None and "selfcheck" not in done and today > check
    return Clock(report, check, late or unchecked)


def sources_of(connection: Connection, site: str, unit_id: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """(filing numbers, lots) of everything that went into a unit; None for a unit that is not known, or whose lots
    were never received here."""
    try:
        find_unit(connection, site, unit_id)
    except Missing:
        return None
    used = connection.execute(
        select(dose.c.product_id, dose.c.lot_no).where(dose.c.store_id == site, dose.c.unit_id == unit_id).distinct()
    ).all()
    keys = [f"{row.product_id}/{row.lot_no}" for row in used]
    known = connection.execute(select(lot.c.filing_number).where(lot.c.store_id == site, lot.c.id.in_(keys))).all()
    if not used or len(known) != len(keys):
        return None
    return frozenset(row.filing_number for row in known), frozenset(row.lot_no for row in used)


def signals(connection: Connection, site: str, params: Parameters, now: datetime) -> list[Signal]:
    """R-ADR-08: `signal_n` cases on a lot or an envelope within `signal_days`, or one that an officer called serious.
    Lots first."""
    heard = (reaction.c.store_id == site) & (reaction.c.aware_at >= now - timedelta(days=params.signal_days))
    of_unit = (reaction.c.store_id == unit.c.store_id) & (reaction.c.unit_id == unit.c.id)
    lots = select(dose.c.product_id, dose.c.lot_no, literal(""), reaction.c.id, reaction.c.severity)
    lots = lots.join(reaction, (reaction.c.store_id == dose.c.store_id) & (reaction.c.unit_id == dose.c.unit_id))
    envelopes = select(literal(""), literal(""), unit.c.envelope_id, reaction.c.id, reaction.c.severity)
    envelopes = envelopes.join(reaction, of_unit)
    pointed: dict[tuple[str, str, str], dict[str, str]] = {}
    for query in (lots, envelopes):
        for *key, case_id, severity in sorted(map(tuple, connection.execute(query.where(heard).distinct()))):
            pointed.setdefault((key[0], key[1], key[2]), {})[case_id] = severity
    held_here = select(hold.c.product_id, hold.c.lot_no).where(hold.c.store_id == site, hold.c.held == True)  # noqa: E712
    held = {(row.product_id, row.lot_no) for row in connection.execute(held_here)}
    return [
        Signal(*key, tuple(found), any(one in GRAVE for one in found.values()), key[:2] in held)
        for key, found in pointed.items()
        if len(found) >= params.signal_n or any(one in GRAVE for one in found.values())
    ]


def overdue(connection: Connection, site: str, params: Parameters, now: datetime) -> list[Reaction]:
    """Open cases whose day has passed."""
    today = beijing_date(now)
    return [one for one in cases(connection, site) if one.open and clock_of(one, params, today).overdue]


def complaints(connection: Connection, site: str, limit: int = 200) -> list[Row[Any]]:
    query = select(complaint).where(complaint.c.store_id == site)
    return list(connection.execute(query.order_by(complaint.c.open.desc(), complaint.c.at.desc()).limit(limit)))


def find_complaint(connection: Connection, site: str, complaint_id: str) -> Row[Any]:
    """Raises Missing."""
    query = select(complaint).where(complaint.c.store_id == site, complaint.c.id == complaint_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Missing("complaint", complaint_id)
    return row


def returns(connection: Connection, site: str, limit: int = 200) -> list[Row[Any]]:
    """What came back, the undestroyed first."""
    query = select(returned).where(returned.c.store_id == site)
    query = query.order_by(returned.c.destroyed_at.is_not(None), returned.c.at.desc()).limit(limit)
    return list(connection.execute(query))


def find_return(connection: Connection, site: str, return_id: str) -> Row[Any]:
    """Raises Missing."""
    row = connection.execute(
        select(returned).where(returned.c.store_id == site, returned.c.id == return_id)
    ).one_or_none()
    if row is None:
        raise Missing("return", return_id)
    return row


def recalls(connection: Connection, site: str, limit: int = 100) -> list[Row[Any]]:
    query = select(recall).where(recall.c.store_id == site)
    return list(connection.execute(query.order_by(recall.c.open.desc(), recall.c.at.desc()).limit(limit)))


def find_recall(connection: Connection, site: str, recall_id: str) -> Row[Any]:
    """Raises Missing."""
    row = connection.execute(select(recall).where(recall.c.store_id == site, recall.c.id == recall_id)).one_or_none()
    if row is None:
        raise Missing("recall", recall_id)
    return row


def open_recall(connection: Connection, site: str, product_id: str, lot_no: str) -> str:
    """The id of an open recall of a lot, no drill; nothing where there is none."""
    query = select(recall.c.id).where(
        recall.c.store_id == site,
        recall.c.product_id == product_id,
        recall.c.lot_no == lot_no,
        recall.c.open.is_(True),
        recall.c.drill.is_(False),
    )
    return str(connection.execute(query.order_by(recall.c.id).limit(1)).scalar() or "")
