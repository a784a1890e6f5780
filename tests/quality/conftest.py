"""One shop with three units: handed over, released with a manual scan and a reprint, stopped half-way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kiosk_ui.kiosk.ready import may_work_screen
from kiosk_ui.render import Faces
from kiosk_ui.routes_law import law_face
from kiosk_ui.routes_qa import QaDoor, qa_face
from store_service.equipment.bench import DeviceTrouble
from store_service.quality.api import qa_router
from tests.shops import BLENDER, PrivateShop, private_shop

TOKEN = "a-token-that-only-reads"


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("shop")) as opened:
        opened.dial.seconds = 0.123456  # a real clock never stands at a full second
        opened.hand_over(opened.released_unit())
        _reprinted(opened)
        _stopped(opened)
        opened.shop.desk.ledger.seal()
        yield opened


def _reprinted(shop: PrivateShop) -> None:
    unit_id = shop.planned_unit()
    shop.cup_unit(unit_id)
    shop.dosed_unit(unit_id)
    shop.signed_unit(unit_id)
    shop.bench.printer_fault = "paper_out"
    with pytest.raises(DeviceTrouble):
        shop.printed_unit(unit_id)
    shop.bench.printer_fault = None
    shop.printed_unit(unit_id)
    assert shop.scanned_unit(unit_id)
    shop.bench.gross_mg = 0


def _stopped(shop: PrivateShop) -> None:
    unit_id = shop.planned_unit()
    shop.cup_unit(unit_id)
    shop.bench.outcome, shop.bench.fault = "fault", "stale"
    shop.station.doser.begin(BLENDER, unit_id)
    shop.bench.run()
    shop.bench.outcome, shop.bench.fault, shop.bench.gross_mg = "done", None, 0
    assert shop.unit(unit_id).state == "stopped"


@pytest.fixture
def client(shop: PrivateShop) -> TestClient:
    faces = Faces(lambda: "key")
    app = FastAPI()
    app.include_router(qa_router(shop.shop.desk, TOKEN))
    door = QaDoor(shop.shop.desk, faces, TOKEN)
    app.include_router(qa_face(shop.shop.desk, faces, door))
    app.include_router(law_face(shop.shop.desk, faces, door, lambda: may_work_screen(shop.shop)))
    return TestClient(app)


@pytest.fixture
def puller(client: TestClient) -> TestClient:
    """The registrant's program, with its token."""
    client.headers["authorization"] = f"Bearer {TOKEN}"
    return client


@pytest.fixture
def reader(client: TestClient) -> TestClient:
    """A person who has entered the token once."""
    assert client.post("/qa/token", data={"token": TOKEN}).status_code == 200
    return client
