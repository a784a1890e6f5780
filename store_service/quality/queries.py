"""Lists of units for quality people, filtered, in an order that can be resumed. Read by (connection, site)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, func, or_, select

from store_service.records.projections.blending import component, dose, unit
from store_service.rules.dates import BEIJING

from .exceptions import EXCEPTIONS

Order = Literal["planned", "released", "newest"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty means any. `day_from` and `day_to` are Beijing dates of the start, both included; `states` any of them."""

    batch: str = ""
    product: str = ""
    lot: str = ""
    staff: str = ""
    states: tuple[str, ...] = ()
    day_from: date | None = None
    day_to: date | None = None
    exceptions: bool = False


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit as it stands now. `cursor` is its place in the order that was asked for."""

    cursor: int
    store_id: str
    unit_id: str
    service_id: str
    batch: str | None
    kind: str
    name_zh: str
    gtin: str
    serial: str | None
    state: str
    started_at: datetime | None
    blender_id: str | None
    releaser_id: str | None
    target_mg: int
    net_mg: int | None
    use_by: date | None
    released_at: datetime | None
    released_idx: int | None
    handed_over_at: datetime | None
    record_sha256: str | None
    public_sha256: str | None
    lots: tuple[str, ...]
    exceptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is the cursor to go on from; None when the list ended here."""

    rows: tuple[UnitRow, ...]
    next: int | None


_COLUMNS = {
    "store_id": unit.c.store_id,
    "unit_id": unit.c.id,
    **{
        name: unit.c[name]
        for name in (
            "service_id", "batch", "kind", "name_zh", "gtin", "serial", "state", "started_at", "blender_id",
            "releaser_id", "target_mg", "net_mg", "use_by", "released_at", "released_idx", "handed_over_at",
            "record_sha256", "public_sha256",
        )
    },
}  # fmt: skip


def units_page(
    connection: Connection, site: str, filters: Filters, *, after: int | None, limit: int, order: Order = "planned"
) -> Page:
    """A page of units after a cursor.

    `planned`: every unit in the order in which it was planned. `released`: released units in the order of release;
    nothing that such a list gave ever changes but its state. Both orders are log indexes, given under the write lock,
    so that a unit never appears behind a cursor that was handed out. `newest` is for eyes: the last planned first.
    """
    place = unit.c.released_idx if order == "released" else unit.c.planned_idx
    query = select(place.label("cursor"), *(column.label(name) for name, column in _COLUMNS.items())).where(
        unit.c.store_id == site, place.is_not(None), *_conditions(filters)
    )
    query = query.add_columns(*(condition.label(f"is_{key}") for key, condition in EXCEPTIONS.items()))
    if after is not None:
        query = query.where(place < after if order == "newest" else place > after)
    query = query.order_by(place.desc() if order == "newest" else place).limit(limit + 1)
    found = [dict(row) for row in connection.execute(query).mappings()]
    lots = _lots(connection, site, [row["unit_id"] for row in found])
    rows = tuple(_row(row, lots.get(row["unit_id"], ())) for row in found[:limit])
    return Page(rows, rows[-1].cursor if len(found) > limit else None)


def count_units(connection: Connection, site: str, filters: Filters) -> int:
    """How many units the filters leave."""
    query = select(func.count()).select_from(unit).where(unit.c.store_id == site, *_conditions(filters))
    return int(connection.execute(query).scalar_one())


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.batch:
        found.append(unit.c.batch.startswith(filters.batch.upper(), autoescape=True))
    if filters.states:
        found.append(unit.c.state.in_(filters.states))
    if filters.staff:
        found.append(or_(unit.c.blender_id == filters.staff, unit.c.releaser_id == filters.staff))
    if filters.product:
        parts = select(component.c.unit_id).where(
            component.c.store_id == unit.c.store_id, component.c.product_id == filters.product
        )
        found.append(unit.c.id.in_(parts.correlate(unit)))
    if filters.lot:
        doses = select(dose.c.unit_id).where(dose.c.store_id == unit.c.store_id, dose.c.lot_no == filters.lot)
        found.append(unit.c.id.in_(doses.correlate(unit)))
    if filters.day_from:
        found.append(unit.c.started_at >= _midnight(filters.day_from))
    if filters.day_to:
        found.append(unit.c.started_at < _midnight(filters.day_to) + timedelta(days=1))
    if filters.exceptions:
        found.append(or_(*EXCEPTIONS.values()))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def _lots(connection: Connection, site: str, unit_ids: list[str]) -> dict[str, tuple[str, ...]]:
    query = (
        select(dose.c.unit_id, dose.c.lot_no)
        .where(dose.c.store_id == site, dose.c.unit_id.in_(unit_ids))
        .order_by(dose.c.unit_id, dose.c.started_at, dose.c.id)
    )
    found: dict[str, dict[str, None]] = {}
    for unit_id, lot_no in connection.execute(query):
        found.setdefault(unit_id, {})[lot_no] = None
    return {unit_id: tuple(lots) for unit_id, lots in found.items()}


def _row(row: dict[str, Any], lots: tuple[str, ...]) -> UnitRow:
    exceptions = tuple(key for key in EXCEPTIONS if row.pop(f"is_{key}"))
    return UnitRow(**row, lots=lots, exceptions=exceptions)
