"""The desk's page of recalls: the list of whom to call, and what came of each call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from kiosk_ui.models.office import Cell, Field, FormView, Key, Table, pick
from store_service.privacy.commands import opened_record
from store_service.reactions import queries, recalls
from store_service.records.desk import Actor
from store_service.rules.rounds import RECALL_STEPS
from store_service.shop import Shop
from store_service.stock.queries import lots_here

from .office import Answer, Page, Told
from .office_after import Shown, _open
from .office_typed import NO, YES, at, names, opened

MOST_SHOWN = 100
"""Who is still to be reached stands first: the list gets shorter as calls are made."""


def _recalls(shop: Shop, connection: Connection) -> Shown:
    found, name = queries.recalls(connection, shop.desk.site_id), names(shop, connection)
    rows, people = list[tuple[Cell, ...]](), list[tuple[Cell, ...]]()
    called: dict[str, Cell] = {}
    for one in found:
        lot = (name(one.product_id), one.lot_no)
        each = recalls.callees(connection, shop.desk, shop.vault, one.id) if one.open else []
        effect = recalls.effect(each) if one.open else recalls.effect_at_close(one)
        kind = Key("drill") if one.drill else Key("recall", "brick")
        rows.append(
            (one.id, kind, lot, one.reason or "—", str(one.units), str(effect["found"]), str(effect["reached"]),
             str(effect["returned"]), str(effect["residual"]), _open(one.open))
        )  # fmt: skip
        for person in each[:MOST_SHOWN]:
            told = tuple((Key(way), Key(outcome)) for way, outcome in person.calls)
            contact = YES if person.contact else NO
            people.append((lot, person.consumer_ref, person.batches, contact, told or "—"))
            called.setdefault(person.consumer_ref, (person.consumer_ref, *person.batches))
    tables = (
        Table(
            "recalls",
            ("recall", "kind", "lot", "reason", "units", "found", "reached", "returned", "residual", "state"),
            tuple(rows),
        ),
        Table(
            "recall_steps",
            ("recall", "kind", "ref", "detail", "at"),
            tuple(
                (one.id, Key(step["step"]), step["ref"] or "—", step["detail"] or "—",
                 at(datetime.fromisoformat(step["at"])))
                for one in found
                for step in one.told or ()
            ),
        ),
        Table("callees", ("lot", "consumer", "batch", "contact", "calls"), tuple(people)),
    )  # fmt: skip
    lots: dict[str, Cell] = {"/".join(lot): (name(lot[0]), lot[1]) for lot in lots_here(connection, shop.desk.site_id)}
    forms = [FormView("draw_up", (pick("lot", lots), Field("reason", required=False), Field("drill", "tick")))]
    open_: dict[str, Cell] = {
        one.id: (Key("drill" if one.drill else "recall"), name(one.product_id), one.lot_no) for one in found if one.open
    }
    recall = pick("recall", open_)
    if called:
        consumer = pick("consumer", called)
        ways = (Field("channel", "select", recalls.CHANNELS), Field("outcome", "select", recalls.OUTCOMES))
        forms += [FormView("open_contact", (consumer,)), FormView("call", (recall, consumer, *ways))]
    if open_:
        forms.append(FormView("close_recall", (recall,)))
    real = {one.id: open_[one.id] for one in found if one.open and not one.drill}
    if real:
        step = Field("recall_step", "select", RECALL_STEPS)
        told_of = (pick("recall", real), step, Field("ref", required=False), Field("detail", required=False))
        forms.append(FormView("tell_recall", told_of))
    return tables, tuple(forms)


def _draw_up(shop: Shop, actor: Actor, told: Told) -> Answer:
    product_id, _, lot_no = told("lot").partition("/")
    recalls.draw_up(shop.desk, actor, product_id, lot_no, told("reason"), drill=told("drill") == "1")
    return None


def _open_contact(shop: Shop, actor: Actor, told: Told) -> Answer:
    seen = opened_record(shop.desk, shop.vault, actor, told("consumer"), ("contact",), "recall")
    return (opened(shop, "contact", told("consumer"), seen.get("contact", {})),)


def _call(shop: Shop, actor: Actor, t: Told) -> Answer:
    recalls.called(shop.desk, actor, t("recall"), t("consumer"), t("channel"), t("outcome"))
    return None


recalls_page = Page(
    _recalls,
    {
        "draw_up": _draw_up,
        "open_contact": _open_contact,
        "call": _call,
        "tell_recall": lambda shop, actor, t: recalls.tell(
            shop.desk, actor, t("recall"), t("recall_step"), t("ref"), t("detail")
        ),
        "close_recall": lambda shop, actor, t: recalls.close(shop.desk, shop.vault, actor, t("recall")),
    },
)
