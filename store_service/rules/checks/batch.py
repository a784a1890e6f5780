"""R-REC and R-SMP: the batch number, the record's fields and the samples, before a unit may leave."""

from __future__ import annotations

import re
from collections.abc import Iterator

from store_service.rules.case import Case
from store_service.rules.checking import No, check, filled, no, sources_of
from store_service.rules.dates import beijing_date
from store_service.rules.params import Parameters

SHAPE = re.compile(r"[A-Z]{2}[0-9A-Z]{4}-(\d{6})-\d{4}[0-9A-Z]")


@check("R-REC-01", "print", "release")
def one_unit_one_batch(case: Case, params: Parameters) -> Iterator[No]:
    """R-REC-01 as amended: one unit is one batch, and its number is used once."""
    progress = case.progress
    if progress is None or not progress.batch:
        yield no("none", batch=None)
    elif progress.batch_units != 1:
        yield no("twice", batch=progress.batch, units=progress.batch_units)


@check("R-REC-02", "print", "release")
def batch_number_shape(case: Case, params: Parameters) -> Iterator[No]:
    """R-REC-02: province and shop, Beijing date of the start, number of the day, check character."""
    progress = case.progress
    if progress is None or not progress.batch:
        return
    found = SHAPE.fullmatch(progress.batch)
    started = beijing_date(progress.started_at) if progress.started_at else None
    if found is None or started is None or found[1] != f"{started:%y%m%d}":
        yield no("shape", batch=progress.batch, started=started)


@check("R-REC-03", "release")
def record_complete(case: Case, params: Parameters) -> Iterator[No]:
    """R-REC-03: what the minimum record lacks, the release waits for."""
    if missing := [path for path in params.record_fields if not filled(case.record, path)]:
        yield no("missing", missing=missing)


@check("R-REC-03", "hand_over")
def reachable_in_a_recall(case: Case, params: Parameters) -> Iterator[No]:
    """R-REC-03 as amended: who leaves no contact is given a recall card with the number."""
    if case.recall_by not in ("contact", "card"):
        yield no("unreachable", recall_by=case.recall_by)


@check("R-SMP-01", "receive")
def lot_has_a_sample(case: Case, params: Parameters) -> Iterator[No]:
    """R-SMP-01: the filer keeps a sample of every lot that comes in."""
    for source in sources_of(case):
        if source.lot is not None and not (source.lot.sample_ref or "").strip():
            yield no("none", product_id=source.product_id, lot_no=source.lot.lot_no)


@check("R-SMP-02", "release")
def blend_sampled(case: Case, params: Parameters) -> Iterator[No]:
    """R-SMP-02 as amended: where the province asks for a sample of blends, it was dosed in addition and is kept."""
    if params.blend_sample_mode == "source_only":
        return
    if case.progress is None or not case.progress.sample_kept:
        yield no("none", blend_sample_mode=params.blend_sample_mode)
