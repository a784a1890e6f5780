"""Containers, lots and packs as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from store_service.records.ledger import events_of
from store_service.records.projections.equipment import bench
from store_service.records.projections.stock import container, lot, pack_lot
from store_service.rules.case import Container


@dataclass(frozen=True, slots=True)
class PackLot:
    pack_lot: str
    sku: str
    remaining: int


def _container(row: RowMapping) -> Container:
    return Container(
        container_id=row["id"],
        product_id=row["product_id"],
        lot_no=row["lot_no"],
        kind=row["kind"],
        state=row["state"],
        opened_at=row["opened_at"],
        remaining_mg=row["remaining_mg"],
        heel_mg=row["heel_mg"],
        filled_on=row["filled_on"],
        position=row["position"],
        set_apart=row["set_apart"],
    )


def find_container(connection: Connection, site: str, container_id: str) -> Container | None:
    query = select(container).where(container.c.store_id == site, container.c.id == container_id)
    row = connection.execute(query).mappings().one_or_none()
    return _container(row) if row else None


def containers_of(connection: Connection, site: str, product_ids: Sequence[str]) -> list[Container]:
    """Usable containers of some products, the opened ones and the fuller ones first."""
    query = select(container).where(
        container.c.store_id == site,
        container.c.product_id.in_(product_ids),
        container.c.state.in_(("closed", "opened")),
    )
    found = [_container(row) for row in connection.execute(query).mappings()]
    return sorted(found, key=lambda one: (one.state != "opened", one.position is None, -one.remaining_mg))


def on_the_shelf(connection: Connection, site: str) -> list[str]:
    """The products that there are usable containers of, in order."""
    query = select(container.c.product_id).distinct().order_by(container.c.product_id)
    usable = container.c.state.in_(("closed", "opened"))
    return list(connection.execute(query.where(container.c.store_id == site, usable)).scalars())


def all_containers(connection: Connection, site: str) -> list[Container]:
    query = select(container).where(container.c.store_id == site).order_by(container.c.product_id, container.c.id)
    return [_container(row) for row in connection.execute(query).mappings()]


def find_pack(connection: Connection, site: str, pack: str) -> PackLot | None:
    query = select(pack_lot).where(pack_lot.c.store_id == site, pack_lot.c.id == pack)
    row = connection.execute(query).one_or_none()
    return PackLot(row.id, row.sku, row.remaining) if row else None


def label_stock(connection: Connection, site: str, bench_id: str) -> str | None:
    """The label stock loaded in a bench's printer, None when nobody has said."""
    query = select(bench.c.label_stock).where(bench.c.store_id == site, bench.c.id == bench_id)
    found: Any = connection.execute(query).scalar()
    return str(found) if found is not None else None


def received(connection: Connection, site: str) -> list[tuple[str, str, date, datetime]]:
    """(product, lot, expiry, received at) of every lot taken in."""
    query = select(lot).where(lot.c.store_id == site).order_by(lot.c.received_at.desc())
    return [(row.product_id, row.lot_no, row.expiry, row.received_at) for row in connection.execute(query)]


def all_packs(connection: Connection, site: str) -> list[PackLot]:
    """Every pack lot that is not used up."""
    query = select(pack_lot).where(pack_lot.c.store_id == site, pack_lot.c.remaining > 0).order_by(pack_lot.c.id)
    return [PackLot(row.id, row.sku, row.remaining) for row in connection.execute(query)]


def last_receipt(connection: Connection, site: str, product_id: str) -> dict[str, Any]:
    """The fields of the newest delivery of a product (`LotReceived`), as typed; empty when there was none."""
    newest = select(func.max(lot.c.received_idx)).where(lot.c.store_id == site, lot.c.product_id == product_id)
    idx = connection.execute(newest).scalar()
    return {} if idx is None else next((dict(one.data) for one in events_of(connection, site, idx, 1)), {})


def lots_here(connection: Connection, site: str) -> list[tuple[str, str]]:
    """(product, lot number) of every lot that ever came here, the newest first."""
    query = select(lot.c.product_id, lot.c.lot_no).where(lot.c.store_id == site).order_by(lot.c.received_at.desc())
    return [(row.product_id, row.lot_no) for row in connection.execute(query)]
