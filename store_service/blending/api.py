"""JSON routes of a unit, from the bench to the signature."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Connection

from store_service.http import ONCE, RENDERERS, ActorDep, Body, ShopDep, answer
from store_service.labelling.serials import serials_of
from store_service.people.commands import second_person
from store_service.shop import Shop, Station

from . import commands
from .doses import in_dose_order, limits, tolerance
from .lease import holder, take_over
from .queries import Unit, components_of, doses_of, find_unit

router = APIRouter(prefix="/api/v1/units/{unit_id}", tags=["blending"])


class ClearanceIn(Body):
    items: list[str] = Field(min_length=1, max_length=20)


class ReasonsIn(Body):
    reasons: dict[str, str] = Field(default={})


class CodeIn(Body):
    code: str = Field(min_length=1, max_length=200)
    manual: bool = False


class CupIn(Body):
    code: str = Field(max_length=200)
    visual_ok: bool
    own_container: bool = False


class StopIn(Body):
    reason: str = Field(default="clerk", min_length=1, max_length=80)


class InspectionIn(Body):
    mixed: bool
    appearance_ok: bool
    odour_ok: bool
    homogeneous_ok: bool


class SignIn(Body):
    badge: str = Field(max_length=40)
    pin: str = Field(max_length=12)
    reasons: dict[str, str] = Field(default={})


class ReratioIn(Body):
    fill_mg: int = Field(gt=0, le=10_000_000)
    reasons: dict[str, str] = Field(default={})


class ParkIn(Body):
    tag: str = Field(max_length=40)
    reason: str = Field(default="printer", min_length=1, max_length=80)


class DiscardIn(Body):
    reason: str = Field(min_length=1, max_length=200)


def unit_json(shop: Shop, unit_id: str) -> dict[str, Any]:
    """A unit with its components, doses and labels, and what the gauge shows."""
    site = shop.desk.site_id
    with shop.desk.read() as connection:
        unit = find_unit(connection, site, unit_id)
        parts = components_of(connection, site, unit_id)
        doses = doses_of(connection, site, unit_id)
        labels = serials_of(connection, site, unit_id)
        held = holder(connection, site, unit.bench_id) if unit.bench_id else None
        decision = _decision(shop, connection, unit)
    return {
        "unit_id": unit.id,
        "service_id": unit.service_id,
        "state": unit.state,
        "kind": unit.kind,
        "batch": unit.batch,
        "gtin": unit.gtin,
        "serial": unit.serial,
        "bench_id": unit.bench_id,
        "held_by": {"staff_id": held[1], "kiosk": held[2]} if held and held[0] == unit_id else None,
        "envelope_id": unit.envelope_id,
        "target_mg": unit.target_mg,
        "ordered_mg": unit.ordered_mg,
        "off_target": decision,
        "reratios": unit.reratios or [],
        "pack_sku": unit.pack_sku,
        "pack_lot": unit.pack_lot,
        "empty_mg": unit.empty_mg,
        "gross_mg": unit.gross_mg,
        "net_mg": unit.net_mg,
        "label_net_mg": unit.label_net_mg,
        "use_by": unit.use_by.isoformat() if unit.use_by else None,
        "stop_reason": unit.stop_reason if unit.state == "stopped" else None,
        "tag": unit.tag,
        "released_idx": unit.released_idx,
        "open_deviations": unit.open_deviations,
        "components": [
            {
                "product_id": one.product_id,
                "share_bp": one.share_bp,
                "target_mg": one.target_mg,
                "written_mg": one.written_mg,
                "tolerance_mg": tolerance(one),
                "under_mg": limits(one)[0],
                "over_mg": limits(one)[1],
                "actual_mg": one.actual_mg,
                "dose_by": one.dose_by,
                "container_id": one.container_id,
                "lots": one.lots,
                "state": one.state,
            }
            for one in in_dose_order(parts)
        ],
        "doses": [
            {
                "dose_id": one.id,
                "product_id": one.product_id,
                "lot_no": one.lot_no,
                "container_id": one.container_id,
                "how": one.kind,
                "target_mg": one.target_mg,
                "landed_mg": one.landed_mg,
                "outcome": one.outcome,
                "fault": one.fault,
            }
            for one in doses
        ],
        "labels": [
            {"serial": one.serial, "number": one.number, "of": one.count, "medium": one.medium, "state": one.state}
            for one in labels
        ],
    }


def _decision(shop: Shop, connection: Connection, unit: Unit) -> dict[str, Any] | None:
    """What the unit waits for between two doses because a component has landed off its target."""
    if unit.state != "dosing":
        return None
    settings, base = shop.station_of(unit.bench_id).settings, shop.settings.public_base
    found = commands.offer(shop.desk, connection, unit.blender_id or "-", settings, base, unit.id)
    if found is None:
        return None
    proposal = found.proposal
    return {
        "product_id": found.off.part.product_id,
        "reason": found.off.reason,
        "target_mg": found.off.part.target_mg,
        "actual_mg": found.off.part.actual_mg,
        "acceptable": found.acceptable,
        "refusals": [one.rule for one in found.verdict.refusals] if found.verdict else [],
        "proposal": None
        if proposal is None
        else {
            "fill_mg": proposal.fill_mg,
            "components": [
                {"product_id": one.part.product_id, "target_mg": one.target_mg, "share_bp": one.share_bp}
                for one in proposal.changes
            ],
        },
    }


RENDERERS["unit"] = unit_json


def _station(shop: Shop, unit_id: str) -> Station:
    with shop.desk.read() as connection:
        return shop.station_of(find_unit(connection, shop.desk.site_id, unit_id).bench_id)


@router.get("")
def unit(unit_id: str, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    return answer(shop, "unit", unit_id)


@router.post("/clearance", dependencies=ONCE)
def clearance(unit_id: str, body: ClearanceIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.clear_line(shop.desk, actor, _station(shop, unit_id).settings, unit_id, tuple(body.items))
    return answer(shop, "unit", unit_id)


@router.post("/start", dependencies=ONCE)
def start(unit_id: str, body: ReasonsIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.start_unit(shop.desk, actor, _station(shop, unit_id).settings, unit_id, shop.counter.asked, body.reasons)
    return answer(shop, "unit", unit_id)


@router.post("/scans", dependencies=ONCE)
def scan(unit_id: str, body: CodeIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    settings = _station(shop, unit_id).settings
    commands.scan_container(shop.desk, actor, settings, unit_id, body.code, manual=body.manual)
    return answer(shop, "unit", unit_id)


@router.post("/cup", dependencies=ONCE)
def cup(unit_id: str, body: CupIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    station = _station(shop, unit_id)
    commands.place_cup(
        shop.desk,
        actor,
        station.settings,
        station.devices,
        unit_id,
        body.code,
        visual_ok=body.visual_ok,
        own_container=body.own_container,
    )
    return answer(shop, "unit", unit_id)


@router.post("/doses", dependencies=ONCE)
def dose(unit_id: str, shop: ShopDep, actor: ActorDep, body: ReasonsIn | None = None) -> dict[str, Any]:
    """Begin the dose of the next component; the answer comes while it is under way. Pumped ones follow one another.
    `reasons` answer for warnings that have come up since the start."""
    _station(shop, unit_id).doser.begin(actor, unit_id, body.reasons if body else None)
    return answer(shop, "unit", unit_id)


@router.post("/settle", dependencies=ONCE)
def settle(unit_id: str, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """The clerk has finished pouring."""
    with shop.desk.read() as connection:
        under_way = [one for one in doses_of(connection, shop.desk.site_id, unit_id) if one.outcome is None]
    if under_way:
        _station(shop, unit_id).devices.settle(under_way[0].id)
    return answer(shop, "unit", unit_id)


@router.post("/reratio", dependencies=ONCE)
def reratio(unit_id: str, body: ReratioIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Accept the proposal in `off_target`, named by its fill: new targets inside the envelope, with a deviation."""
    settings, base = _station(shop, unit_id).settings, shop.settings.public_base
    commands.accept(shop.desk, actor, settings, base, unit_id, body.fill_mg, body.reasons)
    return answer(shop, "unit", unit_id)


