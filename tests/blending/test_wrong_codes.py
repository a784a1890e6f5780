"""A wrong code is never taken for a right one, and the clerk hears what it was."""

from __future__ import annotations

from tests.desks import Desked

GARBAGE = (
    "hello",
    "]Q3",
    "\x1d\x1d",
    "6901234567892",
    "http://[",
    "C-",
    "💧",
    "' OR 1=1 --",
    "https://x.example/01/1/21/2",
)


def test_at_the_containers(at_desk: Desked) -> None:
    unit_id = at_desk.kiosk.unit("started")
    for code in ("B-1001", "T-1", "P-15-2609", "C-999", "SH0042-261122-00017", *GARBAGE):
        answer = at_desk.kiosk.ask(f"/units/{unit_id}/scans", {"code": code})
        assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (404, "missing"), code
    assert at_desk.kiosk.state(unit_id)["components"][0]["container_id"] is None


def test_a_container_of_another_product(at_desk: Desked) -> None:
    unit_id = at_desk.kiosk.unit("started")
    answer = at_desk.kiosk.ask(f"/units/{unit_id}/scans", {"code": "C-101"})
    assert answer.status_code == 409
    assert {one["container_id"] for one in at_desk.kiosk.state(unit_id)["components"]} == {None}


def test_at_the_cup(at_desk: Desked) -> None:
    unit_id = at_desk.kiosk.unit("scanned")
    at_desk.kiosk.put_on(12_000)
    for code in ("B-1001", "C-106", "T-1", *GARBAGE):
        assert at_desk.kiosk.ask(f"/units/{unit_id}/cup", {"code": code, "visual_ok": True}).status_code == 404, code
    unknown_lot = at_desk.kiosk.ask(f"/units/{unit_id}/cup", {"code": "P-99-0000", "visual_ok": True})
    assert "R-BLD-15" in [one["rule"] for one in unknown_lot.json()["refusals"]]
    assert at_desk.kiosk.state(unit_id)["state"] == "started"


def test_at_the_labels(at_desk: Desked) -> None:
    kiosk = at_desk.kiosk
    other = kiosk.unit("printed")
    others = kiosk.codes(other)
    kiosk.do(f"/units/{other}/park", {"tag": "T-2"})
    kiosk.take_off()
    unit_id = kiosk.unit("printed")
    first = kiosk.codes(unit_id)
    kiosk.do(f"/units/{unit_id}/print", {"reason": "smudged"})
    told = kiosk.state(unit_id)
    right = kiosk.codes(unit_id)
    unknown = right[0][:-1] + ("0" if right[0][-1] != "0" else "1")
    other_product = right[0].replace(told["gtin"], "09521234590118")
    for code in (*GARBAGE, "B-1001", "T-2", told["batch"], others[0], first[0], unknown, other_product):
        answer = kiosk.ask(f"/units/{unit_id}/scan-back", {"code": code})
        assert answer.status_code in (404, 409), (code, answer.text)
    assert kiosk.state(unit_id)["state"] == "printed"
    assert kiosk.release(unit_id)["state"] == "released"
    kiosk.do(f"/units/{other}/discard", {"reason": "test"})


def test_at_the_tag(at_desk: Desked) -> None:
    unit_id = at_desk.kiosk.unit("planned")
    for tag in ("P-15-2609", "B-1001", "C-106", *GARBAGE):
        assert at_desk.kiosk.ask(f"/units/{unit_id}/park", {"tag": tag}).status_code == 404, tag


def test_unknown_things_are_not_found(at_desk: Desked) -> None:
    for path in ("/units/u-none", "/services/v-none", "/containers/C-none", "/benches/bench-9"):
        assert at_desk.kiosk.client.get(path).status_code == 404
    for path in ("weigh", "doses", "start", "print", "discard", "stop", "settle"):
        body = {"reason": "x"} if path in ("print", "discard") else {}
        assert at_desk.kiosk.ask(f"/units/u-none/{path}", body).status_code == 404, path
