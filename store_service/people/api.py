"""JSON routes of sign-in and duty."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from store_service.http import COOKIE, ONCE, ActorDep, Body, ShopDep, SignedDep
from store_service.people import credentials

from . import commands

router = APIRouter(prefix="/api/v1", tags=["people"])


class SignIn(Body):
    badge: str = Field(max_length=40)
    pin: str = Field(max_length=12)
    kiosk: str = Field(default="api", max_length=40)


class Fitness(Body):
    fit: bool


@router.post("/sign-in", dependencies=ONCE)
def sign_in(body: SignIn, shop: ShopDep) -> dict[str, Any]:
    """A badge and a PIN for a token. 401 when they do not belong together, 409 when this person may not work."""
    token, staff_id = commands.sign_in(shop.desk, shop.vault, body.badge, body.pin, body.kiosk)
    return {"token": token, "staff_id": staff_id}


@router.post("/sign-out", dependencies=ONCE)
def sign_out(request: Request, shop: ShopDep, _: SignedDep) -> dict[str, Any]:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    credentials.close_session(shop.vault, bearer or request.cookies.get(COOKIE, ""))
    return {"signed_in": False}


@router.get("/me")
def me(who: SignedDep) -> dict[str, Any]:
    return {"staff_id": who.staff_id, "name_zh": who.name_zh, "name_en": who.name_en, "kiosk": who.kiosk}


@router.post("/fitness", dependencies=ONCE)
def fitness(body: Fitness, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Today's own statement of fitness (R-PPL-05)."""
    commands.declare_fitness(shop.desk, actor.staff_id, body.fit)
    return {"fit": body.fit}


@router.post("/shift/open", dependencies=ONCE)
def open_shift(shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.open_shift(shop.desk, actor.staff_id)
    return {"shift_open": True}


@router.post("/shift/close", dependencies=ONCE)
def close_shift(shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.close_shift(shop.desk, actor.staff_id)
    return {"shift_open": False}


@router.post("/duty/leave", dependencies=ONCE)
def leave_duty(shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Whoever is signed in goes off duty before the shift ends; opening the shift again takes it."""
    commands.leave_duty(shop.desk, actor.staff_id)
    return {"on_duty": False}


@router.post("/clock/confirm", dependencies=ONCE)
def confirm_clock(shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """The clock stepped back and a person has looked at it (RECORD.md §2)."""
    commands.confirm_clock(shop.desk, actor.staff_id)
    return {"clock_ok": True}
