"""Whose bottle it is, and how requests, holds and breaches stand. Nothing here opens the vault."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from store_service.blending.queries import Unit, find_unit, unit_of_batch
from store_service.consultation.queries import find_service
from store_service.records.desk import Missing
from store_service.records.projections.after import complaint, reaction, returned, sample
from store_service.records.projections.blending import unit
from store_service.records.projections.consultation import service
from store_service.records.projections.duties import inspection
from store_service.records.projections.labelling import label
from store_service.records.projections.privacy import breach, legal_hold, rights
from store_service.records.projections.stock import lot
from store_service.trace.identifiers import parse_batch, read_scan


class Request(NamedTuple):
    id: str
    consumer_ref: str
    kind: str
    identified_by: str
    at: datetime
    due: date
    open: bool
    outcome: str | None
    reason: str | None
    kept: list[str] | None
    kept_until: date | None


COLUMNS = tuple(rights.c[name] for name in Request._fields)


def unit_of_code(connection: Connection, site: str, code: str) -> Unit:
    """The unit of a batch number or of a label's code. Raises Missing for anything else."""
    text = code.strip()
    try:
        return unit_of_batch(connection, site, str(parse_batch(text)))
    except ValueError:
        pass
    scan = read_scan(text)
    if scan.kind != "label" or scan.serial is None:
        raise Missing("batch", text)
    query = select(label.c.unit_id).where(label.c.store_id == site, label.c.id == scan.serial)
    unit_id = connection.execute(query).scalar()
    if unit_id is None:
        raise Missing("label", scan.serial)
    return find_unit(connection, site, unit_id)


def whose(connection: Connection, site: str, code: str) -> tuple[str, str]:
    """(consumer_ref, how it was found) of a batch number or a label's code. Raises Missing for anything else."""
    found = unit_of_code(connection, site, code)
    how = "batch" if found.batch and found.batch in code.upper() else "label"
    return find_service(connection, site, found.service_id).consumer_ref, how


def subject_of(connection: Connection, site: str, text: str) -> str:
    """What a legal hold stands on: a batch number or a label's code is its unit. Raises Missing for what is nothing
    here: a hold on it would keep nothing, and nobody would know."""
    known = text.strip()
    try:
        return unit_of_code(connection, site, known).id
    except Missing:
        pass
    ids = (service.c.id, service.c.consumer_ref, unit.c.id, reaction.c.id, complaint.c.id, returned.c.id, sample.c.id,
           lot.c.id, inspection.c.id)  # fmt: skip
    for column in ids:
        query = select(column).where(column.table.c.store_id == site, column == known).limit(1)
        if connection.execute(query).scalar() is not None:
            return known
    raise Missing("subject", known)


def find_request(connection: Connection, site: str, request_id: str) -> Request:
    """Raises Missing."""
    query = select(*COLUMNS).where(rights.c.store_id == site, rights.c.id == request_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Missing("request", request_id)
    return Request(*row)


def requests(connection: Connection, site: str, limit: int = 200) -> list[Request]:
    """The open ones first, then the newest."""
    query = select(*COLUMNS).where(rights.c.store_id == site)
    query = query.order_by(rights.c.open.desc(), rights.c.at.desc()).limit(limit)
    return [Request(*row) for row in connection.execute(query)]


def holds(connection: Connection, site: str) -> dict[str, Row[Any]]:
    """Every legal hold by id, the newest first."""
    query = select(legal_hold).where(legal_hold.c.store_id == site).order_by(legal_hold.c.at.desc())
    return {row.id: row for row in connection.execute(query)}


def breaches(connection: Connection, site: str) -> dict[str, Row[Any]]:
    query = select(breach).where(breach.c.store_id == site).order_by(breach.c.at.desc())
    return {row.id: row for row in connection.execute(query)}
