"""JSON routes of retained samples and mass balance."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from store_service.http import ONCE, ActorDep, Body, ShopDep
from store_service.people.commands import second_person
from store_service.quality.tables import row_json

from . import commands, queries, waste_api

router = APIRouter(prefix="/api/v1", tags=["samples"])


class SampleIn(Body):
    mass_mg: int = Field(gt=0, le=1_000_000)
    place: str = Field(min_length=1, max_length=80)
    container_id: str = Field(default="", max_length=40)
    unit_id: str = Field(default="", max_length=40)
    temp_c10: int | None = Field(default=None, ge=-400, le=600)


class PullIn(Body):
    mass_mg: int = Field(gt=0, le=1_000_000)
    purpose: str = Field(max_length=20)
    receipt: str = Field(default="", max_length=80)


class MoveIn(Body):
    place: str = Field(min_length=1, max_length=80)
    temp_c10: int | None = Field(default=None, ge=-400, le=600)


class DisposeIn(Body):
    method: str = Field(default="", max_length=200)
    badge: str = Field(default="", max_length=40)
    pin: str = Field(default="", max_length=12)


class ResidueIn(Body):
    residue_mg: int = Field(ge=0, le=50_000_000)


@router.get("/samples")
def samples(shop: ShopDep, _: ActorDep) -> list[dict[str, Any]]:
    with shop.desk.read() as connection:
        return [row_json(one) for one in queries.samples(connection, shop.desk.site_id)]


@router.post("/samples", status_code=201, dependencies=ONCE)
def keep(body: SampleIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Put a sample away: of a container, or of a unit, dosed in addition."""
    return {"sample": commands.keep(shop.desk, actor, commands.NewSample(**body.model_dump()))}


@router.post("/samples/{sample_id}/pull", dependencies=ONCE)
def pull(sample_id: str, body: PullIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.pull(shop.desk, actor, sample_id, body.mass_mg, body.purpose, body.receipt)
    return {"sample": sample_id}


@router.post("/samples/{sample_id}/move", dependencies=ONCE)
def move(sample_id: str, body: MoveIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.move(shop.desk, actor, sample_id, body.place, body.temp_c10)
    return {"sample": sample_id}


@router.post("/samples/{sample_id}/dispose", dependencies=ONCE)
def dispose(sample_id: str, body: DisposeIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Two persons, after its day. Gate `dispose`."""
    second = second_person(shop.desk, shop.vault, body.badge, body.pin) if body.badge else None
    commands.dispose(shop.desk, actor, sample_id, body.method, second)
    return {"sample": sample_id}


@router.get("/balances")
def balances(shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """Where the contents of every container and lot went."""
    with shop.desk.read() as connection:
        rows = [row_json(one) for one in queries.balances(connection, shop.desk.site_id)]
        lots = [asdict(one) for one in queries.lot_balances(connection, shop.desk.site_id)]
    return {"containers": rows, "lots": lots}


@router.post("/containers/{container_id}/residue", dependencies=ONCE)
def residue(container_id: str, body: ResidueIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """A finished container's residue was weighed: a gain holds the lot, a loss is a deviation (R-REC-06)."""
    commands.strike_balance(shop.desk, actor.staff_id, container_id, body.residue_mg)
    return {"container": container_id}


router.include_router(waste_api.router)
