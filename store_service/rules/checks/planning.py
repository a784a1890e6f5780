"""R-BLD when a unit is planned: the envelope, the shares, the pack, and what is left of the use period."""

from __future__ import annotations

from collections.abc import Iterator

from store_service.rules.amounts import WHOLE_BP
from store_service.rules.case import Case, PlannedUnit
from store_service.rules.checking import No, check, named, no, units_of
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Envelope
from store_service.rules.merge import UsePart, use_by
from store_service.rules.params import Parameters
from store_service.rules.wording import scaled


@check("R-BLD-01", "verdict", "reratio")
def inside_the_envelope(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-01: exactly the products, fill and pack that the filer has validated; their formulas R-ADM-18 watches."""
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
        validated = sorted(component.product_id for component in envelope.components)
        chosen = sorted(source.product_id for source in unit.sources)
        if chosen != validated:
            yield no("products", **facts, chosen=chosen, validated=validated)
        if (unit.ordered_mg or unit.target_mg) not in envelope.fills_mg:
            yield no(
                "fill",
                **facts,
                target_mg=unit.target_mg,
                fills=[scaled(fill, 1000, " g") for fill in envelope.fills_mg],
            )
        if unit.kind == "blend":
            yield from _pack(unit, envelope)


@check("R-BLD-20", "verdict", "reratio")
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
    sku = unit.pack.sku if unit.pack else None
    if sku not in envelope.packs:
        yield no("pack", unit_id=unit.unit_id, pack_sku=sku, packs=envelope.packs)
    elif unit.pack and unit.target_mg > unit.pack.capacity_mg:
        yield no(
            "capacity", unit_id=unit.unit_id, pack_sku=sku, target_mg=unit.target_mg, capacity_mg=unit.pack.capacity_mg
        )


@check("R-BLD-03", "verdict", "reratio")
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
