"""The desk's pages of samples with the mass balance, of inspections with the inspector's copy, and of duties."""

from __future__ import annotations

from typing import Any

from fastapi.responses import Response
from sqlalchemy import Connection

from kiosk_ui.models.office import Cell, Field, FormView, Key, Table
from kiosk_ui.render import SHOP_HEADERS
from store_service.inspections import commands as visits
from store_service.inspections import queries as kept
from store_service.inspections.rounds import open_rounds
from store_service.inspections.take_away import take_away
from store_service.quality.export import NothingThere
from store_service.readiness.queries import AHEAD_DAYS
from store_service.records.desk import Actor, Missing
from store_service.rules.dates import beijing_date
from store_service.rules.matters import Sending
from store_service.rules.rounds import Round
from store_service.samples import commands, queries
from store_service.shop import Shop

from .office import Answer, Page, Told
from .office_after import Shown, _open
from .office_duty import DUTY_ACTS, further_forms, report_form
from .office_typed import NO, SECOND, YES, at, day, g, mg, on, parts, tenths, unit_id

TONES = {"balanced": "sage", "loss": "amber", "gain": "brick"}
STANDINGS = {"not_asked": "", "submitted": "sage", "due": "amber", "overdue": "brick", "not_yet": ""}


def _samples(shop: Shop, connection: Connection) -> Shown:
    site = shop.desk.site_id
    found, balances = queries.samples(connection, site), queries.balances(connection, site)
    tables = (
        Table(
            "samples",
            ("sample", "kind", "of", "mass", "left", "place", "due", "state"),
            tuple(
                (one.id, Key(one.kind), f"{one.product_id} {one.lot_no}".strip() or one.unit_id, g(one.mass_mg),
                 g(one.left_mg), one.place, on(one.due),
                 f"{at(one.disposed_at)} {one.disposed_by} {one.second}" if one.disposed_at else Key("kept", "sage"))
                for one in found
            ),
        ),
        Table(
            "balances",
            ("container", "product", "lot", "filled", "dosed", "purged", "sampled", "residue", "lost", "result"),
            tuple(
                (one.id, one.product_id, one.lot_no, g(one.filled_mg), g(one.dosed_mg), g(one.purged_mg),
                 g(one.sampled_mg), g(one.residue_mg), g(one.lost_mg),
                 Key(one.outcome, TONES[one.outcome]) if one.outcome else Key(f"state_{one.state}"))
                for one in balances
            ),
        ),
    )  # fmt: skip
    here = tuple(one.id for one in found if one.disposed_at is None)
    unweighed = tuple(one.id for one in balances if one.struck_at is None and one.state in ("empty", "discarded"))
    forms = [
        FormView(
            "keep",
            (
                Field("container", required=False),
                Field("code", required=False),
                Field("mass_g", "number"),
                Field("place"),
                Field("temp", required=False),
            ),
        )
    ]
    if here:
        sample = Field("sample", "select", here, plain=True)
        forms += [
            FormView(
                "pull",
                (
                    sample,
                    Field("mass_g", "number"),
                    Field("purpose", "select", commands.PULLS),
                    Field("receipt", required=False),
                ),
            ),
            FormView("move", (sample, Field("place"), Field("temp", required=False))),
            FormView("dispose", (sample, Field("method"), *SECOND)),
        ]
    if unweighed:
        forms.append(
            FormView("residue", (Field("container", "select", unweighed, plain=True), Field("mass_g", "number")))
        )
    return tables, tuple(forms)


def _keep(shop: Shop, actor: Actor, told: Told) -> Answer:
    wanted = commands.NewSample(
        mg(told("mass_g"), "mass_g"),
        told("place"),
        told("container").upper(),
        unit_id(shop, told("code")),
        tenths(told("temp"), "temp"),
    )
    commands.keep(shop.desk, actor, wanted)
    return None


def _pull(shop: Shop, actor: Actor, t: Told) -> Answer:
    commands.pull(shop.desk, actor, t("sample"), mg(t("mass_g"), "mass_g"), t("purpose"), t("receipt"))
    return None


def _residue(shop: Shop, actor: Actor, t: Told) -> Answer:
    commands.strike_balance(shop.desk, actor.staff_id, t("container"), mg(t("mass_g"), "mass_g"))
    return None


samples = Page(
    _samples,
    {
        "keep": _keep,
        "pull": _pull,
        "move": lambda shop, actor, t: commands.move(
            shop.desk, actor, t("sample"), t("place"), tenths(t("temp"), "temp")
        ),
        "dispose": lambda shop, actor, t: commands.dispose(shop.desk, actor, t("sample"), t("method"), t.second(shop)),
        "residue": _residue,
    },
)


