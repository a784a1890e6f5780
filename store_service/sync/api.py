"""JSON route of the line to head office."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from store_service.http import ActorDep, ShopDep

from .log import own_head

router = APIRouter(prefix="/api/v1/sync", tags=["sync"])


@router.get("/status")
def status(request: Request, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """`acked_size` entries are held and cosigned by head office; `away_since` is null while it answers."""
    courier = request.app.state.line.courier
    if courier is None:
        with shop.desk.read() as connection:
            size = own_head(connection, shop.desk.site_id).size
        return {"hub": False, "size": size, "acked_size": 0, "last_ack_at": None, "pulled_at": None, "away_since": None}
    found = courier.status()
    times = {name: getattr(found, name) for name in ("last_ack_at", "pulled_at", "away_since")}
    return {
        "hub": True,
        "size": found.size,
        "acked_size": found.acked_size,
        **{name: at.isoformat() if at else None for name, at in times.items()},
    }
