"""Samples in the cabinet, and the mass balance of containers and lots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from store_service.blending.queries import Unit
from store_service.records.desk import Missing
from store_service.records.projections.after import flow, sample
from store_service.records.projections.stock import container
from store_service.rules.dates import BEIJING, beijing_date

FINISHED = ("empty", "discarded")


def find_sample(connection: Connection, site: str, sample_id: str) -> Row[Any]:
    """Raises Missing."""
    row = connection.execute(select(sample).where(sample.c.store_id == site, sample.c.id == sample_id)).one_or_none()
    if row is None:
        raise Missing("sample", sample_id)
    return row


def samples(connection: Connection, site: str, limit: int = 200) -> list[Row[Any]]:
    """Those in the cabinet by their day, then the disposed ones."""
    query = select(sample).where(sample.c.store_id == site)
    return list(connection.execute(query.order_by(sample.c.disposed_at.is_not(None), sample.c.due).limit(limit)))


def sample_kept(connection: Connection, site: str, unit: Unit, mode: str, now: datetime) -> bool:
    """Whether the sample that the province's mode asks for is there (R-SMP-02): of this unit, or of its envelope
    today."""
    query = select(sample.c.id).where(sample.c.store_id == site)
    if mode == "first_of_recipe_per_day":
        midnight = datetime.combine(beijing_date(now), datetime.min.time(), BEIJING)
        query = query.where(
            sample.c.envelope_id == unit.envelope_id,
            sample.c.kept_at >= midnight,
            sample.c.kept_at < midnight + timedelta(days=1),
        )
    else:
        query = query.where(sample.c.unit_id == unit.id)
    return connection.execute(query.limit(1)).scalar() is not None


def balances(connection: Connection, site: str, limit: int = 500) -> list[Row[Any]]:
    """Containers with where their contents went: the finished ones that nobody weighed first."""
    query = (
        select(flow, container.c.product_id, container.c.lot_no, container.c.state, container.c.remaining_mg)
        .join(container, (container.c.store_id == flow.c.store_id) & (container.c.id == flow.c.id))
        .where(flow.c.store_id == site)
        .order_by(flow.c.struck_at.is_not(None), container.c.state.not_in(FINISHED), flow.c.id)
        .limit(limit)
    )
    return list(connection.execute(query))


@dataclass
class LotBalance:
    """Where the contents of a lot's containers went, in mg: filled = dosed + purged + sampled + residue + lost +
    to_weigh + left.

    `left` is in containers that are in use or closed; `residue` went with the finished ones that were weighed, `lost`
    is what their weighing cannot account for; `to_weigh` is what finished ones should hold that nobody weighed.
    """

    product_id: str
    lot_no: str
    filled_mg: int = 0
    dosed_mg: int = 0
    purged_mg: int = 0
    sampled_mg: int = 0
    residue_mg: int = 0
    lost_mg: int = 0
    to_weigh_mg: int = 0
    left_mg: int = 0


def lot_balances(connection: Connection, site: str) -> list[LotBalance]:
    """The same by lot."""
    totals: dict[tuple[str, str], LotBalance] = {}
    for row in balances(connection, site, limit=100_000):
        into = totals.setdefault((row.product_id, row.lot_no), LotBalance(row.product_id, row.lot_no))
        into.filled_mg += row.filled_mg
        into.dosed_mg += row.dosed_mg
        into.purged_mg += row.purged_mg
        into.sampled_mg += row.sampled_mg
        if row.struck_at is not None:
            into.residue_mg += row.residue_mg
            into.lost_mg += row.lost_mg
        elif row.state in FINISHED:
            into.to_weigh_mg += row.filled_mg - row.dosed_mg - row.purged_mg - row.sampled_mg
        else:
            into.left_mg += row.remaining_mg
    return list(totals.values())
