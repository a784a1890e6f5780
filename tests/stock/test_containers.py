"""Lots, containers and packs: taken in whole, used up once, never more on record than there is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from store_service.demo import play as demo
from store_service.records.desk import Missing, OutOfStep
from store_service.rules.refusal import Refused
from store_service.stock import commands as stock
from store_service.stock.queries import find_container, find_pack
from tests.benches import CONFIG
from tests.desks import Desked, desk
from tests.faults.laws import all_hold, log_of

BY = "s-02"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desked]:
    with desk(tmp_path_factory.mktemp("stock")) as made:
        yield made


@pytest.fixture
def at_desk(shared: Desked) -> Iterator[Desked]:
    yield shared
    all_hold(shared.shop.desk)


def fields_of(at_desk: Desked, product_id: str) -> tuple[str, date, dict[str, str]]:
    opening = demo.read(CONFIG / "demo", "opening.toml", at_desk.shop.desk.now())
    one = next(one for one in opening["deliveries"] if one["product_id"] == product_id)
    return one["lot_no"], one["expiry"], {key: str(value) for key, value in one["fields"].items()}


def test_a_delivery_without_its_papers_leaves_nothing(at_desk: Desked) -> None:
    shop = at_desk.shop
    lot_no, expiry, fields = fields_of(at_desk, "SRC-LOTION")
    before = len(log_of(shop.desk))
    new = stock.NewContainer("C-901", "retail_pack", 100_000)
    with pytest.raises(Refused) as no:
        stock.receive_lot(shop.desk, BY, "SRC-LOTION", lot_no, expiry, {**fields, "inspection_ref": ""}, (new,))
    assert "R-ADM-13" in [one.rule for one in no.value.verdict.refusals]
    assert [one.type for one in log_of(shop.desk)][before:] == ["act.refused"]
    with shop.desk.read() as connection:
        assert find_container(connection, shop.desk.site_id, "C-901") is None


def test_a_container_code_belongs_to_one_container(at_desk: Desked) -> None:
    shop = at_desk.shop
    lot_no, expiry, fields = fields_of(at_desk, "SRC-LOTION")
    twice = (stock.NewContainer("C-902", "cartridge", 1_000_000), stock.NewContainer("C-902", "cartridge", 500_000))
    with pytest.raises(ValueError, match="container_id"):
        stock.receive_lot(shop.desk, BY, "SRC-LOTION", lot_no, expiry, fields, twice)
    known = stock.NewContainer("C-101", "cartridge", 1_000_000, filled_on=date(2026, 11, 1))
    with pytest.raises(OutOfStep):
        stock.receive_lot(shop.desk, BY, "SRC-LOTION", lot_no, expiry, fields, (known,))


def test_opening_begins_one_period_only(at_desk: Desked) -> None:
    desk_ = at_desk.shop.desk
    with pytest.raises(ValueError, match="future"):
        stock.open_container(desk_, BY, "C-108", desk_.now() + timedelta(minutes=1))
    stock.open_container(desk_, BY, "C-108", desk_.now() - timedelta(days=1))
    before = len(log_of(desk_))
    stock.open_container(desk_, BY, "C-108")
    assert len(log_of(desk_)) == before, "opened is opened"
    answer = at_desk.kiosk.ask("/containers/C-108/open", {"opened_at": "2026-11-20T10:00:00"})
    assert answer.status_code == 422, "an instant without a zone"
    assert answer.json()["fields"][0]["field"] == "opened_at"


def test_a_channel_holds_one_container(at_desk: Desked) -> None:
    kiosk = at_desk.kiosk
    body = {"bench_id": "bench-1", "position": 2, "purged_mg": 3000}
    mounted = kiosk.do("/containers/C-110/mount", body)
    assert (mounted["position"], mounted["state"], mounted["remaining_mg"]) == (2, "opened", 997_000)
    assert kiosk.get("/containers/C-102")["position"] is None
    kiosk.do("/containers/C-102/mount", body)
    assert kiosk.get("/containers/C-110")["position"] is None


def test_what_is_used_up_stays_used_up(at_desk: Desked) -> None:
    kiosk = at_desk.kiosk
    assert kiosk.do("/containers/C-111/finish", {"residue_mg": 1500})["state"] == "empty"
    for path, body in (
        ("finish", {"residue_mg": 0}),
        ("quarantine", {"reason": "smell"}),
        ("open", {}),
        ("mount", {"bench_id": "bench-1", "position": 1}),
    ):
        answer = kiosk.ask(f"/containers/C-111/{path}", body, uuid.uuid4().hex)
        assert answer.json().get("type", "").rsplit("/")[-1] == "out-of-step", path
    assert kiosk.get("/containers/C-111")["remaining_mg"] == 1500


def test_a_quarantined_container_is_not_dosed_from(at_desk: Desked) -> None:
    kiosk = at_desk.kiosk
    kiosk.do("/containers/C-105/quarantine", {"reason": "smell"})
    assert kiosk.ask("/containers/C-105/mount", {"bench_id": "bench-1", "position": 1}).status_code == 409
    unit_id = kiosk.unit("planned", "ENV-CREAM")
    refused = kiosk.ask(f"/services/{kiosk.state(unit_id)['service_id']}/verdict").json()
    assert refused["type"].rsplit("/")[-1] == "refused"


def test_a_pack_lot_is_of_one_pack(at_desk: Desked) -> None:
    desk_ = at_desk.shop.desk
    stock.receive_packs(desk_, BY, "P-15-2609", "PK-15", 7, "甲", "COC-2")
    with pytest.raises(ValueError, match="is of PK-15"):
        stock.receive_packs(desk_, BY, "P-15-2609", "PK-30", 7, "甲", "COC-2")
    with desk_.read() as connection:
        held = find_pack(connection, desk_.site_id, "P-15-2609")
    assert held is not None
    assert held.sku == "PK-15"


def test_unknown_containers(at_desk: Desked) -> None:
    desk_ = at_desk.shop.desk
    for act in (
        lambda: stock.open_container(desk_, BY, "C-000"),
        lambda: stock.quarantine_container(desk_, BY, "C-000", "x"),
        lambda: stock.finish_container(desk_, BY, "C-000", 0, discarded=True),
    ):
        with pytest.raises(Missing):
            act()
