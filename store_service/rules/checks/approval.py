"""R-SCP: what the province's approval lets this shop do: simple steps, listed products, caps, orders, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from store_service.rules.case import Case
from store_service.rules.checking import No, check, named, no, products_of, units_of
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import RosterRow
from store_service.rules.params import Parameters

from .scope import STANDING, ours, window

MG_PER_G = 1_000


@check("R-SCP-07", "verdict")
def simple_steps(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-07: physical mixing only, and no warmer than the limit."""
    for unit in units_of(case):
        if unit.envelope is None:
            continue
        facts = {"unit_id": unit.unit_id, "envelope_id": unit.envelope_id, "mixing_step": unit.envelope.mixing_step}
        if unit.envelope.mixing_step not in params.allowed_steps:
            yield no("step", **facts, allowed=params.allowed_steps)
        warm = unit.envelope.mixing_temp_c10
        if warm is not None and warm > params.mix_temp_max_c10:
            yield no("warm", **facts, temp_c10=warm, limit_c10=params.mix_temp_max_c10)


@check("R-SCP-13", "verdict", "scan", "dose")
def approved_products(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-13: every source is on the product list of this shop's approval."""
    if not params.approved_product_list_required:
        return
    row = ours(case)
    if row is None or row.approved_products is None:
        yield no("no_list", doc_no=row.doc_no if row else None)
        return
    for source in products_of(case):
        if source.product_id not in row.approved_products:
            yield no("not_listed", **named(source), doc_no=row.doc_no)


@check("R-SCP-15", "start")
def within_the_caps(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-15: shops, units a day and benches, where the approval states them."""
    row = ours(case)
    if row is None:
        return
    cap, started = row.max_units_per_day, case.started_today
    if cap is not None and (started is None or started >= cap):
        yield no("units", doc_no=row.doc_no, counted=started, limit=cap)
    benches = case.site.benches if case.site else None
    if row.max_benches is not None and (benches is None or benches > row.max_benches):
        yield no("benches", doc_no=row.doc_no, counted=benches, limit=row.max_benches)
    if row.max_shops is not None and (listed := _shops_beside(case, row)) > row.max_shops:
        yield no("shops", doc_no=row.doc_no, counted=listed, limit=row.max_shops)


def _shops_beside(case: Case, ours: RosterRow) -> int:
    """The shops of this enterprise that the province lists today; one whose approval was cancelled is none."""
    today = beijing_date(case.now)
    rows = case.roster.rows if case.roster is not None else ()
    return len(
        {
            row.store_id
            for row in rows
            if (row.filer_id, row.province) == (ours.filer_id, ours.province)
            and row.status != "cancelled"
            and row.valid_from <= today <= row.valid_to
        }
    )


@check("R-SCP-15", "verdict")
def batch_within_the_cap(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-15: how much one batch, which is one unit, may hold, where the approval states it."""
    row = ours(case)
    if row is None or row.max_batch_g is None:
        return
    for unit in units_of(case):
        if unit.target_mg > row.max_batch_g * MG_PER_G:
            yield no(
                "batch", doc_no=row.doc_no, unit_id=unit.unit_id, target_mg=unit.target_mg, limit_g=row.max_batch_g
            )


@check("R-SCP-16", *STANDING)
def open_orders(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-16: an open order refuses what it forbids, and warns as it comes due and once it is overdue."""
    row, today = ours(case), beijing_date(case.now)
    for order in row.orders if row else ():
        if order.closed_on is not None and order.closed_on <= today:
            continue
        forbidden = sorted(_wanted(case) & set(order.forbids))
        if forbidden:
            yield no("forbidden", doc_no=order.doc_no, findings=order.findings, forbidden=forbidden)
        left = (order.due - today).days
        if left <= params.order_warn_days:
            yield no("overdue" if left < 0 else "due", doc_no=order.doc_no, due_on=order.due, today=today)


def _wanted(case: Case) -> set[str]:
    """Everything that an order could name: services, kinds of unit, envelopes, products."""
    units = units_of(case)
    return (
        {"service"}
        | {unit.kind for unit in units}
        | {unit.envelope_id for unit in units}
        | {source.product_id for source in products_of(case)}
    )


@check("R-SCP-17", "open_service")
def countdown(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-17: the last weeks of the pilot are counted down; after it R-SCP-02 lets no new unit begin."""
    last_day = window(params)[1] - timedelta(days=1)
    days = (last_day - beijing_date(case.now)).days
    if 0 <= days <= params.pilot_countdown_days:
        yield no(
            "countdown", last_day=last_day, days=days, doc_no=params.extension_doc if params.extension_end else None
        )
