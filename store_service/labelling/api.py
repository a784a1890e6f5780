"""JSON routes of labels: preview, print, scan back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from store_service.blending.cases import View
from store_service.blending.queries import find_unit
from store_service.http import ONCE, ActorDep, Body, ShopDep, answer
from store_service.records.desk import Missing
from store_service.shop import Shop

from .layout import PrintedPart
from .queries import lay

router = APIRouter(prefix="/api/v1/units/{unit_id}", tags=["labelling"])


class PrintIn(Body):
    reason: str = Field(default="first", min_length=1, max_length=80)
    reasons: dict[str, str] = Field(default={})
    second: bool = False
    """On the bench's second printer."""


class ScanIn(Body):
    code: str = Field(min_length=1, max_length=300)
    manual: bool = False


def preview(shop: Shop, unit_id: str) -> tuple[PrintedPart, ...]:
    """The label set as it would be printed now. Raises Missing when it cannot be laid out."""
    with shop.desk.read() as connection:
        unit = find_unit(connection, shop.desk.site_id, unit_id)
        station = shop.station_of(unit.bench_id)
        laid = lay(
            View.at(shop.desk, connection),
            shop.desk,
            unit,
            public_base=shop.settings.public_base,
            bench_id=station.settings.bench_id,
            resolution_mg=station.settings.scale.resolution_mg,
            dpi=station.settings.dpi,
            nickname=station.press.nickname(unit.id),
        )
    if laid is None or not laid[0].parts:
        raise Missing("label preview", unit_id)
    return laid[0].parts


@router.get("/label/{number}.png", response_class=Response)
def label(unit_id: str, number: int, shop: ShopDep, _: ActorDep) -> Response:
    """The bitmap that would be printed, part `number` from 1."""
    parts = preview(shop, unit_id)
    if not 1 <= number <= len(parts):
        raise Missing("label part", str(number))
    return Response(parts[number - 1].bitmap.png(), media_type="image/png", headers={"Cache-Control": "no-store"})


@router.post("/print", dependencies=ONCE)
def print_label(unit_id: str, body: PrintIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Print the set; a set printed before is void from now on. 503 `device` when the printer did not confirm."""
    with shop.desk.read() as connection:
        station = shop.station_of(find_unit(connection, shop.desk.site_id, unit_id).bench_id)
    station.press.print(actor, unit_id, body.reason, body.reasons, second=body.second)
    return answer(shop, "unit", unit_id)


@router.post("/scan-back", dependencies=ONCE)
def scan_back(unit_id: str, body: ScanIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """A printed label was scanned; the last one asks for the release."""
    with shop.desk.read() as connection:
        station = shop.station_of(find_unit(connection, shop.desk.site_id, unit_id).bench_id)
    station.press.scan_back(actor, unit_id, body.code, manual=body.manual)
    return answer(shop, "unit", unit_id)
