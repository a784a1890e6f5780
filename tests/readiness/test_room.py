"""“May I work now?” says of bench and room what a start would say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store_service.blending import commands as blending
from store_service.equipment.commands import record_room
from store_service.readiness import commands
from store_service.readiness.queries import Ready, may_i_work
from store_service.rules.refusal import Refused
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop

from .conftest import Registered, row


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PrivateShop]:
    with private_shop(tmp_path) as private:
        yield private


def ready(shop: PrivateShop) -> Ready:
    with shop.shop.desk.read() as connection:
        return may_i_work(connection, shop.shop.desk, shop.station.settings, BLENDER.staff_id)


def judged(shop: PrivateShop) -> str:
    unit_id, settings = shop.planned_unit(), shop.station.settings
    shop.shop.counter.verdict(BLENDER, settings, shop.shop.settings.public_base, shop.unit(unit_id).service_id)
    blending.clear_line(shop.shop.desk, BLENDER, settings, unit_id, ("labels", "lots", "hands"))
    return unit_id


def test_in_a_room_in_which_no_blend_may_start_nobody_may_work(shop: PrivateShop) -> None:
    unit_id = judged(shop)
    assert ready(shop).may_work
    record_room(shop.shop.desk, OFFICER, 480, 950)
    found = ready(shop)
    assert not found.may_work and {one.rule for one in found.missing} == {"R-BLD-14"}
    assert {one.facts["envelope_id"] for one in found.missing} >= {"ENV-LOTION"}
    with pytest.raises(Refused) as no:
        shop.start(unit_id)
    assert {one.rule for one in no.value.verdict.refusals} == {"R-BLD-14"}


def test_what_stops_one_envelope_of_several_is_told(shop: PrivateShop) -> None:
    record_room(shop.shop.desk, OFFICER, 290, 500)
    found = ready(shop)
    assert found.may_work and not found.warnings
    assert [(one.rule, one.facts["temp_max_c10"]) for one in found.notes] == [("R-BLD-14", 280)]


def test_a_room_below_what_an_envelope_states_stops_it(shop: PrivateShop) -> None:
    """Through commands: refused below its lowest temperature, let through at it."""
    desk, unit_id = shop.shop.desk, judged(shop)
    with Registered(shop).register("envelopes", row("envelopes", "envelope_id", "ENV-LOTION", temp_min_c10=200)):
        record_room(desk, OFFICER, 199, 500)
        with pytest.raises(Refused) as no:
            shop.start(unit_id)
        assert [(one.rule, one.saying) for one in no.value.verdict.refusals] == [("R-BLD-14", "too_cold")]
        assert [one.saying for one in ready(shop).notes] == ["too_cold"] and ready(shop).may_work
        record_room(desk, OFFICER, 200, 500)
        assert ready(shop).notes == () and shop.start(unit_id)


def test_a_start_s_warning_is_asked_for_and_answered_there(shop: PrivateShop) -> None:
    """A cold room: on the page before the first start, and after its answer no start asks again."""
    unit_id = judged(shop)
    record_room(shop.shop.desk, OFFICER, 140, 500)
    assert [one.rule for one in ready(shop).warnings] == ["R-BLD-14"] and ready(shop).may_work
    settings = shop.station.settings
    commands.answer_standing(shop.shop.desk, settings, BLENDER.staff_id, {"R-BLD-14": "arranged"})
    assert ready(shop).warnings == ()
    assert shop.start(unit_id)
