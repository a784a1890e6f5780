"""Plan a unit: one formula inside one envelope. Nothing is promised before the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from store_service.blending.cases import View
from store_service.blending.lease import free
from store_service.records.desk import Actor, Desk, Missing, OutOfStep
from store_service.records.events.blending import Share, UnitDropped, UnitPlanned
from store_service.rules.amounts import WHOLE_BP, targets

from .shared import unit_in


def plan_unit(
    desk: Desk,
    actor: Actor,
    service_id: str,
    envelope_id: str,
    shares_bp: Sequence[int],
    fill_mg: int,
    pack_sku: str,
    *,
    instead_of: str | None = None,
) -> str:
    """Note a formula for the service; returns the unit id. `shares_bp` follow the envelope's components.

    Raises Missing for an envelope that is not in force, ValueError for shares that do not fit its components. Whether
    shares, fill and pack are allowed is the verdict's to say. `instead_of` takes a planned unit off the service.
    """
    unit_id = desk.new_id("u")
    with desk.act(actor.staff_id, {"service": service_id}) as act:
        view = View.at(desk, act.connection)
        envelope = view.known.envelopes.get(envelope_id)
        if envelope is None:
            raise Missing("envelope", envelope_id)
        if len(shares_bp) != len(envelope.components):
            raise ValueError(f"shares: {len(envelope.components)} are needed, one a component")
        masses = (
            targets(fill_mg, shares_bp)
            if sum(shares_bp) == WHOLE_BP
            else [fill_mg * bp // WHOLE_BP for bp in shares_bp]
        )
        if instead_of is not None:
            unit_in(act, desk, instead_of, "planned")
            act.record(UnitDropped(unit_id=instead_of, reason="replanned"))
            free(desk, act, instead_of)
        parts = zip(envelope.components, shares_bp, masses, strict=True)
        act.record(
            UnitPlanned(
                unit_id=unit_id,
                service_id=service_id,
                kind=envelope.kind,
                envelope_id=envelope_id,
                envelope_version=envelope.version,
                gtin=envelope.gtin,
                name_zh=envelope.name_zh,
                target_mg=fill_mg,
                pack_sku=pack_sku,
                shares=tuple(
                    Share(
                        product_id=part.product_id,
                        share_bp=bp,
                        target_mg=mass,
                        abs_tol_mg=part.abs_tol_mg,
                        rel_tol_bp=part.rel_tol_bp,
                        one_sided=part.one_sided,
                        dose_by=part.dose_by,
                    )
                    for part, bp, mass in parts
                ),
            )
        )
    return unit_id


def drop_unit(desk: Desk, actor: Actor, unit_id: str, reason: str) -> None:
    """Take a unit off the service before it was started."""
    with desk.act(actor.staff_id, {"unit": unit_id}) as act:
        unit = unit_in(act, desk, unit_id, "planned", "dropped")
        if unit.state == "dropped":
            raise OutOfStep("dropped", "planned")
        act.record(UnitDropped(unit_id=unit_id, reason=reason))
        free(desk, act, unit_id)
