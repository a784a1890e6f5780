"""R-BLD before anything is dosed: the envelope, the shares, the lots, the containers, and whether there is enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from store_service.rules.amounts import WHOLE_BP
from store_service.rules.case import Case, Container, PlannedUnit, Source
from store_service.rules.checking import UNKNOWN, No, check, named, no, sources_of, units_of
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Envelope
from store_service.rules.merge import UsePart, add_months, use_by
from store_service.rules.params import Parameters
from store_service.rules.wording import scaled

IN_HAND = ("scan", "dose")


@check("R-BLD-01", "verdict")
def inside_the_envelope(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-01: exactly the products, formula versions, fill and pack that the filer has validated."""
    for unit in units_of(case):
        envelope = unit.envelope
        if envelope is None:
            yield no("unknown", unit_id=unit.unit_id, envelope_id=unit.envelope_id)
            continue
        facts = {"unit_id": unit.unit_id, "envelope_id": envelope.envelope_id, "version": envelope.version}
        if envelope.status != "approved":
            yield no("withdrawn", **facts, envelope_status=envelope.status)
        if envelope.kind != unit.kind:
            yield no("kind", **facts, kind=unit.kind, envelope_kind=envelope.kind)
        validated = {component.product_id: component.formula_version for component in envelope.components}
        chosen = [source.product_id for source in unit.sources]
        if sorted(chosen) != sorted(validated):
            yield no("products", **facts, chosen=sorted(chosen), validated=sorted(validated))
        for source in unit.sources:
            if source.product and source.product.formula_version != validated.get(
                source.product_id, source.product.formula_version
            ):
                yield no(
                    "formula",
                    **facts,
                    **named(source),
                    formula_version=source.product.formula_version,
                    validated_version=validated[source.product_id],
                )
        if unit.target_mg not in envelope.fills_mg:
            yield no(
                "fill",
                **facts,
                target_mg=unit.target_mg,
                fills=[scaled(fill, 1000, " g") for fill in envelope.fills_mg],
            )
        if unit.kind == "blend":
            yield from _pack(unit, envelope)


@check("R-BLD-20", "verdict")
def decant_validated(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-20: one source, whole, into a pack that the filer has validated for it."""
    for unit in units_of(case):
        if unit.kind != "decant":
            continue
        if len(unit.sources) != 1 or unit.sources[0].share_bp != WHOLE_BP:
            yield no("sources", unit_id=unit.unit_id, sources=[source.product_id for source in unit.sources])
        if unit.envelope is not None:
            yield from _pack(unit, unit.envelope)


def _pack(unit: PlannedUnit, envelope: Envelope) -> Iterator[No]:
    sku = unit.pack.sku if unit.pack else UNKNOWN
    if sku not in envelope.packs:
        yield no("pack", unit_id=unit.unit_id, pack_sku=sku, packs=envelope.packs)
    elif unit.pack and unit.target_mg > unit.pack.capacity_mg:
        yield no(
            "capacity", unit_id=unit.unit_id, pack_sku=sku, target_mg=unit.target_mg, capacity_mg=unit.pack.capacity_mg
        )


@check("R-BLD-03", "verdict")
def shares_inside(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-03: integer basis points that sum to exactly 10,000, each within its limits."""
    for unit in units_of(case):
        total_bp = sum(source.share_bp for source in unit.sources)
        if total_bp != WHOLE_BP:
            yield no("sum", unit_id=unit.unit_id, total_bp=total_bp, needed_bp=WHOLE_BP)
        limits = {c.product_id: (c.min_bp, c.max_bp) for c in unit.envelope.components} if unit.envelope else {}
        for source in unit.sources:
            low, high = limits.get(source.product_id, (0, WHOLE_BP))
            if not low <= source.share_bp <= high:
                yield no(
                    "limits", **named(source), unit_id=unit.unit_id, share_bp=source.share_bp, min_bp=low, max_bp=high
                )


@check("R-BLD-04", "receive", "verdict")
def lot_known(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-04 at planning and at the door: a lot is listed by head office and not on hold."""
    for source in sources_of(case):
        if source.lot is not None:
            yield from _held(source)
        elif source.container is not None or case.receipt is not None:
            yield no("unknown", **named(source), lot_no=source.container.lot_no if source.container else UNKNOWN)


@check("R-BLD-04", *IN_HAND)
def lot_live(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-04: the lot in hand is the container's, the product's, listed, released, in date and not on hold, now."""
    source = case.source
    if source is None or source.container is None or source.lot is None:
        yield no(
            "unknown",
            **named(source or Source(UNKNOWN, None)),
            lot_no=source.container.lot_no if source and source.container else UNKNOWN,
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
        yield no("unknown", unit_id=case.unit.unit_id if case.unit else UNKNOWN, envelope_id=UNKNOWN)
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
        last_day, today = min(_opened_limits(container, months, in_use)), beijing_date(case.now)
        if today > last_day:
            yield no("past", **facts, opened_at=container.opened_at, last_day=last_day, today=today)
    elif container.state == "opened":
        yield no("opened_unknown", **facts, opened_at=None)


def _opened_limits(container: Container, months: int | None, in_use_days: int | None) -> Iterator[date]:
    if container.opened_at is not None:
        opened = beijing_date(container.opened_at)
        if months is not None:
            yield add_months(opened, months)
        if in_use_days is not None:
            yield opened + timedelta(days=in_use_days)


@check("R-BLD-06", "verdict")
def planned_use_by(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-06: what the chosen lots leave of the use period, before anything is dosed."""
    for unit in units_of(case):
        parts = [
            UsePart(s.product_id, s.lot.expiry, s.container.opened_at if s.container else None, s.product.pao_months)
            for s in unit.sources
            if s.lot is not None and s.product is not None
        ]
        if not parts or unit.envelope is None:
            continue
        ends = use_by(case.now, parts, in_use_days=unit.envelope.in_use_days, max_days=params.max_blend_days)
        remaining = (ends.date - beijing_date(case.now)).days
        bound = ends.bounded_by[0]
        facts = {
            "unit_id": unit.unit_id,
            "use_by": ends.date,
            "bounded_by": bound.kind,
            "bound_part": bound.part or unit.envelope_id,
            "remaining_days": remaining,
        }
        if remaining <= 0:
            yield no("over", **facts)
        elif remaining < params.min_remaining_days:
            yield no("short", **facts, min_remaining_days=params.min_remaining_days)


@check("R-BLD-24", "verdict", "start")
def enough_in_the_containers(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-24: each container holds the target and its heel, or others stand ready."""
    for unit in units_of(case):
        for source in unit.sources:
            facts = {**named(source), "unit_id": unit.unit_id, "target_mg": source.target_mg}
            if source.container is None:
                yield no("none", **facts)
                continue
            usable_mg = max(0, source.container.remaining_mg - source.container.heel_mg) + source.spare_mg
            if usable_mg < source.target_mg:
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
            container_id=source.before.container_id if source.before else UNKNOWN,
            remaining_mg=source.before.remaining_mg if source.before else UNKNOWN,
        )
