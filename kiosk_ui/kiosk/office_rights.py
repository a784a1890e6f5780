"""The rights desk: what a consumer may ask for, legal holds, breaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from kiosk_ui.models import Words
from kiosk_ui.models.office import Cell, Field, FormView, Key, Opened, Table, pick
from store_service.blending.queries import find_unit
from store_service.consultation import wishes
from store_service.consultation.queries import open_services
from store_service.privacy import queries
from store_service.privacy.commands import OUTCOMES, REQUESTS, RightsDesk
from store_service.privacy.retention import sweep
from store_service.records.desk import Actor
from store_service.rules.dates import beijing_date
from store_service.shop import Shop

from .office import Answer, Given, Page, Told
from .office_after import Shown, _open
from .office_typed import SECOND, at, day, moment, on, opened, unit_id

BREACH = ("cause", "harm", "measures", "contact", "authority_ref", "persons_told")


def _rights(shop: Shop, connection: Connection) -> Shown:
    site, today = shop.desk.site_id, beijing_date(shop.desk.now())
    found = queries.requests(connection, site)
    holds, breaches = queries.holds(connection, site), queries.breaches(connection, site)
    tables = (
        Table(
            "requests",
            ("request", "kind", "consumer", "at", "due", "state", "kept", "kept_until"),
            tuple(
                (one.id, Key(one.kind), one.consumer_ref, at(one.at),
                 (Key("overdue", "brick"), on(one.due)) if one.open and one.due < today else on(one.due),
                 _open(True) if one.open else Key(one.outcome or "done", "sage"),
                 tuple(Key(f"kind_{kind}") for kind in one.kept or ()) or "—",
                 on(one.kept_until))
                for one in found
            ),
        ),
        Table(
            "holds",
            ("hold", "subject", "reason", "at", "state"),
            tuple((one.id, one.subject, one.reason, at(one.at), _open(one.open)) for one in holds.values()),
        ),
        Table(
            "breaches",
            ("breach", "kind", "aware_at", "state"),
            tuple((one.id, one.kinds, at(one.aware_at), _open(one.open)) for one in breaches.values()),
        ),
    )  # fmt: skip
    open_: dict[str, Cell] = {one.id: (Key(one.kind), one.consumer_ref, on(one.due)) for one in found if one.open}
    request = pick("request", open_)
    copies = {one.id: open_[one.id] for one in found if one.open and one.kind == "copy"}
    visits: dict[str, Cell] = {
        one.service_id: (one.service_id, at(one.opened_at)) for one in open_services(connection, site)
    }
    visit = pick("service", visits, required=False)
    purposes: dict[str, Cell] = {one.key: Words(one.title_zh, one.title_en) for one in shop.counter.texts.purposes}
    forms = [
        FormView(
            "ask",
            (Field("kind", "select", REQUESTS), Field("code", required=False), Field("member", required=False)),
        )
    ]
    if open_:
        forms += [
            FormView("show", (request,)),
            *((FormView("copy", (pick("request", copies),)),) if copies else ()),
            FormView("set_contact", (request, Field("phone"))),
            FormView("answer", (request, Field("outcome", "select", OUTCOMES), Field("reason", required=False))),
        ]
    forms.append(FormView("withdraw", (visit, Field("code", required=False), pick("purpose", purposes))))
    if visits:
        of_visit = pick("service", visits)
        forms += [
            FormView("review", (of_visit,)),
            FormView("decide", (of_visit, Field("decision", "select", wishes.REVIEWS), *SECOND)),
        ]
    forms.append(FormView("set_hold", (Field("subject"), Field("reason"))))
    standing: dict[str, Cell] = {one.id: (one.subject, one.reason) for one in holds.values() if one.open}
    if standing:
        forms.append(FormView("lift", (pick("hold", standing), Field("reason"), *SECOND)))
    forms.append(FormView("breach", (Field("kinds"), Field("aware_at", "time"))))
    leaks: dict[str, Cell] = {one.id: (one.kinds, at(one.aware_at)) for one in breaches.values() if one.open}
    if leaks:
        told = tuple(Field(name, required=False) for name in BREACH)
        forms.append(FormView("close_breach", (pick("breach", leaks), *told)))
    return tables, (*forms, FormView("retire"))


def _desk(shop: Shop) -> RightsDesk:
    return RightsDesk(shop.desk, shop.vault)


def _ask(shop: Shop, actor: Actor, t: Told) -> Answer:
    if t("member"):
        consumer_ref, how = shop.counter.member_ref(t("member")), "member"
    else:
        with shop.desk.read() as connection:
            consumer_ref, how = queries.whose(connection, shop.desk.site_id, t("code"))
    _desk(shop).ask(actor, consumer_ref, t("kind"), how)
    return None


def _show(shop: Shop, actor: Actor, t: Told) -> Answer:
    return _opened(shop, _desk(shop).show(actor, t("request")))


def _copy(shop: Shop, actor: Actor, t: Told) -> Answer:
    return Given(t("request"), _opened(shop, _desk(shop).copy(actor, t("request"))))


def _opened(shop: Shop, seen: Mapping[str, Any]) -> tuple[Opened, ...]:
    return tuple(
        opened(shop, one["kind"], "", one["data"], day(one["until"] or "", "until")) for one in seen["records"]
    ) or (Opened(seen["consumer_ref"], ()),)


def _answer(shop: Shop, actor: Actor, t: Told) -> Answer:
    _desk(shop).answer(actor, t("request"), t("outcome"), t("reason"))
    return None


def _withdraw(shop: Shop, actor: Actor, t: Told) -> Answer:
    service_id = t("service")
    if not service_id:
        with shop.desk.read() as connection:
            service_id = find_unit(connection, shop.desk.site_id, unit_id(shop, t("code"))).service_id
    wishes.withdraw(shop.counter, actor, service_id, t("purpose"))
    return None


def _decide(shop: Shop, actor: Actor, t: Told) -> Answer:
    """Who decides is the person at the screen, unless another one signs."""
    wishes.decide_review(shop.counter, actor, t("service"), t("decision"), t.second(shop) or actor.staff_id)
    return None


def _hold(shop: Shop, actor: Actor, t: Told) -> Answer:
    _desk(shop).hold(actor, t("subject"), t("reason"))
    return None


def _breach(shop: Shop, actor: Actor, t: Told) -> Answer:
    _desk(shop).breach(actor, t("kinds"), moment(t("aware_at"), "aware_at") or shop.desk.now())
    return None


def _retire(shop: Shop, actor: Actor, t: Told) -> Answer:
    sweep(shop.desk, shop.vault, shop.counter.texts.purpose_of, shop.desk.now())
    return None


rights = Page(
    _rights,
    {
        "ask": _ask,
        "show": _show,
        "copy": _copy,
        "answer": _answer,
        "set_contact": lambda shop, actor, t: _desk(shop).correct_contact(actor, t("request"), t("phone")),
        "withdraw": _withdraw,
        "review": lambda shop, actor, t: wishes.request_review(shop.counter, actor, t("service")),
        "decide": _decide,
        "set_hold": _hold,
        "lift": lambda shop, actor, t: _desk(shop).lift(actor, t("hold"), t("reason"), t.second(shop)),
        "breach": _breach,
        "close_breach": lambda shop, actor, t: _desk(shop).close_breach(
            actor, t("breach"), {name: t(name) for name in BREACH}
        ),
        "retire": _retire,
    },
)
