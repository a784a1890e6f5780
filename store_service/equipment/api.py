"""JSON routes of the benches."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from store_service.http import ONCE, ActorDep, Body, ShopDep
from store_service.records.desk import Missing
from store_service.shop import Shop, Station

from . import care, commands
from .check_weigh import weigh_one
from .queries import bench_facts
from .tubes import calibrated
from .words import fault_words

router = APIRouter(prefix="/api/v1", tags=["equipment"])


class CheckIn(Body):
    """Which test weight stands on the pan; what it reads, the scale says."""

    nominal_mg: int = Field(gt=0, le=100_000_000)


class CleanIn(Body):
    what: str = Field(min_length=1, max_length=100)
    agent: str = Field(min_length=1, max_length=100)
    purged_mg: int = Field(default=0, ge=0)


class FlushIn(Body):
    channel: int = Field(ge=1, le=32)
    purpose: care.Purpose


class TubeIn(Body):
    channel: int = Field(ge=1, le=32)


class ForgetIn(Body):
    """One line of `GET …/learned`."""

    channel: int = Field(ge=1, le=32)
    product_id: str = Field(min_length=1, max_length=64)
    lot_no: str = Field(max_length=64)
    tube: int = Field(ge=0, le=1_000_000)


class RunIn(Body):
    moved_mg: int = Field(gt=0, le=1_000_000)
    delivered_ul: int = Field(gt=0, le=1_000_000)


class CalibrationIn(Body):
    """`ul_per_rev` is what the pump was reckoned with during the runs."""

    runs: list[RunIn] = Field(min_length=1, max_length=20)
    ul_per_rev: int = Field(gt=0, le=100_000)
    density_ug_per_ul: int = Field(ge=500, le=2_000)


class RoomIn(Body):
    temp_c10: int
    rh_pct10: int


def _station(shop: Shop, bench_id: str) -> Station:
    if bench_id not in shop.stations:
        raise Missing("bench", bench_id)
    return shop.stations[bench_id]


@router.get("/benches/{bench_id}")
def bench(bench_id: str, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """What was last recorded of the bench, its gauge now, and its devices."""
    station = _station(shop, bench_id)
    with shop.desk.read() as connection:
        facts = bench_facts(connection, shop.desk.site_id, station.settings)
    return {
        "bench_id": bench_id,
        "facts": {key: _plain(value) for key, value in asdict(facts).items()},
        "gauge": asdict(station.devices.gauge()),
        "devices": [asdict(one) for one in station.devices.health()],
        "tubes": [{key: _plain(value) for key, value in asdict(one).items()} for one in station.devices.tubes()],
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


@router.post("/benches/{bench_id}/weigh", dependencies=ONCE)
def weigh(bench_id: str, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """A stable gross reading, on no record."""
    weighed = _station(shop, bench_id).devices.weigh()
    return {"gross_mg": weighed.gross_mg, "raw": weighed.raw}


@router.post("/benches/{bench_id}/flush", dependencies=ONCE)
def flush(bench_id: str, body: FlushIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Load, prime, purge or calibrate: a line is flushed into a vessel on the scale, weighed, on record
    (`line.flushed`) and off the container."""
    station = _station(shop, bench_id)
    moved = care.flush_line(shop.desk, actor, station.settings, station.devices, body.channel, body.purpose)
    words = fault_words(moved.fault) if moved.fault else None
    return {**asdict(moved), "zh": words[0] if words else "", "en": words[1] if words else ""}


@router.post("/benches/{bench_id}/calibration")
def calibration(bench_id: str, body: CalibrationIn, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """Grams a turn from flushed runs, and the `ul_per_rev` for store.toml; `why` when the runs do not agree."""
    _station(shop, bench_id)
    runs = [(one.moved_mg, one.delivered_ul / body.ul_per_rev) for one in body.runs]
    return calibrated(runs, body.density_ug_per_ul)


@router.post("/benches/{bench_id}/tube", dependencies=ONCE)
def tube(bench_id: str, body: TubeIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """A new tube was fitted: its wear counts from now, on record (`tube.fitted`), and its calibration is void."""
    station = _station(shop, bench_id)
    care.fit_tube(shop.desk, actor, station.settings, station.devices, body.channel)
    return {"fitted": body.channel}


@router.get("/benches/{bench_id}/learned")
def learned(bench_id: str, shop: ShopDep, _: ActorDep) -> dict[str, Any]:
    """What each channel has learned of each product, lot and tube, the last used first. Figures: mg/s, s, mg/µL, mg."""
    return {"learned": [asdict(one) for one in _station(shop, bench_id).devices.learned()]}


@router.post("/benches/{bench_id}/learned/forget", dependencies=ONCE)
def forget(bench_id: str, body: ForgetIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """One line begins anew: the next dose goes by other lots and tubes, or by nothing. Officers only."""
    known = (body.channel, body.product_id, body.lot_no, body.tube)
    commands.forget_learned(shop.desk, actor, bench_id, _station(shop, bench_id).devices, known)
    return {"forgotten": body.model_dump()}


@router.post("/benches/{bench_id}/check-weigh", dependencies=ONCE)
def check(bench_id: str, body: CheckIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    """Read one test weight of the bench. `waiting_mg` are those still to come, `passed` is null until the last."""
    at = _station(shop, bench_id)
    return asdict(weigh_one(shop.desk, actor, at.settings, at.devices, at.check_weighing, body.nominal_mg))


@router.post("/benches/{bench_id}/clean", dependencies=ONCE)
def clean(bench_id: str, body: CleanIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    _station(shop, bench_id)
    commands.clean(shop.desk, actor, bench_id, body.what, body.agent, body.purged_mg)
    return {"cleaned": True}


@router.post("/room", dependencies=ONCE)
def room(body: RoomIn, shop: ShopDep, actor: ActorDep) -> dict[str, Any]:
    commands.record_room(shop.desk, actor, body.temp_c10, body.rh_pct10)
    return {"temp_c10": body.temp_c10, "rh_pct10": body.rh_pct10}
