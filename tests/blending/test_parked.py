"""A unit that is set aside: one tag for one unit, the bench for the next, and no other unit touched."""

from __future__ import annotations

from tests.desks import Desked


def test_tags_benches_and_ways_back(at_desk: Desked) -> None:
    kiosk = at_desk.kiosk
    at_desk.private.bench.printer_fault = "paper_out"
    unit_id = kiosk.unit("signed")
    assert kiosk.ask(f"/units/{unit_id}/print").status_code == 503
    parked = kiosk.do(f"/units/{unit_id}/park", {"tag": "T-1"})
    assert (parked["state"], parked["tag"], parked["held_by"]) == ("signed", "T-1", None)
    assert kiosk.ask(f"/units/{unit_id}/print").json()["type"].rsplit("/")[-1] == "held"
    kiosk.take_off()

    other = kiosk.unit("dosed")
    assert kiosk.ask(f"/units/{other}/park", {"tag": "T-4"}).status_code == 409, "not before its check weigh"
    kiosk.check(other)
    assert kiosk.ask(f"/units/{other}/park", {"tag": "T-1"}).json()["wanted"] == "a free tag"
    assert kiosk.ask(f"/units/{unit_id}/unpark", {"code": "T-1"}).json()["unit"] == other, "the bench is taken"
    kiosk.do(f"/units/{unit_id}/stop", {"reason": "touched"})
    assert kiosk.state(other)["state"] == "checked"
    kiosk.do(f"/units/{other}/park", {"tag": "T-2"})

    at_desk.private.bench.printer_fault = None
    assert kiosk.ask(f"/units/{unit_id}/unpark", {"code": "T-2"}).status_code == 404, "another unit's tag"
    taken = kiosk.do(f"/units/{unit_id}/unpark", {"code": "T-1"})
    assert (taken["tag"], taken["bench_id"], taken["held_by"]["kiosk"]) == (None, "bench-1", "k1")
    kiosk.print(unit_id)
    assert kiosk.release(unit_id)["state"] == "released"
    kiosk.do(f"/units/{other}/unpark", {"code": "T-2"})
    kiosk.do(f"/units/{other}/discard", {"reason": "test"})
