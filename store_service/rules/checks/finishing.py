"""R-BLD at the end: use-by date, signature and release."""

from __future__ import annotations

from collections.abc import Iterator

from store_service.rules.case import Case
from store_service.rules.checking import UNKNOWN, No, check, no
from store_service.rules.dates import beijing_date
from store_service.rules.params import Parameters

UNMIXED = ("dispense", "fill")
"""Mixing steps after which there is nothing to mix."""


@check("R-BLD-06", "sign", "print", "release")
def use_by_not_extended(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-06: the use-by date is never later than computed, and still ahead."""
    progress = case.progress
    if progress is None or progress.use_by is None or progress.computed_use_by is None:
        yield no(
            "unknown",
            use_by=progress.use_by if progress else None,
            computed=progress.computed_use_by if progress else None,
        )
        return
    today = beijing_date(case.now)
    if progress.use_by > progress.computed_use_by:
        yield no("extended", use_by=progress.use_by, computed=progress.computed_use_by)
    if progress.use_by <= today:
        yield no("past", use_by=progress.use_by, today=today)


@check("R-BLD-06", "hand_over")
def in_date_when_handed_over(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-06: a released unit is kept back from its use-by date on, as none is signed on that day."""
    today = beijing_date(case.now)
    for unit in case.units:
        if unit.use_by is None or unit.use_by <= today:
            yield no("kept", unit_id=unit.unit_id, use_by=unit.use_by, today=today)


@check("R-BLD-16", "sign")
def typed_in(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-16 as amended: a dose under the gauge is automatic; what was typed, the releaser is told."""
    typed = [dosed.product_id for dosed in case.progress.dosed if dosed.manual] if case.progress else []
    if typed:
        yield no("manual", components=typed, second_person=case.progress.second_person if case.progress else None)


@check("R-BLD-17", "sign", "release")
def looked_at(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-17: mixed as the envelope says; mass, appearance, odour and homogeneity have been judged, and are good."""
    progress = case.progress
    if progress is None:
        yield no("unjudged", missing=[UNKNOWN])
        return
    judged = {
        "appearance": progress.appearance_ok,
        "odour": progress.odour_ok,
        "homogeneity": progress.homogeneous_ok,
        "net_mass": None if progress.net_mg is None else True,
    }
    if missing := [name for name, good in judged.items() if good is None]:
        yield no("unjudged", missing=missing)
    step = case.unit.envelope.mixing_step if case.unit and case.unit.envelope else UNKNOWN
    if progress.mixed is not True and step not in UNMIXED:
        yield no("not_mixed", mixing_step=step, mixed=progress.mixed)
    if failed := [name for name, good in judged.items() if good is False]:
        yield no("failed", failed=failed)


@check("R-BLD-17", "release")
def signed_and_settled(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-17: signed by a releaser, and no deviation open."""
    if case.progress is None or case.progress.signed_at is None or not case.progress.releaser_id:
        yield no("unsigned", signed_at=case.progress.signed_at if case.progress else None)
    if case.progress is not None and case.progress.open_deviations > 0:
        yield no("deviations", open_deviations=case.progress.open_deviations)
