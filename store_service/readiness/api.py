"""JSON routes: may this shop work now, its standing warnings, and the second person."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from store_service.http import ONCE, ActorDep, Body, ShopDep, SignedDep, finding_json
from store_service.people import credentials
from store_service.records import seconds

from . import commands
from .queries import may_i_work, unread_stops

router = APIRouter(prefix="/api/v1", tags=["readiness"])


class SecondPerson(Body):
    subject: str = Field(max_length=200)
    rule: str = Field(max_length=12)
    badge: str | None = Field(default=None, max_length=40)
    pin: str = Field(default="", max_length=12)


class Reasons(Body):
    reasons: dict[str, str] = Field(default={})


@router.get("/ready")
def ready(shop: ShopDep, who: SignedDep) -> dict[str, Any]:
    """What the shop lacks now, what the person who asks may not do himself and who may, what must be answered for, and
    what ends in 30 days."""
    with shop.desk.read() as connection:
        found = may_i_work(connection, shop.desk, shop.station.settings, who.staff_id)
    ends = [
        {
            "rule": one.rule,
            "what_zh": one.what_zh,
            "what_en": one.what_en,
            "last_day": one.last_day.isoformat(),
            "days": one.days_left(found.today),
        }
        for one in found.ahead
    ]
    return {
        "may_work": found.may_work,
        "missing": [finding_json(one) for one in found.missing],
        "own": [finding_json(one) for one in found.own],
        "able": list(found.able),
        "warnings": [finding_json(one) for one in found.warnings],
        "notes": [finding_json(one) for one in found.notes],
        "ahead": ends,
    }


@router.post("/ready", dependencies=ONCE)
def answer_standing(body: Reasons, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Answer the standing warnings of this shift, each with a reason from the list."""
    commands.answer_standing(shop.desk, shop.station.settings, actor.staff_id, body.reasons)
    return {"answered": "shift"}


@router.get("/stops")
def stops(shop: ShopDep, _: SignedDep) -> dict[str, Any]:
    """What head office stopped and nobody here has read."""
    with shop.desk.read() as connection:
        found = unread_stops(connection, shop.desk.site_id)
    rows = [
        {"stop_id": one.stop_id, "kind": one.kind, "items": list(one.items), "received_at": one.received_at.isoformat()}
        for one in found
    ]
    return {"stops": rows}


@router.post("/stops/read", dependencies=ONCE)
def read_stops(shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """The person who is signed in has read them all (R-SYN-04)."""
    return {"read": list(commands.read_stops(shop.desk, actor.staff_id))}


@router.get("/reasons")
def reasons(shop: ShopDep) -> dict[str, Any]:
    """The list from which a warning's reason is chosen."""
    return {key: one.model_dump() for key, one in shop.desk.ruleset.reasons.items()}


@router.get("/second")
def waiting(shop: ShopDep, _: SignedDep) -> dict[str, Any]:
    """What waits for a second person since a day at most, for any screen."""
    with shop.desk.read() as connection:
        found = seconds.waiting(connection, shop.desk.site_id, shop.desk.now() - seconds.WAITS)
    names = ("subject", "rule", "gate", "reason", "by")
    return {"waiting": [{name: getattr(one, name) for name in names} for one in found]}


@router.post("/second", dependencies=ONCE)
def second(body: SecondPerson, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """The second person signs: with badge and PIN at this screen, or signed in at a screen of his own."""
    staff_id = actor.staff_id
    if body.badge is not None:
        staff_id = credentials.check_pin(shop.vault, body.badge, body.pin, shop.desk.now())
    commands.second(shop.desk, staff_id, body.subject, body.rule)
    return {"seconded": body.subject, "rule": body.rule, "by": staff_id}
