"""The printer will not: the unit stays signed, is parked with a tag, and the bench is free."""

from __future__ import annotations

from tests.benches import Place, read_picture


def test_out_of_paper_and_jammed_then_parked_taken_back_and_released(place: Place) -> None:
    kiosk = place.kiosk
    unit_id = kiosk.unit("signed")
    for fault in ("printer_paper_out", "printer_cover_open", "printer_jam", "printer_offline"):
        place.fault(fault)
        answer = kiosk.ask(f"/units/{unit_id}/print")
        assert (answer.status_code, answer.json()["device"]) == (503, "printer"), fault
        told = kiosk.state(unit_id)
        assert told["state"] == "signed"
        assert {one["state"] for one in told["labels"]} == {"voided"}
        place.fault(fault, False)
    place.fault("printer_paper_out")
    parked = kiosk.do(f"/units/{unit_id}/park", {"tag": "T-1", "reason": "printer"})
    assert (parked["tag"], parked["held_by"]) == ("T-1", None)
    kiosk.take_off()

    other = kiosk.unit("dosed")
    wrong = kiosk.ask(f"/units/{other}/park", {"tag": "T-1"})
    assert wrong.status_code == 409
    kiosk.check(other)
    assert kiosk.ask(f"/units/{other}/park", {"tag": "T-1"}).json()["wanted"] == "a free tag"
    assert kiosk.ask(f"/units/{unit_id}/unpark", {"code": "T-1"}).json()["unit"] == other, "the bench is taken"
    kiosk.do(f"/units/{unit_id}/stop", {"reason": "touched"})
    assert kiosk.state(other)["state"] == "checked"
    kiosk.do(f"/units/{other}/discard", {"reason": "test"})
    kiosk.take_off()

    place.fault("printer_paper_out", False)
    assert kiosk.ask(f"/units/{unit_id}/unpark", {"code": "T-2"}).status_code == 404
    taken = kiosk.do(f"/units/{unit_id}/unpark", {"code": "T-1"})
    assert (taken["tag"], taken["bench_id"], taken["held_by"]["kiosk"]) == (None, "bench-1", "k1")
    void = {one["serial"] for one in taken["labels"]}
    kiosk.print(unit_id)
    told = kiosk.release(unit_id)
    assert told["state"] == "released"
    assert told["serial"] not in void
    assert {one["state"] for one in told["labels"] if one["serial"] in void} == {"voided"}
    assert told["serial"] in read_picture(place.bench.printer.labels[-1].png) or told["labels"][-1]["of"] > 1
