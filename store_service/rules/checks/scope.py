"""R-SCP: may this shop blend at all, here and now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from store_service.rules.case import Case, Site
from store_service.rules.checking import UNKNOWN, No, check, no, units_of
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Roster, RosterRow
from store_service.rules.params import Parameters

STANDING = ("open_service", "verdict", "start", "dose")


def window(params: Parameters) -> tuple[date, date]:
    """First day and first day after, Beijing, half-open. A province that opened later starts later; an extension
    needs its document as well as its day (R-SCP-17)."""
    start = max(params.pilot_start, params.province_start or params.pilot_start)
    extended = params.extension_end if params.extension_doc else None
    return start, (extended or params.pilot_end) + timedelta(days=1)


def roster_row(roster: Roster, site: Site) -> RosterRow | None:
    """This shop's row on the public list of its province, whatever its status."""
    ours = (site.store_id, site.filer.filer_id, site.province)
    return next((row for row in roster.rows if (row.store_id, row.filer_id, row.province) == ours), None)


def ours(case: Case) -> RosterRow | None:
    """This shop's row of the case's roster; None where there is no roster, no site or no row."""
    return roster_row(case.roster, case.site) if case.roster is not None and case.site is not None else None


@check("R-SCP-01", *STANDING)
def province_in_pilot(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-01: the shop's own province, never the product's prefix."""
    if case.site is None:
        yield no("unknown", province=None)
    elif not params.in_pilot:
        yield no("outside", province=case.site.province)


@check("R-SCP-02", *STANDING)
def inside_window(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-02: the pilot's window, half-open in Beijing dates; and a clock that can be believed."""
    start, end = window(params)
    today = beijing_date(case.now)
    if not start <= today < end:
        yield no("outside", today=today, first_day=start, last_day=end - timedelta(days=1))


@check("R-SCP-02", "open_service", "verdict", "start")
def clock_believed(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-02: the window cannot be judged by a clock that went backwards and was not confirmed (RECORD.md §2)."""
    if case.clock_ok is not True:
        yield no("clock", clock_ok=case.clock_ok, now_at=case.now)


@check("R-SCP-03", *STANDING)
def on_the_roster(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-03: on the current public roster, which is not too old; an order may forbid more (§0.5)."""
    if not params.roster_required:
        return
    if case.roster is None or case.site is None:
        yield no("unknown", store_id=case.site.store_id if case.site else None, roster=None)
        return
    age = case.now - case.roster.fetched_at
    age_days = -(-age // timedelta(days=1))  # a day that has begun is told as a day
    if age < timedelta(0):
        yield no("future", fetched_at=case.roster.fetched_at, now_at=case.now)
    elif age > timedelta(days=params.roster_refuse_age_days):
        yield no(
            "too_old", fetched_at=case.roster.fetched_at, age_days=age_days, limit_days=params.roster_refuse_age_days
        )
    elif age > timedelta(days=params.roster_max_age_days):
        yield no("old", fetched_at=case.roster.fetched_at, age_days=age_days, limit_days=params.roster_max_age_days)
    row = roster_row(case.roster, case.site)
    today = beijing_date(case.now)
    if row is None:
        yield no("absent", store_id=case.site.store_id, province=case.site.province)
    elif not row.doc_no.strip():
        yield no("no_number", store_id=case.site.store_id, doc_no=row.doc_no.strip() or None)
    elif not row.valid_from <= today <= row.valid_to:
        yield no("expired", doc_no=row.doc_no, today=today, valid_from=row.valid_from, valid_to=row.valid_to)
    elif row.status == "rectifying":
        wanted = {"service"} | {unit.kind for unit in units_of(case)}
        if forbidden := sorted(wanted & set(row.forbids)):
            yield no("forbidden", doc_no=row.doc_no, forbidden=forbidden)


@check("R-SCP-12", *STANDING, "sign", "print", "release", "resume")
def not_switched_off(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-12: a suspended province, a suspended or cancelled shop stops everything that is not released."""
    if case.roster is None or case.site is None:
        yield no("unknown", province_status=None, store_status=None)
        return
    province_status = case.roster.province_status.get(case.site.province, UNKNOWN)
    row = roster_row(case.roster, case.site)
    store_status = row.status if row else None
    if province_status != "active" or store_status not in ("active", "rectifying"):
        yield no("stopped", province_status=province_status, store_status=store_status)


@check("R-SCP-06", "verdict", "hand_over")
def two_filed_products(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-06 as amended: distinct filed products, counted per service or per unit, over planned or released
    units."""
    groups = [case.units] if params.count_per == "service" else [(unit,) for unit in case.units]
    for units in groups or [()]:
        numbers = {source.product.filing_number for unit in units for source in unit.sources if source.product}
        numbers.discard(UNKNOWN)
        only_decants = bool(units) and all(unit.kind == "decant" for unit in units)
        if len(numbers) < params.min_filed_products and not (only_decants and params.allow_single_source_decant):
            yield no("too_few", counted=len(numbers), needed=params.min_filed_products, filing_numbers=numbers)


@check("R-SCP-06", "verdict", "reratio")
def small_batch(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-06: small batches only; the limit is ours."""
    limit_mg = params.max_batch_g * 1000
    for unit in units_of(case):
        if unit.target_mg > limit_mg:
            yield no("too_large", unit_id=unit.unit_id, target_mg=unit.target_mg, limit_mg=limit_mg)
