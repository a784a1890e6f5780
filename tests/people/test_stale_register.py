"""The staff register has gone stale: nobody blends by it, and whoever was known last can still do what comes after."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from store_service import app
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.people.commands import declare_fitness, second_person, sign_in
from store_service.people.credentials import Enrolled, enrol
from store_service.privacy.commands import RightsDesk
from store_service.records.projections.consultation import service
from store_service.rules.refusal import Refused
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop


@pytest.fixture(scope="module")
def stale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """A shop that heard nothing from head office for eight days; a bottle went home before."""
    with private_shop(tmp_path_factory.mktemp("stale")) as shop:
        shop.hand_over(shop.released_unit())
        shop.dial.seconds += 8 * 86_400
        yield shop


def test_a_person_who_was_known_last_signs_in(stale: PrivateShop) -> None:
    desk, vault = stale.shop.desk, stale.shop.vault
    with desk.read() as connection:
        assert not registers(connection, desk.site_id, desk.now()).staff, "nobody is listed today"
    _, staff_id = sign_in(desk, vault, "B-1002", "246801", "k1")
    assert staff_id == "s-02" == second_person(desk, vault, "B-1002", "246801")


def test_somebody_whom_head_office_never_listed_does_not(stale: PrivateShop) -> None:
    desk, vault = stale.shop.desk, stale.shop.vault
    enrol(vault, Enrolled("s-77", "店员辛", "Clerk H", "B-1077"), "112233", desk.now())
    with pytest.raises(Refused) as no:
        sign_in(desk, vault, "B-1077", "112233", "k1")
    assert {one.rule for one in no.value.verdict.refusals} == {"R-PPL-03", "R-PPL-04"}


def test_blending_stays_refused(stale: PrivateShop) -> None:
    declare_fitness(stale.shop.desk, BLENDER.staff_id, True)
    with pytest.raises(Refused) as no:
        stale.shop.counter.open(BLENDER)
    assert {"R-PPL-03", "R-PPL-04"} <= {one.rule for one in no.value.verdict.refusals}


def test_what_comes_after_the_sale_goes_on(stale: PrivateShop) -> None:
    shop = stale.shop
    web = TestClient(app.shop_app(shop, app.Line(None, Event())))
    told = web.post("/api/v1/sign-in", json={"badge": "B-1002", "pin": "246801"}).json()
    web.headers["authorization"] = f"Bearer {told['token']}"
    case = web.post("/api/v1/reactions", json={"symptoms": ["itch"], "began": "today", "channel": "phone"})
    assert case.is_success, case.text
    visit = {"authority": "区市场监管局", "persons": ["李检查", "赵检查"], "ids_shown": True}
    assert web.post("/api/v1/inspections", json=visit).is_success
    rights = RightsDesk(shop.desk, shop.vault)
    with shop.desk.read() as connection:
        product, lot = next(iter(registers(connection, shop.desk.site_id, LAST_KNOWN).lots))
        consumer = str(connection.execute(select(service.c.consumer_ref)).scalars().first())
    asked = rights.ask(OFFICER, consumer, "show", "batch")
    assert rights.show(OFFICER, asked)["consumer_ref"] == consumer
    recall = web.post("/api/v1/recalls", json={"product_id": product, "lot_no": lot, "drill": True})
    assert recall.is_success, recall.text
