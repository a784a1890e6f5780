"""R-BLD at the bench: the scale, the line, cleanliness, the room, the cup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from store_service.rules.amounts import WHOLE_BP
from store_service.rules.case import Case, PlannedUnit, Used
from store_service.rules.checking import No, check, no, units_of
from store_service.rules.dates import beijing_date
from store_service.rules.params import Parameters
from store_service.rules.screening import screen
from store_service.rules.wording import scaled


@check("R-BLD-10", "start", "dose", "weigh")
def scale_verified(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-10: a verified scale, its certificate in date, and today's check weigh passed."""
    bench, today = case.bench, beijing_date(case.now)
    if bench is None:
        yield no("no_certificate", scale_id=None, certificate_no=None)
        return
    if not bench.certificate_no:
        yield no("no_certificate", scale_id=bench.scale_id, certificate_no=bench.certificate_no)
    if bench.verified_to is None or bench.verified_to < today:
        yield no("lapsed", scale_id=bench.scale_id, verified_to=bench.verified_to, today=today)
    if bench.checked_at is None or beijing_date(bench.checked_at) != today or bench.check_passed is None:
        yield no("not_checked", scale_id=bench.scale_id, checked_at=bench.checked_at, today=today)
    elif not bench.check_passed:
        yield no("check_failed", scale_id=bench.scale_id, checked_at=bench.checked_at, check_passed=False)


