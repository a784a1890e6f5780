"""A visit goes on around a unit that was kept back, and around what was made: its containers may be empty by now."""

from __future__ import annotations

from pathlib import Path

import pytest

from store_service.blending.queries import components_of
from store_service.reactions import back
from store_service.reactions.commands import Reactions
from store_service.records.desk import OutOfStep
from store_service.rules.refusal import Refused
from store_service.stock.commands import finish_container
from tests.kiosk_ui.test_kiosk_door import Hand
from tests.shops import BLENDER, EXPLAINED, OFFICER, PrivateShop, private_shop


def judge(shop: PrivateShop, service_id: str) -> bool:
    counter, settings = shop.shop.counter, shop.station.settings
    return counter.verdict(BLENDER, settings, shop.shop.settings.public_base, service_id).allowed


def test_what_is_left_is_handed_over(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        hand = Hand(shop)
        hand.sign_in()
        place = hand.service()
        hand.answered(place)
        service_id = place.rsplit("/", 1)[-1]
        blend, decant = (shop.released_unit(one, service_id) for one in ("ENV-LOTION", "ENV-TONER"))
        assert f"{place}/hand-over" in hand.get(place)
        with shop.shop.desk.read() as connection:
            part = components_of(connection, shop.shop.desk.site_id, decant)[0]
        Reactions(shop.shop.desk, shop.shop.vault).hold_lot(OFFICER, part.product_id, part.lots[0], (), "smell")
        back.take_back(shop.shop.desk, OFFICER, decant, "other", 40_000, "box")
        assert f"{place}/hand-over" in hand.get(place), "the kept-back decant is no part of the visit any more"
        with pytest.raises(OutOfStep) as no:
            judge(shop, service_id)
        assert no.value.state == "without a formula", "nothing is left to judge"
        assert judge(shop, shop.unit(shop.planned_unit("ENV-LOTION", service_id)).service_id)
        assert shop.unit(blend).state == "released"


def test_a_second_unit_is_not_judged_by_the_containers_of_the_first(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        first = shop.released_unit("ENV-LOTION")
        service_id = shop.unit(first).service_id
        with shop.shop.desk.read() as connection:
            parts = components_of(connection, shop.shop.desk.site_id, first)
        finish_container(shop.shop.desk, "s-01", parts[0].containers[0], 100, discarded=False)
        second = shop.planned_unit("ENV-TONER", service_id)
        assert judge(shop, service_id)
        shop.cup_unit(second)


def test_the_hand_over_shows_although_the_contact_was_erased(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        hand, vault, counter = Hand(shop), shop.shop.vault, shop.shop.counter
        hand.sign_in()
        consumer_ref = counter.member_ref("M8801-2217")
        service_id = shop.service("M8801-2217")
        unit_id = shop.released_unit("ENV-TONER", service_id)
        vault.put("contact", consumer_ref, {"phone": "1"}, shop.shop.desk.now())
        vault.erase(consumer_ref, ("contact",))
        assert f"/kiosk/service/{service_id}/hand-over" in hand.get(f"/kiosk/service/{service_id}")
        shop.hand_over(unit_id)


def test_what_was_explained_before_a_unit_was_released_is_explained_again(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        counter, service_id = shop.shop.counter, shop.service()
        shop.released_unit("ENV-LOTION", service_id)
        counter.explain(BLENDER, service_id, EXPLAINED)
        shop.dial.seconds += 1
        shop.released_unit("ENV-TONER", service_id)
        hand = Hand(shop)
        hand.sign_in()
        assert "checked" not in hand.get(f"/kiosk/service/{service_id}")
        with pytest.raises(Refused) as no:
            counter.hand_over(BLENDER, service_id, recall_card=True)
        assert [one.rule for one in no.value.verdict.refusals] == ["R-CON-09"]
        counter.explain(BLENDER, service_id, EXPLAINED)
        counter.hand_over(BLENDER, service_id, recall_card=True)