@router.post("/stop", dependencies=ONCE)
def stop(unit_id: str, body: StopIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.stop(shop.desk, actor, _station(shop, unit_id).devices, unit_id, body.reason)
    return answer(shop, "unit", unit_id)


@router.post("/resume", dependencies=ONCE)
def resume(unit_id: str, body: CodeIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Read the gross weight now and see that it is the same cup; doses are begun by themselves never."""
    station = _station(shop, unit_id)
    commands.resume(shop.desk, actor, station.settings, station.devices, unit_id, body.code)
    return answer(shop, "unit", unit_id)


@router.post("/weigh", dependencies=ONCE)
def weigh(unit_id: str, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    station = _station(shop, unit_id)
    commands.weigh(shop.desk, actor, station.settings, station.devices, unit_id)
    return answer(shop, "unit", unit_id)


@router.post("/inspection", dependencies=ONCE)
def inspection(unit_id: str, body: InspectionIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.inspect(shop.desk, actor, _station(shop, unit_id).settings, unit_id, **body.model_dump())
    return answer(shop, "unit", unit_id)


@router.post("/signature", dependencies=ONCE)
def signature(unit_id: str, body: SignIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """The releaser signs the record as it stands, with badge and PIN."""
    signer = second_person(shop.desk, shop.vault, body.badge, body.pin)
    commands.sign(shop.desk, actor, _station(shop, unit_id).settings, unit_id, signer, body.reasons)
    return answer(shop, "unit", unit_id)


@router.post("/park", dependencies=ONCE)
def park(unit_id: str, body: ParkIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.park(shop.desk, actor, unit_id, body.tag, body.reason)
    return answer(shop, "unit", unit_id)


@router.post("/unpark", dependencies=ONCE)
def unpark(unit_id: str, body: CodeIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.unpark(shop.desk, actor, _station(shop, unit_id).settings, unit_id, body.code)
    return answer(shop, "unit", unit_id)


@router.post("/take-over", dependencies=ONCE)
def take(unit_id: str, body: SignIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Move the unit to this kiosk; the PIN is asked for again."""
    second_person(shop.desk, shop.vault, body.badge, body.pin)
    take_over(shop.desk, actor, _station(shop, unit_id).settings.bench_id, unit_id)
    return answer(shop, "unit", unit_id)


@router.post("/discard", dependencies=ONCE)
def discard(unit_id: str, body: DiscardIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.discard(shop.desk, actor, _station(shop, unit_id).devices, unit_id, body.reason)
    return answer(shop, "unit", unit_id)
