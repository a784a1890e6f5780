"""The demo's people: head office that publishes, and a clerk who opens the shift. All data is fictional."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from store_service.blending.queries import open_units
from store_service.catalogue.queries import registers
from store_service.demo.overlay import Changes, read_document
from store_service.equipment.bench import Bench, DeviceTrouble
from store_service.equipment.check_weigh import check_scale
from store_service.equipment.commands import clean, record_room
from store_service.people import commands as people
from store_service.people.credentials import Enrolled, whose_badge
from store_service.readiness.commands import answer_standing
from store_service.records.desk import ANY_WARNING, Actor, NeedsReason
from store_service.records.projections.stock import lot, pack_lot
from store_service.rules.dossier import SNAPSHOT_KINDS, Document, Filer
from store_service.shop import Shop
from store_service.stock import commands as stock
from store_service.stock.queries import all_containers, find_container, find_pack

FILES = {
    "products": "products.toml",
    "lots": "lots.toml",
    "envelopes": "envelopes.toml",
    "roster": "roster.toml",
    "staff": "staff_register.toml",
    "rules": "rules.toml",
    "readiness": "readiness.toml",
}
KIOSK = "opening"
HAND_S = 1.0
"""A hand needs a moment; a scale asked in the same instant still shows what it showed before."""


def read(folder: Path, name: str, now: datetime, changes: Changes | None = None) -> dict[str, Any]:
    """A demo file with its relative dates made dates of `now`, changed where an overlay says so."""
    return read_document(folder / name, now, changes)


def documents(folder: Path, now: datetime, filer_id: str) -> list[Document]:
    """The registers that the demo's head office publishes."""
    return [_document(kind, folder, now, filer_id, {}) for kind in FILES]


def changed_documents(folder: Path, now: datetime, filer_id: str, changes: Changes) -> dict[str, Document]:
    """The registers that an overlay changes, as it changes them, by kind."""
    named = [kind for kind, name in FILES.items() if changes.get(Path(name).stem)]
    return {kind: _document(kind, folder, now, filer_id, changes) for kind in named}


def _document(kind: str, folder: Path, now: datetime, filer_id: str, changes: Changes) -> Document:
    content = read(folder, FILES[kind], now, changes)
    if kind == "products":
        content = {"filer_id": filer_id, **content}
        content.setdefault("attested_at", now)
    return SNAPSHOT_KINDS[kind].model_validate(content)


def filer(folder: Path, now: datetime, changes: Changes | None = None) -> Filer:
    return Filer.model_validate(read(folder, "filer.toml", now, changes))


@dataclass(frozen=True)
class Hands:
    """A person's hands at the simulated bench."""

    url: str

    def post(self, path: str, body: Mapping[str, Any]) -> None:
        httpx.post(f"{self.url}{path}", json=dict(body), timeout=5, trust_env=False).raise_for_status()

    def put_on(self, mass_mg: int, pack: str = "") -> None:
        self.post("/api/cup", {"on": True, "tare_mg": mass_mg, "pack": pack})

    def take_off(self) -> None:
        self.post("/api/cup", {"on": False})


def enrol_staff(shop: Shop, folder: Path) -> None:
    """Names, badges and PINs of the demo's staff; refused outside the demo, because they stand in a public file."""
    if not shop.demo:
        raise PermissionError("the demo's badges and PINs are refused outside the demo")
    for one in read(folder, "staff.toml", shop.desk.now())["staff"]:
        person = Enrolled(one["staff_id"], one["name"], one["name_en"], one["badge"])
        if whose_badge(shop.vault, person.badge) != person.staff_id:
            people.enrol(shop.desk, shop.vault, person, one["pin"], by="demo")


