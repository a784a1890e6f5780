"""How the day asks the shop: a key for every POST, kept when the answer was lost; every "no" with its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import httpx
import pytest

from simulators.day.kiosk import Kiosk, No, Problem
from simulators.day.service import Consumer

TYPE = "https://store-blending.example/problems"


def kiosk(answer: Callable[[httpx.Request], httpx.Response]) -> Kiosk:
    return Kiosk("http://shop.example", transport=httpx.MockTransport(answer), sleep=lambda _: None)


def problem(status: int, name: str, **more: Any) -> httpx.Response:
    return httpx.Response(status, json={"type": f"{TYPE}/{name}", "title": name, **more})


def in_turn(answers: list[httpx.Response | Exception], asked: list[httpx.Request]) -> Kiosk:
    waiting: Iterator[httpx.Response | Exception] = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = next(waiting)
        if isinstance(found, Exception):
            raise found
        return found

    return kiosk(answer)


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("lost"), problem(409, "in-progress")], ids=["lost", "running"])
def test_a_lost_answer_is_asked_for_with_the_same_key(lost: httpx.Response | Exception) -> None:
    asked: list[httpx.Request] = []
    told = in_turn([lost, httpx.Response(200, json={"state": "dosing"})], asked).post("/units/u-1/doses")
    assert told == {"state": "dosing"}
    assert len({one.headers["idempotency-key"] for one in asked}) == 1 and len(asked) == 2


def test_every_act_has_a_key_of_its_own() -> None:
    asked: list[httpx.Request] = []
    one = in_turn([httpx.Response(200, json={}), httpx.Response(200, json={})], asked)
    one.post("/services")
    one.post("/services")
    assert len({request.headers["idempotency-key"] for request in asked}) == 2


def test_a_refusal_names_gate_and_rules() -> None:
    refused = problem(409, "refused", gate="sign", refusals=[{"rule": "R-PPL-07"}, {"rule": "R-BLD-17"}], warnings=[])
    with pytest.raises(No) as no:
        kiosk(lambda _: refused).post("/units/u-1/signature")
    assert (no.value.gate, no.value.rules) == ("sign", ["R-PPL-07", "R-BLD-17"])


def test_a_warning_is_answered_for_and_told() -> None:
    asked: list[httpx.Request] = []
    warned = problem(409, "needs-reason", gate="verdict", warnings=[{"rule": "R-BLD-24"}])
    told, rules = in_turn([warned, httpx.Response(200, json={"allowed": True})], asked).post_with_reasons("/v")
    assert told["allowed"] and rules == ["R-BLD-24"]
    assert b'"R-BLD-24"' in asked[1].content


def test_any_other_answer_is_a_problem() -> None:
    with pytest.raises(Problem) as found:
        kiosk(lambda _: problem(503, "device", fault="silent")).post("/units/u-1/weigh")
    assert not isinstance(found.value, No)
    assert (found.value.status, found.value.name) == (503, "device")
    with pytest.raises(Problem, match="502"):
        kiosk(lambda _: httpx.Response(502, text="<html>")).get("/me")


QUESTIONS = {
    "age": {"id": "age", "options": [{"value": "under_14", "age": 13}, {"value": "25_34", "age": 25}]},
    "condition": {"id": "condition", "options": []},
    "allergy": {"id": "allergy", "options": [{"value": "phenoxyethanol", "zh": "苯氧乙醇"}]},
}


def test_a_consumer_answers_as_told() -> None:
    grown = Consumer(Random(1))
    assert grown.answer(QUESTIONS["age"]) == (["25_34"], [])
    assert grown.answer(QUESTIONS["condition"]) == (["none"], [])
    assert grown.answer(QUESTIONS["allergy"]) == (["none"], [])
    other = Consumer(Random(1), 13, ("苯氧乙醇", "虚构果提取物"), ("broken_skin",))
    assert other.answer(QUESTIONS["age"]) == (["under_14"], [])
    assert other.answer(QUESTIONS["condition"]) == (["broken_skin"], [])
    assert other.answer(QUESTIONS["allergy"]) == (["phenoxyethanol"], ["虚构果提取物"])
