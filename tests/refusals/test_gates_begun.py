"""A unit that was begun is asked about again at every step to the hand-over; what is right goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from store_service.blending import commands as blending
from store_service.blending.queries import components_of
from store_service.reactions.back import REASONS, take_back
from store_service.records.desk import OutOfStep
from store_service.rules.refusal import Refused
from store_service.trace.identifiers import digital_link
from tests.readiness.conftest import Registered, row, staff
from tests.shops import BLENDER, EXPLAINED, OFFICER, PrivateShop, private_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registered]:
    with private_shop(tmp_path_factory.mktemp("begun")) as private:
        yield Registered(private)


def refused(act: Callable[[], Any]) -> set[str]:
    with pytest.raises(Refused) as no:
        act()
    return {one.rule for one in no.value.verdict.refusals}


def lot(private: PrivateShop, unit_id: str, **values: Any) -> Callable[[Any], Any]:
    """The register of lots with the lot changed that the unit's first component came from."""
    with private.shop.desk.read() as connection:
        part = components_of(connection, private.shop.desk.site_id, unit_id)[0]

    def change(register: Any) -> Any:
        rows = tuple(
            one.model_copy(update=values) if (one.product_id, one.lot_no) == (part.product_id, part.lot_no) else one
            for one in register.lots
        )
        assert rows != register.lots
        return register.model_copy(update={"lots": rows})

    return change


@contextmanager
def on_hold(shop: Registered, unit_id: str) -> Iterator[None]:
    with shop.register("lots", lot(shop.private, unit_id, hold="R-77")):
        yield


def sign(private: PrivateShop, unit_id: str) -> str:
    return blending.sign(private.shop.desk, BLENDER, private.station.settings, unit_id, OFFICER.staff_id)


def inspect(private: PrivateShop, unit_id: str, *, mixed: bool) -> None:
    blending.inspect(
        private.shop.desk, BLENDER, private.station.settings, unit_id,
        mixed=mixed, appearance_ok=True, odour_ok=True, homogeneous_ok=True,
    )  # fmt: skip


def judged(private: PrivateShop, unit_id: str) -> None:
    settings, base = private.station.settings, private.shop.settings.public_base
    assert private.shop.counter.verdict(BLENDER, settings, base, private.unit(unit_id).service_id).allowed
    blending.clear_line(private.shop.desk, BLENDER, settings, unit_id, ("labels", "lots", "hands"))


def test_a_held_lot_in_the_cup_stops_every_step_until_it_is_lifted(shop: Registered) -> None:
    """Dose, signature, print, release, hand-over: refused while the hold stands, let through once it is lifted."""
    private = shop.private
    unit_id = private.planned_unit()
    service_id = private.unit(unit_id).service_id
    private.cup_unit(unit_id)
    private.station.doser.begin(BLENDER, unit_id)
    with on_hold(shop, unit_id):
        private.bench.run()  # the first component lands, the next does not begin
        assert private.unit(unit_id).state == "dosing"
        assert "R-ADR-09" in refused(lambda: private.station.doser.begin(BLENDER, unit_id))
    private.dosed_unit(unit_id)
    blending.weigh(private.shop.desk, BLENDER, private.station.settings, private.bench, unit_id)
    inspect(private, unit_id, mixed=True)
    with on_hold(shop, unit_id):
        assert refused(lambda: sign(private, unit_id)) == {"R-ADR-09"}
    assert sign(private, unit_id)
    with on_hold(shop, unit_id):
        assert refused(lambda: private.printed_unit(unit_id)) == {"R-ADR-09"}
    private.printed_unit(unit_id)
    with on_hold(shop, unit_id):
        assert refused(lambda: private.scanned_unit(unit_id)) == {"R-ADR-09"}
        assert private.unit(unit_id).state == "verified"
    assert _again(private, unit_id, private.serials(unit_id)[0].serial)
    private.shop.counter.explain(BLENDER, service_id, EXPLAINED)
    with on_hold(shop, unit_id), pytest.raises(Refused) as no:
        private.shop.counter.hand_over(BLENDER, service_id, recall_card=True)
    (told,) = no.value.verdict.refusals
    assert told.rule == "R-ADR-09" and "不得交付" in told.message_zh and told.next_steps[0].act == "returned"
    private.shop.counter.hand_over(BLENDER, service_id, recall_card=True)
    assert private.unit(unit_id).state == "handed_over"
    private.bench.gross_mg = 0


