"""Whether a batch number is its unit's own, and whether its sample is kept (R-REC-01, R-SMP-02)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select

from store_service.blending.cases import View
from store_service.blending.queries import Unit
from store_service.records.projections.blending import unit as unit_table
from store_service.rules.case import Progress
from store_service.samples.queries import sample_kept


def complete(view: View, unit: Unit, progress: Progress | None) -> Progress | None:
    """The progress with how many units bear its number, and whether its sample is kept."""
    if progress is None:
        return None
    params = view.desk.ruleset.fill(view.known.params(view.desk))
    site, connection = view.desk.site_id, view.connection
    bearing = select(func.count()).select_from(unit_table).where(
        unit_table.c.store_id == site, unit_table.c.batch == unit.batch
    )  # fmt: skip
    return replace(
        progress,
        batch_units=int(connection.execute(bearing).scalar_one()),
        sample_kept=sample_kept(connection, site, unit, params.blend_sample_mode, view.now),
    )
