"""What failed or may not be used is destroyed by two, weighed and on record (R-BLD-18); evidence stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from store_service.blending import commands as blending
from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.privacy.commands import RightsDesk
from store_service.records.desk import Missing, OutOfStep
from store_service.rules.dossier import LotRegister
from store_service.rules.refusal import Refused
from store_service.samples import waste
from store_service.samples.commands import strike_balance
from store_service.stock.commands import finish_container, quarantine_container
from store_service.stock.queries import all_containers
from store_service.trace.queries import lots_in
from tests.faults.laws import all_hold, log_of
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("waste")) as opened:
        yield opened
        all_hold(opened.shop.desk)


def waits(shop: PrivateShop) -> set[tuple[str, str]]:
    desk = shop.shop.desk
    with desk.read() as connection:
        return {(one.kind, one.subject) for one in waste.waiting(connection, desk)}


def of_container(shop: PrivateShop, container_id: str) -> list[Any]:
    """How it was finished and balanced, by the log."""
    kinds = ("container.finished", "balance.struck")
    return [one for one in log_of(shop.shop.desk) if one.type in kinds and one.data["container_id"] == container_id]


def rules(no: Any) -> list[str]:
    return [one.rule for one in no.value.verdict.refusals]


def test_a_unit_that_was_given_up_is_destroyed_by_two(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    unit_id = shop.planned_unit("ENV-TONER")
    shop.cup_unit(unit_id)
    shop.dosed_unit(unit_id)
    with pytest.raises(OutOfStep):
        waste.destroy(desk, OFFICER, "unit", unit_id, 47_000, "焚烧", "s-01")
    blending.discard(desk, BLENDER, shop.bench, unit_id, "spilt")
    shop.bench.gross_mg = 0
    assert ("unit", unit_id) in waits(shop)
    with desk.read() as connection:
        lot = "/".join(lots_in(connection, desk.site_id, unit_id)[0])
    for subject in (unit_id, lot):
        hold = RightsDesk(desk, shop.shop.vault).hold(OFFICER, subject, "立案")
        with pytest.raises(Refused) as no:
            waste.destroy(desk, OFFICER, "unit", unit_id, 47_000, "焚烧", "s-01")
        assert rules(no) == ["R-BLD-18"], "evidence"
        RightsDesk(desk, shop.shop.vault).lift(OFFICER, hold, "结案", "s-01")
    for mass, second in ((None, "s-01"), (47_000, None), (47_000, "s-02")):
        with pytest.raises(Refused) as no:
            waste.destroy(desk, OFFICER, "unit", unit_id, mass, "焚烧", second)
        assert rules(no) == ["R-BLD-18"]
    with pytest.raises(ValueError, match="method"):
        waste.destroy(desk, OFFICER, "unit", unit_id, 47_000, " ", "s-01")
    waste.destroy(desk, OFFICER, "unit", unit_id, 47_000, "焚烧", "s-01")
    assert ("unit", unit_id) not in waits(shop)
    with pytest.raises(OutOfStep):
        waste.destroy(desk, OFFICER, "unit", unit_id, 47_000, "焚烧", "s-01")
    with pytest.raises(Missing):
        waste.destroy(desk, OFFICER, "unit", "u-none", 1, "焚烧", "s-01")


def test_a_container_set_apart_leaves_the_stock_when_it_is_destroyed(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    with desk.read() as connection:
        apart, gone = [one.container_id for one in all_containers(connection, desk.site_id) if one.state == "closed"][
            :2
        ]
    with pytest.raises(OutOfStep):
        waste.destroy(desk, OFFICER, "container", apart, 9_000, "焚烧", "s-01")
    quarantine_container(desk, "s-01", apart, "异味")
    finish_container(desk, "s-01", gone, 500, discarded=True)
    assert {("container", apart), ("container", gone)} <= waits(shop)
    with pytest.raises(Refused):
        waste.destroy(desk, OFFICER, "container", apart, 9_000, "焚烧", None)
    waste.destroy(desk, OFFICER, "container", apart, 9_000, "焚烧", "s-01")
    assert [one.data["residue_mg"] for one in of_container(shop, apart)] == [9_000, 9_000]
    waste.destroy(desk, OFFICER, "container", gone, 500, "焚烧", "s-01")
    assert [one.type for one in of_container(shop, gone)] == ["container.finished", "balance.struck"]
    for one in (apart, gone):
        with pytest.raises(OutOfStep, match="balanced"):
            strike_balance(desk, "s-01", one, 0)
    assert not {("container", apart), ("container", gone)} & waits(shop)
    with desk.read() as connection:
        assert {one.subject for one in waste.destroyed(connection, desk.site_id)} >= {apart, gone}
    with pytest.raises(Missing):
        waste.destroy(desk, OFFICER, "container", "C-none", 1, "焚烧", "s-01")
    with pytest.raises(Missing):
        waste.destroy(desk, OFFICER, "planet", "x", 1, "焚烧", "s-01")


def test_a_lot_that_head_office_wants_destroyed_goes_container_by_container(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    with desk.read() as connection:
        standing = [one for one in all_containers(connection, desk.site_id) if one.state in waste.STANDING]
        product_id, lot_no = standing[0].product_id, standing[0].lot_no
        known = registers(connection, desk.site_id, desk.now()).lots.values()
    key = (product_id, lot_no)
    of_lot = [one.container_id for one in standing if (one.product_id, one.lot_no) == key]
    lot = f"{product_id}/{lot_no}"
    assert ("lot", lot) not in waits(shop)
    lots = tuple(
        one.model_copy(update={"disposition": "destroy"}) if (one.product_id, one.lot_no) == key else one
        for one in known
    )
    import_register(desk, LotRegister(lots=lots), by="import", valid_to=desk.now() + timedelta(days=7))
    assert {("lot", lot), *(("container", one) for one in of_lot)} <= waits(shop)
    with pytest.raises(OutOfStep, match="containers_left"):
        waste.destroy(desk, OFFICER, "lot", lot, 120_000, "焚烧", "s-01")
    for one in of_lot:
        waste.destroy(desk, OFFICER, "container", one, 1_000, "焚烧", "s-01")
    hold = RightsDesk(desk, shop.shop.vault).hold(OFFICER, lot, "立案")
    with pytest.raises(Refused):
        waste.destroy(desk, OFFICER, "lot", lot, 120_000, "焚烧", "s-01")
    RightsDesk(desk, shop.shop.vault).lift(OFFICER, hold, "结案", "s-01")
    waste.destroy(desk, OFFICER, "lot", lot, 120_000, "焚烧", "s-01")
    assert ("lot", lot) not in waits(shop)
