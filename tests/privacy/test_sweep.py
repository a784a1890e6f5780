"""Personal records that no event cites do not stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from store_service.consultation.sweep import GRACE, sweep
from store_service.privacy.vault import Erased
from store_service.rules.refusal import Refused
from tests.shops import BLENDER, private_shop


def test_only_orphans_are_swept_and_only_after_a_day(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        counter, vault, desk = shop.shop.counter, shop.shop.vault, shop.shop.desk
        done = shop.released_unit("ENV-TONER")
        told = shop.unit(done).service_id
        given_up = shop.service()
        with pytest.raises(Refused):
            counter.hand_over(BLENDER, told, contact="13900001234")
        counter.cancel(BLENDER, given_up, "left")
        left = counter.open(BLENDER)
        counter.show_notice(BLENDER, left, counter.texts.notice.version)
        counter.consent(BLENDER, left, {"allergy": True})
        counter.answer(BLENDER, left, "allergy", ["oat"])

        assert sweep(desk, vault, desk.now()) == 0, "a visit that is still being told is left alone"
        later = desk.now() + GRACE + timedelta(minutes=1)
        assert sweep(desk, vault, later) == 4, "answers twice, what was proposed out of them, a contact"
        assert sweep(desk, vault, later) == 0
        for ref in (given_up, left):
            with pytest.raises(Erased):
                vault.get("answers", ref)
        assert vault.refs("contact") == {}
        assert vault.get("answers", told) is not None
        shop.hand_over(done)
        assert sweep(desk, vault, later) == 0
