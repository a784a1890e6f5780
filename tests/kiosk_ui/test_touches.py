"""One touch is carried out once, whoever repeats it and whenever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from kiosk_ui.kiosk.touches import KEPT, Touches
from store_service.records.desk import Once

KEY = Once("0123456789abcdef", "a form")


def test_eight_fingers_at_once_carry_out_one_act_and_see_one_place() -> None:
    touches, ready, done = Touches(), Barrier(8), []

    def carry_out() -> str:
        done.append(1)
        Event().wait(0.05)
        return f"/place/{len(done)}"

    def tap(_: int) -> str:
        ready.wait()
        return touches.once("a session", KEY, carry_out)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(tap, range(8))) == {"/place/1"}
    assert touches.once("a session", KEY, carry_out) == "/place/1"


def test_a_touch_that_failed_is_carried_out_at_the_next_try() -> None:
    touches = Touches()

    def fail() -> str:
        raise ValueError("answer: choose one")

    with pytest.raises(ValueError, match="choose one"):
        touches.once("a session", KEY, fail)
    assert touches.once("a session", KEY, lambda: "/on") == "/on"


def test_another_session_another_key_or_another_form_is_another_touch() -> None:
    touches = Touches()
    assert touches.once("a session", KEY, lambda: "/1") == "/1"
    assert touches.once("another", KEY, lambda: "/2") == "/2"
    assert touches.once("a session", Once("fedcba9876543210", KEY.request_hash), lambda: "/3") == "/3"
    assert touches.once("a session", Once(KEY.key, "another form"), lambda: "/4") == "/4"


def test_only_the_last_touches_are_kept() -> None:
    touches = Touches()
    for number in range(KEPT + 1):
        touches.once("a session", Once(f"key {number:05d}", ""), lambda: "/1")
    assert touches.once("a session", Once("key 00000", ""), lambda: "/again") == "/again"
    assert touches.once("a session", Once(f"key {KEPT:05d}", ""), lambda: "/again") == "/1"
