"""R-ADM: how a source's filing stands today: live, attested, reported on, unchanged, of an approved filer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from store_service.rules.case import Case, Source
from store_service.rules.checking import (
    No,
    all_sources_of,
    check,
    each_product,
    named,
    no,
    products_of,
    units_of,
)
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Product
from store_service.rules.merge import add_months
from store_service.rules.numbers import parse_filing_number
from store_service.rules.params import Parameters
from store_service.rules.rounds import filed_since, first_check_due, report_of

from .made import UNFINISHED
from .products import ADMISSION, LIVE, dossiers
from .scope import roster_row

ENDED = {"deregistered": "sell_closed", "revoked": "quarantine"}
"""How a filing ends, and what happens to closed packs where head office says nothing (R-ADM-23)."""
STATEMENT_MONTHS = 48
LIVING = tuple(dict.fromkeys((*LIVE, *UNFINISHED)))
"""A filing lives until the unit is released, also that of what is in the cup already."""


@check("R-ADM-01", *LIVING)
def filed(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-01 as amended: a well-formed ordinary number of a year that has come, and status filed, of every source of
    the unit."""
    for source in each_product(all_sources_of(case)):
        if source.product is None:
            yield no("unknown_product", **named(source))
            continue
        number = parse_filing_number(source.product.filing_number).on(beijing_date(case.now))
        if number.verdict == "refuse":
            yield no(
                "number",
                **named(source),
                filing_number=source.product.filing_number,
                reason_zh=number.message_zh,
                reason_en=number.message_en,
            )
        if source.product.filing_status != "filed":
            yield no(
                "status", **named(source), filing_number=number.normalised, filing_status=source.product.filing_status
            )


