"""Legal holds: while a case is open, nothing of its subject goes (R-SYN-06).

What a hold covers is told once, in `units_under`: the sweep, a consumer's erasure and whatever destroys ask it.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Select, or_, select, union

from store_service.records.projections.after import complaint, reaction, returned, sample
from store_service.records.projections.blending import dose, unit
from store_service.records.projections.consultation import service
from store_service.records.projections.privacy import legal_hold


def standing(connection: Connection, site: str) -> dict[str, str]:
    """Subject by hold, of every hold that is not lifted."""
    query = select(legal_hold.c.id, legal_hold.c.subject).where(legal_hold.c.store_id == site)
    query = query.where(legal_hold.c.open == True)  # noqa: E712
    return {row.id: row.subject for row in connection.execute(query.order_by(legal_hold.c.id))}


def units_under(site: str, subject: str) -> Select[tuple[str]]:
    """The ids of the units that a hold on `subject` covers: the unit itself; every one of a consumer or a visit; the
    one of a case, complaint, return or sample; every one that a lot (`product/lot`) went into."""
    product_id, _, lot_no = subject.partition("/")
    told = (
        select(table.c.unit_id).where(table.c.store_id == site, table.c.id == subject)
        for table in (reaction, complaint, returned, sample)
    )
    made = select(dose.c.unit_id).where(
        dose.c.store_id == site, dose.c.product_id == product_id, dose.c.lot_no == lot_no
    )
    visits = select(service.c.id).where(
        service.c.store_id == site, or_(service.c.id == subject, service.c.consumer_ref == subject)
    )
    around = or_(
        unit.c.id == subject, unit.c.service_id.in_(visits), unit.c.id.in_(union(made, *told).scalar_subquery())
    )
    return select(unit.c.id).where(unit.c.store_id == site, around)


def consumers_of(connection: Connection, site: str, subject: str) -> set[str]:
    """Whose records a hold on `subject` keeps: the consumer, that of a visit, and those of every unit it covers."""
    query = select(service.c.consumer_ref).where(_whose(site, subject)).distinct()
    return set(connection.execute(query).scalars())


def hold_of(connection: Connection, site: str, *ids: str, unit_id: str = "", consumer_ref: str = "") -> str | None:
    """The first hold that stands on one of the `ids`, or covers the unit or the consumer."""
    for hold_id, subject in standing(connection, site).items():
        covering = units_under(site, subject).where(unit.c.id == unit_id)
        keeping = select(service.c.id).where(_whose(site, subject), service.c.consumer_ref == consumer_ref)
        if (
            subject in ids
            or (unit_id and connection.execute(covering).first())
            or (consumer_ref and connection.execute(keeping.limit(1)).first())
        ):
            return hold_id
    return None


def _whose(site: str, subject: str) -> ColumnElement[bool]:
    units = select(unit.c.service_id).where(unit.c.store_id == site, unit.c.id.in_(units_under(site, subject)))
    mine = or_(service.c.consumer_ref == subject, service.c.id == subject, service.c.id.in_(units))
    return (service.c.store_id == site) & mine
