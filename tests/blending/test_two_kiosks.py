"""Two kiosks on one unit: the second sees it, is held off, and takes it over by PIN, which is an event."""

from __future__ import annotations

from tests.desks import Desked
from tests.faults.laws import kinds


def test_held_then_taken_over(at_desk: Desked) -> None:
    kiosk = at_desk.kiosk
    unit_id = kiosk.unit("cup")
    kiosk.begun.append(unit_id)
    with at_desk.another("k2", "B-1002", "246801") as second:
        assert second.state(unit_id)["held_by"] == {"staff_id": "s-01", "kiosk": "k1"}
        for path, body in (("doses", {}), ("scans", {"code": "C-106"}), ("weigh", {})):
            answer = second.ask(f"/units/{unit_id}/{path}", body)
            assert answer.status_code == 409
            assert answer.json()["type"].rsplit("/")[-1] in ("held", "out-of-step")
        assert second.ask(f"/units/{unit_id}/doses").json()["kiosk"] == "k1"
        wrong = second.ask(f"/units/{unit_id}/take-over", {"badge": "B-1002", "pin": "000000"})
        assert wrong.status_code == 401
        assert "unit.taken_over" not in kinds(at_desk.shop.desk, unit_id)

        taken = second.do(f"/units/{unit_id}/take-over", {"badge": "B-1002", "pin": "246801"})
        assert taken["held_by"] == {"staff_id": "s-02", "kiosk": "k2"}
        assert kinds(at_desk.shop.desk, unit_id)[-1] == "unit.taken_over"
        assert kiosk.ask(f"/units/{unit_id}/doses").json()["type"].rsplit("/")[-1] == "held"
        second.begin(unit_id)
        assert len(second.state(unit_id)["doses"]) == 1


def test_looking_at_the_line_again_does_not_move_a_unit(at_desk: Desked) -> None:
    unit_id = at_desk.kiosk.unit("started")
    with at_desk.another("k2", "B-1002", "246801") as second:
        answer = second.ask(f"/units/{unit_id}/clearance", {"items": ["labels", "lots", "hands"]})
        assert answer.json()["type"].rsplit("/")[-1] == "held"
    assert at_desk.kiosk.state(unit_id)["held_by"]["kiosk"] == "k1"


def test_a_unit_that_left_the_bench_is_not_taken_over(at_desk: Desked) -> None:
    """A lease for what is gone would keep the bench from everybody."""
    kiosk = at_desk.kiosk
    unit_id = kiosk.unit("released")
    kiosk.take_off()
    with at_desk.another("k2", "B-1002", "246801") as second:
        answer = second.ask(f"/units/{unit_id}/take-over", {"badge": "B-1002", "pin": "246801"})
        assert answer.json()["type"].rsplit("/")[-1] == "out-of-step"
    other = kiosk.unit("started")
    kiosk.do(f"/units/{other}/discard", {"reason": "test"})


def test_discarding_a_parked_unit_leaves_the_bench_alone(at_desk: Desked) -> None:
    kiosk = at_desk.kiosk
    parked = kiosk.unit("signed")
    kiosk.do(f"/units/{parked}/park", {"tag": "T-3"})
    kiosk.take_off()
    unit_id = kiosk.unit("cup")
    kiosk.begun.append(unit_id)
    kiosk.do(f"/units/{unit_id}/doses")
    stops = at_desk.private.bench.stops
    kiosk.do(f"/units/{parked}/discard", {"reason": "fell down"})
    assert at_desk.private.bench.stops == stops, "the other unit's dose goes on"
    at_desk.private.bench.run()
    assert kiosk.state(unit_id)["state"] == "dosing"
