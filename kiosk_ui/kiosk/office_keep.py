"""The desk's pages of samples with the mass balance, and of inspections with the inspector's copy."""

from __future__ import annotations

from datetime import timedelta

from fastapi.responses import Response
from sqlalchemy import Connection

from kiosk_ui.models.office import Cell, Field, FormView, Key, Table, pick
from kiosk_ui.render import SHOP_HEADERS
from store_service.inspections import commands as visits
from store_service.inspections import queries as kept
from store_service.inspections.take_away import take_away
from store_service.privacy.commands import opened_record
from store_service.quality.export import NothingThere
from store_service.records.desk import Actor, Missing
from store_service.rules.dates import beijing_date
from store_service.rules.matters import Sending
from store_service.samples import commands, queries
from store_service.shop import Shop

from .office import Answer, Page, Told
from .office_after import Shown, _open
from .office_typed import NO, SECOND, YES, at, celsius, day, g, mg, names, on, opened, tenths, unit_id

TONES = {"balanced": "sage", "loss": "amber", "gain": "brick"}
COPY_DAYS = 30
"""What the inspector's copy goes back by itself; the days may be changed."""


def _samples(shop: Shop, connection: Connection) -> Shown:
    site = shop.desk.site_id
    found, balances = queries.samples(connection, site), queries.balances(connection, site)
    name = names(shop, connection)
    tables = (
        Table(
            "samples",
            ("sample", "kind", "of", "mass", "left", "place", "temp", "pulls", "keep_until", "state"),
            tuple(
                (one.id, Key(one.kind), (name(one.product_id), one.lot_no) if one.product_id else one.unit_id,
                 g(one.mass_mg), g(one.left_mg), one.place, celsius(one.temp_c10),
                 tuple((Key(each["purpose"]), g(each["mass_mg"]), each["receipt"]) for each in one.pulls) or "—",
                 on(one.due),
                 f"{at(one.disposed_at)} {one.disposed_by} {one.second}" if one.disposed_at else Key("kept", "sage"))
                for one in found
            ),
        ),
        Table(
            "lot_balances",
            ("lot", "filled", "dosed", "purged", "sampled", "residue", "lost", "to_weigh", "left"),
            tuple(
                ((name(one.product_id), one.lot_no), g(one.filled_mg), g(one.dosed_mg), g(one.purged_mg),
                 g(one.sampled_mg), g(one.residue_mg), g(one.lost_mg), g(one.to_weigh_mg), g(one.left_mg))
                for one in queries.lot_balances(connection, site)
            ),
        ),
        Table(
            "balances",
            ("container", "product", "lot", "filled", "dosed", "purged", "sampled", "residue", "lost", "left",
             "result"),
            tuple(
                (one.id, name(one.product_id), one.lot_no, g(one.filled_mg), g(one.dosed_mg), g(one.purged_mg),
                 g(one.sampled_mg), g(one.residue_mg), g(one.lost_mg), g(one.remaining_mg),
                 Key(one.outcome, TONES[one.outcome]) if one.outcome else Key(f"state_{one.state}"))
                for one in balances
            ),
        ),
    )  # fmt: skip
    here: dict[str, Cell] = {
        one.id: ((name(one.product_id), one.lot_no) if one.product_id else one.unit_id, g(one.left_mg), one.place)
        for one in found
        if one.disposed_at is None
    }
    unweighed: dict[str, Cell] = {
        one.id: (one.id, name(one.product_id), one.lot_no)
        for one in balances
        if one.struck_at is None and one.state in queries.FINISHED
    }
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
        sample = pick("sample", here)
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
        forms.append(FormView("residue", (pick("container", unweighed), Field("mass_g", "number"))))
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
    visited: dict[str, Cell] = {one.id: (one.authority, at(one.at)) for one in found}
    tables = (
        Table(
            "visits",
            ("visit", "authority", "persons", "ids_shown", "scope", "at", "state", "conclusion"),
            tuple(
                (one.id, one.authority, str(one.persons), YES if one.ids_shown else NO, one.scope or "—", at(one.at),
                 _open(one.open), (one.conclusion or "—", at(one.closed_at)) if one.closed_at else "—")
                for one in found
            ),
        ),
        Table(
            "notes",
            ("note", "authority", "kind", "ref", "detail", "due", "state"),
            tuple(
                (one.id, visited.get(one.inspection_id, one.inspection_id), Key(one.kind), one.ref or "—",
                 one.detail or "—", on(one.due),
                 one.measure or (_open(True) if one.open else "—"))
                for one in notes
            ),
        ),
        Table(
            "exports",
            ("at", "by", "recipient", "authority", "days", "personal", "written_request", "digest"),
            tuple(
                (at(one.at), one.by, Key(f"to_{one.recipient}"),
                 visited.get(one.inspection_id, one.inspection_id or "—"),
                 f"{on(one.day_from)} … {on(one.day_to)}", Key("yes", "amber") if one.personal else Key("no"),
                 one.request_ref or "—", one.sha256)
                for one in kept.sendings(connection, site)
            ),
        ),
    )  # fmt: skip
    open_: dict[str, Cell] = {one.id: visited[one.id] for one in found if one.open}
    findings: dict[str, Cell] = {one.id: (one.detail or one.ref, on(one.due)) for one in notes if one.open}
    visit = pick("visit", open_)
    today = beijing_date(shop.desk.now())
    forms = [
        FormView(
            "export",
            (
                Field("day_from", "date", value=on(today - timedelta(days=COPY_DAYS))),
                Field("day_to", "date", value=on(today)),
                *((pick("visit", visited, required=bool(open_)),) if visited else ()),
                Field("written_request", required=False),
            ),
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
        forms.append(FormView("close_finding", (pick("note", findings), Field("measure"))))
    if visited:
        forms.append(FormView("open_persons", (pick("visit", visited),)))
    return tables, tuple(forms)


def _open_visit(shop: Shop, actor: Actor, t: Told) -> Answer:
    persons = t("persons").replace("，", ",").replace("、", ",").split(",")
    shown = t("ids_shown") == "1"
    visits.open_inspection(shop.desk, shop.vault, actor, t("authority"), persons, ids_shown=shown, scope=t("scope"))
    return None


def _note(shop: Shop, actor: Actor, t: Told) -> Answer:
    visits.note(shop.desk, actor, t("visit"), t("kind"), t("ref"), t("detail"), day(t("due"), "due"))
    return None


def _open_persons(shop: Shop, actor: Actor, t: Told) -> Answer:
    seen = opened_record(shop.desk, shop.vault, actor, t("visit"), ("inspectors",), "inspection")
    return (opened(shop, "inspectors", t("visit"), seen.get("inspectors", {})),)


def _export(shop: Shop, actor: Actor, t: Told) -> Answer:
    """The inspector's copy, sealed, without a line to anybody: references only, unless a written request is named."""
    start, end = day(t("day_from"), "day_from"), day(t("day_to"), "day_to")
    if start is None or end is None:
        raise ValueError("day_from: both days are needed")
    asked = t("written_request")
    wish = Sending("authority", personal=bool(asked), country="CN", request_ref=asked)
    try:
        name, packed = take_away(shop.desk, shop.vault, actor, start, end, wish, t("visit"))
    except NothingThere as nothing:
        raise Missing("entries", f"{start} {end}") from nothing
    headers = {**SHOP_HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(packed, media_type="application/zip", headers=headers)


inspections = Page(
    _inspections,
    {
        "export": _export,
        "open_persons": _open_persons,
        "open_visit": _open_visit,
        "note": _note,
        "close_visit": lambda shop, actor, t: visits.close_inspection(shop.desk, actor, t("visit"), t("conclusion")),
        "close_finding": lambda shop, actor, t: visits.close_finding(shop.desk, actor, t("note"), t("measure")),
    },
)
