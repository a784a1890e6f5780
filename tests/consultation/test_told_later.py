"""What a consumer tells, or takes back, after the verdict: nothing is begun by what was judged before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from store_service.blending.commands import clear_line, discard
from store_service.consultation.queries import Service, answers_of, find_service
from store_service.records.desk import OutOfStep
from store_service.rules.refusal import Refused
from tests.kiosk_ui.test_kiosk_door import Hand
from tests.shops import BLENDER, PrivateShop, private_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("later")) as made:
        yield made


def refused(act: Callable[[], object]) -> set[str]:
    with pytest.raises(Refused) as no:
        act()
    return {one.rule for one in no.value.verdict.refusals}


def judge(shop: PrivateShop, service_id: str) -> None:
    assert shop.shop.counter.verdict(BLENDER, shop.station.settings, shop.shop.settings.public_base, service_id).allowed


def judged(shop: PrivateShop) -> tuple[str, str]:
    """(unit, service): judged, and its line cleared."""
    unit_id = shop.planned_unit()
    service_id = shop.unit(unit_id).service_id
    judge(shop, service_id)
    clear_line(shop.shop.desk, BLENDER, shop.station.settings, unit_id, ("labels", "lots", "hands"))
    return unit_id, service_id


def ended(shop: PrivateShop, service_id: str) -> None:
    shop.shop.counter.cancel(BLENDER, service_id, "test")


def found(shop: PrivateShop, service_id: str) -> Service:
    with shop.shop.desk.read() as connection:
        return find_service(connection, shop.shop.desk.site_id, service_id)


def test_an_allergy_told_after_the_verdict_is_screened_before_anything_begins(shop: PrivateShop) -> None:
    counter, (unit_id, service_id) = shop.shop.counter, judged(shop)
    counter.answer(BLENDER, service_id, "allergy", ["phenoxyethanol"])
    with pytest.raises(OutOfStep):
        shop.start(unit_id)
    assert refused(lambda: judge(shop, service_id)) == {"R-CON-01", "R-CON-08"}
    counter.finish(BLENDER, service_id)
    assert refused(lambda: judge(shop, service_id)) == {"R-CON-08"}
    counter.answer(BLENDER, service_id, "allergy", ["none"])
    counter.finish(BLENDER, service_id)
    judge(shop, service_id)
    assert shop.start(unit_id)
    discard(shop.shop.desk, BLENDER, shop.bench, unit_id, "test")
    ended(shop, service_id)


def test_an_answer_that_a_crash_left_without_its_event_starts_nothing(shop: PrivateShop) -> None:
    unit_id, service_id = judged(shop)
    shop.shop.vault.put("answers", service_id, {"allergy": ["phenoxyethanol"]}, shop.shop.desk.now())
    assert found(shop, service_id).allowed
    assert refused(lambda: shop.start(unit_id)) == {"R-CON-01"}
    ended(shop, service_id)


def test_the_same_answer_again_leaves_the_verdict(shop: PrivateShop) -> None:
    _, service_id = judged(shop)
    shop.shop.counter.answer(BLENDER, service_id, "allergy", ["none"])
    assert found(shop, service_id).allowed
    ended(shop, service_id)


def test_a_visit_that_is_over_takes_no_answer(shop: PrivateShop) -> None:
    vault, counter = shop.shop.vault, shop.shop.counter
    unit_id = shop.released_unit("ENV-TONER")
    service_id = shop.unit(unit_id).service_id
    shop.hand_over(unit_id)
    with pytest.raises(OutOfStep) as no:
        counter.answer(BLENDER, service_id, "feel", ["comfortable"])
    assert no.value.state == "handed_over"
    assert vault.commitment("answers", service_id) == found(shop, service_id).commitment


def test_the_kiosk_shows_no_yes_once_an_answer_has_changed(shop: PrivateShop) -> None:
    hand = Hand(shop)
    hand.sign_in()
    place = hand.service()
    hand.answered(place, purposes=("allergy", "questionnaire"), feel="tight", goal="moisture", texture="milky")
    hand.post(f"{place}/formula", f"{place}/formula", act="confirm")
    assert "可以调配" in hand.get(place)
    hand.post(f"{place}/consultation", f"{place}/consultation?q=allergy", question="allergy", answer="phenoxyethanol")
    shown = hand.get(place)
    assert "可以调配" not in shown
    assert 'name="question"' in shown, "the questions are gone through again"
    status, _, sheet = hand.post(f"{place}/verdict", place)
    assert status == 409
    assert "R-CON-08" in sheet
    ended(shop, place.rsplit("/", 1)[-1])


def test_a_consultation_that_is_finished_again_is_judged_again(shop: PrivateShop) -> None:
    hand = Hand(shop)
    hand.sign_in()
    place = hand.service()
    hand.answered(place)
    hand.post(f"{place}/formula", f"{place}/formula", act="confirm")
    shop.dial.seconds += 5
    hand.post(f"{place}/consultation", f"{place}/consultation?q=allergy", question="allergy", answer="none")
    assert "可以调配" not in hand.get(place)
    hand.post(f"{place}/formula", f"{place}/formula", act="confirm")
    _, bench, _ = hand.post(f"{place}/verdict", place)
    status, _, _ = hand.post(f"{bench}/start", bench, clearance=["labels", "lots", "hands"])
    assert status == 200
    discard(shop.shop.desk, BLENDER, shop.bench, bench.rsplit("/", 1)[-1], "test")
    ended(shop, place.rsplit("/", 1)[-1])


def test_a_consent_that_is_unticked_is_taken_back(shop: PrivateShop) -> None:
    counter, (unit_id, service_id) = shop.shop.counter, judged(shop)
    counter.consent(BLENDER, service_id, {"allergy": True, "questionnaire": False})
    assert set(answers_of(shop.shop.vault, found(shop, service_id))) == {"condition", "age", "allergy", "allergy_text"}
    with pytest.raises(OutOfStep):
        shop.start(unit_id)
    assert refused(lambda: judge(shop, service_id)) == {"R-CON-01"}
    counter.consent(BLENDER, service_id, {"allergy": False, "guardian": False})
    assert answers_of(shop.shop.vault, found(shop, service_id)) == {}
    assert {"R-CON-03", "R-CON-06"} <= refused(lambda: judge(shop, service_id))
    ended(shop, service_id)


def test_two_consents_unticked_at_once_take_both_their_answers(shop: PrivateShop) -> None:
    counter, service_id = shop.shop.counter, shop.service()
    counter.consent(BLENDER, service_id, {"allergy": False, "questionnaire": False})
    assert answers_of(shop.shop.vault, found(shop, service_id)) == {}
    ended(shop, service_id)


def test_an_allergy_told_after_the_making_keeps_the_unit_back(shop: PrivateShop) -> None:
    counter, unit_id = shop.shop.counter, shop.released_unit()
    service_id = shop.unit(unit_id).service_id
    counter.answer(BLENDER, service_id, "allergy", ["phenoxyethanol"])
    assert refused(lambda: shop.hand_over(unit_id)) == {"R-CON-08"}
    counter.answer(BLENDER, service_id, "allergy", ["none"])
    shop.hand_over(unit_id)
