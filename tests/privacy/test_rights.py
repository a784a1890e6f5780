"""The rights desk, withdrawal, review, pictures, breaches: what goes, what stays, and that the proofs hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.consultation import wishes
from store_service.consultation.queries import find_service
from store_service.inspections.commands import correct, send
from store_service.privacy.commands import opened_record
from store_service.privacy.queries import find_request, whose
from store_service.privacy.retention import records_of
from store_service.quality.record import unit_file
from store_service.records.desk import Actor, Missing, OutOfStep
from store_service.rules.matters import Sending
from store_service.rules.refusal import Refused
from store_service.sync.startup import verify_log
from store_service.trace.keeping import unit_until
from tests.faults.laws import all_hold, log_of
from tests.privacy.visits import PHONE, desk_of, kinds_there, rules, visited
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """One shop for everything that happens on one day."""
    with private_shop(tmp_path_factory.mktemp("rights")) as opened:
        yield opened


@pytest.fixture(scope="module")
def at_home(shop: PrivateShop) -> tuple[str, str, str]:
    """(unit, service, consumer reference) that several tests look at."""
    return visited(shop)


def test_erasing_takes_what_the_law_lets_go_and_leaves_the_proofs_whole(shop: PrivateShop) -> None:
    unit_id, _, consumer_ref = visited(shop)
    desk = shop.shop.desk
    before = unit_file_of(shop, unit_id)
    with desk.read() as connection:
        assert whose(connection, desk.site_id, str(shop.unit(unit_id).batch)) == (consumer_ref, "batch")
    request = desk_of(shop).ask(OFFICER, consumer_ref, "erase", "batch")
    assert kinds_there(shop, consumer_ref) == {"answers", "recommendation", "contact"}
    assert desk_of(shop).answer(OFFICER, request) == "partly", "the recall contact stays sealed"
    assert kinds_there(shop, consumer_ref) == {"contact"}
    with desk.read() as connection:
        answered = find_request(connection, desk.site_id, request)
        until = unit_until(connection, desk.site_id, unit_id)
    assert (answered.open, answered.kept, answered.kept_until) == (False, ["contact"], until)
    with pytest.raises(OutOfStep):
        desk_of(shop).answer(OFFICER, request)
    verify_log(desk.ledger)
    assert desk.ledger.frozen is None
    after = unit_file_of(shop, unit_id)
    assert after["record"] == before["record"] and after["doses"] == before["doses"] and not after["record_altered"]
    assert after["seal"]["record_sha256"] == before["seal"]["record_sha256"]
    all_hold(desk)


def unit_file_of(shop: PrivateShop, unit_id: str) -> dict[str, object]:
    with shop.shop.desk.read() as connection:
        return unit_file(connection, shop.shop.desk.site_id, str(shop.unit(unit_id).batch))  # type: ignore[return-value]  # plain


def test_a_refusal_or_a_part_needs_its_reason(shop: PrivateShop, at_home: tuple[str, str, str]) -> None:
    _, _, consumer_ref = at_home
    desk = desk_of(shop)
    request = desk.ask(OFFICER, consumer_ref, "show", "batch")
    with pytest.raises(Refused) as no:
        desk.answer(OFFICER, request, "refused")
    assert rules(no) == ["R-PRV-06"]
    assert desk.answer(OFFICER, request, "refused", "不是本人的单元") == "refused"
    with pytest.raises(OutOfStep):
        desk.show(OFFICER, request)
    with pytest.raises(OutOfStep):
        desk.correct_contact(OFFICER, request, "13911112222")
    with pytest.raises(ValueError, match="kind"):
        desk.ask(OFFICER, consumer_ref, "sell", "batch")


def test_show_tells_everything_and_is_on_record(shop: PrivateShop, at_home: tuple[str, str, str]) -> None:
    _, _, consumer_ref = at_home
    desk = desk_of(shop)
    request = desk.ask(OFFICER, consumer_ref, "copy", "batch")
    before = len([one for one in log_of(shop.shop.desk) if one.type == "personal.shown"])
    shown = {one["kind"]: one["data"] for one in desk.show(OFFICER, request)["records"]}
    assert shown["contact"] == {"phone": PHONE} and shown["answers"]["age"] == ["25_34"]
    assert shown["recommendation"]["reasons"], "the explanation of the proposal"
    desk.correct_contact(OFFICER, request, "13911112222")
    again = {one["kind"]: one["data"] for one in desk.show(OFFICER, request)["records"]}
    assert again["contact"] == {"phone": "13911112222"}
    opened = [one for one in log_of(shop.shop.desk) if one.type == "personal.shown"]
    assert len(opened) == before + 2 and PHONE not in str(opened)


def test_who_left_no_contact_has_none_to_correct(shop: PrivateShop) -> None:
    """Or the desk would keep a number that nobody consented to."""
    _, _, consumer_ref = visited(shop, contact=None)
    desk = desk_of(shop)
    request = desk.ask(OFFICER, consumer_ref, "correct", "batch")
    with pytest.raises(Missing):
        desk.correct_contact(OFFICER, request, PHONE)
    assert "contact" not in kinds_there(shop, consumer_ref)


def test_a_consent_that_is_taken_back_stops_the_visit(shop: PrivateShop) -> None:
    service_id = shop.service()
    shop.planned_unit("ENV-LOTION", service_id)
    counter, base = shop.shop.counter, shop.shop.settings.public_base
    assert counter.verdict(BLENDER, shop.station.settings, base, service_id).allowed
    assert wishes.withdraw(counter, BLENDER, service_id, "allergy") == ("answers",)
    assert set(shop.shop.vault.get("answers", service_id) or {}) == {"feel", "goal", "texture"}
    with pytest.raises(Refused) as no:
        counter.verdict(BLENDER, shop.station.settings, base, service_id)
    assert {"R-CON-03", "R-CON-06"} <= set(rules(no))
    with pytest.raises(OutOfStep):
        wishes.withdraw(counter, BLENDER, service_id, "allergy")
    assert wishes.withdraw(counter, BLENDER, service_id, "questionnaire") == ("answers", "recommendation")


def test_withdrawing_after_the_hand_over_keeps_the_verdict(shop: PrivateShop, at_home: tuple[str, str, str]) -> None:
    unit_id, service_id, _ = at_home
    assert wishes.withdraw(shop.shop.counter, OFFICER, service_id, "allergy") == ("answers",)
    assert unit_file_of(shop, unit_id)["record_altered"] is False
    with shop.shop.desk.read() as connection:
        found = find_service(connection, shop.shop.desk.site_id, service_id)
    assert found.allowed is True and not found.given("allergy")
    all_hold(shop.shop.desk)


def test_a_person_decides_where_one_is_asked_for(shop: PrivateShop) -> None:
    service_id = shop.service()
    shop.planned_unit("ENV-LOTION", service_id)
    counter, base = shop.shop.counter, shop.shop.settings.public_base
    wishes.request_review(counter, BLENDER, service_id)
    with pytest.raises(Refused) as no:
        counter.verdict(BLENDER, shop.station.settings, base, service_id)
    assert rules(no) == ["R-CON-07"]
    wishes.decide_review(counter, BLENDER, service_id, "kept", OFFICER.staff_id)
    assert counter.verdict(BLENDER, shop.station.settings, base, service_id).allowed
    with pytest.raises(OutOfStep):
        wishes.decide_review(counter, BLENDER, service_id, "kept", OFFICER.staff_id)


def test_a_picture_waits_for_its_consent_and_the_assessment(shop: PrivateShop) -> None:
    counter, desk = shop.shop.counter, shop.shop.desk
    service_id, valid_to = shop.service(), desk.now() + timedelta(days=7)
    with desk.read() as connection:
        assessed = registers(connection, desk.site_id, desk.now()).parameters
    none = {"*": {**assessed.overrides["*"], "pia_ref": None}}
    import_register(desk, assessed.model_copy(update={"overrides": none}), by="import", valid_to=valid_to)
    with pytest.raises(Refused) as no:
        wishes.keep_image(counter, BLENDER, service_id, b"png", "identify", template=True)
    assert set(rules(no)) == {"R-CON-11", "R-CON-12", "R-PRV-02"}
    counter.consent(BLENDER, service_id, {"skin_image": True})
    with pytest.raises(Refused) as no:
        wishes.keep_image(counter, BLENDER, service_id, b"png", "skin_analysis")
    assert rules(no) == ["R-PRV-02"]
    import_register(desk, assessed, by="import", valid_to=valid_to)
    wishes.keep_image(counter, BLENDER, service_id, b"png", "skin_analysis")
    assert shop.shop.vault.get("image", service_id) == {"picture": "cG5n", "purpose": "skin_analysis"}
    with shop.shop.desk.read() as connection:
        ref = find_service(connection, shop.shop.desk.site_id, service_id).consumer_ref
        (kept,) = [one for one in records_of(connection, shop.shop.desk, ref) if one.kind == "image"]
    assert kept.until == date(2026, 11, 22) + timedelta(days=30)
    assert wishes.withdraw(counter, BLENDER, service_id, "skin_image") == ("image",)


def test_a_breach_is_closed_when_everybody_was_told(shop: PrivateShop) -> None:
    desk = desk_of(shop)
    breach = desk.breach(OFFICER, "联系方式", shop.shop.desk.now())
    with pytest.raises(Refused) as no:
        desk.close_breach(OFFICER, breach, {"cause": "丢失备份盘"})
    assert rules(no) == ["R-PRV-07"]
    told = dict.fromkeys(("cause", "harm", "measures", "contact", "authority_ref", "persons_told"), "已告知")
    with pytest.raises(Refused) as no:
        desk.close_breach(BLENDER, breach, told)
    assert rules(no) == ["R-PRV-03"]
    desk.close_breach(OFFICER, breach, told)
    with pytest.raises(OutOfStep):
        desk.close_breach(OFFICER, breach, told)
    with pytest.raises(Missing):
        desk.close_breach(OFFICER, "b-none", told)


@pytest.mark.parametrize(
    ("wish", "rule"),
    [
        (Sending("authority", personal=True, country="CN"), "R-PRV-08"),
        (Sending("filer", personal=True, country="FR"), "R-PRV-05"),
        (Sending("controller", personal=True, country="CN"), "R-PRV-04"),
        (Sending("processor", personal=True, country="CN"), "R-PRV-04"),
    ],
)
def test_what_may_not_be_sent(shop: PrivateShop, wish: Sending, rule: str) -> None:
    day = date(2026, 11, 22)
    with pytest.raises(Refused) as no:
        send(shop.shop.desk, OFFICER, wish, day, day, "0" * 64)
    assert rules(no) == [rule]
    send(shop.shop.desk, OFFICER, Sending(wish.recipient, False, wish.country), day, day, "0" * 64)


def test_a_correction_says_why(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    with pytest.raises(Refused) as no:
        correct(desk, Actor("s-02", "k"), "u-1", "pack.lot", "P-2", " ")
    assert rules(no) == ["R-REC-05"]
    correct(desk, OFFICER, "u-1", "pack.lot", "P-2", "看错一位")
    assert log_of(desk)[-1].type == "record.corrected"


def test_a_clerk_opens_nobodys_records(shop: PrivateShop, at_home: tuple[str, str, str]) -> None:
    _, _, consumer_ref = at_home
    desk = desk_of(shop)
    request = desk.ask(BLENDER, consumer_ref, "show", "batch")
    for act in (
        lambda: desk.show(BLENDER, request),
        lambda: desk.correct_contact(BLENDER, request, PHONE),
        lambda: desk.answer(BLENDER, request),
        lambda: opened_record(desk.desk, desk.vault, BLENDER, consumer_ref, ("contact",), "recall"),
    ):
        with pytest.raises(Refused) as no:
            act()
        assert rules(no) == ["R-PRV-03"]
    assert desk.show(OFFICER, request)["records"]
