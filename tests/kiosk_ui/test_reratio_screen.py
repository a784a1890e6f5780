"""The decision between two doses, through the kiosk's own door and over the API: shown, taken once, or discarded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store_service.blending.queries import open_deviations
from store_service.upkeep import rebuild
from tests.faults.laws import kinds
from tests.shops import BLENDER, PrivateShop, private_shop

from .hand import Hand


@pytest.fixture(autouse=True)
def lands_as_ordered(shop: PrivateShop) -> Iterator[None]:
    yield
    shop.bench.lands_mg = {}


def poured_over(hand: Hand, landed_mg: int) -> str:
    """A toner at the bench of this kiosk, its first component poured; the unit's id."""
    shop = hand.shop
    unit_id = shop.planned_unit("ENV-TONER")
    shop.cup_unit(unit_id)
    shop.bench.lands_mg = {"SRC-OILCTL": landed_mg}
    shop.station.doser.begin(BLENDER, unit_id)
    shop.bench.run()
    hand.post(f"/kiosk/unit/{unit_id}/take-over", f"/kiosk/unit/{unit_id}", signer="s-01", pin="135790")
    return unit_id


def test_the_screen_shows_old_and_new_and_accepting_is_one_event(hand: Hand, shop: PrivateShop) -> None:
    unit_id = poured_over(hand, 4_900)
    here = f"/kiosk/unit/{unit_id}"
    page = hand.get(here)
    for told in ("倒多了", "4.500", "4.900", "25.500", "25.100", "登记为偏差", "按新用量继续"):
        assert told in page
    status, _, body = hand.post(f"{here}/dose", here, act="begin")
    assert status == 409 and "R-BLD-07" in body and "看调整后的用量" in body
    assert hand.post(f"{here}/reratio", here, fill="30001")[0] == 409, "another fill than the one shown"
    assert hand.post(f"{here}/reratio", here)[0] == 409
    for _ in range(2):
        hand.post(f"{here}/reratio", here, fill="30000", key="one-touch-of-a-finger")
    assert kinds(shop.shop.desk, unit_id).count("unit.reratioed") == 1
    assert "目标 25.100" in hand.get(here).replace("\\xa0", " ")
    with shop.shop.desk.read() as connection:
        assert len(open_deviations(connection, shop.shop.desk.site_id, unit_id, "reratio")) == 1
    told = hand.web.get(f"/api/v1/units/{unit_id}").json()
    assert told["off_target"] is None and told["reratios"][0]["new_fill_mg"] == 30_000
    hand.post(f"{here}/discard", here)


def test_beyond_the_envelope_only_the_discard_is_offered(hand: Hand, shop: PrivateShop) -> None:
    unit_id = poured_over(hand, 12_000)
    here = f"/kiosk/unit/{unit_id}"
    page = hand.get(here)
    assert "补不回来" in page and "按新用量继续" not in page
    told = hand.web.get(f"/api/v1/units/{unit_id}").json()["off_target"]
    assert (told["proposal"], told["acceptable"]) == (None, False)
    hand.post(f"{here}/discard", here)
    assert shop.unit(unit_id).state == "discarded"


def test_the_projections_can_be_built_again_from_the_log(tmp_path: Path) -> None:
    with private_shop(tmp_path) as place:
        hand = Hand(place)
        hand.sign_in()
        unit_id = poured_over(hand, 4_900)
        hand.post(f"/kiosk/unit/{unit_id}/reratio", f"/kiosk/unit/{unit_id}", fill="30000")
        settings = place.shop.settings
        assert place.unit(unit_id).reratios
    assert rebuild(settings, tmp_path, check=True)["differs"] == []
