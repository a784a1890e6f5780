"""What may go wrong while something moves: the pump stops, nothing is lost, nothing is dosed twice."""

from __future__ import annotations

import pytest

from tests.benches import Place
from tests.clerk import until

from .laws import kinds

SHARES = (6100, 2900, 1000)
LONG = {"fill_mg": 50_000, "shares": (6100, 2000, 1900)}
"""The first dose, of what is least, is then 9.5 g."""
LATE_DROPS_MG = 90


def begun(place: Place, landed_mg: int = 2500) -> str:
    """A pumped unit with its first dose under way."""
    unit_id = place.kiosk.unit("cup", "ENV-LOTION", **LONG)
    place.kiosk.begin(unit_id)
    place.landed_more_than(landed_mg)
    return unit_id


def stopped(place: Place, unit_id: str) -> dict[str, object]:
    def look() -> dict[str, object] | None:
        told = place.kiosk.state(unit_id)
        return told if told["state"] == "stopped" else None

    found: dict[str, object] = until(look, "the unit is stopped")
    until(lambda: not place.pumping(), "the pump stands", within_s=3)
    return found


def recorded_mg(place: Place, unit_id: str) -> int:
    return sum(one["landed_mg"] or 0 for one in place.kiosk.state(unit_id)["doses"])


def agrees_with_the_truth(place: Place, unit_id: str) -> None:
    assert abs(recorded_mg(place, unit_id) - place.in_cup_mg()) < LATE_DROPS_MG


def test_the_scale_is_unplugged(place: Place) -> None:
    unit_id = begun(place)
    place.fault("scale_unplugged")
    told = stopped(place, unit_id)
    assert told["stop_reason"] in ("scale_lost", "scale_stale")
    assert [one["outcome"] for one in told["doses"]] == [None], "no mass is recorded rather than a wrong one"
    assert place.in_cup_mg() < 8000
    answer = place.kiosk.ask(f"/units/{unit_id}/resume", {"code": "P-50-2609"})
    assert answer.status_code == 503
    assert answer.json()["device"] == "scale"
    place.fault("scale_unplugged", False)
    until(
        lambda: place.kiosk.ask(f"/units/{unit_id}/resume", {"code": "P-50-2609"}).is_success, "the scale is back", 20
    )
    assert place.kiosk.state(unit_id)["doses"][0]["outcome"] == "interrupted"
    agrees_with_the_truth(place, unit_id)
    assert not place.pumping(), "resume starts nothing by itself"


@pytest.mark.parametrize("lost", ["pump_requests_lost", "pump_replies_lost"])
def test_the_pump_line_is_cut(place: Place, lost: str) -> None:
    unit_id = begun(place)
    at_cut = place.in_cup_mg()
    place.fault(lost)
    told = stopped(place, unit_id)
    assert told["stop_reason"] in ("pump_lost", "watchdog")
    until(lambda: place.kiosk.state(unit_id)["doses"][0]["outcome"], "what landed is weighed", 15)
    assert place.in_cup_mg() - at_cut < 2 * 2000 * 0.5 + 1000, "the watchdog ended the dose"
    agrees_with_the_truth(place, unit_id)
    assert place.kiosk.ask(f"/units/{unit_id}/doses").status_code == 409, "stopped: no dose before resume"


def test_a_container_runs_empty_and_the_second_lot_goes_on(place: Place) -> None:
    kiosk = place.kiosk
    unit_id = kiosk.unit("cup", "ENV-LOTION", shares=SHARES)
    kiosk.begin(unit_id)
    place.landed_more_than(2_900)
    place.fault("container_empty", channel=2)
    told = stopped(place, unit_id)
    assert told["stop_reason"] in ("container_empty", "not_rising")
    place.fault("container_empty", False, channel=2)
    until(lambda: kiosk.state(unit_id)["doses"][-1]["outcome"], "what landed is weighed", 15)
    kiosk.do("/containers/C-102/finish", {"residue_mg": 0})
    kiosk.do("/containers/C-110/mount", {"bench_id": "bench-1", "position": 2})
    goods = {"channel": 2, "product": "SRC-HYDRA", "viscosity": "serum", "mass_mg": 900_000}
    kiosk.hand("/api/channels", {"channels": [goods]})
    kiosk.do(f"/units/{unit_id}/scans", {"code": "C-110"})
    kiosk.resume(unit_id)
    kiosk.dose(unit_id)
    lots = {one["product_id"]: one["lots"] for one in kiosk.state(unit_id)["components"]}
    assert lots["SRC-HYDRA"] == ["HS2609A", "HS2610B"]
    agrees_with_the_truth(place, unit_id)
    for step in (kiosk.check, kiosk.sign, kiosk.print, kiosk.release):
        step(unit_id)
    assert kiosk.state(unit_id)["state"] == "released"


def test_the_clerk_stops_and_another_cup_is_noticed(place: Place) -> None:
    kiosk = place.kiosk
    unit_id = begun(place, 1500)
    kiosk.do(f"/units/{unit_id}/stop", {"reason": "clerk"})
    stopped(place, unit_id)
    until(lambda: kiosk.state(unit_id)["doses"][0]["outcome"], "what landed is weighed", 15)
    agrees_with_the_truth(place, unit_id)
    mine = place.bench.do(lambda plant: plant.cup.cup_id)
    kiosk.take_off()
    kiosk.put_on(25_500, "PK-50")
    refused = kiosk.ask(f"/units/{unit_id}/resume", {"code": "P-50-2609"}).json()
    assert [one["rule"] for one in refused["refusals"]] == ["R-BLD-22"]
    kiosk.take_off()
    kiosk.put_on(25_500, "PK-50", cup=mine)
    refused = kiosk.ask(f"/units/{unit_id}/resume", {"code": "P-30-2609"}).json()
    assert [one["rule"] for one in refused["refusals"]] == ["R-BLD-22"], "another pack's code"
    assert kiosk.resume(unit_id)["state"] == "dosing"
    assert kinds(place.opened.desk, unit_id).count("dose.started") == 1
