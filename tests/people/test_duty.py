"""Who is on duty: taken, left before the shift ends, and named on record as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from store_service.people import commands as people
from store_service.people.queries import on_duty
from store_service.rules.refusal import Refused
from tests.faults.laws import log_of
from tests.kiosk_ui.test_kiosk_door import Hand
from tests.shops import PrivateShop, private_shop


def standing(shop: PrivateShop) -> tuple[str, ...]:
    with shop.shop.desk.read() as connection:
        return on_duty(connection, shop.shop.desk.site_id, shop.shop.desk.now())


def told(shop: PrivateShop, kind: str) -> list[Any]:
    return [one.data["officer_id"] for one in log_of(shop.shop.desk) if one.type == kind]


def test_an_officer_leaves_and_comes_back(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        hand = Hand(shop)
        hand.sign_in("s-02")
        others = tuple(one for one in standing(shop) if one != "s-02")
        assert "/kiosk/shift/leave" in hand.get("/kiosk/shift")
        hand.post("/kiosk/shift/leave", "/kiosk/shift")
        assert standing(shop) == others
        assert "/kiosk/shift/leave" not in hand.get("/kiosk/shift")
        people.leave_duty(shop.shop.desk, "s-02")
        assert standing(shop) == others
        people.open_shift(shop.shop.desk, "s-02")
        assert standing(shop) == tuple(sorted((*others, "s-02")))


def test_a_unit_names_the_officers_who_are_there(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        desk, unit_id = shop.shop.desk, shop.planned_unit("ENV-TONER")
        for one in standing(shop):
            people.leave_duty(desk, one)
        with pytest.raises(Refused) as no:
            shop.cup_unit(unit_id)
        assert [one.rule for one in no.value.verdict.refusals] == ["R-PPL-02"]
        people.open_shift(desk, "s-02")
        shop.cup_unit(unit_id)
        assert (shop.unit(unit_id).started or {})["officers"] == ["s-02"]


def test_a_shift_is_opened_and_closed_in_the_name_of_an_officer_or_of_nobody(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        desk = shop.shop.desk
        people.close_shift(desk, "s-01")
        people.open_shift(desk, "s-01")
        people.close_shift(desk, "s-01")
        people.open_shift(desk, "s-02")
        people.close_shift(desk, "s-02")
        assert told(shop, "shift.closed") == ["s-02", "", "s-02"]
        assert told(shop, "shift.opened") == ["s-02", "", "s-02"]
