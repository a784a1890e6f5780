"""JSON routes of lots, containers, packs and label stock."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from store_service.http import ONCE, RENDERERS, ActorDep, Body, OnDay, ShopDep, When, answer
from store_service.records.desk import Missing
from store_service.rules.case import Container
from store_service.samples.commands import strike_balance
from store_service.shop import Shop

from . import commands, queries

router = APIRouter(prefix="/api/v1", tags=["stock"])


class ContainerIn(Body):
    container_id: str = Field(pattern=r"^C-[0-9A-Z._/-]{1,38}$")
    kind: Literal["retail_pack", "cartridge", "bulk"]  # bulk is refused in words (R-ADM-15)
    net_mg: int = Field(gt=0, le=50_000_000)
    heel_mg: int = Field(default=0, ge=0)
    filled_on: OnDay | None = None


class LotIn(Body):
    product_id: str = Field(max_length=40)
    lot_no: str = Field(max_length=20)
    expiry: OnDay
    fields: dict[str, str]
    containers: list[ContainerIn] = Field(default=[])


class OpenIn(Body):
    opened_at: When | None = None


class MountIn(Body):
    bench_id: str
    position: int = Field(ge=1, le=16)
    purged_mg: int = Field(default=0, ge=0, le=1_000_000)


class ReasonIn(Body):
    reason: str = Field(min_length=1, max_length=200)


class FinishIn(Body):
    residue_mg: int = Field(ge=0)
    discarded: bool = False
    weighed: bool = Field(default=False, description="the residue stood on a scale: strike the mass balance (R-REC-06)")


class PacksIn(Body):
    pack_lot: str = Field(pattern=r"^P-[0-9A-Z._/-]{1,38}$")
    sku: str = Field(max_length=40)
    quantity: int = Field(gt=0, le=100_000)
    supplier: str = Field(min_length=1, max_length=120)
    certificate: str = Field(min_length=1, max_length=120)


class StockIn(Body):
    bench_id: str
    stock: str = Field(max_length=20)


def container_json(one: Container) -> dict[str, Any]:
    return {
        "container_id": one.container_id,
        "product_id": one.product_id,
        "lot_no": one.lot_no,
        "kind": one.kind,
        "state": one.state,
        "opened_at": one.opened_at.isoformat() if one.opened_at else None,
        "remaining_mg": one.remaining_mg,
        "position": one.position,
    }


def _container(shop: Shop, key: str) -> dict[str, Any]:
    with shop.desk.read() as connection:
        found = queries.find_container(connection, shop.desk.site_id, key)
    if found is None:
        raise Missing("container", key)
    return container_json(found)


RENDERERS["container"] = _container


@router.post("/lots", status_code=201, dependencies=ONCE)
def receive(body: LotIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Take in one delivery line with every field of R-ADM-13."""
    missing = [key for key in commands.RECEIPT_FIELDS if key not in body.fields]
    if missing:
        raise ValueError(f"fields.{missing[0]}: is needed")
    receipt = commands.receive_lot(
        shop.desk,
        actor.staff_id,
        body.product_id,
        body.lot_no,
        body.expiry,
        body.fields,
        tuple(
            commands.NewContainer(one.container_id, one.kind, one.net_mg, one.heel_mg, one.filled_on)
            for one in body.containers
        ),
    )
    return {"receipt": receipt}


@router.get("/containers")
def containers(shop: ShopDep, _: ActorDep) -> list[dict[str, Any]]:
    with shop.desk.read() as connection:
        return [container_json(one) for one in queries.all_containers(connection, shop.desk.site_id)]


@router.get("/containers/{container_id}")
def container(container_id: str, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    return answer(shop, "container", container_id)


@router.post("/containers/{container_id}/open", dependencies=ONCE)
def open_container(container_id: str, body: OpenIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    if body.opened_at is not None and body.opened_at.tzinfo is None:
        raise ValueError("opened_at: needs a time zone")
    commands.open_container(shop.desk, actor.staff_id, container_id, body.opened_at)
    return answer(shop, "container", container_id)


@router.post("/containers/{container_id}/mount", dependencies=ONCE)
def mount(container_id: str, body: MountIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.mount_container(shop.desk, actor.staff_id, container_id, body.bench_id, body.position, body.purged_mg)
    return answer(shop, "container", container_id)


@router.post("/containers/{container_id}/quarantine", dependencies=ONCE)
def quarantine(container_id: str, body: ReasonIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.quarantine_container(shop.desk, actor.staff_id, container_id, body.reason)
    return answer(shop, "container", container_id)


@router.post("/containers/{container_id}/finish", dependencies=ONCE)
def finish(container_id: str, body: FinishIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.finish_container(shop.desk, actor.staff_id, container_id, body.residue_mg, discarded=body.discarded)
    if body.weighed:
        strike_balance(shop.desk, actor.staff_id, container_id, body.residue_mg)
    return answer(shop, "container", container_id)


@router.post("/packs", status_code=201, dependencies=ONCE)
def packs(body: PacksIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.receive_packs(
        shop.desk, actor.staff_id, body.pack_lot, body.sku, body.quantity, body.supplier, body.certificate
    )
    return {"pack_lot": body.pack_lot}


@router.post("/label-stock", dependencies=ONCE)
def label_stock(body: StockIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.load_label_stock(shop.desk, actor.staff_id, body.bench_id, body.stock)
    return {"bench_id": body.bench_id, "stock": body.stock}
