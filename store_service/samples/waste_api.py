"""JSON routes of what is destroyed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from store_service.http import ONCE, ActorDep, Body, ShopDep
from store_service.people.commands import second_person
from store_service.quality.tables import row_json

from . import waste

router = APIRouter()


class WasteIn(Body):
    kind: str = Field(max_length=20)
    subject: str = Field(min_length=1, max_length=80)
    mass_mg: int = Field(ge=0, le=50_000_000)
    method: str = Field(min_length=1, max_length=200)
    badge: str = Field(default="", max_length=40)
    pin: str = Field(default="", max_length=12)


@router.get("/waste")
def all_waste(shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """What waits to be destroyed, and what was."""
    with shop.desk.read() as connection:
        return {
            "waiting": [asdict(one) for one in waste.waiting(connection, shop.desk)],
            "destroyed": [row_json(one) for one in waste.destroyed(connection, shop.desk.site_id)],
        }


@router.post("/waste", status_code=201, dependencies=ONCE)
def destroy(body: WasteIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Two persons: who is signed in, and whose badge and PIN come with it. Gate `dispose`."""
    second = second_person(shop.desk, shop.vault, body.badge, body.pin) if body.badge else None
    return {"waste": waste.destroy(shop.desk, actor, body.kind, body.subject, body.mass_mg, body.method, second)}
