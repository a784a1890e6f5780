"""Samples and their custody, the mass balance of containers, and what a unit must have before it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.privacy.commands import RightsDesk
from store_service.reactions.back import complain
from store_service.records.desk import Missing, OutOfStep
from store_service.records.projections.blending import unit
from store_service.rules.dossier import LotRegister
from store_service.rules.refusal import Refused
from store_service.samples import commands as samples
from store_service.samples.queries import find_sample
from store_service.stock import commands as stock
from store_service.stock.queries import all_containers
from store_service.trace.identifiers import digital_link
from store_service.trace.queries import lots_in
from tests.faults.laws import all_hold, log_of
from tests.samples.packs import a_pack, receipt
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("samples")) as opened:
        yield opened
        all_hold(opened.shop.desk)


@pytest.fixture
def aging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """A shop whose clock may be turned for years."""
    with private_shop(tmp_path_factory.mktemp("aging")) as opened:
        yield opened


@pytest.fixture
def ruled(shop: PrivateShop) -> Iterator[PrivateShop]:
    """The shop, whose rules are put back."""
    before = shop.shop.desk.ruleset
    yield shop
    shop.shop.desk.ruleset = before


def rules(no: Any) -> list[str]:
    return [one.rule for one in no.value.verdict.refusals]


def a_container(shop: PrivateShop, state: str = "opened") -> str:
    with shop.shop.desk.read() as connection:
        found = all_containers(connection, shop.shop.desk.site_id)
    return next(one.container_id for one in found if one.state == state)


def with_parameter(shop: PrivateShop, **changes: object) -> None:
    ruleset = shop.shop.desk.ruleset
    shop.shop.desk.ruleset = replace(ruleset, defaults={**ruleset.defaults, **changes})


def test_a_sample_stays_its_time_and_goes_by_two(aging: PrivateShop) -> None:
    shop = aging
    desk = shop.shop.desk
    sample = samples.keep(desk, OFFICER, samples.NewSample(5_000, "柜 1", a_container(shop), temp_c10=220))
    with desk.read() as connection:
        due = find_sample(connection, desk.site_id, sample).due
    with pytest.raises(Refused) as no:
        samples.dispose(desk, OFFICER, sample, "焚烧", "s-01")
    assert rules(no) == ["R-SMP-03"]
    shop.dial.seconds += ((due - date(2026, 11, 22)).days) * 86_400
    with pytest.raises(Refused) as no:
        samples.dispose(desk, OFFICER, sample, "焚烧", "s-01")
    assert rules(no) == ["R-SMP-03"], "its last day is still its own"
    shop.dial.seconds += 86_400
    for second in (None, "s-02"):
        with pytest.raises(Refused) as no:
            samples.dispose(desk, OFFICER, sample, "焚烧", second)
        assert rules(no) == ["R-SMP-04"]
    rights = RightsDesk(desk, shop.shop.vault)
    standing = rights.hold(OFFICER, sample, "立案")
    with pytest.raises(Refused) as no:
        samples.dispose(desk, OFFICER, sample, "焚烧", "s-01")
    assert rules(no) == ["R-SMP-03"], "a case is open"
    rights.lift(OFFICER, standing, "结案", "s-01")
    samples.dispose(desk, OFFICER, sample, "焚烧", "s-01")
    with pytest.raises(OutOfStep):
        samples.pull(desk, OFFICER, sample, 1, "test")
    with pytest.raises(OutOfStep):
        samples.move(desk, OFFICER, sample, "柜 9", None)


def test_custody_is_on_record(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    sample = samples.keep(desk, OFFICER, samples.NewSample(5_000, "柜 1", a_container(shop)))
    samples.pull(desk, OFFICER, sample, 2_000, "authority", "抽样单 7")
    samples.move(desk, OFFICER, sample, "柜 2", 210)
    with desk.read() as connection:
        found = find_sample(connection, desk.site_id, sample)
    assert (found.left_mg, found.place, found.temp_c10, len(found.pulls)) == (3_000, "柜 2", 210, 1)
    for mass, purpose, paper in ((3_001, "test", ""), (0, "test", ""), (1, "authority", " "), (1, "sale", "")):
        with pytest.raises(ValueError):
            samples.pull(desk, OFFICER, sample, mass, purpose, paper)
    pack = a_pack(shop)
    samples.keep(desk, OFFICER, samples.NewSample(60_000, "柜 1", pack))
    with pytest.raises(ValueError, match="40000 are left"):
        samples.keep(desk, OFFICER, samples.NewSample(40_001, "柜 1", pack))
    stock.finish_container(desk, "s-02", pack, 0, discarded=True)
    with pytest.raises(OutOfStep):
        samples.keep(desk, OFFICER, samples.NewSample(1, "柜 1", pack))
    with pytest.raises(Missing):
        samples.keep(desk, OFFICER, samples.NewSample(1, "柜", "C-NONE"))
    with pytest.raises(ValueError):
        samples.keep(desk, OFFICER, samples.NewSample(1, "柜"))


def test_what_a_legal_hold_keeps_goes_to_the_authority_alone(shop: PrivateShop) -> None:
    """Whatever the hold stands on: the sample, its lot, what its unit was made of, a complaint about it."""
    desk, rights = shop.shop.desk, RightsDesk(shop.shop.desk, shop.shop.vault)
    pack, unit_id = a_pack(shop), shop.released_unit()
    with desk.read() as connection:
        held_pack = next(one for one in all_containers(connection, desk.site_id) if one.container_id == pack)
        made_of = "/".join(lots_in(connection, desk.site_id, unit_id)[0])
    source = samples.keep(desk, OFFICER, samples.NewSample(5_000, "柜 1", pack))
    blend = samples.keep(desk, OFFICER, samples.NewSample(5_000, "柜 1", unit_id=unit_id))
    complaint = complain(desk, shop.shop.vault, OFFICER, "smell", unit_id)
    for sample_id, subject in (
        (source, source),
        (source, f"{held_pack.product_id}/{held_pack.lot_no}"),
        (blend, made_of),
        (blend, complaint),
    ):
        hold = rights.hold(OFFICER, subject, "立案")
        for purpose in ("test", "complaint", "other"):
            with pytest.raises(Refused) as no:
                samples.pull(desk, BLENDER, sample_id, 1, purpose)
            assert rules(no) == ["R-SMP-03"]
        samples.pull(desk, BLENDER, sample_id, 1, "authority", "抽样单 9")
        rights.lift(OFFICER, hold, "结案", "s-01")
        samples.pull(desk, BLENDER, sample_id, 1, "test")


def test_the_last_of_a_sample_does_not_go_by_another_name(shop: PrivateShop) -> None:
    desk, container = shop.shop.desk, a_pack(shop)
    sample_id = samples.keep(desk, BLENDER, samples.NewSample(20_000, "柜 1", container))
    samples.pull(desk, BLENDER, sample_id, 5_000, "other")
    with pytest.raises(Refused) as no:
        samples.pull(desk, BLENDER, sample_id, 15_000, "other")
    assert rules(no) == ["R-SMP-03", "R-SMP-04"]
    samples.pull(desk, BLENDER, sample_id, 15_000, "authority", "抽样 3 号")


@pytest.mark.parametrize("mode", ["first_of_recipe_per_day", "full"])
def test_where_blends_are_sampled_the_release_waits(ruled: PrivateShop, mode: str) -> None:
    shop = ruled
    with_parameter(shop, blend_sample_mode=mode)
    unit_id = shop.planned_unit("ENV-TONER")
    shop.cup_unit(unit_id)
    shop.dosed_unit(unit_id)
    shop.signed_unit(unit_id)
    shop.printed_unit(unit_id)
    with pytest.raises(Refused) as no:
        shop.scanned_unit(unit_id)
    assert rules(no) == ["R-SMP-02"] and shop.unit(unit_id).state == "verified"
    samples.keep(shop.shop.desk, OFFICER, samples.NewSample(5_000, "柜 1", unit_id=unit_id))
    assert scan_again(shop, unit_id)


def scan_again(shop: PrivateShop, unit_id: str) -> bool:
    found = shop.unit(unit_id)
    serial = next(one.serial for one in shop.serials(unit_id) if one.medium == "label")
    text = digital_link(shop.shop.settings.public_base, found.gtin, serial)
    return shop.station.press.scan_back(BLENDER, unit_id, text)


def test_what_the_record_lacks_the_release_waits_for(ruled: PrivateShop) -> None:
    shop = ruled
    with_parameter(shop, record_fields=("batch", "weather"))
    unit_id = shop.planned_unit("ENV-TONER")
    shop.cup_unit(unit_id)
    shop.dosed_unit(unit_id)
    shop.signed_unit(unit_id)
    shop.printed_unit(unit_id)
    with pytest.raises(Refused) as no:
        shop.scanned_unit(unit_id)
    assert rules(no) == ["R-REC-03"] and no.value.verdict.refusals[0].facts["missing"] == ["weather"]
    with_parameter(shop, record_fields=("batch", "use_by"))
    assert scan_again(shop, unit_id)


def test_a_batch_number_is_the_units_own_and_of_its_day(shop: PrivateShop) -> None:
    """Numbers come from a counter under the write lock; what a hand in the tables made of them is not released."""
    other = str(next(one.data["unit_id"] for one in log_of(shop.shop.desk) if one.type == "unit.released"))
    unit_id = shop.planned_unit("ENV-TONER")
    own = shop.cup_unit(unit_id)
    shop.dosed_unit(unit_id)
    shop.signed_unit(unit_id)

    def rewritten(batch: str | None) -> list[str]:
        with shop.shop.desk.ledger.database.write() as connection:
            connection.execute(unit.update().where(unit.c.id == unit_id).values(batch=batch))
        with pytest.raises(Refused) as no:
            shop.printed_unit(unit_id)
        return rules(no)

    assert rewritten(f"SH0042-261121-{own[-5:]}") == ["R-REC-02"]
    assert rewritten("no number") == ["R-REC-02"]
    with shop.shop.desk.ledger.database.write() as connection:
        connection.execute(unit.update().where(unit.c.id == unit_id).values(batch=own))
    shop.printed_unit(unit_id)
    with shop.shop.desk.ledger.database.write() as connection:
        connection.execute(unit.update().where(unit.c.id == other).values(batch=own))
    with pytest.raises(Refused) as no:
        shop.scanned_unit(unit_id)
    assert rules(no) == ["R-REC-01"]
    with shop.shop.desk.ledger.database.write() as connection:
        connection.execute(unit.update().where(unit.c.id == other).values(batch=released_as(shop, other)))
    assert scan_again(shop, unit_id)


def released_as(shop: PrivateShop, unit_id: str) -> str:
    found = [one.data for one in log_of(shop.shop.desk) if one.type == "unit.released"]
    return next(str(one["batch"]) for one in found if one["unit_id"] == unit_id)


def test_a_lot_without_a_sample_is_not_taken_in(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    with desk.read() as connection:
        known = registers(connection, desk.site_id, desk.now())
    lot = next(iter(known.lots.values()))
    fields = receipt(desk, lot.product_id)

    def receive() -> str:
        return stock.receive_lot(desk, "s-01", lot.product_id, lot.lot_no, lot.expiry, fields, ())

    receive()
    bare = tuple(one.model_copy(update={"sample_ref": None}) for one in known.lots.values())
    valid = desk.now().replace(year=2027)
    import_register(desk, LotRegister(lots=bare), by="import", valid_to=valid)
    with pytest.raises(Refused) as no:
        receive()
    assert rules(no) == ["R-SMP-01"]
