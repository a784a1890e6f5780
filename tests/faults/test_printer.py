"""The printer will not: the unit stays signed, is parked with a tag, and the bench is free."""

from __future__ import annotations

from tests.benches import Place


def test_out_of_paper_and_jammed_then_parked_taken_back_and_released(place: Place) -> None:
    kiosk = place.kiosk
    unit_id = kiosk.unit("signed")
    for fault in ("printer_jam", "printer_paper_out"):
        place.fault(fault)
        answer = kiosk.ask(f"/units/{unit_id}/print")
        assert (answer.status_code, answer.json()["device"]) == (503, "printer"), fault
        told = kiosk.state(unit_id)
        assert told["state"] == "signed"
        assert {one["state"] for one in told["labels"]} == {"voided"}
        place.fault(fault, False)
    parked = kiosk.do(f"/units/{unit_id}/park", {"tag": "T-1", "reason": "printer"})
    assert (parked["tag"], parked["held_by"]) == ("T-1", None)
    kiosk.take_off()

    other = kiosk.unit("scanned")
    assert kiosk.state(other)["held_by"]["kiosk"] == "k1", "the bench was free"
    kiosk.do(f"/units/{other}/discard", {"reason": "test"})

    kiosk.do(f"/units/{unit_id}/unpark", {"code": "T-1"})
    void = {one["serial"] for one in kiosk.state(unit_id)["labels"]}
    kiosk.print(unit_id)
    told = kiosk.release(unit_id)
    assert told["state"] == "released"
    assert told["serial"] not in void
    assert {one["state"] for one in told["labels"] if one["serial"] in void} == {"voided"}
