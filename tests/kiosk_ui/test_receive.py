"""A lot at the door: what is recorded was read off the pack; what head office lists is compared with it (R-ADM-13)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from store_service.catalogue.queries import registers
from store_service.demo import play as demo
from store_service.records.events.stock import LotReceived
from tests.faults.laws import log_of
from tests.shops import CONFIG, PrivateShop

from .hand import Hand

PLACE = "/kiosk/receive"
PRODUCT, LOT = "SRC-HYDRA", "HS2609A"


def listed(shop: PrivateShop) -> tuple[str, str, date]:
    """Number as a scanner reads it (GTIN), filing number and expiry, as head office lists them."""
    with shop.shop.desk.read() as connection:
        known = registers(connection, shop.shop.desk.site_id, shop.shop.desk.now())
    product = known.products[PRODUCT]
    return product.gtin, product.filing_number, known.lots[PRODUCT, LOT].expiry


def form(shop: PrivateShop, **other: str) -> dict[str, str]:
    """Everything that a person types for this lot."""
    opening = demo.read(CONFIG / "demo", "opening.toml", shop.dial.start)
    row = next(one for one in opening["deliveries"] if one["lot_no"] == LOT)
    papers = {
        key: str(value)
        for key, value in row["fields"].items()
        if key not in ("product_name", "filing_number", "use_period")
    }
    _, number, expiry = listed(shop)
    typed = {"product_id": PRODUCT, "lot_no": LOT, "expiry": expiry.isoformat(), "net_g": "500"}
    return papers | typed | {"name_same": "1", "filing_tail": number[-4:]} | other


def received(shop: PrivateShop) -> list[LotReceived]:
    return [one.payload for one in log_of(shop.shop.desk) if isinstance(one.payload, LotReceived)]


def code(gtin: str, expiry: date) -> str:
    return f"(01){gtin}(17){expiry:%y%m%d}(10){LOT}"


def test_lot_and_expiry_come_out_of_the_code(hand: Hand, shop: PrivateShop) -> None:
    gtin, number, expiry = listed(shop)
    hand.post(PLACE, PLACE, code=code(gtin, expiry))
    page = hand.get(PLACE)
    assert f'name="expiry" value="{expiry}"' in page and f"扫码读得 {expiry}" in page
    assert number not in page and f"{number[:-4]}****" in page, "its last digits are to be read off the pack"
    before = len(received(shop))
    status, _, body = hand.post(PLACE, PLACE, **form(shop, lot_how="scan", expiry_how="scan"))
    assert status == 200, body
    last = received(shop)[-1]
    assert len(received(shop)) == before + 1
    assert (last.expiry, last.use_period, last.filing_number) == (expiry, expiry.isoformat(), number)
    assert {one.field: one.how for one in last.read} == {
        "lot_no": "scan", "expiry": "scan", "product_name": "compared", "filing_number": "compared",
    }  # fmt: skip


def test_a_lot_typed_by_hand_has_its_expiry_typed_off_the_pack(hand: Hand, shop: PrivateShop) -> None:
    _, _, expiry = listed(shop)
    hand.post(PLACE, PLACE, code=LOT, how="manual")
    page = hand.get(PLACE)
    assert expiry.isoformat() not in page, "the list's date is not there to be copied"
    assert 'name="expiry"' in page and "请照包装填写" in page and 'name="lot_how" value="typed"' in page
    assert hand.post(PLACE, PLACE, **form(shop, lot_how="typed"))[0] == 200
    assert {one.field: one.how for one in received(shop)[-1].read}["expiry"] == "typed"


@pytest.mark.parametrize("days", [-1, 1])
def test_another_expiry_in_the_code_than_in_the_list_is_refused(hand: Hand, shop: PrivateShop, days: int) -> None:
    gtin, _, expiry = listed(shop)
    other = expiry + timedelta(days=days)
    hand.post(PLACE, PLACE, code=code(gtin, other))
    assert f"清单为 {expiry}" in hand.get(PLACE)
    before = len(received(shop))
    status, _, body = hand.post(PLACE, PLACE, **form(shop, expiry=other.isoformat(), expiry_how="scan"))
    assert status == 409 and "R-ADM-13" in body and str(other) in body and str(expiry) in body
    assert len(received(shop)) == before


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"filing_tail": "0000"}, "0000"),
        ({"filing_tail": "1"}, "备案编号"),
        ({"filing_tail": ""}, "备案编号"),
        ({"name_same": ""}, "产品名称"),
    ],
)
def test_name_and_number_are_read_off_the_pack(hand: Hand, shop: PrivateShop, other: dict[str, str], said: str) -> None:
    before = len(received(shop))
    status, _, body = hand.post(PLACE, PLACE, **form(shop, **other))
    assert status == 409 and "R-ADM-13" in body and said in body
    assert len(received(shop)) == before
