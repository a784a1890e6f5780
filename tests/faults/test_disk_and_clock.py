"""The disk is full; the clock stepped back."""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from store_service.database.engines import Database, DatabaseUnusable
from store_service.shop import require_space
from tests.desks import Desked, desk

from .laws import all_hold, kinds, log_of


@pytest.fixture
def at_desk(tmp_path: Path) -> Iterator[Desked]:
    with desk(tmp_path) as made:
        yield made


def fill_the_disk(database: Database, full: bool = True) -> None:
    """SQLite's own SQLITE_FULL: no page more than there are now."""
    with database.writer.connect() as connection:
        held = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
        connection.exec_driver_sql(f"PRAGMA max_page_count={held if full else 1_000_000}")


def test_a_full_disk_stops_the_work_and_loses_nothing(at_desk: Desked) -> None:
    kiosk, shop = at_desk.kiosk, at_desk.shop
    unit_id = kiosk.unit("cup")
    fill_the_disk(shop.desk.ledger.database)
    before = len(log_of(shop.desk))
    answers = [kiosk.ask("/services") for _ in range(60)]
    full = [one for one in answers if one.status_code != 201]
    assert full, "there is room for some more entries in the last pages, not for sixty"
    assert {one.status_code for one in full} == {507}
    assert full[0].json()["type"].rsplit("/")[-1] == "storage"
    assert len(log_of(shop.desk)) - before == len(answers) - len(full), "what was answered for is there, and no more"
    all_hold(shop.desk)

    orders = len(at_desk.private.bench.orders)
    refused = kiosk.ask(f"/units/{unit_id}/doses")
    if refused.status_code == 507:
        assert len(at_desk.private.bench.orders) == orders, "what cannot be recorded is not begun"
        assert kiosk.state(unit_id)["state"] == "cup"
    fill_the_disk(shop.desk.ledger.database, full=False)
    kiosk.dose(unit_id)
    all_hold(shop.desk)


def test_a_disk_that_fills_in_mid_dose_leaves_the_dose_open(at_desk: Desked) -> None:
    """The bench has stopped by itself; the true grams are read once there is room again."""
    kiosk, shop = at_desk.kiosk, at_desk.shop
    unit_id = kiosk.unit("cup")
    kiosk.do(f"/units/{unit_id}/doses")
    fill_the_disk(shop.desk.ledger.database)
    while kiosk.ask("/services").status_code == 201:
        pass
    at_desk.private.bench.run()
    assert kiosk.state(unit_id)["doses"][0]["outcome"] is None
    fill_the_disk(shop.desk.ledger.database, full=False)
    kiosk.do(f"/units/{unit_id}/stop", {"reason": "disk"})
    told = kiosk.do(f"/units/{unit_id}/resume", {"code": "P-15-2609"})
    assert told["doses"][0]["outcome"] == "interrupted"
    assert told["doses"][0]["landed_mg"] == at_desk.private.bench.gross_mg - 12_000
    kiosk.dose(unit_id)
    assert kinds(shop.desk, unit_id).count("dose.started") == 2
    all_hold(shop.desk)


def test_a_shop_does_not_open_on_a_disk_that_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 9 * 10**8, 10**8))
    with pytest.raises(DatabaseUnusable, match="Only 100 MB of disk are left"):
        require_space(tmp_path)
    monkeypatch.undo()
    require_space(tmp_path)


def test_a_clock_that_stepped_back_stops_new_units_until_it_is_confirmed(at_desk: Desked) -> None:
    kiosk, dial = at_desk.kiosk, at_desk.private.dial
    dial.seconds = 600
    half = kiosk.unit("cup")
    dial.seconds = 300
    refused = kiosk.ask("/services").json()
    assert [one["rule"] for one in refused["refusals"]] == ["R-SCP-02"]
    assert "clock.stepped" in [one.type for one in log_of(at_desk.shop.desk)]
    kiosk.dose(half)
    assert kiosk.state(half)["state"] == "dosed", "a unit under way is finished"
    assert kiosk.ask("/services").status_code == 409
    kiosk.do("/clock/confirm")
    dial.seconds = 400
    assert kiosk.ask("/services").status_code == 201
    assert [one.type for one in log_of(at_desk.shop.desk)].count("clock.stepped") == 1
    all_hold(at_desk.shop.desk)


def test_the_very_first_act_after_a_step_is_no_new_unit(at_desk: Desked) -> None:
    """The step is not on record yet when the first gate is asked; it counts all the same."""
    kiosk = at_desk.kiosk
    at_desk.private.dial.seconds = 600
    unit_id = kiosk.unit("planned")
    kiosk.do(f"/services/{kiosk.state(unit_id)['service_id']}/verdict")
    kiosk.do(f"/units/{unit_id}/clearance", {"items": ["labels", "lots", "hands"]})
    at_desk.private.dial.seconds = 540
    refused = kiosk.ask(f"/units/{unit_id}/start").json()
    assert "R-SCP-02" in [one["rule"] for one in refused["refusals"]]
    assert [one.type for one in log_of(at_desk.shop.desk)][-2:] == ["clock.stepped", "act.refused"]
