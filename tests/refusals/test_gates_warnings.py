"""A warning that was answered is asked again when it says something else, and stays answered while it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk_ui.qa_views import accepted
from store_service.blending import commands as blending
from store_service.equipment.commands import record_room
from store_service.quality.record import unit_file
from store_service.records.desk import NeedsReason
from store_service.records.projections.site import finding
from store_service.rules.again import MOVING, PERSONAL, kept, same
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PrivateShop]:
    with private_shop(tmp_path) as private:
        yield private


def start(shop: PrivateShop, unit_id: str, **reasons: str) -> list[str]:
    """The rules that a start still asks about; empty when the unit is started."""
    try:
        shop.start(unit_id, reasons or None)
    except NeedsReason as no:
        return [one.rule for one in no.verdict.warnings]
    return []


def judged(shop: PrivateShop) -> str:
    unit_id, settings = shop.planned_unit(), shop.station.settings
    shop.shop.counter.verdict(BLENDER, settings, shop.shop.settings.public_base, shop.unit(unit_id).service_id)
    blending.clear_line(shop.shop.desk, BLENDER, settings, unit_id, ("labels", "lots", "hands"))
    return unit_id


def test_a_colder_room_is_asked_about_again_and_a_trembling_reading_is_not(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    first = judged(shop)
    record_room(desk, OFFICER, 140, 500)
    assert start(shop, first) == ["R-BLD-14"]
    assert start(shop, first, **{"R-BLD-14": "arranged"}) == []
    blending.discard(desk, BLENDER, shop.bench, first, "test")
    second = judged(shop)
    record_room(desk, OFFICER, 20, 500)
    assert start(shop, second) == ["R-BLD-14"], "2 °C is not what was accepted at 14 °C"
    record_room(desk, OFFICER, 138, 510)
    assert start(shop, second) == []
    with desk.read() as connection:
        query = select(finding.c.saying, finding.c.facts).where(finding.c.kind == "warning")
        ((saying, facts),) = connection.execute(query).all()
    assert saying == "range" and facts["temp_c10"] == 140 and facts["beyond"] == ["< 15 °C"]
    with desk.read() as connection:
        batch = shop.unit(second).batch
        assert batch is not None
        (read,) = accepted(unit_file(connection, desk.site_id, batch))
    assert (read["rules"], read["reason"], read["actor"]) == (["R-BLD-14"], "arranged", BLENDER.staff_id)
    assert read["facts"] == facts


def test_what_moves_by_itself_is_no_other_matter() -> None:
    before = {"unit_id": "u-1", "today": "2026-11-22", "products": ["a"], "text": "x"}
    assert same(before, {**before, "today": "2026-11-23", "text": "y", "products": ("a",)})
    assert not same(before, {**before, "unit_id": "u-2"}) and not same(before, {**before, "products": ["b"]})
    assert not same(before, {**before, "more": 1}) and not same({}, before)


def test_no_personal_fact_is_kept() -> None:
    told = dict.fromkeys((*MOVING, *PERSONAL, "unit_id"), "x")
    assert set(kept(told)) == {*MOVING, "unit_id"}
