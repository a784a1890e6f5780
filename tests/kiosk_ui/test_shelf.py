"""The shelf on the kiosk: containers opened, put on a line, taken out of use; packs taken in; the roll of labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store_service.records.events.after import BalanceStruck
from store_service.rules.case import Container
from store_service.stock.queries import all_packs, find_container, label_stock
from tests.faults.laws import all_hold, log_of
from tests.shops import PrivateShop, private_shop

from .hand import Hand

SHELF, SUPPLIES = "/kiosk/shelf", "/kiosk/shelf/supplies"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PrivateShop]:
    with private_shop(tmp_path) as found:
        yield found


def standing(shop: PrivateShop, container_id: str) -> Container:
    with shop.shop.desk.read() as connection:
        found = find_container(connection, shop.shop.desk.site_id, container_id)
    assert found is not None
    return found


def test_a_container_goes_on_a_line_and_the_other_one_comes_off(hand: Hand, shop: PrivateShop) -> None:
    before = standing(shop, "C-101")
    assert before.position == 1
    status, _, body = hand.post(f"{SHELF}/mount", SHELF, container="C-105", line="1")
    assert status == 200, body
    assert (standing(shop, "C-105").position, standing(shop, "C-105").state) == (1, "opened")
    assert standing(shop, "C-101").position is None
    all_hold(shop.shop.desk)


@pytest.mark.parametrize("line", ["0", "5", "", "一", "1 "])
def test_a_line_that_the_bench_has_not_is_refused_in_words(hand: Hand, shop: PrivateShop, line: str) -> None:
    status, _, body = hand.post(f"{SHELF}/mount", SHELF, container="C-105", line=line)
    if line.strip() == "1":
        assert status == 200, "blanks around a number are no mistake"
        return
    assert status == 409 and "请先选择一条管路" in body
    assert standing(shop, "C-105").position is None


def test_what_is_quarantined_says_why_and_is_not_mounted(hand: Hand, shop: PrivateShop) -> None:
    status, _, body = hand.post(f"{SHELF}/quarantine", SHELF, container="C-105", reason="whatever")
    assert status == 409 and "请选择停用的原因" in body
    assert hand.post(f"{SHELF}/quarantine", SHELF, container="C-105", reason="altered")[0] == 200
    assert standing(shop, "C-105").state == "quarantined"
    assert "已隔离" in hand.get(f"{SHELF}?container=C-105")
    assert hand.post(f"{SHELF}/mount", SHELF, container="C-105", line="1")[0] == 409
    told = [one.payload for one in log_of(shop.shop.desk) if one.type == "container.quarantined"]
    assert [one.reason for one in told] == ["外观或气味异常"]


def test_a_finished_container_is_weighed_and_balanced(hand: Hand, shop: PrivateShop) -> None:
    """R-REC-06: the residue that was weighed strikes the balance; a mass that is none finishes nothing."""
    for wrong in ("", "一", "-3", "nan", "99999999"):
        status, _, body = hand.post(f"{SHELF}/finish", SHELF, container="C-105", residue_g=wrong, end="empty")
        assert status == 409 and "余量" in body, wrong
    left = standing(shop, "C-105").remaining_mg
    assert hand.post(f"{SHELF}/finish", SHELF, container="C-105", residue_g=f"{left / 1000}", end="discarded")[0] == 200
    assert standing(shop, "C-105").state == "discarded"
    (struck,) = [one.payload for one in log_of(shop.shop.desk) if isinstance(one.payload, BalanceStruck)]
    assert (struck.container_id, struck.residue_mg, struck.outcome) == ("C-105", left, "balanced")
    assert "C-105" not in hand.get(SHELF).split('class="sim"')[0]


def test_a_scan_chooses_and_a_scan_of_something_else_is_named(hand: Hand) -> None:
    assert hand.post(SHELF, SHELF, code="C-103")[0] == 200
    assert '<span class="quiet num">C-103</span>' in hand.get(SHELF)
    status, _, body = hand.post(SHELF, SHELF, code="P-30-2609")
    assert status == 409 and "这是包材批号，这里要扫容器" in body


def test_packs_are_taken_in_and_what_was_typed_is_kept_on_a_mistake(hand: Hand, shop: PrivateShop) -> None:
    typed = {"pack_lot": "p-30-2701", "quantity": "250", "supplier": "示例包材厂", "certificate": "C-2701"}
    status, _, body = hand.post(f"{SUPPLIES.removesuffix('supplies')}packs", SUPPLIES, **typed)
    assert status == 409 and "哪一种包材" in body
    assert "示例包材厂" in hand.get(SUPPLIES)
    for wrong in ("0", "-1", "2.5", "1000000", "²"):
        assert hand.post(f"{SHELF}/packs", SUPPLIES, **{**typed, "sku": "PK-30", "quantity": wrong})[0] == 409
    assert hand.post(f"{SHELF}/packs", SUPPLIES, sku="PK-30", **typed)[0] == 200
    with shop.shop.desk.read() as connection:
        found = {one.pack_lot: one.remaining for one in all_packs(connection, shop.shop.desk.site_id)}
    assert found["P-30-2701"] == 250
    assert "示例包材厂" not in hand.get(SUPPLIES)


def test_the_roll_of_labels_is_one_that_exists(hand: Hand, shop: PrivateShop) -> None:
    assert hand.post(f"{SHELF}/labels", SUPPLIES, stock="A4")[0] == 409
    assert hand.post(f"{SHELF}/labels", SUPPLIES, stock="72x100")[0] == 200
    desk, bench_id = shop.shop.desk, shop.station.settings.bench_id
    with desk.read() as connection:
        assert label_stock(connection, desk.site_id, bench_id) == "72x100"


def test_the_shift_is_closed_on_the_kiosk(hand: Hand) -> None:
    assert "已开班" in hand.get("/kiosk/shift")
    _, place, _ = hand.post("/kiosk/shift/close", "/kiosk/shift")
    assert place == "/kiosk"
    assert "R-PPL-02" in hand.post("/kiosk/service")[2]
    assert "可以开班" in hand.get("/kiosk/shift")
