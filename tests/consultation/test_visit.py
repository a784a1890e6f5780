"""A visit: notice, consent, questions, verdict, hand-over, and every way out of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.desks import Desked, DeskKiosk, desk
from tests.faults.laws import all_hold, log_of
from tests.shops import EXPLAINED

FORMULA = {"envelope_id": "ENV-TONER", "shares_bp": [8500, 1500], "fill_mg": 15000, "pack_sku": "PK-15"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desked]:
    with desk(tmp_path_factory.mktemp("visit")) as made:
        yield made


@pytest.fixture
def kiosk(shared: Desked) -> Iterator[DeskKiosk]:
    yield shared.kiosk
    for one in shared.kiosk.begun:
        shared.kiosk.clear(one)
    shared.kiosk.begun.clear()
    all_hold(shared.shop.desk)


def opened(kiosk: DeskKiosk, *, notice: bool = True, consents: dict[str, bool] | None = None) -> str:
    service_id: str = kiosk.do("/services")["service_id"]
    if notice:
        kiosk.do(f"/services/{service_id}/notice", {"version": kiosk.get("/texts")["notice"]["version"]})
    if consents is not None:
        kiosk.do(f"/services/{service_id}/consents", {"purposes": consents})
    return service_id


def rules_of(answer: Any) -> list[str]:
    return [one["rule"] for one in answer.json()["refusals"]]


def test_no_consent_before_the_notice_was_shown(kiosk: DeskKiosk) -> None:
    service_id = opened(kiosk, notice=False)
    assert "R-CON-02" in rules_of(kiosk.ask(f"/services/{service_id}/consents", {"purposes": {"allergy": True}}))
    assert kiosk.ask(f"/services/{service_id}/notice", {"version": "N0"}).status_code == 422


def test_no_question_without_its_consent(kiosk: DeskKiosk, shared: Desked) -> None:
    service_id = opened(kiosk, consents={"allergy": False, "questionnaire": True})
    answer = kiosk.ask(f"/services/{service_id}/answers", {"question": "allergy", "values": ["oat"]})
    assert "R-CON-03" in rules_of(answer)
    assert shared.shop.vault.get("answers", service_id) is None
    assert kiosk.ask(f"/services/{service_id}/consents", {"purposes": {"everything": True}}).status_code == 422


@pytest.mark.parametrize(
    ("question", "values", "text"),
    [
        ("age", ["25_34", "35_49"], []),
        ("age", ["300"], []),
        ("shoe_size", ["42"], []),
        ("feel", ["tight"], ["rather tight"]),
    ],
)
def test_an_answer_that_is_not_offered(kiosk: DeskKiosk, question: str, values: list[str], text: list[str]) -> None:
    service_id = opened(kiosk, consents={"allergy": True, "questionnaire": True})
    body = {"question": question, "values": values, "text": text}
    assert kiosk.ask(f"/services/{service_id}/answers", body).status_code == 422


def test_a_child_is_not_served(kiosk: DeskKiosk) -> None:
    service_id = kiosk.visit()
    kiosk.do(f"/services/{service_id}/answers", {"question": "age", "values": ["under_14"]})
    refused = kiosk.ask(f"/services/{service_id}/consultation")
    if refused.status_code != 409:
        kiosk.do(f"/services/{service_id}/units", FORMULA)
        refused = kiosk.ask(f"/services/{service_id}/verdict")
    assert "R-CON-05" in rules_of(refused)


def test_an_allergen_in_the_formula_is_refused(kiosk: DeskKiosk, shared: Desked) -> None:
    service_id = kiosk.visit()
    kiosk.do(f"/services/{service_id}/answers", {"question": "allergy", "values": ["phenoxyethanol"]})
    kiosk.do(f"/services/{service_id}/consultation")
    kiosk.do(f"/services/{service_id}/units", FORMULA)
    assert "R-CON-08" in rules_of(kiosk.ask(f"/services/{service_id}/verdict"))
    given = [one for one in log_of(shared.shop.desk) if one.type == "verdict.given"][-1]
    assert (given.data["allowed"], given.data["service_id"]) == (False, service_id)
    unit_id = kiosk.get(f"/services/{service_id}")["units"][0]["unit_id"]
    kiosk.ask(f"/units/{unit_id}/clearance", {"items": ["labels", "lots", "hands"]})
    kiosk.begun.append(unit_id)
    assert kiosk.ask(f"/units/{unit_id}/start").status_code == 409, "a refused formula is not started"


def test_a_verdict_is_for_the_units_that_were_judged(kiosk: DeskKiosk) -> None:
    service_id = kiosk.visit()
    kiosk.do(f"/services/{service_id}/units", FORMULA)
    kiosk.do(f"/services/{service_id}/verdict")
    later = kiosk.do(f"/services/{service_id}/units", FORMULA)["units"][-1]["unit_id"]
    kiosk.begun.append(later)
    kiosk.do(f"/units/{later}/clearance", {"items": ["labels", "lots", "hands"]})
    assert kiosk.ask(f"/units/{later}/start").json()["state"] == "without a verdict"


def test_a_visit_that_is_given_up_frees_the_bench(kiosk: DeskKiosk) -> None:
    service_id = kiosk.visit()
    unit_id = kiosk.plan("ENV-TONER", service=service_id)
    kiosk.do(f"/services/{service_id}/verdict")
    kiosk.do(f"/units/{unit_id}/clearance", {"items": ["labels", "lots", "hands"]})
    assert kiosk.do(f"/services/{service_id}/cancel", {"reason": "left"})["state"] == "cancelled"
    assert kiosk.ask(f"/services/{service_id}/explain", {"items": list(EXPLAINED)}).json()["state"] == "cancelled"
    kiosk.unit("started")


def test_a_visit_with_a_unit_under_way_is_not_given_up(kiosk: DeskKiosk) -> None:
    unit_id = kiosk.unit("cup")
    service_id = kiosk.state(unit_id)["service_id"]
    assert kiosk.ask(f"/services/{service_id}/cancel", {"reason": "left"}).json()["state"] == "cup"
    assert kiosk.ask(f"/services/{service_id}/hand-over").status_code == 409


def test_handed_over_together_after_it_was_explained(kiosk: DeskKiosk) -> None:
    unit_id = kiosk.unit("released")
    kiosk.take_off()
    service_id = kiosk.state(unit_id)["service_id"]
    assert "R-CON-09" in rules_of(kiosk.ask(f"/services/{service_id}/hand-over"))
    kiosk.do(f"/services/{service_id}/explain", {"items": list(EXPLAINED)})
    unasked = kiosk.ask(f"/services/{service_id}/hand-over", {"contact": "13900001234"})
    assert rules_of(unasked) == ["R-CON-03"], "a contact that nobody consented to"
    assert kiosk.do(f"/services/{service_id}/hand-over", {"recall_card": True})["state"] == "handed_over"
    assert kiosk.state(unit_id)["state"] == "handed_over"
    assert kiosk.ask(f"/services/{service_id}/hand-over").status_code == 409


def test_only_the_officer_decides_on_an_allergen(kiosk: DeskKiosk, shared: Desked) -> None:
    service_id = kiosk.do("/services")["service_id"]
    told = {"allergen": "云母", "decision": "allow"}
    answer = kiosk.ask(f"/services/{service_id}/allergen", {**told, "badge": "B-1001", "pin": "135790"})
    assert answer.status_code == 422 and "s-01" in answer.text, "a clerk's own PIN is no officer's word"
    kiosk.do(f"/services/{service_id}/allergen", {**told, "badge": "B-1002", "pin": "246801"})
    decided = [dict(one.data) for one in log_of(shared.shop.desk) if one.type == "allergy.decided"]
    assert [one["officer_id"] for one in decided if one["service_id"] == service_id] == ["s-02"]
    kiosk.ask(f"/services/{service_id}/cancel", {"reason": "test"})
