"""A unit that a program said was not mixed: the clerk mixes it, ticks it, and goes on (R-BLD-17)."""

from __future__ import annotations

from pathlib import Path

import pytest

from store_service.blending import commands as blending
from store_service.rules.refusal import Refused
from tests.kiosk_ui.test_kiosk_door import Hand
from tests.shops import BLENDER, OFFICER, private_shop

SEEN = {"appearance": "ok", "odour": "ok", "homogeneous": "ok", "to_mix": "yes"}


def test_what_was_not_mixed_comes_back_to_the_mixing(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        desk, settings = shop.shop.desk, shop.station.settings
        unit_id = shop.planned_unit()
        shop.cup_unit(unit_id)
        shop.dosed_unit(unit_id)
        blending.weigh(desk, BLENDER, settings, shop.bench, unit_id)
        blending.inspect(
            desk, BLENDER, settings, unit_id, mixed=False, appearance_ok=True, odour_ok=True, homogeneous_ok=True
        )
        with pytest.raises(Refused):
            blending.sign(desk, BLENDER, settings, unit_id, OFFICER.staff_id)
        hand, place = Hand(shop), f"/kiosk/unit/{unit_id}"
        hand.sign_in("s-01")
        hand.post(f"{place}/take-over", place, pin="135790")
        assert f'action="{place}/inspect"' in hand.get(place) and 'name="mixed"' in hand.get(place)
        assert hand.post(f"{place}/inspect", place, **SEEN)[0] == 409, "not ticked"
        assert hand.post(f"{place}/inspect", place, **SEEN, mixed="yes")[0] == 200
        assert f'action="{place}/sign"' in hand.get(place) and shop.unit(unit_id).state == "checked"
        assert hand.post(f"{place}/sign", place, signer="s-02", pin="246801")[0] == 200
        assert shop.unit(unit_id).state == "signed"
