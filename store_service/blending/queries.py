"""Units, their components and doses as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, select

from store_service.records.desk import Missing
from store_service.records.projections.blending import batch_counter, component, dose, unit
from store_service.records.projections.duties import duty
from store_service.records.projections.quality import deviation

T = TypeVar("T")

OPEN_STATES = ("started", "cup", "dosing", "stopped", "dosed", "checked", "signed", "printed", "verified")
GONE = ("discarded", "returned")
"""No part of its service any more: given up, or kept back."""
HALF_MADE = ("cup", "dosing", "stopped")


@dataclass(frozen=True, slots=True)
class Unit:
    id: str
    service_id: str
    kind: str
    state: str
    envelope_id: str
    envelope_version: int
    gtin: str
    name_zh: str
    target_mg: int
    ordered_mg: int
    pack_sku: str
    shares: list[dict[str, Any]]
    reratios: list[dict[str, Any]] | None
    pack_name: str | None
    batch: str | None
    bench_id: str | None
    blender_id: str | None
    started_at: datetime | None
    started: Mapping[str, Any] | None
    clearance: Mapping[str, Any] | None
    pack_lot: str | None
    pack_clean: bool | None
    empty_mg: int | None
    gross_mg: int | None
    net_mg: int | None
    sum_mg: int | None
    weighed_at: datetime | None
    inspection: Mapping[str, Any] | None
    inspected_at: datetime | None
    stopped_at: datetime | None
    stop_reason: str | None
    resumes: int
    tag: str | None
    releaser_id: str | None
    signed_at: datetime | None
    use_by: date | None
    bounded_by: str | None
    label_net_mg: int | None
    serial: str | None
    prints: int
    verified_at: datetime | None
    released_at: datetime | None
    released_idx: int | None
    record_sha256: str | None
    public_sha256: str | None
    handed_over_at: datetime | None
    open_deviations: int
    deviations: int


@dataclass(frozen=True, slots=True)
class Component:
    id: str
    unit_id: str
    position: int
    product_id: str
    share_bp: int
    target_mg: int
    written_bp: int
    written_mg: int
    abs_tol_mg: int
    rel_tol_bp: int
    one_sided: bool
    dose_by: str
    actual_mg: int
    container_id: str | None
    lot_no: str | None
    containers: list[str]
    lots: list[str]
    manual: bool
    state: str


@dataclass(frozen=True, slots=True)
class Dose:
    id: str
    unit_id: str
    product_id: str
    lot_no: str
    container_id: str
    kind: str
    channel: int | None
    target_mg: int
    bound_ul: int
    gross_before_mg: int
    gross_after_mg: int | None
    landed_mg: int | None
    outcome: str | None
    fault: str | None
    started_at: datetime
    ended_at: datetime | None


def _rows(connection: Connection, table: Table, model: type[T], *where: Any, order: Any = None) -> list[T]:
    names = [field.name for field in fields(model)]  # type: ignore[arg-type]  # T is one of the dataclasses above
    query = select(*(table.c[name] for name in names)).where(*where)
    if order is not None:
        query = query.order_by(order)
    return [model(**row) for row in connection.execute(query).mappings()]


def find_unit(connection: Connection, site: str, unit_id: str) -> Unit:
    """Raises Missing."""
    found = _rows(connection, unit, Unit, unit.c.store_id == site, unit.c.id == unit_id)
    if not found:
        raise Missing("unit", unit_id)
    return found[0]


def unit_of_batch(connection: Connection, site: str, batch: str) -> Unit:
    """Raises Missing."""
    found = _rows(connection, unit, Unit, unit.c.store_id == site, unit.c.batch == batch)
    if not found:
        raise Missing("batch", batch)
    return found[0]


def units_of(connection: Connection, site: str, service_id: str) -> list[Unit]:
    """The units of a service in the order of planning, dropped ones left out."""
    where = (unit.c.store_id == site, unit.c.service_id == service_id, unit.c.state != "dropped")
    return _rows(connection, unit, Unit, *where, order=unit.c.planned_idx)


def open_units(connection: Connection, site: str) -> list[Unit]:
    """Every unit between its start and its release."""
    return _rows(
        connection, unit, Unit, unit.c.store_id == site, unit.c.state.in_(OPEN_STATES), order=unit.c.planned_idx
    )


def components_of(connection: Connection, site: str, unit_id: str) -> list[Component]:
    where = (component.c.store_id == site, component.c.unit_id == unit_id)
    return _rows(connection, component, Component, *where, order=component.c.position)


def doses_of(connection: Connection, site: str, unit_id: str) -> list[Dose]:
    return _rows(connection, dose, Dose, dose.c.store_id == site, dose.c.unit_id == unit_id, order=dose.c.started_at)


def dosed_since(
    connection: Connection, site: str, bench_id: str, since: datetime | None
) -> list[tuple[str, int | None]]:
    """Each product dosed at a bench since an instant (None: ever), with its channel; None for one that was poured."""
    query = (
        select(dose.c.product_id, dose.c.channel)
        .join(unit, (unit.c.store_id == dose.c.store_id) & (unit.c.id == dose.c.unit_id))
        .where(dose.c.store_id == site, unit.c.store_id == site, unit.c.bench_id == bench_id)
        .distinct()
        .order_by(dose.c.product_id, dose.c.channel)
    )
    if since is not None:
        query = query.where(dose.c.started_at >= since)
    return [(row.product_id, row.channel) for row in connection.execute(query)]


def open_dose(connection: Connection, site: str, unit_id: str) -> Dose | None:
    """The dose that was started and has no end yet."""
    return next((one for one in doses_of(connection, site, unit_id) if one.outcome is None), None)


def channel_of(connection: Connection, site: str, unit_id: str, product_id: str) -> int | None:
    """The channel that a product of this unit was pumped through last."""
    pumped = [one.channel for one in doses_of(connection, site, unit_id) if one.product_id == product_id]
    return pumped[-1] if pumped else None


def last_day(connection: Connection, site: str) -> date | None:
    """The last Beijing day on which a unit was begun; None where none ever was."""
    newest = connection.execute(select(func.max(batch_counter.c.id)).where(batch_counter.c.store_id == site)).scalar()
    return date.fromisoformat(f"20{newest}") if newest else None


def restart_checked_on(connection: Connection, site: str) -> date | None:
    """When a check before a restart was entered as done, last (R-ANN-03)."""
    query = select(duty.c.steps).where(duty.c.store_id == site, duty.c.kind == "restart_check")
    steps = [one for taken in connection.execute(query).scalars() for one in taken]
    return max((date.fromisoformat(one["on"]) for one in steps if one["step"] in ("done", "reported")), default=None)


def next_seq(connection: Connection, site: str, day: date) -> int:
    """The number of the next unit of a Beijing day."""
    query = select(batch_counter.c.last_seq).where(
        batch_counter.c.store_id == site, batch_counter.c.id == day.strftime("%y%m%d")
    )
    return (connection.execute(query).scalar() or 0) + 1


def open_deviations(connection: Connection, site: str, unit_id: str, kind: str) -> list[str]:
    """The ids of a unit's deviations of one kind that nobody has settled, oldest first."""
    query = (
        select(deviation.c.id)
        .where(
            deviation.c.store_id == site,
            deviation.c.subject == unit_id,
            deviation.c.kind == kind,
            deviation.c.open == 1,
        )
        .order_by(deviation.c.at, deviation.c.id)
    )
    return list(connection.execute(query).scalars())
