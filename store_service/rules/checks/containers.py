"""R-BLD of lots and containers: what stands in them, since when they are open, and whether there is enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from store_service.rules.case import Case, PlannedUnit, Source
from store_service.rules.checking import UNKNOWN, No, check, named, no, sources_of, units_of
from store_service.rules.dates import beijing_date
from store_service.rules.merge import add_months
from store_service.rules.params import Parameters

IN_HAND = ("scan", "dose")


@check("R-BLD-04", "receive", "verdict")
def lot_known(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-04 at planning and at the door: a lot is listed by head office and not on hold."""
    for source in sources_of(case):
        if source.lot is not None:
            yield from _held(source)
        elif source.container is not None or case.receipt is not None:
            yield no("unknown", **named(source), lot_no=source.container.lot_no if source.container else None)


@check("R-BLD-04", *IN_HAND)
def lot_live(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-04: the lot in hand is the container's, the product's, listed, released, in date and not on hold, now."""
    source = case.source
    if source is None or source.container is None or source.lot is None:
        yield no(
            "unknown",
            **named(source or Source(UNKNOWN, None)),
            lot_no=source.container.lot_no if source and source.container else None,
        )
        return
    container, lot, today = source.container, source.lot, beijing_date(case.now)
    if container.product_id != source.product_id or (lot.product_id, lot.lot_no) != (
        container.product_id,
        container.lot_no,
    ):
        yield no(
            "mismatch",
            **named(source),
            lot_no=lot.lot_no,
            container_id=container.container_id,
            scanned_product_id=container.product_id,
            container_lot_no=container.lot_no,
        )
    if lot.status != "released" or lot.expiry < today:
        yield no("dead", **named(source), lot_no=lot.lot_no, lot_status=lot.status, expiry=lot.expiry, today=today)
    yield from _held(source)


def _held(source: Source) -> Iterator[No]:
    if source.lot is not None and source.lot.hold:
        yield no("held", **named(source), lot_no=source.lot.lot_no, hold=source.lot.hold)


@check("R-BLD-01", *IN_HAND)
def product_of_this_unit(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-01: what is in hand is a component of this unit's formula."""
    if case.source is None or case.unit is None:
        yield no("unknown", unit_id=case.unit.unit_id if case.unit else None, envelope_id=None)
    elif case.source.product_id not in {source.product_id for source in case.unit.sources}:
        yield no(
            "not_in_formula",
            **named(case.source),
            unit_id=case.unit.unit_id,
            formula=[source.product_id for source in case.unit.sources],
        )


@check("R-BLD-05", "verdict", *IN_HAND)
def container_still_good(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-05 as amended: an opened container lasts the shorter of its period after opening and the validated
    days."""
    if case.source is not None:
        yield from _good(case, case.source, case.unit)
        return
    for unit in units_of(case):
        for source in unit.sources:
            yield from _good(case, source, unit)


def _good(case: Case, source: Source, unit: PlannedUnit | None) -> Iterator[No]:
    container = source.container
    if container is None:
        return
    facts = {**named(source), "container_id": container.container_id}
    if container.state in ("empty", "quarantined", "discarded"):
        yield no("state", **facts, container_state=container.state)
    months = source.product.pao_months if source.product else None
    in_use = unit.envelope.in_use_days if unit and unit.envelope else None
    if months is None and in_use is None:
        yield no("no_period", **facts, pao_months=None, in_use_days=None)
    elif container.opened_at is not None:
        last_day = min(_last_days(beijing_date(container.opened_at), months, in_use))
        today = beijing_date(case.now)
        if today > last_day:
            yield no("past", **facts, opened_at=container.opened_at, last_day=last_day, today=today)
    elif container.state == "opened":
        yield no("opened_unknown", **facts, opened_at=None)


def _last_days(opened: date, months: int | None, in_use_days: int | None) -> Iterator[date]:
    if months is not None:
        yield add_months(opened, months)
    if in_use_days is not None:
        yield opened + timedelta(days=in_use_days)


@check("R-BLD-24", "verdict", "start")
def enough_in_the_containers(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-24: each container holds the target and its heel, or others stand ready."""
    for unit in units_of(case):
        for source in unit.sources:
            yield from _lacking(unit, source, source.target_mg)


@check("R-BLD-24", "reratio")
def enough_for_the_rest(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-24 for what is still to come of a unit whose targets change."""
    landed = {dosed.product_id: dosed.actual_mg for dosed in case.progress.dosed} if case.progress else {}
    for unit in units_of(case):
        for source in unit.sources:
            rest_mg = source.target_mg - landed.get(source.product_id, 0)
            if rest_mg > 0:
                yield from _lacking(unit, source, rest_mg)


def _lacking(unit: PlannedUnit, source: Source, wanted_mg: int) -> Iterator[No]:
    facts = {**named(source), "unit_id": unit.unit_id, "target_mg": wanted_mg}
    if source.container is None:
        yield no("none", **facts)
        return
    usable_mg = max(0, source.container.remaining_mg - source.container.heel_mg) + source.spare_mg
    if usable_mg < wanted_mg:
        yield no("short", **facts, container_id=source.container.container_id, usable_mg=usable_mg)


@check("R-BLD-21", *IN_HAND)
def second_lot(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-21: a component goes on from another lot only when its first container has run out, and from two lots
    at most."""
    source, progress = case.source, case.progress
    if source is None or source.lot is None or progress is None:
        return
    lots = [lot for dosed in progress.dosed if dosed.product_id == source.product_id for lot in dosed.lots]
    if not lots or source.lot.lot_no in lots:
        return
    facts = {**named(source), "lot_no": source.lot.lot_no, "lots": lots}
    if len(set(lots)) >= params.max_lots_per_component:
        yield no("too_many", **facts, max_lots=params.max_lots_per_component)
    elif source.before is None or (
        source.before.state != "empty" and source.before.remaining_mg > source.before.heel_mg
    ):
        yield no(
            "first_not_empty",
            **facts,
            container_id=source.before.container_id if source.before else None,
            remaining_mg=source.before.remaining_mg if source.before else None,
        )