@check("R-BLD-11", "start")
def scale_fine_enough(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-11: the scale's step is at most a third of the smallest tolerance of the recipe."""
    step_mg = case.bench.resolution_mg if case.bench else None
    for unit in units_of(case):
        tolerances = [component.abs_tol_mg for component in unit.envelope.components] if unit.envelope else []
        tolerance_mg = min(tolerances, default=None)
        if step_mg is None or tolerance_mg is None or 3 * step_mg > tolerance_mg:
            yield no(
                "too_coarse",
                unit_id=unit.unit_id,
                scale_id=case.bench.scale_id if case.bench else None,
                step_mg=step_mg,
                tolerance_mg=tolerance_mg,
            )


@check("R-BLD-23", "verdict")
def nothing_left_on_lines_and_tools(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-23: no product with a declared allergen went through a line or over a tool of this unit since the last
    cleaning."""
    declared = case.consumer.allergies if case.consumer else ()
    if not declared:
        return
    if case.bench is None:
        yield no("unknown", allergens=declared)
        return
    for unit in units_of(case):
        for used in case.bench.used:
            if not _touches(unit, used):
                continue
            formula = [(used.product, WHOLE_BP)] if used.product is not None else []
            found = [
                one.allergen
                for one in screen(declared, formula, case.allergen_groups, case.names)
                if one.answer == "contained" or used.product is None
            ]
            if found:
                facts = {
                    "product_zh": used.product.name_zh if used.product else used.product_id,
                    "product_en": used.product.name_en if used.product else used.product_id,
                }
                yield no("not_cleaned", unit_id=unit.unit_id, allergens=found, channel=used.channel or 0, **facts)


def _touches(unit: PlannedUnit, used: Used) -> bool:
    """A poured product went over the tools that every unit shares; a pumped one stays in its line."""
    lines = {source.container.position for source in unit.sources if source.container is not None}
    return used.channel is None or used.channel in lines


@check("R-BLD-12", "start")
def line_cleared(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-12: the line was cleared for this very unit."""
    unit_id = case.unit.unit_id if case.unit else None
    cleared_for = case.bench.cleared_for if case.bench else None
    if cleared_for is None or cleared_for != unit_id:
        yield no("not_cleared", unit_id=unit_id, cleared_for=cleared_for)


@check("R-BLD-13", "start")
def cleaned_lately(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-13: cleaned within the hours that the province or filer allows."""
    cleaned_at = case.bench.cleaned_at if case.bench else None
    limit = timedelta(hours=params.clean_valid_hours)
    if cleaned_at is None or not timedelta(0) <= case.now - cleaned_at <= limit:
        yield no("not_clean", cleaned_at=cleaned_at, limit_hours=params.clean_valid_hours, now_at=case.now)


@check("R-BLD-14", "start")
def room_fit(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-14 as amended: recorded today; out of the general range warns, out of an envelope's own limits
    refuses."""
    room = _room_today(case)
    if room is None:
        bench = case.bench
        yield no(
            "unknown",
            temp_c10=bench.temp_c10 if bench else None,
            rh_pct10=bench.rh_pct10 if bench else None,
            recorded_at=bench.room_recorded_at if bench else None,
        )
        return
    yield from _room_of_envelopes(case, *room)
    yield from room_in_range(case, params)


@check("R-BLD-14", "open_service")
def room_in_range(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-14: the general range, answered at the opening of the shift so that the first start need not ask."""
    room = _room_today(case)
    if room is not None and (beyond := _beyond(*room, params)):
        yield no(
            "range",
            beyond=beyond,
            temp_c10=room[0],
            rh_pct10=room[1],
            temp_min_c10=params.temp_min_c10,
            temp_max_c10=params.temp_max_c10,
            rh_max_pct10=params.rh_max_pct10,
        )


def _room_today(case: Case) -> tuple[int, int] | None:
    """Temperature and humidity in tenths, where both were recorded today."""
    bench = case.bench
    if bench is None or bench.temp_c10 is None or bench.rh_pct10 is None or bench.room_recorded_at is None:
        return None
    if beijing_date(bench.room_recorded_at) != beijing_date(case.now):
        return None
    return bench.temp_c10, bench.rh_pct10


def _room_of_envelopes(case: Case, temp_c10: int, rh_pct10: int) -> Iterator[No]:
    for unit in units_of(case):
        if unit.envelope is None:
            continue
        temp_min, temp_max = unit.envelope.temp_min_c10, unit.envelope.temp_max_c10
        rh_max = unit.envelope.rh_max_pct10
        facts = {"temp_c10": temp_c10, "rh_pct10": rh_pct10, "envelope_id": unit.envelope_id}
        if temp_min is not None and temp_c10 < temp_min:
            yield no("too_cold", **facts, temp_min_c10=temp_min)
        if temp_max is not None and temp_c10 > temp_max:
            yield no("too_hot", **facts, temp_max_c10=temp_max)
        if rh_max is not None and rh_pct10 > rh_max:
            yield no("too_damp", **facts, rh_max_pct10=rh_max)


TEMP_STEP_C10, RH_STEP_PCT10 = 20, 50


def _beyond(temp_c10: int, rh_pct10: int, params: Parameters) -> list[str]:
    """What the room has passed, in whole steps of 2 °C or 5 % humidity beyond its range: what was accepted once is
    asked again when it is a step worse, not when a reading trembles."""
    passed = []
    if (by := params.temp_min_c10 - temp_c10) > 0:
        passed.append(f"< {scaled(params.temp_min_c10 - _whole(by, TEMP_STEP_C10), 10, ' °C')}")
    if (by := temp_c10 - params.temp_max_c10) > 0:
        passed.append(f"> {scaled(params.temp_max_c10 + _whole(by, TEMP_STEP_C10), 10, ' °C')}")
    if (by := rh_pct10 - params.rh_max_pct10) > 0:
        passed.append(f"> {scaled(params.rh_max_pct10 + _whole(by, RH_STEP_PCT10), 10, ' %')}")
    return passed


def _whole(by: int, step: int) -> int:
    """The whole steps that lie before `by`."""
    return (by - 1) // step * step


@check("R-BLD-15", "cup")
def cup_admitted(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-15: a new pack of a received lot, the one that was planned, clean to the eye, and empty by its mass."""
    cup, pack = case.cup, case.unit.pack if case.unit else None
    if cup is None or pack is None:
        yield no("no_lot", pack_lot=None)
        return
    if cup.own_container:
        yield no("own", own_container=True)
    if not cup.pack_lot or cup.pack_received is not True:
        yield no("no_lot", pack_lot=cup.pack_lot or None)
    if cup.pack_sku != pack.sku:
        yield no("other_pack", pack_sku=cup.pack_sku, planned_sku=pack.sku)
    if cup.visual_ok is not True:
        yield no("not_clean", visual_ok=cup.visual_ok)
    if cup.gross_mg is None or not pack.tare_min_mg <= cup.gross_mg <= pack.tare_max_mg:
        yield no("not_empty", gross_mg=cup.gross_mg, tare_min_mg=pack.tare_min_mg, tare_max_mg=pack.tare_max_mg)
