"""The hand-over: each thing explained and ticked (R-CON-09), and a way to hear of a recall (R-REC-03 as amended)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from store_service.catalogue.commands import import_register
from store_service.consultation import wishes
from store_service.consultation.queries import Service, find_service
from store_service.demo import play
from store_service.privacy.vault import held
from store_service.quality.record import unit_file
from store_service.records.events.consultation import ServiceExplained, ServiceHandedOver
from store_service.rules.dates import beijing_date
from store_service.rules.refusal import Refused
from tests.faults.laws import log_of
from tests.kiosk_ui.hand import Hand
from tests.shops import ANSWERS, BLENDER, CONFIG, CONSENTS, EXPLAINED, PrivateShop, private_shop

PHONE = "13900001234"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("taken")) as made:
        yield made


@pytest.fixture(scope="module")
def waiting(shop: PrivateShop) -> str:
    """A service whose unit is released: every refusal leaves it as it is."""
    return shop.unit(shop.released_unit("ENV-TONER")).service_id


def standing(shop: PrivateShop, service_id: str) -> Service:
    with shop.shop.desk.read() as connection:
        return find_service(connection, shop.shop.desk.site_id, service_id)


def refused(shop: PrivateShop, service_id: str, **how: bool | str) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as no:
        shop.shop.counter.hand_over(BLENDER, service_id, **how)  # type: ignore[arg-type]  # as a door says it
    assert standing(shop, service_id).state == "open"
    return {(one.rule, str(one.facts.get("missing", ""))) for one in no.value.verdict.refusals}


@pytest.mark.parametrize("left_out", EXPLAINED)
def test_each_item_is_ticked_by_itself(shop: PrivateShop, waiting: str, left_out: str) -> None:
    shop.shop.counter.explain(BLENDER, waiting, [one for one in EXPLAINED if one != left_out])
    assert refused(shop, waiting, recall_card=True) == {("R-CON-09", f"['{left_out}']")}


def test_what_is_no_item_is_not_recorded(shop: PrivateShop, waiting: str) -> None:
    with pytest.raises(ValueError, match="weather"):
        shop.shop.counter.explain(BLENDER, waiting, [*EXPLAINED, "weather"])


def test_without_a_contact_and_without_a_card_nobody_leaves(shop: PrivateShop, waiting: str) -> None:
    shop.shop.counter.explain(BLENDER, waiting, EXPLAINED)
    assert refused(shop, waiting) == {("R-REC-03", "")}


@pytest.mark.parametrize("asked", [{}, {"contact": False}, {"contact": True}])
def test_a_contact_is_kept_only_with_its_own_consent(shop: PrivateShop, waiting: str, asked: dict[str, bool]) -> None:
    """R-CON-03, never asked, declined, or given and taken back; nothing reaches the vault, a card still does."""
    counter, ref = shop.shop.counter, standing(shop, waiting).consumer_ref
    counter.consent(BLENDER, waiting, asked)
    if asked.get("contact"):
        wishes.withdraw(counter, BLENDER, waiting, "contact")
    counter.explain(BLENDER, waiting, EXPLAINED)
    assert refused(shop, waiting, contact=PHONE) == {("R-CON-03", "['contact']")}
    assert refused(shop, waiting, contact=PHONE, recall_card=True) == {("R-CON-03", "['contact']")}
    assert refused(shop, waiting, contact=" ") == {("R-REC-03", "")}
    assert held(shop.shop.vault, "contact", ref) is None


def test_a_recall_card_is_on_record(shop: PrivateShop) -> None:
    unit_id = shop.released_unit("ENV-TONER")
    service_id = shop.unit(unit_id).service_id
    shop.shop.counter.explain(BLENDER, service_id, tuple(reversed(EXPLAINED)))
    shop.shop.counter.hand_over(BLENDER, service_id, recall_card=True)
    log = log_of(shop.shop.desk)
    told = next(one.payload for one in reversed(log) if isinstance(one.payload, ServiceExplained))
    given = next(one.payload for one in reversed(log) if isinstance(one.payload, ServiceHandedOver))
    assert told.items == EXPLAINED
    assert (given.recall_card, given.contact_left, given.units) == (True, False, (unit_id,))
    with shop.shop.desk.read() as connection:
        file = unit_file(connection, shop.shop.desk.site_id, shop.unit(unit_id).batch or "")
    assert file["service"]["explained"] == {"by": BLENDER.staff_id, "items": list(EXPLAINED)}
    assert (file["service"]["recall_card"], file["service"]["contact_left"]) == (True, False)


def test_a_contact_needs_no_card_neither_now_nor_the_next_time(shop: PrivateShop) -> None:
    for contact in (PHONE, None):
        opened = shop.shop.counter.open(BLENDER, "MEMBER-77001")
        unit_id = _unit_of(shop, opened)
        service_id = shop.unit(unit_id).service_id
        shop.shop.counter.consent(BLENDER, service_id, {"contact": contact is not None})
        shop.shop.counter.explain(BLENDER, service_id, EXPLAINED)
        shop.shop.counter.hand_over(BLENDER, service_id, contact=contact)
        taken = standing(shop, service_id)
        assert (taken.state, taken.contact_left, taken.recall_card) == ("handed_over", True, False)


def _unit_of(shop: PrivateShop, service_id: str) -> str:
    counter = shop.shop.counter
    counter.show_notice(BLENDER, service_id, counter.texts.notice.version)
    counter.consent(BLENDER, service_id, CONSENTS)
    for question, value in ANSWERS.items():
        counter.answer(BLENDER, service_id, question, [value])
    counter.finish(BLENDER, service_id)
    return shop.released_unit("ENV-TONER", service_id)


class TestOnTheKiosk:
    @pytest.fixture
    def hand(self, shop: PrivateShop) -> Hand:
        found = Hand(shop)
        found.sign_in()
        return found

    def test_what_was_ticked_stays_ticked_after_a_refusal(self, hand: Hand, shop: PrivateShop, waiting: str) -> None:
        place = f"/kiosk/service/{waiting}"
        status, _, body = hand.post(f"{place}/hand-over", place, explained=list(EXPLAINED[:2]), recall_card="1")
        assert status == 409 and "R-CON-09" in body and "使用前局部试用" in body
        page = hand.get(place)
        assert page.count(" checked") == 2
        for words in ("成分与来源", "特点", "注意事项", "使用期限", "贮存条件", "前臂内侧", "召回卡"):
            assert words in page
        assert 'name="contact"' not in page, "this consumer did not agree to leave a phone"
        status, _, body = hand.post(f"{place}/hand-over", place, explained=list(EXPLAINED), contact=PHONE)
        assert status == 409 and "R-CON-03" in body and standing(shop, waiting).state == "open"

    def test_a_phone_is_asked_of_who_agreed_to_leave_one(self, hand: Hand, shop: PrivateShop) -> None:
        unit_id = shop.released_unit("ENV-TONER")
        service_id = shop.unit(unit_id).service_id
        shop.shop.counter.consent(BLENDER, service_id, {"contact": True})
        place = f"/kiosk/service/{service_id}"
        assert 'name="contact"' in hand.get(place)
        status, _, body = hand.post(f"{place}/hand-over", place, explained=list(EXPLAINED), contact="call me")
        assert status == 409 and standing(shop, service_id).state == "open", body
        assert hand.post(f"{place}/hand-over", place, explained=list(EXPLAINED), contact=PHONE)[0] == 200
        taken = standing(shop, service_id)
        assert (taken.state, taken.contact_left) == ("handed_over", True)
        assert shop.shop.vault.get("contact", taken.consumer_ref) == {"phone": PHONE}


def test_nothing_goes_out_once_its_use_by_date_has_come(tmp_path: Path) -> None:
    """Neither a printed unit that is scanned back on that day, nor a released one that nobody fetched (R-BLD-06)."""
    with private_shop(tmp_path) as shop:
        released, printed = shop.released_unit("ENV-TONER"), shop.planned_unit("ENV-TONER")
        for step in (shop.cup_unit, shop.dosed_unit, shop.signed_unit, shop.printed_unit):
            step(printed)
        last = shop.unit(printed).use_by
        assert last is not None
        shop.dial.seconds = (last - beijing_date(shop.shop.desk.now())).days * 24 * 3600
        now = shop.shop.desk.now()
        for document in play.documents(CONFIG / "demo", now, shop.shop.settings.filer_id):
            import_register(shop.shop.desk, document, by="import", valid_to=now + timedelta(days=7))
        for unit_id, act, said in ((printed, shop.scanned_unit, "past"), (released, shop.hand_over, "kept")):
            with pytest.raises(Refused) as no:
                act(unit_id)
            assert ("R-BLD-06", said) in {(one.rule, one.saying) for one in no.value.verdict.refusals}
        assert [shop.unit(one).state for one in (printed, released)] == ["verified", "released"]
