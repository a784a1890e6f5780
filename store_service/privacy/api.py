"""JSON routes of the rights desk, legal holds and breaches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from store_service.http import ONCE, ActorDep, Body, ShopDep, When
from store_service.people.commands import second_person
from store_service.quality.tables import row_json
from store_service.shop import Shop

from . import queries
from .commands import RightsDesk
from .retention import sweep

router = APIRouter(prefix="/api/v1", tags=["privacy"])


class RequestIn(Body):
    """`code` is a batch number or what a label's QR says; `member` the code of a member."""

    kind: Literal["show", "copy", "correct", "erase", "explain", "close"]
    code: str = Field(default="", max_length=300)
    member: str = Field(default="", max_length=80)


class AnswerIn(Body):
    outcome: Literal["done", "partly", "refused"] = "done"
    reason: str = Field(default="", max_length=200)
    kinds: list[str] | None = Field(default=None, max_length=10)


class ContactIn(Body):
    phone: str = Field(min_length=1, max_length=40)


class HoldIn(Body):
    subject: str = Field(min_length=1, max_length=80)
    reason: str = Field(min_length=1, max_length=200)


class LiftIn(Body):
    reason: str = Field(min_length=1, max_length=200)
    badge: str = Field(max_length=40)
    pin: str = Field(max_length=12)


class BreachIn(Body):
    kinds: str = Field(min_length=1, max_length=200)
    aware_at: When


class BreachEndIn(Body):
    told: dict[str, Annotated[str, Field(max_length=300)]] = Field(max_length=10)


def desk_of(shop: Shop) -> RightsDesk:
    return RightsDesk(shop.desk, shop.vault)


@router.get("/rights")
def requests(shop: ShopDep, _: ActorDep) -> list[dict[str, Any]]:
    """Requests by reference, the open ones first; nothing personal."""
    with shop.desk.read() as connection:
        found = queries.requests(connection, shop.desk.site_id)
    return [{key: _text(value) for key, value in one._asdict().items()} for one in found]


@router.post("/rights", status_code=201, dependencies=ONCE)
def ask(body: RequestIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Take a consumer's request. 404 for a code that belongs to nobody here."""
    if body.member:
        consumer_ref, how = shop.counter.member_ref(body.member), "member"
    else:
        with shop.desk.read() as connection:
            consumer_ref, how = queries.whose(connection, shop.desk.site_id, body.code)
    return {"rights": desk_of(shop).ask(actor, consumer_ref, body.kind, how)}


@router.post("/rights/{request_id}/show")
def show(request_id: str, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Everything that is known of the person, to be shown or copied; opening it is on record."""
    return desk_of(shop).show(actor, request_id)


@router.post("/rights/{request_id}/contact", dependencies=ONCE)
def correct(request_id: str, body: ContactIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    desk_of(shop).correct_contact(actor, request_id, body.phone)
    return {"rights": request_id}


@router.post("/rights/{request_id}/answer", dependencies=ONCE)
def answer(request_id: str, body: AnswerIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Answer it; an erasure without `kinds` takes all that the law lets go. Gate `rights`."""
    kinds = tuple(body.kinds) if body.kinds is not None else None
    desk_of(shop).answer(actor, request_id, body.outcome, body.reason, kinds)
    return {"rights": request_id}


@router.post("/retention", dependencies=ONCE)
def run_out(shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """Forget what nothing keeps any more."""
    return {"erased": sweep(shop.desk, shop.vault, shop.counter.texts.purpose_of, shop.desk.now())}


@router.get("/legal-holds")
def holds(shop: ShopDep, _: ActorDep) -> list[dict[str, Any]]:
    with shop.desk.read() as connection:
        return [row_json(one) for one in queries.holds(connection, shop.desk.site_id).values()]


@router.post("/legal-holds", status_code=201, dependencies=ONCE)
def hold(body: HoldIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    return {"hold": desk_of(shop).hold(actor, body.subject, body.reason)}


@router.post("/legal-holds/{hold_id}/lift", dependencies=ONCE)
def lift(hold_id: str, body: LiftIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """An officer or the manager, and whose badge and PIN come with it. Gate `legal_hold`."""
    second = second_person(shop.desk, shop.vault, body.badge, body.pin)
    desk_of(shop).lift(actor, hold_id, body.reason, second)
    return {"hold": hold_id}


@router.post("/breaches", status_code=201, dependencies=ONCE)
def breach(body: BreachIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    return {"breach": desk_of(shop).breach(actor, body.kinds, body.aware_at)}


@router.post("/breaches/{breach_id}/close", dependencies=ONCE)
def close_breach(breach_id: str, body: BreachEndIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    desk_of(shop).close_breach(actor, breach_id, body.told)
    return {"breach": breach_id}


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) or hasattr(value, "isoformat") else value
