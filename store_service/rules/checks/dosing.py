"""R-BLD while and after a unit is dosed: what landed, what is in the cup, and a unit that was left half made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from store_service.rules.amounts import WHOLE_BP, component_tolerance, shortage_mg
from store_service.rules.case import Case, Dosed, PlannedUnit, Source
from store_service.rules.checking import UNKNOWN, No, check, named, no
from store_service.rules.params import Parameters
from store_service.rules.reratio import band


@check("R-BLD-07", "dose")
def nothing_over(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-07: as long as a component has more than its band allows, nothing more goes into the cup."""
    for dosed in case.progress.dosed if case.progress else ():
        error_mg, (_, over_mg) = dosed.actual_mg - dosed.target_mg, _band(dosed)
        if error_mg > over_mg:
            yield no("over", **_name(case, dosed.product_id), **_missed(dosed), tolerance_mg=over_mg)


@check("R-BLD-07", "weigh")
def components_within_tolerance(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-07 as amended: each component within its tolerance, a one-sided one never over its target, each
    achieved share inside the envelope's limits."""
    if case.progress is None or not case.progress.dosed or case.unit is None:
        yield no("unknown", **_name(case, UNKNOWN), actual_mg=None)
        return
    dosed_ids = {dosed.product_id for dosed in case.progress.dosed}
    for source in case.unit.sources:
        if source.product_id not in dosed_ids:
            yield no("unknown", **named(source), actual_mg=None)
    for dosed in case.progress.dosed:
        error_mg, (under_mg, over_mg) = dosed.actual_mg - dosed.target_mg, _band(dosed)
        if not -under_mg <= error_mg <= over_mg:
            allowed_mg = over_mg if error_mg > 0 else under_mg
            yield no("outside", **_name(case, dosed.product_id), **_missed(dosed), tolerance_mg=allowed_mg)
    yield from _achieved_shares(case, case.unit, case.progress.dosed)


def _band(dosed: Dosed) -> tuple[int, int]:
    """How far it may miss (under, over): a one-sided component never goes over."""
    tolerance_mg = component_tolerance(dosed.target_mg, dosed.abs_tol_mg, dosed.rel_tol_bp)
    return band(dosed.target_mg, tolerance_mg, active=dosed.one_sided)


def _missed(dosed: Dosed) -> dict[str, int]:
    return {
        "target_mg": dosed.target_mg,
        "actual_mg": dosed.actual_mg,
        "error_mg": dosed.actual_mg - dosed.target_mg,
    }


def _name(case: Case, product_id: str) -> dict[str, str]:
    planned = case.unit.sources if case.unit else ()
    return named(next((one for one in planned if one.product_id == product_id), Source(product_id, None)))


def _achieved_shares(case: Case, unit: PlannedUnit, all_dosed: tuple[Dosed, ...]) -> Iterator[No]:
    """The achieved share lies inside the envelope's limits; a limited active is judged by its upper limit only."""
    envelope = unit.envelope
    if envelope is None:
        yield no("no_envelope", unit_id=unit.unit_id, envelope_id=unit.envelope_id)
        return
    total_mg = sum(dosed.actual_mg for dosed in all_dosed)
    limits = {component.product_id: (component.min_bp, component.max_bp) for component in envelope.components}
    for dosed in all_dosed:
        low, high = limits.get(dosed.product_id, (0, 0))
        share = dosed.actual_mg * WHOLE_BP
        if share > high * total_mg or (share < low * total_mg and not dosed.one_sided):
            yield no(
                "share",
                **_name(case, dosed.product_id),
                actual_mg=dosed.actual_mg,
                total_mg=total_mg,
                achieved_bp=share // total_mg,
                min_bp=low,
                max_bp=high,
            )


@check("R-BLD-08", "weigh")
def not_short(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-08: the measured net mass does not fall short of what was asked for by more than the table allows."""
    net_mg = case.progress.net_mg if case.progress else None
    if net_mg is None or case.unit is None:
        yield no("unknown", net_mg=net_mg)
        return
    allowed_mg = shortage_mg(case.unit.target_mg)
    if net_mg < case.unit.target_mg - allowed_mg:
        yield no("short", net_mg=net_mg, target_mg=case.unit.target_mg, allowed_mg=allowed_mg)


@check("R-BLD-08", "print")
def label_not_above_contents(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-08 as amended: the label never says more than was weighed."""
    net_mg = case.progress.net_mg if case.progress else None
    label_mg = case.label.net_mg if case.label else None
    if net_mg is None or label_mg is None:
        yield no("unknown", net_mg=net_mg)
    elif label_mg > net_mg:
        yield no("above", net_mg=net_mg, label_mg=label_mg)


@check("R-BLD-22", "dose")
def not_half_made(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-22: a stopped unit is resumed, with its cup looked at, before it is dosed again."""
    if case.progress is None:
        yield no("unknown", stopped_at=None)
    elif case.progress.state == "stopped":
        yield no("stopped", unit_id=case.progress.unit_id, stopped_at=case.progress.stopped_at)


@check("R-BLD-22", "resume")
def same_cup_in_time(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-22: the same cup, at the mass that it was left with, within the age limit."""
    progress = case.progress
    if progress is None or progress.stopped_at is None:
        yield no("unknown", stopped_at=None)
        return
    yield from _in_time(case, progress.stopped_at, params)
    if progress.cup_scanned is None or progress.cup_scanned != progress.cup_expected:
        yield no("other_cup", cup_scanned=progress.cup_scanned, cup_expected=progress.cup_expected)
    now_mg, left_mg = progress.gross_now_mg, progress.gross_expected_mg
    if now_mg is None or left_mg is None or abs(now_mg - left_mg) > params.same_mass_tol_mg:
        yield no("other_mass", gross_now_mg=now_mg, gross_expected_mg=left_mg, tolerance_mg=params.same_mass_tol_mg)


@check("R-BLD-22", "reratio")
def decided_in_time(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-22: a unit that waits for a decision between two doses is half made, and ages like one that was stopped."""
    if case.progress is None or case.progress.stopped_at is None:
        yield no("unknown", stopped_at=UNKNOWN)
        return
    yield from _in_time(case, case.progress.stopped_at, params)


def _in_time(case: Case, since: datetime, params: Parameters) -> Iterator[No]:
    age = case.now - since
    if not timedelta(0) <= age <= timedelta(minutes=params.half_made_max_minutes):
        yield no(
            "too_old",
            stopped_at=since,
            age_minutes=-(-age // timedelta(minutes=1)),
            limit_minutes=params.half_made_max_minutes,
        )
