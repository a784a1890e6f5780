"""Duties that come round by themselves, with their days. Pure: Beijing dates in, days out; nobody enters them first.

What was done is told by `Done`; a shop without goods yet (`began` None) owes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from .dossier import Product
from .duties import report_standing
from .merge import add_months
from .numbers import parse_filing_number
from .params import Parameters

RECALL_STEPS = ("filer_told", "mpa_reported", "treated")
"""What a recall owes beside its calls (R-ADR-09): the filer told, the filer's provincial MPA with its receipt, and what
was done with what came back."""
PACKAGE = ("form", "plan", "product_list", "system_documents", "officer_cvs", "authorisation")
"""The parts of an application (R-ANN-07)."""
Standing = Literal["not_asked", "not_yet", "due", "submitted", "overdue"]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done last, on which Beijing day. `began`: when the shop took in its first goods; `reports`: (product,
    year) of the annual reports whose receipt is kept here."""

    began: date | None = None
    self_inspected: date | None = None
    drilled: date | None = None
    visited: date | None = None
    reports: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Round:
    """Something to be done by `due`, its last day. `subject` is a product, a product/year, or nothing: the shop."""

    kind: str
    rule: str
    subject: str
    due: date


def package_of(filer_kind: str) -> tuple[str, ...]:
    """The parts that an application of this enterprise takes: a domestic responsible person adds the overseas filer's
    authorisation."""
    return tuple(one for one in PACKAGE if one != "authorisation" or filer_kind != "filer")


def of_the_shop(done: Done, params: Parameters) -> Iterator[Round]:
    """R-ANN-02: a self-inspection every year; R-REC-04: a recall drill twice a year. Each counts from the last one,
    the first from the day on which the shop began."""
    if done.began is None:
        return
    rounds = (
        ("self_inspection", "R-ANN-02", done.self_inspected, params.self_inspection_months),
        ("recall_drill", "R-REC-04", done.drilled, params.drill_every_months),
    )
    for kind, rule, last, months in rounds:
        yield Round(kind, rule, "", add_months(last or done.began, months))


def first_check_due(product: Product, done: Done, params: Parameters) -> date | None:
    """R-ANN-09: the day by which the authority comes first, where the province says so; None where none is awaited, a
    visit since the filing is on record, or the day had passed before the shop began."""
    filed = product.filed_on
    if params.first_check_months is None or filed is None or done.began is None:
        return None
    due = add_months(filed, params.first_check_months)
    if due < done.began or (done.visited is not None and done.visited >= filed):
        return None
    return due


def filed_since(product: Product) -> date | None:
    """The day of the filing; where nobody says, the earliest that its number allows; None where it has no year."""
    if product.filed_on is not None:
        return product.filed_on
    year = parse_filing_number(product.filing_number).year
    return date(year, 1, 1) if year is not None else None


def report_of(product: Product, year: int, done: Done, params: Parameters, today: date) -> Standing:
    """How a product's report of a year stands, for the gate and for the desk alike: by the register's own day and by
    the receipts that are kept here (R-ANN-10, R-ADM-17)."""
    return report_standing(
        year,
        today,
        (product.product_id, year) in done.reports,
        filed=filed_since(product),
        reported=product.annual_report_on,
        last_day=params.annual_report_last,
    )


def of_a_product(product: Product, done: Done, params: Parameters, today: date) -> Iterator[Round]:
    """What is open for one product: last year's annual report, and the authority's first check."""
    year = today.year - 1
    if report_of(product, year, done, params, today) in ("due", "overdue"):
        last = date.fromisoformat(f"{today.year}-{params.annual_report_last}")
        yield Round("annual_report", "R-ANN-10", f"{product.product_id}/{year}", last)
    first = first_check_due(product, done, params)
    if first is not None:
        yield Round("first_check", "R-ANN-09", product.product_id, first)
