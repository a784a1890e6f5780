"""Every button pressed twice: the same key hears the same answer once, another key is out of step."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from store_service.records.tables import head
from tests.desks import Desked, DeskKiosk
from tests.shops import EXPLAINED

SEEN = {"mixed": True, "appearance_ok": True, "odour_ok": True, "homogeneous_ok": True}
STEPS: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    "clearance": ("planned", "/units/{u}/clearance", {"items": ["labels", "lots", "hands"]}),
    "start": ("cleared", "/units/{u}/start", {}),
    "cup": ("scanned", "/units/{u}/cup", {"code": "P-15-2609", "visual_ok": True}),
    "dose": ("cup", "/units/{u}/doses", {}),
    "stop": ("cup", "/units/{u}/stop", {"reason": "clerk"}),
    "resume": ("stopped", "/units/{u}/resume", {"code": "P-15-2609"}),
    "weigh": ("dosed", "/units/{u}/weigh", {}),
    "inspection": ("weighed", "/units/{u}/inspection", SEEN),
    "signature": ("checked", "/units/{u}/signature", {"badge": "B-1002", "pin": "246801"}),
    "print": ("signed", "/units/{u}/print", {}),
    "park": ("signed", "/units/{u}/park", {"tag": "T-1"}),
    "unpark": ("parked", "/units/{u}/unpark", {"code": "T-1"}),
    "take-over": ("cup", "/units/{u}/take-over", {"badge": "B-1001", "pin": "135790"}),
    "discard": ("cup", "/units/{u}/discard", {"reason": "spilt"}),
}
AGAIN_IS_FINE = {
    "clearance": "looking twice harms nobody",
    "stop": "what stands, stands",
    "weigh": "a reading may be taken again",
    "inspection": "so may a look",
    "take-over": "the kiosk that holds it may say so again",
}
BEFORE = {"cleared": "clearance", "stopped": "stop", "weighed": "weigh", "parked": "park"}


def unit_in(kiosk: DeskKiosk, state: str) -> str:
    if state not in BEFORE:
        return kiosk.unit(state)
    earlier, path, body = STEPS[BEFORE[state]]
    unit_id = unit_in(kiosk, earlier)
    if state == "cleared":
        kiosk.do(f"/services/{kiosk.state(unit_id)['service_id']}/verdict")
    kiosk.do(path.format(u=unit_id), body)
    return unit_id


def size(at_desk: Desked) -> int:
    with at_desk.shop.desk.read() as connection:
        found: int = connection.execute(head.select()).one().size
    return found


@pytest.mark.parametrize("step", STEPS)
def test_a_button_of_a_unit_is_pressed_twice(at_desk: Desked, step: str) -> None:
    kiosk = at_desk.kiosk
    earlier, path, body = STEPS[step]
    unit_id = unit_in(kiosk, earlier)
    kiosk.begun.append(unit_id)
    if step == "cup":
        kiosk.put_on(12_000)
    path, key = path.format(u=unit_id), uuid.uuid4().hex
    first = kiosk.do(path, body, key)
    after = size(at_desk)
    again = kiosk.ask(path, body, key)
    assert again.status_code == 200
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first
    assert size(at_desk) == after, "the same tap leaves no second event"
    other = kiosk.ask(path, body, uuid.uuid4().hex)
    if step in AGAIN_IS_FINE:
        assert other.is_success
    else:
        assert (other.status_code, other.json()["type"].rsplit("/")[-1]) == (409, "out-of-step")
        assert size(at_desk) == after
    assert kiosk.ask(path, {**body, "reason": "another", "items": ["x"]}, key).status_code == 422, "another body"


def test_buttons_of_a_service_pressed_twice(at_desk: Desked) -> None:
    kiosk = at_desk.kiosk

    def twice(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        key = uuid.uuid4().hex
        first = kiosk.do(path, body, key)
        after = size(at_desk)
        again = kiosk.do(path, body, key)
        assert again == first
        assert size(at_desk) == after
        return first

    service = twice("/services", {})["service_id"]
    version = kiosk.get("/texts")["notice"]["version"]
    twice(f"/services/{service}/notice", {"version": version})
    twice(f"/services/{service}/consents", {"purposes": {"allergy": True, "questionnaire": True}})
    for question, value in (("condition", "none"), ("age", "25_34"), ("allergy", "none")):
        twice(f"/services/{service}/answers", {"question": question, "values": [value]})
    twice(f"/services/{service}/consultation", {})
    formula = {"envelope_id": "ENV-TONER", "shares_bp": [8500, 1500], "fill_mg": 15000, "pack_sku": "PK-15"}
    assert len(twice(f"/services/{service}/units", formula)["units"]) == 1
    twice(
        f"/services/{service}/allergen", {"allergen": "云母", "decision": "allow", "badge": "B-1002", "pin": "246801"}
    )
    twice(f"/services/{service}/explain", {"items": list(EXPLAINED)})
    twice(f"/services/{service}/cancel", {"reason": "left"})
    assert kiosk.ask(f"/services/{service}/cancel", {"reason": "left"}).json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/fitness", {"fit": True}),
        ("/shift/open", {}),
        ("/room", {"temp_c10": 231, "rh_pct10": 505}),
        ("/benches/bench-1/clean", {"what": "pan", "agent": "75 % ethanol"}),
        ("/benches/bench-1/check-weigh", {"nominal_mg": 20000}),
        (
            "/packs",
            {"pack_lot": "P-15-2611", "sku": "PK-15", "quantity": 5, "supplier": "甲", "certificate": "COC-1"},
        ),
        ("/label-stock", {"bench_id": "bench-1", "stock": "72x60"}),
    ],
)
def test_a_button_of_the_shift_pressed_twice(at_desk: Desked, path: str, body: Mapping[str, Any]) -> None:
    key = uuid.uuid4().hex
    first = at_desk.kiosk.do(path, body, key)
    after = size(at_desk)
    assert at_desk.kiosk.do(path, body, key) == first
    assert size(at_desk) == after


def test_scan_back_twice(at_desk: Desked) -> None:
    kiosk = at_desk.kiosk
    unit_id = kiosk.unit("printed")
    codes = kiosk.codes(unit_id)
    for code in codes:
        told = kiosk.do(f"/units/{unit_id}/scan-back", {"code": code})
    assert told["state"] == "released"
    after = size(at_desk)
    assert kiosk.do(f"/units/{unit_id}/scan-back", {"code": codes[-1]})["state"] == "released"
    assert size(at_desk) == after
    assert kiosk.ask(f"/units/{unit_id}/print", {"reason": "smudged"}).status_code == 409
    assert kiosk.ask(f"/units/{unit_id}/discard", {"reason": "x"}).status_code == 409


def test_two_taps_at_the_very_same_time_make_one_dose(at_desk: Desked) -> None:
    kiosk = at_desk.kiosk
    unit_id = kiosk.unit("cup")
    told: list[int] = []
    with at_desk.another("k1") as twin:
        taps = [
            threading.Thread(target=lambda one=one: told.append(one.ask(f"/units/{unit_id}/doses").status_code))
            for one in (kiosk, twin)
        ]
        for tap in taps:
            tap.start()
        for tap in taps:
            tap.join()
    assert sorted(told) == [200, 409]
    assert len(kiosk.state(unit_id)["doses"]) == 1
    at_desk.private.bench.run()
