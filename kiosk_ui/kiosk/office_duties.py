"""The desk's page of duties: what was entered, what comes round by itself, annual reports and the year's totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from kiosk_ui.models.office import Cell, Field, FormView, Key, Table, pick
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.inspections import commands as visits
from store_service.inspections import queries as kept
from store_service.inspections.rounds import open_rounds
from store_service.readiness.queries import AHEAD_DAYS
from store_service.records.desk import Actor
from store_service.rules.dates import beijing_date
from store_service.rules.rounds import Round
from store_service.shop import Shop

from .office import Answer, Page, Told
from .office_after import Shown, _open
from .office_duty import DUTY_ACTS, further_forms, parts, report_form
from .office_typed import day, g, names, on

STANDINGS = {"submitted": "sage", "due": "amber", "overdue": "brick", "not_yet": "", "not_asked": ""}


def _duties(shop: Shop, connection: Connection) -> Shown:
    site, today = shop.desk.site_id, beijing_date(shop.desk.now())
    found, name, named = kept.duties(connection, site), names(shop, connection), parts(shop)

    def soon(one: Round) -> bool:
        return (one.due - today).days <= AHEAD_DAYS

    tables = (
        Table(
            "duties",
            ("duty", "kind", "subject", "detail", "due", "steps", "state"),
            tuple(
                (one.id, Key(one.kind), one.subject or "—", one.detail or "—", on(one.due),
                 _way(one, named),
                 Key("overdue", "brick") if one.open and one.due and one.due < today else _open(one.open))
                for one in found
            ),
        ),
        Table("package", ("document", "holds", "ref"), _package(shop, connection, named, found)),
        Table(
            "rounds",
            ("kind", "subject", "due", "state"),
            tuple(
                (Key(one.kind), one.subject or "—", on(one.due),
                 Key("overdue", "brick") if one.due < today else Key("due", "amber" if soon(one) else ""))
                for one in open_rounds(connection, shop.desk)
            ),
        ),
        Table(
            "annual",
            ("product", "filing_number", "year", "standing", "receipt"),
            tuple(
                (name(one.product_id), one.filing_number, str(one.year), Key(one.standing, STANDINGS[one.standing]),
                 one.receipt or "—")
                for one in kept.reports(connection, shop.desk, today)
            ),
        ),
        Table(
            "totals",
            ("year", "product", "filing_number", "lots", "units", "sold", "dosed", "reactions", "complaints"),
            tuple(
                (str(year), name(one.product_id), one.filing_number, str(one.lots), str(one.units), str(one.sold),
                 g(one.dosed_mg), str(one.reactions), str(one.complaints))
                for year in (today.year, today.year - 1)
                for one in kept.totals(connection, site, year)
                if year == today.year or one.units or one.lots or one.reactions or one.complaints
            ),
        ),
    )  # fmt: skip
    forms = [
        FormView(
            "open_duty",
            (
                Field("kind", "select", tuple(one for one in visits.DUTIES if one != "annual_report")),
                Field("subject", required=False),
                Field("detail", required=False),
                Field("due", "date", required=False),
            ),
        ),
        report_form(shop, connection, today),
        FormView("correct", (Field("subject"), Field("field"), Field("value"), Field("reason", required=False))),
    ]
    open_: dict[str, Cell] = {
        one.id: (Key(one.kind), one.subject or one.detail, on(one.due)) for one in found if one.open
    }
    if open_:
        forms.append(
            FormView(
                "step",
                (
                    pick("duty", open_),
                    Field("step", "select", visits.STEPS),
                    Field("ref"),
                    Field("detail", required=False),
                ),
            )
        )
    return tables, (*forms, *further_forms(shop, connection, found))


def _way(one: Any, named: Mapping[str, Cell]) -> Cell:
    """The parts of an application and the steps of a duty, in words."""
    made = [(named.get(part, part), ref) for part, ref in (one.parts or {}).items()]
    steps = [
        (Key(step["step"]), *(told for key in ("decided_by", "ref", "detail", "on") if (told := step.get(key))))
        for step in one.steps
    ]
    return (*made, *steps) or "—"


def _package(
    shop: Shop, connection: Connection, named: Mapping[str, Cell], found: Sequence[Any]
) -> tuple[tuple[Cell, ...], ...]:
    """What a pilot application consists of (R-ANN-07), what of it the registers hold today, and under which number it
    was entered in the application that is open."""
    known, today = registers(connection, shop.desk.site_id, LAST_KNOWN), beijing_date(shop.desk.now())
    papers = known.readiness.documents if known.readiness else ()
    valid = sum(one.valid_from <= today <= one.valid_to for one in papers)
    held: dict[str, Cell] = {
        "product_list": (str(len(known.products)), Key("in_register")),
        "system_documents": (f"{valid} / {len(papers)}", Key("valid_today")),
        "officer_cvs": tuple(one.staff_id for one in known.staff.values() if "officer" in one.roles) or "—",
    }
    entered = next((one.parts or {} for one in found if one.open and one.kind == "pilot_application"), {})
    return tuple(
        (words, held.get(part, "—"), entered.get(part) or Key("enclose", "amber")) for part, words in named.items()
    )


def _open_duty(shop: Shop, actor: Actor, t: Told) -> Answer:
    visits.open_duty(shop.desk, actor, t("kind"), t("subject"), t("detail"), day(t("due"), "due"))
    return None


def _correct(shop: Shop, actor: Actor, t: Told) -> Answer:
    visits.correct(shop.desk, actor, t("subject"), t("field"), t("value"), t("reason"))
    return None


duties = Page(
    _duties,
    {
        "open_duty": _open_duty,
        "correct": _correct,
        **DUTY_ACTS,
        "step": lambda shop, actor, t: visits.step_duty(shop.desk, actor, t("duty"), t("step"), t("ref"), t("detail")),
    },
)
