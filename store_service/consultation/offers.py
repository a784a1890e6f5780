"""What may be offered instead: other formulas that the gate would allow, and what a member had last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import Connection, select

from store_service.blending.cases import View
from store_service.blending.queries import Component
from store_service.records.desk import Actor
from store_service.records.projections.blending import unit
from store_service.records.projections.consultation import service
from store_service.rules.amounts import targets
from store_service.rules.case import Consumer, PlannedUnit
from store_service.rules.dossier import Envelope, PackSpec
from store_service.rules.gates import ask
from store_service.settings import BenchSettings


@dataclass(frozen=True, slots=True)
class LastFormula:
    """What was made for the same consumer last, and released."""

    envelope_id: str
    shares: Mapping[str, int]  # product id → basis points
    fill_mg: int
    released_at: datetime


def last_formula(connection: Connection, site: str, consumer_ref: str) -> LastFormula | None:
    """The newest released unit of a consumer's earlier services; None for somebody who was never here."""
    query = (
        select(unit.c.envelope_id, unit.c.shares, unit.c.target_mg, unit.c.released_at)
        .join(service, (service.c.store_id == unit.c.store_id) & (service.c.id == unit.c.service_id))
        .where(unit.c.store_id == site, service.c.consumer_ref == consumer_ref)
        .where(unit.c.state.in_(("released", "handed_over")))
        .order_by(unit.c.released_at.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    shares = {str(one["product_id"]): int(one["share_bp"]) for one in row.shares}
    return LastFormula(row.envelope_id, shares, row.target_mg, row.released_at)


def smallest_pack(envelope: Envelope, packs: Mapping[str, PackSpec], fill_mg: int) -> str:
    """The smallest validated pack that takes the fill; the first validated one when none does (the gate says so)."""
    fitting = [packs[sku] for sku in envelope.packs if sku in packs and packs[sku].capacity_mg >= fill_mg]
    return min(fitting, key=lambda one: one.capacity_mg).sku if fitting else envelope.packs[0]


def would_allow(
    view: View, actor: Actor, person: Consumer, envelope: Envelope, fill_mg: int, bench: BenchSettings
) -> bool:
    """Whether the verdict's gate has no objection to an envelope at its default shares, at this bench.

    Nothing is recorded. The label is not laid out for a unit that nobody planned: its rules are asked when the offer
    is chosen, and so is the rule on the number of products, which looks at the whole service.
    """
    planned = as_planned(view, envelope, envelope.default_bp, fill_mg)
    case = view.knowing(
        replace(
            view.standing(actor.staff_id),
            units=(planned,),
            unit=planned,
            consumer=person,
            texts={"name offer": envelope.name_zh},
        )
    )
    if person.allergies:
        case = view.used_at(case, bench)
    found = ask("verdict", case, view.desk.ruleset)
    return all(one.rule.startswith("R-LAB-") or one.rule == "R-SCP-06" for one in found.refusals)


def as_planned(view: View, envelope: Envelope, shares: Sequence[int], fill_mg: int) -> PlannedUnit:
    """A unit that nobody planned yet, as a gate would see it."""
    parts = zip(envelope.components, shares, targets(fill_mg, shares), strict=True)
    sources = tuple(
        view.source(_component(number, part.product_id, bp, mass, part.dose_by))
        for number, (part, bp, mass) in enumerate(parts)
    )
    pack = view.known.packs.get(smallest_pack(envelope, view.known.packs, fill_mg))
    return PlannedUnit("offer", envelope.kind, envelope, envelope.envelope_id, fill_mg, sources, pack)


def _component(number: int, product_id: str, share_bp: int, target_mg: int, dose_by: str) -> Component:
    known = {"position": number, "product_id": product_id, "share_bp": share_bp, "target_mg": target_mg}
    empty = {field.name: None for field in fields(Component)}
    return Component(**{**empty, **known, "dose_by": dose_by, "containers": [], "lots": [], "actual_mg": 0})  # type: ignore[arg-type]  # what a unit that nobody planned has not
