"""A lot's whereabouts, as a recall or its drill reports them: every unit, and where every gram went."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from store_service.records.event import rfc3339
from store_service.records.projections.after import flow
from store_service.records.projections.blending import dose
from store_service.records.projections.stock import container, lot

from .queries import LotUse, products_of_lot, units_of_lot


@dataclass(frozen=True, slots=True)
class Grams:
    """Of a lot, in mg. `received`: in all containers registered; `dosed`: landed in units; `purged`: through the lines
    and away; `sampled`: in the cabinet; `left`: still in containers.

    What is left over was written off with a finished container; it is named, not hidden.
    """

    received_mg: int
    dosed_mg: int
    purged_mg: int
    sampled_mg: int
    left_mg: int

    @property
    def other_mg(self) -> int:
        return self.received_mg - self.dosed_mg - self.purged_mg - self.sampled_mg - self.left_mg

    @property
    def accounted_bp(self) -> int:
        """All but what was written off, of what was received; 0 when nothing was."""
        return (self.received_mg - self.other_mg) * 10_000 // self.received_mg if self.received_mg else 0


@dataclass(frozen=True, slots=True)
class LotReport:
    """One lot of one product at one site."""

    product_id: str
    lot_no: str
    supplier: str | None
    received_at: datetime | None
    units: tuple[LotUse, ...]
    grams: Grams

    @property
    def states(self) -> dict[str, int]:
        return dict(sorted(Counter(one.state for one in self.units).items()))

    def to_json(self) -> dict[str, Any]:
        """Counts first, then every unit with the consumer's reference; nothing personal stands in the record."""
        grams = asdict(self.grams) | {"other_mg": self.grams.other_mg, "accounted_bp": self.grams.accounted_bp}
        return {
            "product": self.product_id,
            "lot": self.lot_no,
            "supplier": self.supplier,
            "received_at": rfc3339(self.received_at) if self.received_at else None,
            "found": len(self.units),
            "with_consumers": sum(one.handed_over_at is not None for one in self.units),
            "in_the_shop": sum(one.handed_over_at is None and one.state != "discarded" for one in self.units),
            "consumers": len({one.consumer_ref for one in self.units}),
            "states": self.states,
            "grams": grams,
            "units": [
                {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in asdict(one).items()}
                for one in self.units
            ],
        }


def lot_reports(connection: Connection, site: str, lot_no: str) -> list[LotReport]:
    """A report for each product that the lot number was received for; empty for a lot that never came here."""
    return [_report(connection, site, product_id, lot_no) for product_id in products_of_lot(connection, site, lot_no)]


def _report(connection: Connection, site: str, product_id: str, lot_no: str) -> LotReport:
    came = connection.execute(
        select(lot.c.supplier, lot.c.received_at).where(lot.c.store_id == site, lot.c.id == f"{product_id}/{lot_no}")
    ).one_or_none()
    units = units_of_lot(connection, product_id, lot_no, site)
    return LotReport(
        product_id,
        lot_no,
        came.supplier if came else None,
        came.received_at if came else None,
        tuple(units),
        _grams(connection, site, product_id, lot_no),
    )


def _grams(connection: Connection, site: str, product_id: str, lot_no: str) -> Grams:
    packs = connection.execute(
        select(
            func.coalesce(func.sum(container.c.net_mg), 0).label("net"),
            func.coalesce(func.sum(flow.c.purged_mg), 0).label("purged"),
            func.coalesce(func.sum(flow.c.sampled_mg), 0).label("sampled"),
            func.coalesce(func.sum(container.c.remaining_mg), 0).label("left"),
        )
        .outerjoin(flow, (flow.c.store_id == container.c.store_id) & (flow.c.id == container.c.id))
        .where(container.c.store_id == site, container.c.product_id == product_id, container.c.lot_no == lot_no)
    ).one()
    landed = connection.execute(
        select(func.coalesce(func.sum(dose.c.landed_mg), 0)).where(
            dose.c.store_id == site, dose.c.product_id == product_id, dose.c.lot_no == lot_no
        )
    ).scalar_one()
    return Grams(int(packs.net), int(landed), int(packs.purged), int(packs.sampled), int(packs.left))
