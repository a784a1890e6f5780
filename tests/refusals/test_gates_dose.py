"""A warning that comes up between the cup and the dose is answered for where it is met: at the kiosk, by the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from store_service.blending import commands as blending
from tests.kiosk_ui.test_kiosk_door import Hand
from tests.readiness.conftest import Registered
from tests.shops import BLENDER, private_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Registered]:
    """One a test: a reason holds for the whole shift."""
    with private_shop(tmp_path) as private:
        yield Registered(private)


def eight_days_old(register: Any) -> Any:
    return register.model_copy(update={"fetched_at": register.fetched_at - timedelta(days=8)})


def test_an_old_roster_is_answered_for_at_the_dose(shop: Registered) -> None:
    private = shop.private
    hand = Hand(private)
    hand.sign_in()
    unit_id = private.planned_unit("ENV-TONER")
    private.cup_unit(unit_id)
    here = f"/kiosk/unit/{unit_id}"
    hand.post(f"{here}/take-over", here, signer="s-01", pin="135790")
    with shop.register("roster", eight_days_old):
        status, _, sheet = hand.post(f"{here}/dose", here)
        assert (status, "R-SCP-03" in sheet) == (409, True)
        status, _, _ = hand.post(f"{here}/dose", here, reason="checked")
        assert status == 200
        private.bench.run()
    assert len(private.bench.orders) >= 1
    blending.discard(private.shop.desk, BLENDER, private.bench, unit_id, "test")


def test_the_api_takes_the_reason_too(shop: Registered) -> None:
    private = shop.private
    unit_id = private.planned_unit("ENV-TONER")
    private.cup_unit(unit_id)
    kiosk = Hand(private)
    signed = kiosk.web.post("/api/v1/sign-in", json={"badge": "B-1001", "pin": "135790", "kiosk": BLENDER.kiosk})
    kiosk.web.headers["authorization"] = f"Bearer {signed.json()['token']}"

    def dose(key: str, **body: Any) -> int:
        told: int = kiosk.web.post(
            f"/api/v1/units/{unit_id}/doses", headers={"idempotency-key": key}, **body
        ).status_code
        return told

    with shop.register("roster", eight_days_old):
        assert dose("first-try-1") == 409
        assert dose("second-try", json={"reasons": {"R-SCP-03": "checked"}}) == 200
        private.bench.run()
    blending.discard(private.shop.desk, BLENDER, private.bench, unit_id, "test")