def _again(private: PrivateShop, unit_id: str, serial: str) -> bool:
    link = digital_link(private.shop.settings.public_base, private.unit(unit_id).gtin, serial)
    return private.station.press.scan_back(BLENDER, unit_id, link)


def test_a_withdrawn_envelope_goes_into_no_bottle(shop: Registered) -> None:
    private = shop.private
    unit_id = private.planned_unit()
    judged(private, unit_id)
    gone = row("envelopes", "envelope_id", "ENV-LOTION", status="withdrawn")
    with shop.register("envelopes", gone):
        assert refused(lambda: private.start(unit_id)) == {"R-BLD-01"}
    private.cup_unit(unit_id)
    with shop.register("envelopes", gone):
        assert refused(lambda: private.station.doser.begin(BLENDER, unit_id)) == {"R-BLD-01"}
    private.dosed_unit(unit_id)
    private.signed_unit(unit_id)
    private.printed_unit(unit_id)
    with shop.register("envelopes", gone):
        assert refused(lambda: private.scanned_unit(unit_id)) == {"R-BLD-01"}
    blending.discard(private.shop.desk, BLENDER, private.bench, unit_id, "test")


def test_what_was_not_mixed_is_not_signed(shop: Registered) -> None:
    private = shop.private
    unit_id = private.planned_unit()
    private.cup_unit(unit_id)
    private.dosed_unit(unit_id)
    blending.weigh(private.shop.desk, BLENDER, private.station.settings, private.bench, unit_id)
    inspect(private, unit_id, mixed=False)
    assert refused(lambda: sign(private, unit_id)) == {"R-BLD-17"}
    inspect(private, unit_id, mixed=True)
    assert sign(private, unit_id)
    blending.discard(private.shop.desk, BLENDER, private.bench, unit_id, "test")


def test_whom_the_health_check_bars_opens_no_service(shop: Registered) -> None:
    counter = shop.private.shop.counter
    with shop.register("staff", staff("s-01", health_result="unfit")):
        assert refused(lambda: counter.open(BLENDER)) == {"R-PPL-04"}
    assert counter.open(BLENDER)


def test_yesterday_s_consultation_starts_nothing_today(tmp_path: Path) -> None:
    with private_shop(tmp_path) as private:
        unit_id = private.planned_unit()
        judged(private, unit_id)
        private.morning(1)
        told = refused(lambda: private.start(unit_id))
        assert "R-CON-01" in told


def test_a_released_unit_that_is_kept_back_comes_back_and_its_visit_ends(shop: Registered) -> None:
    private = shop.private
    unit_id = private.released_unit()
    service_id = private.unit(unit_id).service_id
    private.shop.counter.explain(BLENDER, service_id, EXPLAINED)
    with on_hold(shop, unit_id):
        assert refused(lambda: private.shop.counter.hand_over(BLENDER, service_id, recall_card=True)) == {"R-ADR-09"}
    take_back(private.shop.desk, OFFICER, unit_id, next(iter(REASONS)), None, "shelf 3")
    with pytest.raises(OutOfStep):
        private.shop.counter.hand_over(BLENDER, service_id, recall_card=True)
    private.shop.counter.cancel(BLENDER, service_id, "kept back")


def test_whoever_is_banned_in_mid_shift_goes_on_with_no_unit(shop: Registered) -> None:
    """R-PPL-08: the session is open still; dose, signature, print, release and hand-over are refused all the same."""
    private = shop.private
    unit_id = private.planned_unit("ENV-TONER")
    service_id = private.unit(unit_id).service_id

    def barred(staff_id: str, act: Callable[[], Any]) -> None:
        with shop.register("staff", staff(staff_id, banned=True)):
            assert refused(act) == {"R-PPL-08"}

    private.cup_unit(unit_id)
    barred("s-01", lambda: private.station.doser.begin(BLENDER, unit_id))
    private.dosed_unit(unit_id)
    blending.weigh(private.shop.desk, BLENDER, private.station.settings, private.bench, unit_id)
    inspect(private, unit_id, mixed=True)
    barred("s-02", lambda: sign(private, unit_id))
    sign(private, unit_id)
    barred("s-01", lambda: private.printed_unit(unit_id))
    private.printed_unit(unit_id)
    barred("s-01", lambda: private.scanned_unit(unit_id))
    assert _again(private, unit_id, private.serials(unit_id)[0].serial)
    private.bench.gross_mg = 0
    private.shop.counter.explain(BLENDER, service_id, EXPLAINED)
    barred("s-01", lambda: private.shop.counter.hand_over(BLENDER, service_id, recall_card=True))
    private.hand_over(unit_id)
