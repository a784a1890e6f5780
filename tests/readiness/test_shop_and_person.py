"""“May I work now?” speaks of the shop; what the person who asks may not do himself stands on a line of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from kiosk_ui.models import Way, Words
from kiosk_ui.samples_shop import OTHERS_MAY_WORK, ROLE
from store_service.people import commands as people
from store_service.readiness.queries import Ready, may_i_work
from tests.kiosk_ui.test_kiosk_door import Hand

from .conftest import Registered, staff
from .test_screens import PLACE, api

TODAY = date(2026, 11, 22)


def ready(shop: Registered, asks: str | None) -> Ready:
    desk = shop.private.shop.desk
    with desk.read() as connection:
        return may_i_work(connection, desk, shop.private.station.settings, asks)


def told(found: Ready) -> list[tuple[str, str]]:
    return [(one.rule, one.saying) for one in found.own]


def test_an_officer_hears_that_the_shop_may_and_he_may_not(shop: Registered) -> None:
    found = ready(shop, "s-02")
    assert found.may_work and not found.may_start and "s-01" in found.able and "s-02" not in found.able
    assert ("R-PPL-03", "role") in told(found)


def test_a_blender_may_start_and_whoever_asks_the_shop_stands_the_same(shop: Registered) -> None:
    answers = [ready(shop, asks) for asks in (None, "s-01", "s-02", "s-04", "s-99")]
    assert all(one.may_work and one.able == answers[0].able for one in answers)
    assert [one.may_start for one in answers] == [True, True, False, False, False]


def test_what_stops_the_shop_is_never_laid_on_the_person(shop: Registered) -> None:
    with shop.site(ownership="salon"):
        for asks in (None, "s-01", "s-02"):
            found = ready(shop, asks)
            assert not found.may_work and [one.rule for one in found.missing] == ["R-SCP-04"]
            assert ("R-PPL-03", "role") in told(found) or asks != "s-02"


def test_without_one_who_may_blend_the_shop_may_not(shop: Registered) -> None:
    lapsed = {"authorised_to": TODAY - timedelta(days=1)}
    with shop.register("staff", lambda register: staff("s-03", **lapsed)(staff("s-01", **lapsed)(register))):
        for asks in (None, "s-02"):
            found = ready(shop, asks)
            assert not found.may_work and found.able == ()
            assert {(one.rule, one.saying) for one in found.missing} >= {("R-PPL-03", "lapsed")}
            assert {one.facts["staff_id"] for one in found.missing} <= {"s-01", "s-03"}, "a blender, not who asks"


def test_an_account_that_has_ended_lets_nobody_sign_on(shop: Registered) -> None:
    ended = {"account_to": TODAY - timedelta(days=1)}
    with shop.register("staff", staff("s-01", **ended)):
        assert "s-01" not in ready(shop, None).able
    with shop.register("staff", lambda register: staff("s-03", **ended)(staff("s-01", **ended)(register))):
        assert [one.rule for one in ready(shop, None).missing] == ["R-PPL-09"]


def test_a_register_that_lists_nobody_here_says_so(shop: Registered) -> None:
    with shop.register("staff", lambda register: register.model_copy(update={"staff": ()})):
        found = ready(shop, None)
    assert ("R-PPL-03", "unknown") in {(one.rule, one.saying) for one in found.missing}


def test_when_the_shift_ends_the_shop_may_not(shop: Registered) -> None:
    desk = shop.private.shop.desk
    people.close_shift(desk, "s-02")
    try:
        assert "R-PPL-02" in {one.rule for one in ready(shop, "s-01").missing}
    finally:
        people.open_shift(desk, "s-02")
    assert ready(shop, "s-01").may_start


def test_both_screens_tell_the_officer_who_may(shop: Registered) -> None:
    hand = Hand(shop.private)
    page = hand.get(PLACE)
    assert "本店现在可以调配" in page and "店员甲" in page and "您本人不能做的" not in page
    hand.sign_in("s-02")
    page = hand.get(PLACE)
    assert "本店现在可以调配" in page and "您本人不能做的" in page and "R-PPL-03" in page
    assert "换人登录" in page and 'action="/kiosk/service"' not in page
    english = hand.get(f"{PLACE}?lang=en")
    assert "This shop can blend now" in english and "What you yourself may not do" in english and "Clerk A" in english
    home = hand.get("/kiosk?lang=zh-CN")
    assert "本店现在可以调配" in home and "您本人不能做的" in home and 'action="/kiosk/service"' not in home


def test_a_blender_who_is_not_fit_today_hears_that_others_may(shop: Registered) -> None:
    hand, desk = Hand(shop.private), shop.private.shop.desk
    hand.sign_in("s-01")
    people.declare_fitness(desk, "s-01", False)
    try:
        assert told(ready(shop, "s-01")) == [("R-PPL-05", "unfit")] and ready(shop, None).able == ("s-03",)
        for page in (hand.get(PLACE), hand.get("/kiosk")):
            assert "您本人不能做的" in page and 'action="/kiosk/service"' not in page
    finally:
        people.declare_fitness(desk, "s-01", True)
    assert 'action="/kiosk/service"' in hand.get("/kiosk")


def test_who_has_only_to_say_that_he_is_fit_is_led_there() -> None:
    statement = replace(ROLE, way=Way(Words("开班检查", "Open the shift"), "/kiosk/shift"))
    assert replace(OTHERS_MAY_WORK, own=(statement, ROLE)).own_href == "/kiosk/shift"
    assert OTHERS_MAY_WORK.own_href == replace(OTHERS_MAY_WORK, own=()).own_href == "/kiosk/sign-in"


def test_the_json_door_tells_shop_and_person_apart(shop: Registered) -> None:
    told = api(shop, "B-1002", "246801").get("/api/v1/ready").json()
    assert told["may_work"] is True and told["missing"] == [] and "s-01" in told["able"]
    assert {one["rule"] for one in told["own"]} == {"R-PPL-03"}
