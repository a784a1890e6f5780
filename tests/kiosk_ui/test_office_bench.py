"""The desk's page of the bench: what the channels have learned, for all to see and for an officer to reset."""

from __future__ import annotations

import threading

import pytest
from fastapi.testclient import TestClient

from store_service.app import shop_app
from store_service.blending import commands as blending
from store_service.equipment.bench import Figure, Known
from store_service.http import COOKIE
from store_service.line import Line
from store_service.people import credentials
from store_service.records.events.equipment import TubeFitted
from tests.faults.laws import log_of
from tests.kiosk_ui.office import Office
from tests.shops import BLENDER, OFFICER, PrivateShop

FIGURES = {
    "flow_mg_s": Figure(1_700.4, 21.0, 12),
    "lag_s": Figure(0.212, 0.012, 12),
    "tail_s": Figure(0.011, 0.006, 9),
    "yield_mg_per_ul": Figure(0.981, 0.014, 12),
    "void_mg": Figure(3.2, 4.0, 5),
}
ROW = Known(2, "P-1", "L-1", 1, 1_240_000, 12, "2026-11-20", FIGURES)
OTHER = Known(2, "P-1", "L-2", 1, 1_260_000, 1, "2026-11-21", FIGURES)


@pytest.fixture(autouse=True)
def learned(shop: PrivateShop) -> None:
    shop.bench.known, shop.bench.fitted = [ROW, OTHER], []


def name_of(shop: PrivateShop, row: Known) -> str:
    bench_id = next(iter(shop.shop.stations))
    return f"{bench_id} / {row.channel} / {row.product_id} / {row.lot_no} / {row.tube}"


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_figure_stands_with_its_spread_and_its_doses(shop: PrivateShop, lang: str) -> None:
    text = Office(shop).read("bench", lang)
    for cell in ("1700 ± 21 (12)", "0.212 ± 0.012 (12)", "0.981 ± 0.014 (12)", "0.011 ± 0.006 (9)", "3 ± 4 (5)"):
        assert text.count(f"<td>{cell}</td>") == 2
    assert name_of(shop, ROW) in text and "2026-11-20" in text and "office." not in text


def test_an_officer_forgets_one_row_after_a_tick(shop: PrivateShop) -> None:
    office, row = Office(shop), {"learned": name_of(shop, ROW)}
    status, text = office.send("bench", "forget", row)
    assert status == 409 and "勾选确认" in text and len(shop.bench.known) == 2
    assert office.send("bench", "forget", {**row, "sure_forget": "1"})[0] == 303
    assert shop.bench.known == [OTHER]


def test_a_clerk_may_look_and_not_forget(shop: PrivateShop) -> None:
    clerk = Office(shop, BLENDER.staff_id)
    status, text = clerk.send("bench", "forget", {"learned": name_of(shop, ROW), "sure_forget": "1"})
    assert status == 409 and "R-PPL-02" in text and "质量安全员" in text and len(shop.bench.known) == 2


def test_a_new_tube_is_told_at_the_desk(shop: PrivateShop) -> None:
    office = Office(shop, BLENDER.staff_id)
    told = {"bench": next(iter(shop.shop.stations)), "tube_channel": "3"}
    assert office.send("bench", "fit_tube", told)[0] == 409 and shop.bench.fitted == []
    for wrong in ("0", "33", "2.5"):
        assert office.send("bench", "fit_tube", {**told, "tube_channel": wrong, "sure_tube": "1"})[0] == 409
    unit_id = shop.planned_unit("ENV-TONER")
    shop.cup_unit(unit_id)
    assert office.send("bench", "fit_tube", {**told, "sure_tube": "1"})[0] == 409 and shop.bench.fitted == []
    blending.discard(shop.shop.desk, BLENDER, shop.bench, unit_id, "test")
    assert office.send("bench", "fit_tube", {**told, "sure_tube": "1"})[0] == 303 and shop.bench.fitted == [3]
    fitted = log_of(shop.shop.desk)[-1].payload
    assert isinstance(fitted, TubeFitted) and (fitted.channel, fitted.bench_id) == (3, told["bench"])


def test_the_same_by_json(shop: PrivateShop) -> None:
    client = TestClient(shop_app(shop.shop, Line(None, threading.Event())))
    place = f"/api/v1/benches/{next(iter(shop.shop.stations))}/learned"
    assert client.get(place).status_code == 401

    def sign_in(staff_id: str) -> None:
        client.cookies.set(COOKIE, credentials.open_session(shop.shop.vault, staff_id, "kiosk-1", shop.shop.desk.now()))

    sign_in(BLENDER.staff_id)
    (first, _) = client.get(place).json()["learned"]
    assert first["figures"]["lag_s"] == {"mean": 0.212, "sd": 0.012, "count": 12} and first["pumped_mg"] == 1_240_000
    known = {"channel": 2, "product_id": "P-1", "lot_no": "L-1", "tube": 1}

    def forget(key: str) -> int:
        return client.post(f"{place}/forget", json=known, headers={"Idempotency-Key": key * 20}).status_code

    assert forget("a") == 409
    sign_in(OFFICER.staff_id)
    assert forget("b") == 200 and shop.bench.known == [OTHER]
    assert forget("c") == 404
