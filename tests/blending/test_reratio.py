"""A component that lands off its target: new targets inside the envelope on record, or a deviation; never a silent
edit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from store_service.blending import commands as blending
from store_service.blending.queries import components_of, open_deviations, open_units
from store_service.records.desk import OutOfStep
from store_service.records.event import Event
from store_service.records.events.blending import UnitReratioed
from store_service.rules.refusal import Refused
from tests.faults.laws import all_hold, kinds, log_of
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop

TONER = "ENV-TONER"  # 85 % toner, 15 % oil control, both poured; 30 g into a pack that holds 35 g
CREAM = "ENV-CREAM"  # 80 % cream poured, 12 % firming one-sided, 8 % hydration


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def private(shop: PrivateShop) -> Iterator[PrivateShop]:
    """A free bench; afterwards every law holds."""
    yield shop
    shop.bench.lands_mg = {}
    with shop.shop.desk.read() as connection:
        standing = open_units(connection, shop.shop.desk.site_id)
    for unit in standing:
        blending.discard(shop.shop.desk, BLENDER, shop.bench, unit.id, "test")
    all_hold(shop.shop.desk)


def at_the_bench(private: PrivateShop, envelope: str, **lands_mg: int) -> str:
    unit_id = private.planned_unit(envelope)
    private.cup_unit(unit_id)
    private.bench.lands_mg = {name.replace("_", "-"): mass for name, mass in lands_mg.items()}
    return unit_id


def dose(private: PrivateShop, unit_id: str) -> None:
    private.station.doser.begin(BLENDER, unit_id)
    private.bench.run()


def decision(private: PrivateShop, unit_id: str) -> Any:
    desk, base = private.shop.desk, private.shop.settings.public_base
    with desk.read() as connection:
        return blending.offer(desk, connection, BLENDER.staff_id, private.station.settings, base, unit_id)


def accept(private: PrivateShop, unit_id: str, fill_mg: int) -> str:
    shop = private.shop
    return blending.accept(shop.desk, BLENDER, private.station.settings, shop.settings.public_base, unit_id, fill_mg)


def masses(private: PrivateShop, unit_id: str) -> dict[str, tuple[int, int, int]]:
    """Product → target, share, landed."""
    with private.shop.desk.read() as connection:
        parts = components_of(connection, private.shop.desk.site_id, unit_id)
    return {one.product_id: (one.target_mg, one.share_bp, one.actual_mg) for one in parts}


def recorded(private: PrivateShop, unit_id: str) -> tuple[Event, UnitReratioed]:
    for one in log_of(private.shop.desk):
        if isinstance(one.payload, UnitReratioed) and one.payload.unit_id == unit_id:
            return one, one.payload
    raise AssertionError("no re-ratio on record")


def test_the_small_comes_first_and_the_base_makes_up_for_it(private: PrivateShop) -> None:
    unit_id = at_the_bench(private, TONER, SRC_OILCTL=4_700)
    dose(private, unit_id)
    assert private.bench.orders[-1].product_id == "SRC-OILCTL"
    unit = private.unit(unit_id)
    assert unit.state == "dosing", "between doses: a person decides"
    told = decision(private, unit_id)
    assert told.acceptable and told.off.reason == "over" and told.proposal.fill_mg == 30_000
    assert [(one.part.product_id, one.target_mg) for one in told.proposal.changes] == [
        ("SRC-TONER", 25_300),
        ("SRC-OILCTL", 4_700),
    ]
    with pytest.raises(Refused) as no:
        private.station.doser.begin(BLENDER, unit_id)
    assert [one.rule for one in no.value.verdict.refusals] == ["R-BLD-07"]
    with pytest.raises(OutOfStep):
        blending.weigh(private.shop.desk, BLENDER, private.station.settings, private.bench, unit_id)

    deviation = accept(private, unit_id, 30_000)
    event, told = recorded(private, unit_id)
    assert (event.actor, told.by, told.reason, told.product_id) == ("s-01", "s-01", "over", "SRC-OILCTL")
    assert [(p.product_id, p.old_target_mg, p.new_target_mg, p.landed_mg) for p in told.parts] == [
        ("SRC-TONER", 25_500, 25_300, None),
        ("SRC-OILCTL", 4_500, 4_700, 4_700),
    ]
    assert told.deviation_id == deviation
    assert masses(private, unit_id)["SRC-OILCTL"] == (4_700, 1_567, 4_700)
    dose(private, unit_id)
    assert private.bench.orders[-1].target_mg == 25_300
    assert private.unit(unit_id).state == "dosed"


def test_a_second_person_settles_it_with_the_signature_and_the_record_tells_it(private: PrivateShop) -> None:
    desk = private.shop.desk
    unit_id = at_the_bench(private, TONER, SRC_OILCTL=4_700)
    dose(private, unit_id)
    deviation = accept(private, unit_id, 30_000)
    dose(private, unit_id)
    blending.weigh(desk, BLENDER, private.station.settings, private.bench, unit_id)
    good = {"mixed": True, "appearance_ok": True, "odour_ok": True, "homogeneous_ok": True}
    blending.inspect(desk, BLENDER, private.station.settings, unit_id, **good)
    with desk.read() as connection:
        assert open_deviations(connection, desk.site_id, unit_id, "reratio") == [deviation]
    with pytest.raises(Refused) as no:
        blending.sign(desk, BLENDER, private.station.settings, unit_id, BLENDER.staff_id)
    assert "R-PPL-07" in [one.rule for one in no.value.verdict.refusals]
    blending.sign(desk, BLENDER, private.station.settings, unit_id, OFFICER.staff_id)
    private.printed_unit(unit_id)
    assert private.scanned_unit(unit_id)
    told = kinds(desk, unit_id)
    assert told.index("unit.reratioed") < told.index("unit.dosed") < told.index("unit.released")
    (closed,) = [one for one in log_of(desk) if one.data.get("deviation_id") == deviation and "closed" in one.type]
    assert (closed.data["by"], closed.data["second"]) == (OFFICER.staff_id, BLENDER.staff_id)


def test_a_one_sided_active_keeps_below_its_written_share_in_a_larger_fill(private: PrivateShop) -> None:
    unit_id = at_the_bench(private, CREAM, SRC_FIRM=3_690)
    dose(private, unit_id)
    assert private.bench.orders[-1].product_id == "SRC-FIRM"
    assert (private.bench.orders[-1].under_mg, private.bench.orders[-1].over_mg) == (100, 0)
    told = decision(private, unit_id)
    assert told.acceptable and told.proposal.fill_mg == 30_750
    firm = next(one for one in told.proposal.changes if one.part.product_id == "SRC-FIRM")
    assert (firm.target_mg, firm.share_bp) == (3_690, 1_200)
    accept(private, unit_id, 30_750)
    unit = private.unit(unit_id)
    assert (unit.target_mg, unit.ordered_mg) == (30_750, 30_000)
    private.dosed_unit(unit_id)
    private.signed_unit(unit_id)
    private.printed_unit(unit_id)
    assert private.scanned_unit(unit_id)
    assert private.unit(unit_id).label_net_mg in (30_700, 30_600)


def test_one_milligram_over_what_was_written_is_too_much_of_a_one_sided_active(private: PrivateShop) -> None:
    unit_id = at_the_bench(private, CREAM, SRC_FIRM=3_601)
    dose(private, unit_id)
    assert private.unit(unit_id).state == "dosing"
    assert decision(private, unit_id).off.part.product_id == "SRC-FIRM"


def test_nothing_inside_the_envelope_leaves_the_deviation(private: PrivateShop) -> None:
    unit_id = at_the_bench(private, CREAM, SRC_FIRM=4_500)  # would need 37.5 g, and the pack holds 35 g
    dose(private, unit_id)
    told = decision(private, unit_id)
    assert told.proposal is None and not told.acceptable
    with pytest.raises(OutOfStep):
        accept(private, unit_id, 37_500)
    deviation = blending.discard(private.shop.desk, BLENDER, private.bench, unit_id, "off target")
    assert deviation and private.unit(unit_id).state == "discarded"
    assert "unit.reratioed" not in kinds(private.shop.desk, unit_id)


def test_a_unit_that_waited_for_more_than_an_hour_is_half_made_for_too_long(private: PrivateShop) -> None:
    unit_id = at_the_bench(private, TONER, SRC_OILCTL=4_700)
    dose(private, unit_id)
    private.dial.seconds += 61 * 60
    told = decision(private, unit_id)
    assert not told.acceptable and [one.rule for one in told.verdict.refusals] == ["R-BLD-22"]
    with pytest.raises(Refused):
        accept(private, unit_id, 30_000)


def test_the_last_dose_over_is_decided_before_the_check_weigh(private: PrivateShop) -> None:
    unit_id = at_the_bench(private, TONER, SRC_TONER=26_100)
    dose(private, unit_id)
    dose(private, unit_id)
    assert private.unit(unit_id).state == "dosing"
    told = decision(private, unit_id)
    assert told.proposal.fill_mg == 26_100 + 4_503
    accept(private, unit_id, told.proposal.fill_mg)
    assert private.unit(unit_id).state == "dosed"
    private.signed_unit(unit_id)


def test_another_proposal_than_the_one_shown_is_not_taken(private: PrivateShop) -> None:
    unit_id = at_the_bench(private, TONER, SRC_OILCTL=4_700)
    with pytest.raises(OutOfStep):
        accept(private, unit_id, 30_000)
    dose(private, unit_id)
    with pytest.raises(OutOfStep):
        accept(private, unit_id, 30_001)
    accept(private, unit_id, 30_000)
    with pytest.raises(OutOfStep):
        accept(private, unit_id, 30_000)


def test_what_is_short_for_good_is_decided_too(private: PrivateShop) -> None:
    """The container runs out, there is no other: less of it, inside the envelope."""
    from store_service.stock.commands import finish_container

    desk = private.shop.desk
    unit_id = at_the_bench(private, TONER, SRC_OILCTL=3_000)
    private.bench.outcome = "short"
    dose(private, unit_id)
    private.bench.outcome = "done"
    assert private.unit(unit_id).state == "stopped"
    with desk.read() as connection:
        codes = [one.container_id for one in _containers(private, connection) if one.product_id == "SRC-OILCTL"]
    for code in codes:
        finish_container(desk, BLENDER.staff_id, code, 0, discarded=False)
    blending.resume(desk, BLENDER, private.station.settings, private.bench, unit_id, "P-30-2609")
    told = decision(private, unit_id)
    assert told.off.reason == "short" and told.acceptable and told.proposal.fill_mg == 30_000
    accept(private, unit_id, 30_000)
    assert masses(private, unit_id)["SRC-TONER"][0] == 27_000
    private.dosed_unit(unit_id)
    private.signed_unit(unit_id)


def _containers(private: PrivateShop, connection: Any) -> list[Any]:
    from store_service.stock.queries import all_containers

    return [one for one in all_containers(connection, private.shop.desk.site_id) if one.state in ("opened", "closed")]
