"""Forms of the duties page that choose from lists: an annual report with its receipt, the parts of an application, the
decision on a major issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from kiosk_ui.models import Words
from kiosk_ui.models.office import Cell, Field, FormView, pick
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.inspections import duty_acts
from store_service.records.desk import Actor
from store_service.rules.rounds import PACKAGE, package_of
from store_service.shop import Shop

from .office import Act, Answer, Told
from .office_typed import day, names

YEARS = 3
"""So many years back an annual report can be entered."""


def parts(shop: Shop) -> dict[str, Cell]:
    """The parts of this shop's application, in the words in which the rule names what is missing (R-ANN-07)."""
    terms, site = shop.desk.ruleset.terms, shop.desk.site
    needed = package_of(site.filer.kind) if site is not None else PACKAGE
    return {one: Words(terms.term(one, "zh"), terms.term(one, "en")) for one in needed}


def report_form(shop: Shop, connection: Connection, today: date) -> FormView:
    name = names(shop, connection)
    products: dict[str, Cell] = {
        one: name(one) for one in sorted(registers(connection, shop.desk.site_id, LAST_KNOWN).products)
    }
    years = tuple(str(today.year - back) for back in range(1, YEARS + 1))
    return FormView(
        "report_annual",
        (
            pick("report_product", products),
            Field("report_year", "select", years, plain=True),
            Field("receipt"),
            Field("on", "date", required=False),
        ),
    )


def further_forms(shop: Shop, connection: Connection, duties: Sequence[Any]) -> list[FormView]:
    """For the open applications and major issues."""
    forms = []
    open_ = {kind: tuple(one.id for one in duties if one.open and one.kind == kind) for kind in OF_A_KIND}
    if open_["pilot_application"]:
        application = Field("duty", "select", open_["pilot_application"], plain=True)
        forms.append(FormView("add_part", (application, pick("part", parts(shop)), Field("ref"))))
    if open_["major_issue"]:
        issue = Field("duty", "select", open_["major_issue"], plain=True)
        heads = Field("decided_by", "select", duty_acts.heads(connection, shop.desk), plain=True)
        forms.append(FormView("decide_issue", (issue, heads, Field("detail"), Field("ref"))))
    return forms


OF_A_KIND = ("pilot_application", "major_issue")


def _report(shop: Shop, actor: Actor, t: Told) -> Answer:
    year = t("report_year")
    if not year.isdecimal():
        raise ValueError("report_year: is no year")
    duty_acts.report_annual(shop.desk, actor, t("report_product"), int(year), t("receipt"), day(t("on"), "on"))
    return None


def _part(shop: Shop, actor: Actor, t: Told) -> Answer:
    duty_acts.add_part(shop.desk, actor, t("duty"), t("part"), t("ref"))
    return None


def _decide(shop: Shop, actor: Actor, t: Told) -> Answer:
    duty_acts.decide(shop.desk, actor, t("duty"), t("decided_by"), t("detail"), t("ref"))
    return None


DUTY_ACTS: Mapping[str, Act] = {"report_annual": _report, "add_part": _part, "decide_issue": _decide}