@check("R-ADM-01", *LIVING, "hand_over")
def attested_lately(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-01 as amended: the register's attestation is not older than its validity, and not from the future."""
    limit_days = params.register_max_age_days
    for attested_at in dict.fromkeys(source.register_attested_at for source in all_sources_of(case)):
        if attested_at is None:
            yield no("not_attested", attested_at=None, limit_days=limit_days)
        elif not timedelta(0) <= case.now - attested_at <= timedelta(days=limit_days):
            until = attested_at + timedelta(days=limit_days)
            yield no("stale", attested_at=attested_at, valid_until_at=until, now_at=case.now, limit_days=limit_days)


@check("R-ADM-17", "open_service", "verdict")
def annual_report_in(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-17: the report on the year before is due by 31 March, for a product filed a full year by then. Asked once a
    shift, of everything on the shelf."""
    today = beijing_date(case.now)
    last = date.fromisoformat(f"{today.year}-{params.annual_report_last}")
    if today <= last:
        last = last.replace(year=last.year - 1)
    for source, product in _on_the_shelf(case):
        if report_of(product, last.year - 1, case.done, params, today) == "overdue":
            yield no("missing", **named(source), last_day=last, reported_on=product.annual_report_on)


@check("R-ANN-10", "open_service", "verdict")
def annual_report_coming_due(case: Case, params: Parameters) -> Iterator[No]:
    """R-ANN-10: from 1 March on a report that is due and has not gone out warns; after its last day R-ADM-17 does."""
    today = beijing_date(case.now)
    if today < date.fromisoformat(f"{today.year}-{params.annual_report_warn}"):
        return
    last = date.fromisoformat(f"{today.year}-{params.annual_report_last}")
    for source, product in _on_the_shelf(case):
        if report_of(product, today.year - 1, case.done, params, today) == "due":
            yield no("due", **named(source), year=today.year - 1, last_day=last, today=today)


@check("R-ANN-09", "open_service", "verdict")
def first_check_awaited(case: Case, params: Parameters) -> Iterator[No]:
    """R-ANN-09: the authority's first check after a filing, where its day has passed and no visit is on record."""
    today = beijing_date(case.now)
    for source, product in _on_the_shelf(case):
        due = first_check_due(product, case.done, params)
        if due is not None and today > due:
            yield no("unvisited", **named(source), filed_on=product.filed_on, due_on=due, today=today)


@check("R-ADM-18", "verdict", "scan", "dose")
def unchanged_since_validation(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-18: the formula is the one that was validated, and nothing was changed that would need a new filing."""
    validated = {
        part.product_id: part.formula_version
        for unit in units_of(case)
        if unit.envelope is not None
        for part in unit.envelope.components
    }
    for source, product in dossiers(case):
        wanted = validated.get(source.product_id)
        if wanted is not None and product.formula_version != wanted:
            yield no("formula", **named(source), formula_version=product.formula_version, validated_version=wanted)
        if product.changed_since_filing:
            yield no("unfiled", **named(source), changes=product.changed_since_filing)


@check("R-ADM-19", *ADMISSION)
def approved_when_filed_elsewhere(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-19: a number of a province outside the pilot passes only for a product on the shop's approved list."""
    row = roster_row(case.roster, case.site) if case.roster and case.site else None
    for source, product in dossiers(case):
        province = parse_filing_number(product.filing_number).province
        if province is None or province in params.pilot_prefixes:
            continue
        if row is None or product.product_id not in (row.approved_products or ()):
            yield no("not_approved", **named(source), filing_number=product.filing_number, prefix=province)


@check("R-ADM-21", *ADMISSION)
def efficacy_summary_published(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-21: no product whose efficacy summary is due and missing."""
    today = beijing_date(case.now)
    for source, product in dossiers(case):
        published = product.summary_on is not None and product.summary_on <= today
        if product.summary_due is not None and product.summary_due < today and not published:
            yield no("missing", **named(source), due_on=product.summary_due, today=today)


@check("R-ADM-23", *LIVING)
def stock_of_an_ended_filing(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-23: blending stops at once when a filing ends; head office says what happens to the stock."""
    for source in all_sources_of(case):
        status = source.product.filing_status if source.product else "filed"
        if status in ENDED:
            said = source.lot.disposition if source.lot else None
            yield no(
                status,
                **named(source),
                filing_status=status,
                lot_no=source.lot.lot_no if source.lot else None,
                disposition=said or ENDED[status],
            )


@check("R-ADM-24", *ADMISSION)
def number_of_a_filing(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-24: pre-filing, export-only and other documents' numbers are refused by name, typed or in the dossier."""
    for source in products_of(case):
        written = {source.product.filing_number} if source.product else set()
        if case.receipt is not None:
            written.add(case.receipt.fields.get("filing_number", ""))
        for text in sorted(written):
            number = parse_filing_number(text)
            if number.rule == "R-ADM-24":
                yield no(
                    "other_document",
                    **named(source),
                    filing_number=number.normalised,
                    reason_zh=number.message_zh,
                    reason_en=number.message_en,
                )


@check("R-ADM-25", "open_service", "verdict")
def four_year_statement(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-25: where the filing's province keeps it; a missed one is a risk of deregistration, or stops (C4). The
    warnings once a shift, of everything on the shelf; a product that is barred stops its service, not the shift."""
    today = beijing_date(case.now)
    for source, product in _on_the_shelf(case):
        if parse_filing_number(product.filing_number).province not in params.statement_prefixes:
            continue
        filed = filed_since(product)
        due = product.statement_due or (add_months(filed, STATEMENT_MONTHS) if filed else None)
        if due is None or today < due - timedelta(days=params.statement_warn_days):
            continue
        saying = "due" if today <= due else "missed" if params.statement_refuses else "overdue"
        if saying != "missed" or units_of(case):
            yield no(saying, **named(source), due_on=due, today=today)


def _on_the_shelf(case: Case) -> Iterable[tuple[Source, Product]]:
    """The products of the service; at the opening, before there is one, those on the shelf."""
    return dossiers(case) if units_of(case) else ((Source(one.product_id, one), one) for one in case.shelf)
