"""Where a unit's components stand between doses: in what order they come, how far each may miss, what is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from store_service.records.events.blending import DoseEnded
from store_service.rules.amounts import WHOLE_BP, component_tolerance
from store_service.rules.reratio import Part, band, dose_order

from .queries import Component, components_of


def tolerance(part: Component) -> int:
    """The tolerance of the envelope at the target as it stands now, in mg."""
    return component_tolerance(part.target_mg, part.abs_tol_mg, part.rel_tol_bp)


def limits(part: Component) -> tuple[int, int]:
    """How far the component may end (under, over) its target; a one-sided one never over (R-BLD-07 as amended)."""
    return band(part.target_mg, tolerance(part), active=bool(part.one_sided))


def complete(part: Component) -> bool:
    """The component has what it needs; whether it has too much, `over` says."""
    return bool(part.lots) and part.actual_mg >= part.target_mg - limits(part)[0]


def over(part: Component) -> bool:
    """More has landed than its band allows: the unit does not go on before new targets are accepted."""
    return bool(part.lots) and part.actual_mg > part.target_mg + limits(part)[1]


def in_dose_order(parts: Sequence[Component]) -> list[Component]:
    """Limited actives first, small before large, the base last. By what was written, so that it never changes."""
    wanted = [Part(part.written_mg, 0, WHOLE_BP, active=bool(part.one_sided)) for part in parts]
    return [parts[i] for i in dose_order(wanted)]


def as_they_stand(connection: Connection, site: str, unit_id: str, ended: DoseEnded | None = None) -> list[Component]:
    """The components in dose order; `ended` is a dose that ends in this act and is not projected yet."""
    parts = in_dose_order(components_of(connection, site, unit_id))
    if ended is None or not ended.landed_mg:
        return parts
    return [
        replace(one, actual_mg=one.actual_mg + ended.landed_mg, lots=[*one.lots, ended.lot_no])
        if one.product_id == ended.product_id
        else one
        for one in parts
    ]


def first_over(parts: Sequence[Component]) -> Component | None:
    return next((one for one in parts if over(one)), None)


def next_of(parts: Sequence[Component]) -> Component | None:
    """The first component in dose order that still lacks mass; None as long as another one has too much."""
    return None if first_over(parts) else next((one for one in parts if not complete(one)), None)


def all_dosed(parts: Sequence[Component]) -> bool:
    """Every component lies inside its band: the check weigh may come."""
    return all(complete(one) and not over(one) for one in parts)


def next_component(connection: Connection, site: str, unit_id: str) -> Component | None:
    return next_of(as_they_stand(connection, site, unit_id))