def _inspections(shop: Shop, connection: Connection) -> Shown:
    site = shop.desk.site_id
    found, notes = kept.inspections(connection, site), kept.notes(connection, site)
    tables = (
        Table(
            "visits",
            ("visit", "authority", "persons", "ids_shown", "scope", "at", "state"),
            tuple(
                (one.id, one.authority, str(one.persons), YES if one.ids_shown else NO, one.scope or "—", at(one.at),
                 _open(one.open))
                for one in found
            ),
        ),
        Table(
            "notes",
            ("note", "visit", "kind", "ref", "detail", "due", "state"),
            tuple(
                (one.id, one.inspection_id, Key(one.kind), one.ref or "—", one.detail or "—", on(one.due),
                 one.measure or (_open(True) if one.open else "—"))
                for one in notes
            ),
        ),
    )  # fmt: skip
    open_ = tuple(one.id for one in found if one.open)
    findings = tuple(one.id for one in notes if one.open)
    visit = Field("visit", "select", open_, plain=True)
    forms = [
        FormView(
            "export", (Field("day_from", "date"), Field("day_to", "date"), Field("written_request", required=False))
        ),
        FormView(
            "open_visit",
            (Field("authority"), Field("persons"), Field("ids_shown", "tick"), Field("scope", required=False)),
        ),
    ]
    if open_:
        forms += [
            FormView(
                "note",
                (
                    visit,
                    Field("kind", "select", visits.NOTES),
                    Field("ref", required=False),
                    Field("detail", required=False),
                    Field("due", "date", required=False),
                ),
            ),
            FormView("close_visit", (visit, Field("conclusion"))),
        ]
    if findings:
        forms.append(FormView("close_finding", (Field("note", "select", findings, plain=True), Field("measure"))))
    return tables, tuple(forms)


def _open_visit(shop: Shop, actor: Actor, t: Told) -> Answer:
    persons = t("persons").replace("，", ",").replace("、", ",").split(",")
    shown = t("ids_shown") == "1"
    visits.open_inspection(shop.desk, shop.vault, actor, t("authority"), persons, ids_shown=shown, scope=t("scope"))
    return None


def _note(shop: Shop, actor: Actor, t: Told) -> Answer:
    visits.note(shop.desk, actor, t("visit"), t("kind"), t("ref"), t("detail"), day(t("due"), "due"))
    return None


def _export(shop: Shop, actor: Actor, t: Told) -> Answer:
    """The inspector's copy, sealed, without a line to anybody: references only, unless a written request is named."""
    start, end = day(t("day_from"), "day_from"), day(t("day_to"), "day_to")
    if start is None or end is None:
        raise ValueError("day_from: both days are needed")
    asked = t("written_request")
    wish = Sending("authority", personal=bool(asked), country="CN", request_ref=asked)
    try:
        name, packed = take_away(shop.desk, shop.vault, actor, start, end, wish)
    except NothingThere as nothing:
        raise Missing("entries", f"{start} {end}") from nothing
    headers = {**SHOP_HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(packed, media_type="application/zip", headers=headers)


inspections = Page(
    _inspections,
    {
        "export": _export,
        "open_visit": _open_visit,
        "note": _note,
        "close_visit": lambda shop, actor, t: visits.close_inspection(shop.desk, actor, t("visit"), t("conclusion")),
        "close_finding": lambda shop, actor, t: visits.close_finding(shop.desk, actor, t("note"), t("measure")),
    },
)


def _duties(shop: Shop, connection: Connection) -> Shown:
    site, today = shop.desk.site_id, beijing_date(shop.desk.now())
    found = kept.duties(connection, site)

    def soon(one: Round) -> bool:
        return (one.due - today).days <= AHEAD_DAYS

    tables = (
        Table(
            "duties",
            ("duty", "kind", "subject", "detail", "due", "steps", "state"),
            tuple(
                (one.id, Key(one.kind), one.subject or "—", one.detail or "—", on(one.due),
                 _way(one),
                 Key("overdue", "brick") if one.open and one.due and one.due < today else _open(one.open))
                for one in found
            ),
        ),
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
                (one.product_id, one.filing_number, str(one.year), Key(one.standing, STANDINGS[one.standing]),
                 one.receipt or "—")
                for one in kept.reports(connection, shop.desk, today)
            ),
        ),
        Table(
            "totals",
            ("product", "filing_number", "lots", "units", "dosed", "reactions"),
            tuple(
                (one.product_id, one.filing_number, str(one.lots), str(one.units), g(one.dosed_mg), str(one.reactions))
                for one in kept.totals(connection, site, today.year)
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
    if open_ := tuple(one.id for one in found if one.open):
        forms.append(
            FormView(
                "step",
                (
                    Field("duty", "select", open_, plain=True),
                    Field("step", "select", visits.STEPS),
                    Field("ref"),
                    Field("detail", required=False),
                ),
            )
        )
    return tables, (*forms, *further_forms(shop, connection, found))


def _way(one: Any) -> Cell:
    """The parts of an application and the steps of a duty, in words."""
    made = [(Key(part), ref) for part, ref in (one.parts or {}).items()]
    return parts([*made, *((Key(step["step"]), step.get("decided_by", ""), step["ref"]) for step in one.steps)])


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
