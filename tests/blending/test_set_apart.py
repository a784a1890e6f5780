"""A container is set apart after a dose: what came from it goes no further, what did not goes on (R-BLD-05)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from store_service.blending import commands as blending
from store_service.blending.queries import components_of
from store_service.rules.refusal import Refused
from store_service.stock.commands import finish_container, quarantine_container
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop

BY = OFFICER.staff_id
APART, KEPT = ("R-BLD-05", "set_apart"), ("R-BLD-05", "kept_set_apart")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("apart")) as made:
        yield made


def refused(act: Callable[[], object]) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as no:
        act()
    return {(one.rule, one.saying) for one in no.value.verdict.refusals}


def came_from(shop: PrivateShop, unit_id: str) -> str:
    with shop.shop.desk.read() as connection:
        return components_of(connection, shop.shop.desk.site_id, unit_id)[0].containers[0]


def test_it_stops_the_unit_on_its_way_and_the_released_one(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    released, other = shop.released_unit(), shop.released_unit()
    printed = shop.planned_unit()
    shop.cup_unit(printed)
    shop.dosed_unit(printed)
    shop.signed_unit(printed)
    shop.printed_unit(printed)
    code = came_from(shop, printed)
    quarantine_container(desk, BY, "C-105", "异味")
    shop.hand_over(other)
    assert shop.unit(other).state == "handed_over", "nothing in it came from what was set apart"

    quarantine_container(desk, BY, code, "异味")
    assert refused(lambda: shop.scanned_unit(printed)) == {APART}
    assert refused(lambda: shop.hand_over(released)) == {KEPT}
    assert refused(lambda: shop.station.press.print(BLENDER, printed, "smeared")) == {APART}
    finish_container(desk, BY, code, 0, discarded=True)
    assert refused(lambda: shop.hand_over(released)) == {KEPT}, "thrown away is not forgotten"
    blending.discard(desk, BLENDER, shop.bench, printed, "container_set_apart")


def test_it_stops_the_signature(shop: PrivateShop) -> None:
    unit_id = shop.planned_unit("ENV-TONER")
    shop.cup_unit(unit_id)
    shop.dosed_unit(unit_id)
    quarantine_container(shop.shop.desk, BY, came_from(shop, unit_id), "渗漏")
    assert refused(lambda: shop.signed_unit(unit_id)) == {APART}
