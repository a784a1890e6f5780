"""From a lot to every unit that it went into, to the gram."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store_service.trace.queries import units_of_lot
from store_service.trace.recall import lot_reports
from tests.shops import BLENDER, PrivateShop, private_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    folder: Path = tmp_path_factory.mktemp("shop")
    with private_shop(folder) as opened:
        opened.hand_over(opened.released_unit())
        opened.released_unit()
        half = opened.planned_unit()
        opened.cup_unit(half)
        opened.station.doser.begin(BLENDER, half)
        while opened.bench.orders[-1].product_id != "SRC-LOTION":  # the base comes last
            opened.bench.queue.popleft()()
        yield opened


def test_every_unit_is_found_with_its_consumer_and_its_grams(shop: PrivateShop) -> None:
    with shop.shop.desk.read() as connection:
        (report,) = lot_reports(connection, "SH0042", "LB2608A")
    found = report.to_json()
    assert (found["found"], found["with_consumers"], found["in_the_shop"], found["consumers"]) == (3, 1, 2, 3)
    assert found["states"] == {"dosing": 1, "handed_over": 1, "released": 1}
    assert [one["landed_mg"] for one in found["units"]] == [22_503, 22_503, 0]
    grams = found["grams"]
    gone = grams["dosed_mg"] + grams["purged_mg"] + grams["sampled_mg"]
    assert grams["received_mg"] == gone + grams["left_mg"] and grams["other_mg"] == 0
    assert grams["dosed_mg"] == 45_006


def test_the_same_answer_fans_out_over_every_shop(shop: PrivateShop) -> None:
    with shop.shop.desk.read() as connection:
        here = units_of_lot(connection, "SRC-HYDRA", "HS2609A", "SH0042")
        assert units_of_lot(connection, "SRC-HYDRA", "HS2609A") == here
        assert units_of_lot(connection, "SRC-HYDRA", "HS2609A", "BJ0001") == []
    assert len(here) == 3


def test_a_lot_that_never_came_is_no_report(shop: PrivateShop) -> None:
    with shop.shop.desk.read() as connection:
        assert lot_reports(connection, "SH0042", "NONE") == []
