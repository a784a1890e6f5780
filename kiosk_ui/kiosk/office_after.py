"""The desk's pages of reactions, returned units with complaints, and recalls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from kiosk_ui.models.office import Cell, Field, FormView, Key, Opened, Table
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.privacy.commands import opened_record
from store_service.reactions import back, queries
from store_service.reactions import recalls as recall_acts
from store_service.reactions.commands import BEGAN, CHANNELS, PLACES, REPORTS, SYMPTOMS, Reactions, Told
from store_service.records.desk import Actor
from store_service.rules.dates import beijing_date
from store_service.rules.duties import SEVERITIES
from store_service.rules.rounds import RECALL_STEPS
from store_service.shop import Shop
from store_service.stock.queries import received

from .office import Answer, Page
from .office import Told as Typed
from .office_typed import NO, SECOND, YES, at, g, mg, moment, on, params, parts, unit_id

Shown = tuple[tuple[Table, ...], tuple[FormView, ...]]

LATE = ("checked", "officer", "arranged", "known_earlier")
"""Reasons of config/rules/shared.toml that can explain a late case."""


def _open(value: bool) -> Key:
    return Key("open", "amber") if value else Key("closed", "sage")


def _reactions(shop: Shop, connection: Connection) -> Shown:
    site, now = shop.desk.site_id, shop.desk.now()
    limits, today = params(shop, connection), beijing_date(now)
    found = queries.cases(connection, site)
    rows = []
    for one in found:
        clock = queries.clock_of(one, limits, today)
        due = Key("overdue", "brick") if clock.overdue else on(clock.report_due)
        rows.append(
            (one.id, one.batch or "—", Key(one.severity), at(one.aware_at), due, on(clock.selfcheck_due),
             parts((Key(sent["kind"]), sent["receipt"]) for sent in one.submissions), _open(one.open))
        )  # fmt: skip
    pointed = queries.signals(connection, site, limits, now)
    tables = (
        Table(
            "cases",
            ("case", "batch", "severity", "aware_at", "report_due", "selfcheck_due", "reports", "state"),
            tuple(rows),
        ),
        Table(
            "signals",
            ("product", "lot", "cases", "held"),
            tuple((one.product_id, one.lot_no, " ".join(one.cases), YES if one.held else NO) for one in pointed),
        ),
    )
    open_cases = tuple(one.id for one in found if one.open)
    case = Field("case", "select", open_cases, plain=True)
    kept = registers(connection, site, LAST_KNOWN).held
    first = tuple(f"{one.product_id}/{one.lot_no}" for one in pointed if not one.held)
    here = (f"{product}/{lot}" for product, lot, _, _ in received(connection, site) if (product, lot) not in kept)
    lots = tuple(dict.fromkeys((*first, *here)))
    forms = (
        FormView(
            "report",
            (
                Field("code", required=False),
                Field("symptom", "checks", SYMPTOMS, required=False),
                Field("place", "checks", PLACES, required=False),
                Field("began", "select", BEGAN, required=False),
                Field("words", required=False),
                Field("channel", "select", CHANNELS[1:]),
                Field("aware_at", "time", required=False),
                Field("late_reason", "select", LATE, required=False),
                Field("contact", required=False),
            ),
        ),
        FormView("classify", (case, Field("severity", "select", SEVERITIES[1:]), Field("reason", required=False))),
        FormView("known_earlier", (case, Field("aware_at", "time"))),
        FormView("link", (case, Field("code"))),
        FormView("submit", (case, Field("kind", "select", REPORTS), Field("receipt"))),
        FormView("close_case", (case, Field("conclusion"))),
        FormView("open_case", (Field("case", "select", tuple(one.id for one in found), plain=True),)),
    )
    hold = FormView("hold", (Field("signal", "select", lots, plain=True), Field("reason", required=False)))
    held = tuple("/".join(lot) for lot in kept)
    lift = FormView("free_lot", (Field("lot", "select", held, plain=True), Field("reason"), *SECOND))
    return tables, (*(forms if found else forms[:1]), hold, *((lift,) if held else ()))


def _report(shop: Shop, actor: Actor, told: Typed) -> Answer:
    said = Told(told.many("symptom"), told.many("place"), told("began"), told("words"))
    Reactions(shop.desk, shop.vault).report(
        actor.staff_id,
        said,
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
    return tuple(
        Opened(f"{told('case')} · {kind}", tuple((key, _plain(value)) for key, value in body.items()))
        for kind, body in seen.items()
    )


def _hold(shop: Shop, actor: Actor, told: Typed) -> Answer:
    product_id, _, lot_no = told("signal").partition("/")
    with shop.desk.read() as connection:
        pointed = queries.signals(connection, shop.desk.site_id, params(shop, connection), shop.desk.now())
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


def _plain(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _of(shop: Shop) -> Reactions:
    return Reactions(shop.desk, shop.vault)


reactions = Page(
    _reactions,
    {
        "report": _report,
        "classify": lambda shop, actor, t: _of(shop).classify(actor, t("case"), t("severity"), t("reason")),
        "known_earlier": _aware,
        "link": lambda shop, actor, t: _of(shop).link(actor, t("case"), unit_id(shop, t("code"))),
        "submit": lambda shop, actor, t: _of(shop).submit(actor, t("case"), t("kind"), t("receipt")),
        "close_case": lambda shop, actor, t: _of(shop).close(actor, t("case"), t("conclusion")),
        "open_case": _open_case,
        "hold": _hold,
        "free_lot": _free,
    },
)


def _returns(shop: Shop, connection: Connection) -> Shown:
    site = shop.desk.site_id
    came, told = queries.returns(connection, site), queries.complaints(connection, site)
    waiting = tuple(one.id for one in came if one.destroyed_at is None)
    open_ = tuple(one.id for one in told if one.open)
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
        forms.append(FormView("destroy", (Field("return", "select", waiting, plain=True), Field("method"), *SECOND)))
    if open_:
        forms.append(FormView("settle", (Field("complaint", "select", open_, plain=True), Field("outcome"))))
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
    facts = tuple((key, str(value)) for body in seen.values() for key, value in body.items() if value)
    return (Opened(told("complaint"), facts),)


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


def _recalls(shop: Shop, connection: Connection) -> Shown:
    found = queries.recalls(connection, shop.desk.site_id)
    rows, people = [], []
    for one in found:
        called = recall_acts.callees(connection, shop.desk, shop.vault, one.id)
        effect = recall_acts.effect(called)
        kind = Key("drill") if one.drill else Key("recall", "brick")
        rows.append(
            (one.id, kind, one.product_id, one.lot_no, str(one.units), str(effect["found"]), str(effect["reached"]),
             str(effect["returned"]), str(effect["residual"]), _open(one.open))
        )  # fmt: skip
        if one.open:
            people += [
                (one.id, each.consumer_ref, " ".join(each.batches), YES if each.contact else NO,
                 parts((Key(way), Key(outcome)) for way, outcome in each.calls))
                for each in called
            ]  # fmt: skip
    tables = (
        Table(
            "recalls",
            ("recall", "kind", "product", "lot", "units", "found", "reached", "returned", "residual", "state"),
            tuple(rows),
        ),
        Table(
            "recall_steps",
            ("recall", "kind", "ref", "detail", "at"),
            tuple(
                (
                    one.id,
                    Key(step["step"]),
                    step["ref"] or "—",
                    step["detail"] or "—",
                    at(datetime.fromisoformat(step["at"])),
                )
                for one in found
                for step in one.told or ()
            ),
        ),
        Table("callees", ("recall", "consumer", "batch", "contact", "calls"), tuple(people)),
    )
    open_ = tuple(one.id for one in found if one.open)
    recall = Field("recall", "select", open_, plain=True)
    forms = [
        FormView("draw_up", (Field("product"), Field("lot"), Field("reason", required=False), Field("drill", "tick")))
    ]
    if open_:
        consumer = Field("consumer", "select", tuple(dict.fromkeys(row[1] for row in people)), plain=True)
        forms += [
            FormView("open_contact", (consumer,)),
            FormView(
                "call",
                (
                    recall,
                    consumer,
                    Field("channel", "select", recall_acts.CHANNELS),
                    Field("outcome", "select", recall_acts.OUTCOMES),
                ),
            ),
            FormView("close_recall", (recall,)),
        ]
    if real := tuple(one.id for one in found if one.open and not one.drill):
        forms += [
            FormView(
                "tell_recall",
                (
                    Field("recall", "select", real, plain=True),
                    Field("recall_step", "select", RECALL_STEPS),
                    Field("ref", required=False),
                    Field("detail", required=False),
                ),
            ),
        ]
    return tables, tuple(forms)


def _draw_up(shop: Shop, actor: Actor, told: Typed) -> Answer:
    recall_acts.draw_up(shop.desk, actor, told("product"), told("lot"), told("reason"), drill=told("drill") == "1")
    return None


def _open_contact(shop: Shop, actor: Actor, told: Typed) -> Answer:
    seen = opened_record(shop.desk, shop.vault, actor, told("consumer"), ("contact",), "recall")
    facts = tuple((key, str(value)) for body in seen.values() for key, value in body.items())
    return (Opened(told("consumer"), facts),)


def _call(shop: Shop, actor: Actor, t: Typed) -> Answer:
    recall_acts.called(shop.desk, actor, t("recall"), t("consumer"), t("channel"), t("outcome"))
    return None


recalls = Page(
    _recalls,
    {
        "draw_up": _draw_up,
        "open_contact": _open_contact,
        "call": _call,
        "tell_recall": lambda shop, actor, t: recall_acts.tell(
            shop.desk, actor, t("recall"), t("recall_step"), t("ref"), t("detail")
        ),
        "close_recall": lambda shop, actor, t: recall_acts.close(shop.desk, shop.vault, actor, t("recall")),
    },
)
