"""A shop's consumer door as the composition root builds it, for a test client."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.testclient import TestClient

from kiosk_ui.render import Faces
from kiosk_ui.routes_trace import add_trace
from store_service.blending.queries import Unit
from store_service.trace.archive import Archives, own_archive
from tests.shops import PrivateShop

FACES = Faces(lambda: "key")
BASE = "https://trace.chengrang.example"


def consumer_door(shop: PrivateShop) -> TestClient:
    archives = Archives(lambda site: own_archive(shop.shop.desk) if site == shop.shop.desk.site_id else None)
    return door_of(archives, shop.dial.clock.mono_ns, own_archive(shop.shop.desk).phone)


def door_of(archives: Archives, mono_ns: Callable[[], int], phone: str) -> TestClient:
    app = FastAPI()
    add_trace(app, FACES, archives.find, mono_ns=mono_ns, base=BASE, phone=phone)
    return TestClient(app)


def path_of(unit: Unit) -> str:
    return f"/01/{unit.gtin}/21/{unit.serial}"
