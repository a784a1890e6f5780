"""`kill -9` of the service while the pump runs, and a second service beside the first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from tests.benches import Place, open_private, shop_on_bench
from tests.clerk import until

from .laws import all_hold, kinds

LONG = {"fill_mg": 50_000, "shares": (6100, 2000, 1900)}
"""The first dose, of what is least, is then 9.5 g."""


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with shop_on_bench(tmp_path_factory.mktemp("apart"), apart=True, seed=7) as place:
        yield place


def test_a_second_service_on_the_same_port_or_database(apart: Place) -> None:
    def serve(config: Path) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "store_service.cli", "serve", "--config", str(config), "--data", str(apart.data)]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    same_port = serve(apart.config)
    assert same_port.returncode == 1
    assert f"{apart.settings.listen.kiosk} is in use" in same_port.stderr
    assert "Traceback" not in same_port.stderr

    other = apart.folder / "other"
    copytree(apart.config, other)
    text = (other / "store.toml").read_text("utf-8")
    for address in (apart.settings.listen.kiosk, apart.settings.listen.phones):
        text = text.replace(f'"{address}"', '"127.0.0.1:0"')
    (other / "store.toml").write_text(text, "utf-8")
    same_database = serve(other)
    assert same_database.returncode == 1
    assert "Another process is using the database" in same_database.stderr
    assert "Traceback" not in same_database.stderr
    assert apart.kiosk.get("/me")["staff_id"] == "s-01", "the first one is not disturbed"


def test_the_service_is_killed_in_mid_dose(apart: Place) -> None:
    kiosk = apart.kiosk
    unit_id = kiosk.unit("cup", "ENV-LOTION", **LONG)
    kiosk.begin(unit_id)
    apart.landed_more_than(3500)
    apart.kill()
    until(lambda: not apart.pumping(), "the device's own watchdog ends the dose", within_s=3)
    assert apart.in_cup_mg() < 9000

    apart.start()
    told = kiosk.state(unit_id)
    assert (told["state"], told["stop_reason"]) == ("stopped", "restart")
    assert [(one["target_mg"], one["outcome"]) for one in told["doses"]] == [(9500, None)], "the dose is still open"
    gauge = until(lambda: kiosk.get("/benches/bench-1")["gauge"]["mg"], "the gauge reads the true grams")
    assert abs(gauge - 25_500 - apart.in_cup_mg()) < 60
    assert kiosk.ask(f"/units/{unit_id}/doses").status_code == 409

    mine = apart.bench.do(lambda plant: plant.cup.cup_id)
    kiosk.take_off()
    kiosk.put_on(25_500, "PK-50")
    refused = kiosk.ask(f"/units/{unit_id}/resume", {"code": "P-50-2609"})
    assert [one["rule"] for one in refused.json()["refusals"]] == ["R-BLD-22"], "another empty cup is noticed"
    kiosk.take_off()
    kiosk.put_on(25_500, "PK-50", cup=mine)
    dose = kiosk.resume(unit_id)["doses"][0]
    assert dose["outcome"] == "interrupted"
    assert abs(dose["landed_mg"] - apart.in_cup_mg()) < 60
    assert not apart.pumping()

    kiosk.begin(unit_id)
    told = until(lambda: len(kiosk.state(unit_id)["doses"]) > 2 and kiosk.state(unit_id), "the first component ends")
    first, second = told["doses"][:2]
    assert second["target_mg"] == 9500 - first["landed_mg"], "only what was missing"
    kiosk.do(f"/units/{unit_id}/discard", {"reason": "test"})
    apart.stop()

    again = open_private(apart.settings, apart.config, apart.data)
    try:
        all_hold(again.desk)
        assert kinds(again.desk, unit_id).count("unit.resumed") == 1
    finally:
        again.close()


@pytest.mark.soak
def test_killed_again_and_again(apart: Place) -> None:
    """At the start, in the middle and near the end of a dose; then discarded, and the next one begun."""
    if apart.process is None:
        apart.start()
    kiosk = apart.kiosk
    if apart.bench.do(lambda plant: plant.cup) is not None:
        kiosk.take_off()
    for landed_mg in (50, 1500, 4000, 7000, 8600):
        unit_id = kiosk.unit("cup", "ENV-LOTION", **LONG)
        kiosk.begin(unit_id)
        apart.landed_more_than(landed_mg)
        apart.kill()
        at_kill = apart.in_cup_mg()
        until(lambda: not apart.pumping(), "the device's own watchdog ends the dose", within_s=3)
        until(lambda: not apart.bench.do(lambda plant: plant.in_air_mg), "everything has landed", within_s=3)
        assert apart.in_cup_mg() - at_kill < 2100 * 0.7 + 500, "half a second, the watchdog's step, and the tail"
        apart.start()
        told = kiosk.state(unit_id)
        assert (told["state"], [one["outcome"] for one in told["doses"]]) == ("stopped", [None])
        dose = kiosk.resume(unit_id)["doses"][0]
        assert dose["outcome"] == "interrupted" and abs(dose["landed_mg"] - apart.in_cup_mg()) < 60
        kiosk.do(f"/units/{unit_id}/discard", {"reason": "test"})
        kiosk.take_off()
    apart.stop()
    again = open_private(apart.settings, apart.config, apart.data)
    try:
        all_hold(again.desk)
    finally:
        again.close()
