"""A shop's consumer door as the composition root builds it, for a test client."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.testclient import TestClient

from kiosk_ui.render import Faces
from kiosk_ui.routes_trace import trace_page
from store_service.blending.queries import Unit
from store_service.trace.api import Door, router
from store_service.trace.archive import Archive, own_archive
from store_service.trace.limit import PageLimit
from tests.shops import PrivateShop

FACES = Faces(lambda: "key")
BASE = "https://trace.chengrang.example"


def consumer_door(shop: PrivateShop) -> TestClient:
    archive = own_archive(shop.shop.desk)

    def find(store: str) -> Archive | None:
        return archive if store == archive.site else None

    door = Door(find, trace_page(FACES), PageLimit(shop.dial.clock.mono_ns), BASE, archive.phone)
    app = FastAPI()
    app.include_router(router(door))
    return TestClient(app)


def path_of(unit: Unit) -> str:
    return f"/01/{unit.gtin}/21/{unit.serial}"
