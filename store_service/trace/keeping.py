"""Until when the record of a unit must be kept."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, select

from store_service.records.projections.blending import dose, unit
from store_service.records.projections.stock import lot
from store_service.rules.dates import beijing_date
from store_service.rules.duties import keep_until


def unit_until(connection: Connection, site: str, unit_id: str) -> date | None:
    """The last day of a unit's record: the latest over the unit and every source lot (R-REC-08); None before its
    use-by date is known."""
    row = connection.execute(
        select(unit.c.use_by, unit.c.started_at).where(unit.c.store_id == site, unit.c.id == unit_id)
    ).one_or_none()
    if row is None or row.use_by is None or row.started_at is None:
        return None
    used = select(dose.c.product_id, dose.c.lot_no).where(dose.c.store_id == site, dose.c.unit_id == unit_id)
    keys = [f"{one.product_id}/{one.lot_no}" for one in connection.execute(used)]
    # The expiry as received: a register may be long out of force when this is asked.
    expiries = connection.execute(select(lot.c.expiry).where(lot.c.store_id == site, lot.c.id.in_(keys))).scalars()
    return keep_until(beijing_date(row.started_at), row.use_by, list(expiries))
