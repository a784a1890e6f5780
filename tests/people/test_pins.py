"""Badges and PINs: five wrong tries lock, and nobody signs as another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from store_service.people.commands import close_shift, declare_fitness, enrol, open_shift, second_person
from store_service.people.credentials import IDLE, LOCK, Enrolled, WrongPin, check_pin, close_session, open_session, who
from store_service.records.desk import Actor, Once, Replayed, once
from store_service.rules.refusal import Refused
from tests.faults.laws import log_of
from tests.shops import PrivateShop, private_shop


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("people")) as shop:
        yield shop


def test_five_wrong_tries_lock_for_five_minutes(opened: PrivateShop) -> None:
    vault, now = opened.shop.vault, opened.shop.desk.now()
    left = []
    for _ in range(5):
        with pytest.raises(WrongPin) as wrong:
            check_pin(vault, "B-1003", "000000", now)
        left.append(wrong.value.left)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(WrongPin) as locked:
        check_pin(vault, "B-1003", "357912", now + LOCK - timedelta(seconds=1))
    assert locked.value.left == 0, "also with the right PIN"
    assert check_pin(vault, "B-1003", "357912", now + LOCK) == "s-03"
    assert check_pin(vault, "B-1001", "135790", now) == "s-01", "nobody else is locked"


def test_a_right_pin_forgives_the_wrong_ones(opened: PrivateShop) -> None:
    vault, now = opened.shop.vault, opened.shop.desk.now()
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(WrongPin):
                check_pin(vault, "B-1001", "000000", now)
        assert check_pin(vault, "b-1001 ", "135790", now) == "s-01"


def test_a_badge_that_is_not_known_says_no_more_than_a_wrong_pin(opened: PrivateShop) -> None:
    with pytest.raises(WrongPin) as wrong:
        check_pin(opened.shop.vault, "B-9999", "135790", opened.shop.desk.now())
    assert wrong.value.left == 4


def test_a_session_ends(opened: PrivateShop) -> None:
    vault, now = opened.shop.vault, opened.shop.desk.now()
    token = open_session(vault, "s-01", "k1", now)
    found = who(vault, token, now)
    assert found is not None
    assert (found.staff_id, found.name_zh, found.kiosk) == ("s-01", "店员甲", "k1")
    assert who(vault, token, now + IDLE) is None
    assert who(vault, "x" + token, now) is None
    close_session(vault, token)
    assert who(vault, token, now) is None


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345a", "", "１２３４５六"])
def test_a_pin_has_six_digits(opened: PrivateShop, pin: str) -> None:
    with pytest.raises(ValueError, match="six digits"):
        enrol(opened.shop.desk, opened.shop.vault, Enrolled("s-09", "店员庚", "Clerk G", "B-1009"), pin, "s-02")


def test_who_is_not_fit_today_does_not_serve(opened: PrivateShop) -> None:
    shop, clerk = opened.shop, Actor("s-01", "k1")
    declare_fitness(shop.desk, "s-01", False)
    with pytest.raises(Refused) as no:
        shop.counter.open(clerk)
    assert "R-PPL-05" in [one.rule for one in no.value.verdict.refusals]
    declare_fitness(shop.desk, "s-01", True)
    assert shop.counter.open(clerk)


def test_asking_for_a_second_person_does_not_use_up_the_requests_key(opened: PrivateShop) -> None:
    """The key belongs to the command that the PIN is for; else its second tap would hear nothing."""
    shop = opened.shop
    once.set(Once("a key of a tap", "hash"))
    try:
        assert second_person(shop.desk, shop.vault, "B-1002", "246801") == "s-02"
        declare_fitness(shop.desk, "s-02", True)
        once.set(Once("a key of a tap", "hash"))
        with pytest.raises(Replayed) as again:
            declare_fitness(shop.desk, "s-02", True)
        assert again.value.subject == {"fit": True}
    finally:
        once.set(None)


def test_a_shift_is_closed_once(opened: PrivateShop) -> None:
    desk = opened.shop.desk
    close_shift(desk, "s-02")
    close_shift(desk, "s-02")
    assert [one.type for one in log_of(desk)].count("shift.closed") == 1
    open_shift(desk, "s-02")
    close_shift(desk, "s-02")
    assert [one.type for one in log_of(desk)].count("shift.closed") == 2


def test_a_duty_that_nobody_ended_ended_with_its_day(opened: PrivateShop) -> None:
    """R-PPL-02: who took duty yesterday and went home is not on duty this morning."""
    desk, clerk = opened.shop.desk, Actor("s-01", "k1")
    opened.dial.seconds += 24 * 3600
    before = [one.type for one in log_of(desk)].count("shift.opened")
    declare_fitness(desk, "s-01", True)
    with pytest.raises(Refused) as no:
        opened.shop.counter.open(clerk)
    assert "R-PPL-02" in [one.rule for one in no.value.verdict.refusals]
    open_shift(desk, "s-02")
    assert [one.type for one in log_of(desk)].count("shift.opened") == before + 1
    assert opened.shop.counter.open(clerk), "the officer is on duty again"


def test_the_end_of_a_shift_ends_everybodys_duty(opened: PrivateShop) -> None:
    desk = opened.shop.desk
    declare_fitness(desk, "s-01", True)
    close_shift(desk, "s-01")
    with pytest.raises(Refused) as no:
        opened.shop.counter.open(Actor("s-01", "k1"))
    assert "R-PPL-02" in [one.rule for one in no.value.verdict.refusals]
