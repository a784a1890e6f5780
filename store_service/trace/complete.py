"""Whether a record holds what the minimum record asks for, and whether its number is its own (R-REC-01 to 03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from store_service.blending.cases import View
from store_service.blending.queries import Unit
from store_service.records.projections.blending import unit as unit_table
from store_service.rules.case import Progress
from store_service.samples.queries import sample_kept

from .record import unit_record


def missing_fields(record: Mapping[str, Any], fields: Sequence[str]) -> tuple[str, ...]:
    """The dotted paths of `fields` at which the record holds nothing."""
    return tuple(path for path in fields if _at(record, path) in (None, "", [], {}))


def complete(view: View, unit: Unit, progress: Progress | None) -> Progress | None:
    """The progress with what its record lacks, how many units bear its number, and whether its sample is kept."""
    if progress is None:
        return None
    params = view.desk.ruleset.fill(view.known.params(view.desk))
    site, connection = view.desk.site_id, view.connection
    bearing = select(func.count()).select_from(unit_table).where(
        unit_table.c.store_id == site, unit_table.c.batch == unit.batch
    )  # fmt: skip
    record = unit_record(connection, view.desk, view.known, unit.id)
    return replace(
        progress,
        batch_units=int(connection.execute(bearing).scalar_one()),
        record_missing=missing_fields(record, params.record_fields),
        sample_kept=sample_kept(connection, site, unit, params.blend_sample_mode, view.now),
    )


def _at(record: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(record, Mapping):
            return None
        record = record.get(key)
    return record
