"""What makes a unit an exception that quality people look at first: one SQL condition on `unit` for each kind."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from store_service.records.projections.blending import component, dose, unit
from store_service.records.projections.labelling import label
from store_service.records.projections.site import finding
from store_service.rules.amounts import WHOLE_BP


def _part(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(component.c.store_id == unit.c.store_id, component.c.unit_id == unit.c.id, *conditions)


def _out_of_tolerance() -> ColumnElement[bool]:
    """Beyond its tolerance, or one-sided and outside the band of twice that under its target."""
    error = component.c.actual_mg - component.c.target_mg
    both = and_(component.c.one_sided == 0, _further(func.abs(error), 1))
    one_sided = and_(component.c.one_sided == 1, or_(error > 0, _further(-error, 2)))
    return and_(unit.c.weighed_at.is_not(None), _part(or_(both, one_sided)))


def _further(off: ColumnElement[int], times: int) -> ColumnElement[bool]:
    relative = times * component.c.target_mg * component.c.rel_tol_bp
    return and_(off > times * component.c.abs_tol_mg, off * WHOLE_BP > relative)


def _two_lots() -> ColumnElement[bool]:
    lots = (
        select(dose.c.product_id)
        .where(dose.c.store_id == unit.c.store_id, dose.c.unit_id == unit.c.id)
        .group_by(dose.c.product_id)
        .having(func.count(dose.c.lot_no.distinct()) > 1)
    )
    return exists(lots.correlate(unit))


EXCEPTIONS: dict[str, ColumnElement[bool]] = {
    "deviation": unit.c.deviations > 0,
    "manual": _part(component.c.manual),
    "resumed": unit.c.resumes > 0,
    "reprint": exists().where(label.c.store_id == unit.c.store_id, label.c.unit_id == unit.c.id, label.c.reprint > 0),
    "override": exists().where(
        finding.c.store_id == unit.c.store_id, finding.c.subject == unit.c.id, finding.c.kind == "warning"
    ),
    "out_of_tolerance": _out_of_tolerance(),
    "two_lots": _two_lots(),
}
