"""Visits, duties, yearly totals by source product, and where each product's annual report stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, select

from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.records.desk import Desk, Missing
from store_service.records.projections.after import complaint, reaction
from store_service.records.projections.blending import dose, unit
from store_service.records.projections.duties import duty, inspection, inspection_note
from store_service.records.projections.privacy import sending
from store_service.records.projections.stock import lot
from store_service.rules.dates import BEIJING
from store_service.rules.dossier import Product
from store_service.rules.rounds import report_of

from .rounds import done_of


@dataclass(frozen=True, slots=True)
class YearOf:
    """One source product in one Beijing year: lots that came, units released, of those sold (handed over) by now, what
    went into them, cases and other complaints that were heard."""

    product_id: str
    filing_number: str
    lots: int
    units: int
    sold: int
    dosed_mg: int
    reactions: int
    complaints: int


@dataclass(frozen=True, slots=True)
class Report:
    """Where a product's annual report of a year stands (R-ANN-10); `receipt` of the submitted one, or the day on which
    head office says that it went out."""

    product_id: str
    filing_number: str
    year: int
    standing: str
    receipt: str


def _one(connection: Connection, table: Any, site: str, key: str, kind: str) -> Row[Any]:
    row = connection.execute(select(table).where(table.c.store_id == site, table.c.id == key)).one_or_none()
    if row is None:
        raise Missing(kind, key)
    return row


def find_inspection(connection: Connection, site: str, inspection_id: str) -> Row[Any]:
    """Raises Missing."""
    return _one(connection, inspection, site, inspection_id, "inspection")


def find_note(connection: Connection, site: str, note_id: str) -> Row[Any]:
    """Raises Missing."""
    return _one(connection, inspection_note, site, note_id, "note")


def find_duty(connection: Connection, site: str, duty_id: str) -> Row[Any]:
    """Raises Missing."""
    return _one(connection, duty, site, duty_id, "duty")


def inspections(connection: Connection, site: str, limit: int = 100) -> list[Row[Any]]:
    query = select(inspection).where(inspection.c.store_id == site)
    return list(connection.execute(query.order_by(inspection.c.open.desc(), inspection.c.at.desc()).limit(limit)))


def notes(connection: Connection, site: str, limit: int = 500) -> list[Row[Any]]:
    """Open findings first."""
    query = select(inspection_note).where(inspection_note.c.store_id == site)
    query = query.order_by(inspection_note.c.open.desc(), inspection_note.c.at.desc()).limit(limit)
    return list(connection.execute(query))


def sendings(connection: Connection, site: str, limit: int = 200) -> list[Row[Any]]:
    """What left the shop as an export, the newest first."""
    query = select(sending).where(sending.c.store_id == site)
    return list(connection.execute(query.order_by(sending.c.at.desc(), sending.c.id).limit(limit)))


def duties(connection: Connection, site: str, limit: int = 500) -> list[Row[Any]]:
    """Open ones by their day, those without a day after them."""
    query = select(duty).where(duty.c.store_id == site)
    query = query.order_by(duty.c.open.desc(), duty.c.due.is_(None), duty.c.due, duty.c.at.desc()).limit(limit)
    return list(connection.execute(query))


def totals(connection: Connection, site: str, year: int) -> list[YearOf]:
    """R-ANN-01, R-ANN-06: the year by source product. A unit counts in the year of its release."""
    start, end = datetime(year, 1, 1, tzinfo=BEIJING), datetime(year + 1, 1, 1, tzinfo=BEIJING)
    made = (
        select(dose.c.product_id, dose.c.unit_id, dose.c.landed_mg, unit.c.handed_over_at)
        .join(unit, (unit.c.store_id == dose.c.store_id) & (unit.c.id == dose.c.unit_id))
        .where(dose.c.store_id == site, unit.c.released_at >= start, unit.c.released_at < end)
        .subquery()
    )
    used = {
        row.product_id: row
        for row in connection.execute(
            select(
                made.c.product_id,
                func.count(made.c.unit_id.distinct()).label("units"),
                func.count(made.c.unit_id.distinct()).filter(made.c.handed_over_at.is_not(None)).label("sold"),
                func.coalesce(func.sum(made.c.landed_mg), 0).label("dosed"),
            ).group_by(made.c.product_id)
        )
    }
    cases = _heard(connection, site, reaction, reaction.c.opened_at, start, end)
    told = _heard(connection, site, complaint, complaint.c.at, start, end)
    in_year = func.count().filter(lot.c.received_at >= start, lot.c.received_at < end)
    came = select(lot.c.product_id, func.max(lot.c.filing_number).label("number"), in_year.label("n"))
    came = came.where(lot.c.store_id == site).group_by(lot.c.product_id).order_by(lot.c.product_id)
    return [
        YearOf(
            row.product_id,
            row.number,
            int(row.n),
            *((int(mine.units), int(mine.sold), int(mine.dosed)) if (mine := used.get(row.product_id)) else (0, 0, 0)),
            cases.get(row.product_id, 0),
            told.get(row.product_id, 0),
        )
        for row in connection.execute(came)
    ]


def _heard(
    connection: Connection, site: str, table: Table, at: ColumnElement[Any], start: datetime, end: datetime
) -> dict[str, int]:
    """Cases or complaints of a year by source product, each once for every product that the unit is made of."""
    query = select(dose.c.product_id, func.count(table.c.id.distinct()).label("n"))
    query = query.join(table, (table.c.store_id == dose.c.store_id) & (table.c.unit_id == dose.c.unit_id))
    query = query.where(dose.c.store_id == site, at >= start, at < end).group_by(dose.c.product_id)
    return {row.product_id: int(row.n) for row in connection.execute(query)}


def reports(connection: Connection, desk: Desk, today: date) -> list[Report]:
    """Last year's report of every product in the register, and whether it went out: by the register and by the receipts
    that are kept here, reckoned as the gate does (R-ADM-17)."""
    year, known = today.year - 1, registers(connection, desk.site_id, LAST_KNOWN)
    done, params = done_of(connection, desk.site_id), desk.ruleset.fill(known.params(desk))
    query = select(duty.c.subject, duty.c.steps).where(duty.c.store_id == desk.site_id, duty.c.kind == "annual_report")
    sent = {row.subject: one["ref"] for row in connection.execute(query) for one in row.steps if one["ref"]}
    return [
        Report(
            one.product_id,
            one.filing_number,
            year,
            report_of(one, year, done, params, today),
            sent.get(f"{one.product_id}/{year}") or _told(one, year),
        )
        for one in sorted(known.products.values(), key=lambda one: one.product_id)
    ]


def _told(product: Product, year: int) -> str:
    """The day on which head office's register says that the report went out."""
    day = product.annual_report_on
    return day.isoformat() if day is not None and day.year > year else ""
