"""The bench's care over HTTP leaves the records that the kiosk's leaves."""

from __future__ import annotations

import threading
from pathlib import Path

from fastapi.testclient import TestClient

from store_service.app import shop_app
from store_service.blending import commands as blending
from store_service.http import COOKIE
from store_service.line import Line
from store_service.people import credentials
from store_service.records.events.equipment import LineFlushed, TubeFitted
from tests.faults.laws import all_hold, log_of
from tests.shops import BLENDER, private_shop


def test_a_flush_and_a_new_tube_are_on_record_and_refused_while_a_unit_has_the_bench(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        client, desk = TestClient(shop_app(shop.shop, Line(None, threading.Event()))), shop.shop.desk
        session = credentials.open_session(shop.shop.vault, BLENDER.staff_id, "kiosk-1", desk.now())
        client.cookies.set(COOKIE, session)
        place = f"/api/v1/benches/{next(iter(shop.shop.stations))}"

        def post(act: str, key: str, **said: object) -> int:
            return client.post(f"{place}/{act}", json=said, headers={"Idempotency-Key": key * 20}).status_code

        assert post("flush", "a", channel=2, purpose="prime") == 200
        flushed = log_of(desk)[-1].payload
        assert isinstance(flushed, LineFlushed)
        assert (flushed.channel, flushed.container_id, flushed.purpose, flushed.moved_mg) == (
            2,
            "C-102",
            "prime",
            3_000,
        )
        recorded = len(log_of(desk))
        assert post("flush", "a", channel=2, purpose="prime") == 200, "the same tap again"
        assert len(log_of(desk)) == recorded
        assert post("flush", "b", channel=9, purpose="load") == 404
        assert post("flush", "c", channel=2, purpose="explode") == 422
        assert post("tube", "d", channel=2) == 200
        fitted = log_of(desk)[-1].payload
        assert isinstance(fitted, TubeFitted) and (fitted.channel, shop.bench.fitted) == (2, [2])

        unit_id = shop.planned_unit("ENV-TONER")
        shop.cup_unit(unit_id)
        recorded = len(log_of(desk))
        assert (post("flush", "e", channel=2, purpose="prime"), post("tube", "f", channel=2)) == (409, 409)
        assert len(log_of(desk)) == recorded and shop.bench.fitted == [2]
        blending.discard(desk, BLENDER, shop.bench, unit_id, "test")
        all_hold(desk)
