"""What only the demo can be asked: let time pass."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import Field

from store_service.demo.time import move_clock
from store_service.http import ActorDep, Body, ShopDep

router = APIRouter(prefix="/api/v1/demo", tags=["demo"])


class Pause(Body):
    minutes: int = Field(gt=0, le=7 * 24 * 60)


@router.post("/clock")
def move(body: Pause, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """Move the clock that shop and hub share forward. Refused outside the demo: a real clock is nobody's to move."""
    if not shop.demo:
        raise HTTPException(403, "only the demo's clock can be moved")
    move_clock(shop.data.parent, body.minutes)
    return {"now": shop.desk.now().isoformat()}
