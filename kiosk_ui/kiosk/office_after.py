"""The desk's pages of reactions, and of returned units with complaints."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from kiosk_ui.models.office import Cell, Field, FormView, Key, Table, pick
from store_service.catalogue.queries import LAST_KNOWN, last_params, registers
from store_service.privacy.commands import opened_record
from store_service.reactions import back, holds, queries
from store_service.reactions.commands import BEGAN, CHANNELS, PLACES, REPORTS, SYMPTOMS, Reactions, Told
from store_service.records.desk import Actor
from store_service.rules.dates import beijing_date
from store_service.rules.duties import SEVERITIES
from store_service.shop import Shop
from store_service.stock.queries import lots_here

from .office import Answer, Page
from .office import Told as Typed
from .office_typed import NO, SECOND, YES, at, g, mg, moment, names, on, opened, unit_id

Shown = tuple[tuple[Table, ...], tuple[FormView, ...]]

LATE = ("checked", "officer", "arranged", "known_earlier")
"""Reasons of config/rules/shared.toml that can explain a late case."""


def _open(value: bool) -> Key:
    return Key("open", "amber") if value else Key("closed", "sage")


def _reactions(shop: Shop, connection: Connection) -> Shown:
    site, now = shop.desk.site_id, shop.desk.now()
    limits, today = last_params(connection, shop.desk), beijing_date(now)
    found = queries.cases(connection, site)
    rows = []
    for one in found:
        clock = queries.clock_of(one, limits, today)
        due = (Key("overdue", "brick"), on(clock.report_due)) if clock.overdue else on(clock.report_due)
        rows.append(
            (one.id, one.batch or "—", Key(one.severity), at(one.aware_at), due, on(clock.selfcheck_due),
             tuple((Key(sent["kind"]), sent["receipt"]) for sent in one.submissions) or "—", _open(one.open))
        )  # fmt: skip
    pointed, name = queries.signals(connection, site, limits, now), names(shop, connection)
    known = registers(connection, site, LAST_KNOWN)
    kept, paused = known.held, known.held_envelopes
    tables = (
        Table(
            "cases",
            ("case", "batch", "severity", "aware_at", "report_due", "selfcheck_due", "reports", "state"),
            tuple(rows),
        ),
        Table(
            "signals",
            ("signal", "subject", "cases", "severity", "held"),
            tuple(
                (
                    Key("envelope" if one.envelope_id else "source"),
                    name(one.envelope_id) if one.envelope_id else (name(one.product_id), one.lot_no),
                    one.cases,
                    Key("serious", "brick") if one.serious else "—",
                    YES if one.held or one.envelope_id in paused else NO,
                )
                for one in pointed
            ),
        ),
    )
    labels: dict[str, Cell] = {one.id: (one.batch or "—", Key(one.severity), at(one.aware_at)) for one in found}
    open_cases = {one.id: labels[one.id] for one in found if one.open}
    case = pick("case", open_cases)
    first = [(one.product_id, one.lot_no) for one in pointed if one.lot_no]
    lots: dict[str, Cell] = {
        "/".join(lot): (name(lot[0]), lot[1]) for lot in (*first, *lots_here(connection, site)) if lot not in kept
    }
    facts = (
        Field("symptom", "checks", SYMPTOMS, required=False),
        Field("place", "checks", PLACES, required=False),
        Field("began", "select", BEGAN, required=False),
        Field("words", required=False),
    )
    forms = [
        FormView(
            "report",
            (
                Field("code", required=False),
                *facts,
                Field("channel", "select", CHANNELS[1:]),
                Field("aware_at", "time", required=False),
                Field("late_reason", "select", LATE, required=False),
                Field("contact", required=False),
            ),
        )
    ]
    if found:
        every = pick("case", labels)
        forms += [FormView("open_case", (every,)), FormView("add", (every, *facts))]
    if open_cases:
        forms += [
            FormView("classify", (case, Field("severity", "select", SEVERITIES[1:]), Field("reason", required=False))),
            FormView("known_earlier", (case, Field("aware_at", "time"))),
            FormView("link", (case, Field("code"))),
            FormView("submit", (case, Field("kind", "select", REPORTS), Field("receipt"))),
            FormView("close_case", (case, Field("conclusion"))),
        ]
    if lots:
        forms.append(FormView("hold", (pick("signal", lots), Field("reason", required=False))))
    held: dict[str, Cell] = {"/".join(lot): (name(lot[0]), lot[1]) for lot in kept}
    if held:
        forms.append(FormView("free_lot", (pick("lot", held), Field("reason"), *SECOND)))
    envelopes = {one: name(one) for one in known.envelopes if one not in paused}
    if envelopes:
        forms.append(FormView("hold_envelope", (pick("envelope", envelopes), Field("reason"))))
    if paused:
        held_here = {one: (name(one), why) for one, why in paused.items()}
        forms.append(FormView("free_envelope", (pick("envelope", held_here), Field("reason"), *SECOND)))
    return tables, tuple(forms)


def _facts(told: Typed) -> Told:
    return Told(told.many("symptom"), told.many("place"), told("began"), told("words"))


def _report(shop: Shop, actor: Actor, told: Typed) -> Answer:
    _of(shop).report(
        actor.staff_id,
        _facts(told),
        unit_id=unit_id(shop, told("code")),
        channel=told("channel"),
        aware_at=moment(told("aware_at"), "aware_at"),
        contact=told("contact"),
        reasons=told.reasons,
    )
    return None


def _open_case(shop: Shop, actor: Actor, told: Typed) -> Answer:
    kinds = ("reaction", "reaction_contact")
    seen = opened_record(shop.desk, shop.vault, actor, told("case"), kinds, "reaction")
    return tuple(opened(shop, kind, told("case"), body) for kind, body in seen.items())


def _hold(shop: Shop, actor: Actor, told: Typed) -> Answer:
    product_id, _, lot_no = told("signal").partition("/")
    with shop.desk.read() as connection:
        pointed = queries.signals(connection, shop.desk.site_id, last_params(connection, shop.desk), shop.desk.now())
    cases = next((one.cases for one in pointed if (one.product_id, one.lot_no) == (product_id, lot_no)), ())
    Reactions(shop.desk, shop.vault).hold_lot(actor, product_id, lot_no, cases, told("reason"))
    return None


def _free(shop: Shop, actor: Actor, told: Typed) -> Answer:
    product_id, _, lot_no = told("lot").partition("/")
    Reactions(shop.desk, shop.vault).free_lot(actor, product_id, lot_no, told.second(shop), told("reason"))
    return None


def _aware(shop: Shop, actor: Actor, told: Typed) -> Answer:
    earlier = moment(told("aware_at"), "aware_at")
    if earlier is None:
        raise ValueError("aware_at: is needed")
    Reactions(shop.desk, shop.vault).known_earlier(actor, told("case"), earlier)
    return None


def _of(shop: Shop) -> Reactions:
    return Reactions(shop.desk, shop.vault)


reactions = Page(
    _reactions,
    {
        "report": _report,
        "add": lambda shop, actor, t: _of(shop).add(actor.staff_id, t("case"), _facts(t)),
        "classify": lambda shop, actor, t: _of(shop).classify(actor, t("case"), t("severity"), t("reason")),
        "known_earlier": _aware,
        "link": lambda shop, actor, t: _of(shop).link(actor, t("case"), unit_id(shop, t("code"))),
        "submit": lambda shop, actor, t: _of(shop).submit(actor, t("case"), t("kind"), t("receipt")),
        "close_case": lambda shop, actor, t: _of(shop).close(actor, t("case"), t("conclusion")),
        "open_case": _open_case,
        "hold": _hold,
        "hold_envelope": lambda shop, actor, t: holds.hold_envelope(shop.desk, actor, t("envelope"), t("reason")),
        "free_envelope": lambda shop, actor, t: holds.free_envelope(
            shop.desk, actor, t("envelope"), t.second(shop), t("reason")
        ),
        "free_lot": _free,
    },
)


def _returns(shop: Shop, connection: Connection) -> Shown:
    site = shop.desk.site_id
    came, told = queries.returns(connection, site), queries.complaints(connection, site)
    waiting: dict[str, Cell] = {
        one.id: (one.batch, Key(one.reason), g(one.gross_mg), one.place) for one in came if one.destroyed_at is None
    }
    open_: dict[str, Cell] = {one.id: (one.batch or "—", Key(one.kind), at(one.at)) for one in told if one.open}
    tables = (
        Table(
            "returns",
            ("return", "batch", "reason", "mass", "place", "at", "destroyed"),
            tuple(
                (one.id, one.batch, Key(one.reason), g(one.gross_mg), one.place or "—", at(one.at),
                 _destroyed(one))
                for one in came
            ),
        ),
        Table(
            "complaints",
            ("complaint", "batch", "kind", "at", "photo", "state", "outcome"),
            tuple(
                (one.id, one.batch or "—", Key(one.kind), at(one.at), YES if one.photo else "—", _open(one.open),
                 one.outcome or "—")
                for one in told
            ),
        ),
    )  # fmt: skip
    forms = [
        FormView(
            "take_back",
            (Field("code"), Field("reason", "select", back.REASONS), Field("mass_g", "number"), Field("place")),
        ),
        FormView(
            "complain",
            (
                Field("kind", "select", back.COMPLAINTS),
                Field("code", required=False),
                Field("words", required=False),
                Field("contact", required=False),
                Field("photo", required=False),
            ),
        ),
    ]
    if said := tuple(one.id for one in told if one.told):
        forms.append(FormView("open_complaint", (Field("complaint", "select", said, plain=True),)))
    if waiting:
        forms.append(FormView("destroy", (pick("return", waiting), Field("method"), *SECOND)))
    if open_:
        forms.append(FormView("settle", (pick("complaint", open_), Field("outcome"))))
    return tables, tuple(forms)


def _destroyed(one: Any) -> Cell:
    if one.destroyed_at is None:
        return Key("waiting", "amber")
    return f"{at(one.destroyed_at)} {one.destroyed_by} {one.second}"


def _take_back(shop: Shop, actor: Actor, told: Typed) -> Answer:
    back.take_back(
        shop.desk, actor, unit_id(shop, told("code")), told("reason"), mg(told("mass_g"), "mass_g"), told("place")
    )
    return None


def _complain(shop: Shop, actor: Actor, told: Typed) -> Answer:
    said = back.Grievance(told("words"), told("contact"), told("photo"))
    back.complain(shop.desk, shop.vault, actor, told("kind"), unit_id(shop, told("code")), said)
    return None


def _open_complaint(shop: Shop, actor: Actor, told: Typed) -> Answer:
    seen = opened_record(shop.desk, shop.vault, actor, told("complaint"), ("complaint",), "complaint")
    return (opened(shop, "complaint", told("complaint"), seen.get("complaint", {})),)


returns = Page(
    _returns,
    {
        "take_back": _take_back,
        "complain": _complain,
        "open_complaint": _open_complaint,
        "destroy": lambda shop, actor, t: back.destroy(shop.desk, actor, t("return"), t("method"), t.second(shop)),
        "settle": lambda shop, actor, t: back.settle(shop.desk, actor, t("complaint"), t("outcome")),
    },
)
