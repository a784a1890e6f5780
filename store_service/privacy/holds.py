"""Legal holds: while a case is open, nothing of its subject goes (R-SYN-06)."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select, union

from store_service.records.projections.after import complaint, reaction, returned, sample
from store_service.records.projections.blending import dose, unit
from store_service.records.projections.consultation import service
from store_service.records.projections.privacy import legal_hold


def hold_on(connection: Connection, site: str, *subjects: str) -> str | None:
    """The first legal hold that stands on one of the subjects."""
    return next((hold_id for hold_id, subject in standing(connection, site).items() if subject in subjects), None)


def standing(connection: Connection, site: str) -> dict[str, str]:
    """Subject by hold, of every hold that is not lifted."""
    query = select(legal_hold.c.id, legal_hold.c.subject).where(legal_hold.c.store_id == site)
    query = query.where(legal_hold.c.open == True)  # noqa: E712
    return {row.id: row.subject for row in connection.execute(query.order_by(legal_hold.c.id))}


def hold_of_unit(connection: Connection, site: str, unit_id: str, *subjects: str) -> str | None:
    """A hold on the unit, its visit, its consumer, one of its cases, or one of the other subjects."""
    visits = select(unit.c.service_id).where(unit.c.store_id == site, unit.c.id == unit_id)
    consumers = select(service.c.consumer_ref).where(service.c.store_id == site, service.c.id.in_(visits))
    cases = select(reaction.c.id).where(reaction.c.store_id == site, reaction.c.unit_id == unit_id)
    around = connection.execute(visits.union(consumers, cases)).scalars() if unit_id else ()
    return hold_on(connection, site, *subjects, *((unit_id, *around) if unit_id else ()))


def hold_of_consumer(connection: Connection, site: str, consumer_ref: str) -> str | None:
    """A hold on the consumer, or on anything around one of the units."""
    holds = standing(connection, site)
    return next(
        (one for one, subject in holds.items() if consumer_ref in consumers_of(connection, site, subject)), None
    )


def consumers_of(connection: Connection, site: str, subject: str) -> set[str]:
    """Whose records a hold on `subject` keeps: a consumer, visit or unit, a case, complaint, return or sample of a
    unit, or a lot that went into one (`product/lot`)."""
    product_id, _, lot_no = subject.partition("/")
    told = (
        select(table.c.unit_id).where(table.c.store_id == site, table.c.id == subject)
        for table in (reaction, complaint, returned, sample)
    )
    made = select(dose.c.unit_id).where(
        dose.c.store_id == site, dose.c.product_id == product_id, dose.c.lot_no == lot_no
    )
    units = select(unit.c.service_id).where(
        unit.c.store_id == site, or_(unit.c.id == subject, unit.c.id.in_(union(made, *told).scalar_subquery()))
    )
    whose = or_(service.c.consumer_ref == subject, service.c.id == subject, service.c.id.in_(units))
    query = select(service.c.consumer_ref).where(service.c.store_id == site, whose).distinct()
    return set(connection.execute(query).scalars())