def open_for_the_day(shop: Shop, folder: Path, hands: Hands | None, changes: Changes | None = None) -> None:
    """Play the opening of a shift: stock, fitness, check weigh, cleaning, room. What is done already is left alone."""
    opening = read(folder, "opening.toml", shop.desk.now(), changes)
    officer = Actor(opening["shift"]["officer"], KIOSK)
    desk = shop.desk
    for staff_id in opening["shift"]["fit"]:
        people.declare_fitness(desk, staff_id, True)
    if officer.staff_id in opening["shift"]["on_duty"]:
        people.open_shift(desk, officer.staff_id)
    for staff_id in opening["shift"]["on_duty"]:
        people.take_duty(desk, staff_id)
    _deliveries(shop, opening, officer.staff_id)
    _containers(shop, opening, officer.staff_id)
    for pack in opening["packs"]:
        with desk.read() as connection:
            known = find_pack(connection, desk.site_id, pack["pack_lot"])
        if known is None or known.remaining < 20:
            stock.receive_packs(desk, officer.staff_id, **pack)
    bench_id = opening["shift"]["bench_id"]
    stock.load_label_stock(desk, officer.staff_id, bench_id, opening["label_stock"]["stock"])
    record_room(desk, officer, opening["room"]["temp_c10"], opening["room"]["rh_pct10"])
    cleaning = opening["cleaning"]
    if cleaning["done"]:
        clean(desk, officer, bench_id, cleaning["what"], cleaning["agent"], cleaning["purged_mg"])
    if hands is not None:
        load_bench(shop, hands)
    with desk.read() as connection:
        half_made = [one for one in open_units(connection, desk.site_id) if one.tag is None]
    if hands is not None and not half_made:
        weights = shop.station.settings.scale.check_weights_mg
        readings = {one: _weigh(shop.station.devices, hands, one) for one in weights}
        check_scale(desk, officer, shop.station.settings, readings)
    with suppress(NeedsReason):
        answer_standing(desk, shop.station.settings, officer.staff_id, {ANY_WARNING: "arranged"})


def _weigh(devices: Bench, hands: Hands, nominal_mg: int) -> int:
    """Put a test weight on, read, take it off."""
    hands.put_on(nominal_mg, "test weight")
    time.sleep(HAND_S)
    try:
        last: DeviceTrouble | None = None
        for _ in range(3):
            try:
                return devices.weigh().gross_mg
            except DeviceTrouble as trouble:
                last = trouble
        raise last or AssertionError("tried at least once")
    finally:
        hands.take_off()


def _deliveries(shop: Shop, opening: Mapping[str, Any], actor: str) -> None:
    desk = shop.desk
    with desk.read() as connection:
        known = set(connection.execute(select(lot.c.id).where(lot.c.store_id == desk.site_id)).scalars())
    for one in opening["deliveries"]:
        if f"{one['product_id']}/{one['lot_no']}" in known:
            continue
        own = tuple(
            stock.NewContainer(c["container_id"], c["kind"], c["net_mg"], c["heel_mg"], c.get("filled_on"))
            for c in opening["containers"]
            if (c["product_id"], c["lot_no"]) == (one["product_id"], one["lot_no"])
        )
        fields = {key: str(value) for key, value in one["fields"].items()}
        stock.receive_lot(desk, actor, one["product_id"], one["lot_no"], one["expiry"], fields, own)


def _containers(shop: Shop, opening: Mapping[str, Any], actor: str) -> None:
    desk, bench_id = shop.desk, opening["shift"]["bench_id"]
    for one in opening["containers"]:
        with desk.read() as connection:
            found = find_container(connection, desk.site_id, one["container_id"])
        if found is None or "opened" not in one or found.state != "closed":
            continue
        stock.open_container(desk, actor, one["container_id"], one["opened"])
        if "position" in one:
            stock.mount_container(desk, actor, one["container_id"], bench_id, one["position"], one["purged_mg"])


def load_bench(shop: Shop, hands: Hands) -> None:
    """Give the simulated bench the containers that the shop's record says are mounted, and the codes on its shelf."""
    with shop.desk.read() as connection:
        containers = all_containers(connection, shop.desk.site_id)
        products = registers(connection, shop.desk.site_id, shop.desk.now()).products

    def goods(one: Any) -> dict[str, Any]:
        product = products[one.product_id]
        return {
            "product": one.product_id,
            "viscosity": product.viscosity,
            "density_mg_ml": product.density_ug_per_ul,
            "mass_mg": max(one.remaining_mg, 1),
        }

    usable = [one for one in containers if one.product_id in products]
    channels = [{"channel": one.position, **goods(one)} for one in usable if one.position is not None]
    bottles = [goods(one) for one in usable if one.position is None and one.state == "opened"]
    hands.post("/api/channels", {"channels": channels, "bottles": bottles})
    codes = [
        {"label": f"{products[one.product_id].name_zh} · {one.lot_no}", "value": one.container_id} for one in usable
    ]
    codes += [{"label": f"包装 {sku}", "value": lot_no} for sku, lot_no in pack_codes(shop)]
    codes += [{"label": f"号牌 {number}", "value": f"T-{number}"} for number in range(1, 5)]
    with suppress(httpx.HTTPError):
        hands.post("/api/codes", {"codes": codes})


def pack_codes(shop: Shop) -> list[tuple[str, str]]:
    """(pack, lot code) of every pack lot on the shelf."""
    with shop.desk.read() as connection:
        query = select(pack_lot.c.sku, pack_lot.c.id).where(pack_lot.c.store_id == shop.desk.site_id)
        return [(row.sku, row.id) for row in connection.execute(query)]
