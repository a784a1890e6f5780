"""What only the demo can be asked: let time pass, and publish a register without a face for it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from store_service.catalogue.commands import NotTwoPersons, publish_register
from store_service.catalogue.queries import parse
from store_service.demo_time import move_clock
from store_service.http import ActorDep, ShopDep
from store_service.hub.doors import Bearer, Second, token_of
from store_service.hub.hub import Hub, token_digest
from store_service.rules.dossier import SNAPSHOT_KINDS

router = APIRouter(prefix="/api/v1/demo", tags=["demo"])


class Pause(BaseModel):
    minutes: int = Field(gt=0, le=7 * 24 * 60)


@router.post("/clock")
def move(body: Pause, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """Move the clock that shop and hub share forward. Refused outside the demo: a real clock is nobody's to move."""
    if not shop.demo:
        raise HTTPException(403, "only the demo's clock can be moved")
    move_clock(shop.data.parent, body.minutes)
    return {"now": shop.desk.now().isoformat()}


def registers_router(hub: Hub) -> APIRouter:
    """`POST /api/v1/hub/registers/{kind}` with a register's JSON and the tokens of two admins."""
    hub_router = APIRouter(prefix="/api/v1/hub", tags=["demo"])

    @hub_router.post("/registers/{kind}", status_code=201)
    async def publish(
        kind: str, request: Request, authorization: Bearer = "", second_authorization: Second = ""
    ) -> dict[str, Any]:
        admins = [hub.admins.get(token_digest(token_of(one))) for one in (authorization, second_authorization)]
        by, second = admins
        if by is None or second is None:
            raise HTTPException(401, "two admins' tokens are needed")
        if kind not in SNAPSHOT_KINDS:
            raise HTTPException(404, f"no register {kind[:40]}")
        try:
            document = parse(kind, await request.body())
            version = publish_register(hub.desk, document, by=by, second=second, reason="demo")
        except NotTwoPersons as one:
            raise HTTPException(409, str(one)) from one
        except ValueError as wrong:
            raise HTTPException(422, str(wrong)) from wrong
        return {"kind": kind, "version": version}

    return hub_router
