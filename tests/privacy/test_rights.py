"""The rights desk, withdrawal, review, pictures and retention: what goes, what stays, and that the proofs hold."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from store_service.consultation import wishes
from store_service.consultation.queries import find_service
from store_service.inspections.commands import close_inspection, correct, open_inspection, send
from store_service.line import Forgetter
from store_service.privacy import retention
from store_service.privacy.commands import RightsDesk, opened_record
from store_service.privacy.queries import find_request, whose
from store_service.privacy.retention import records_of, retire, unit_until
from store_service.privacy.vault import Erased, held
from store_service.quality.record import unit_file
from store_service.reactions.commands import Reactions, Told
from store_service.records.desk import Actor, Missing, OutOfStep
from store_service.rules.matters import Sending
from store_service.rules.refusal import Refused
from store_service.shop import forget_what_is_over
from store_service.sync.startup import verify_log
from tests.faults.laws import all_hold, log_of
from tests.shops import BLENDER, EXPLAINED, OFFICER, PrivateShop, private_shop

PHONE = "13900001234"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """One shop for everything that happens on one day."""
    with private_shop(tmp_path_factory.mktemp("rights")) as opened:
        yield opened


@pytest.fixture(scope="module")
def at_home(shop: PrivateShop) -> tuple[str, str, str]:
    """(unit, service, consumer reference) that several tests look at."""
    return visited(shop)


@pytest.fixture
def aging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """A shop whose clock may be turned for years."""
    with private_shop(tmp_path_factory.mktemp("aging")) as opened:
        yield opened


def rules(no: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.rule for one in no.value.verdict.refusals]


def visited(shop: PrivateShop, contact: str | None = PHONE) -> tuple[str, str, str]:
    """(unit, service, consumer reference) of a consumer who went home with a toner."""
    unit_id = shop.released_unit("ENV-TONER")
    service_id = shop.unit(unit_id).service_id
    counter = shop.shop.counter
    if contact:
        counter.consent(BLENDER, service_id, {"contact": True})
    counter.explain(BLENDER, service_id, EXPLAINED)
    counter.hand_over(BLENDER, service_id, contact=contact, recall_card=contact is None)
    with shop.shop.desk.read() as connection:
        return unit_id, service_id, find_service(connection, shop.shop.desk.site_id, service_id).consumer_ref


def desk_of(shop: PrivateShop) -> RightsDesk:
    return RightsDesk(shop.shop.desk, shop.shop.vault)


def kinds_there(shop: PrivateShop, consumer_ref: str) -> set[str]:
    found = set()
    with shop.shop.desk.read() as connection:
        records = records_of(connection, shop.shop.desk, consumer_ref)
    for one in records:
        try:
            if shop.shop.vault.get(one.kind, one.ref) is not None:
                found.add(one.kind)
        except Erased:
            pass
    return found


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
        until = unit_until(connection, desk, unit_id)
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
    counter = shop.shop.counter
    service_id = shop.service()
    with pytest.raises(Refused) as no:
        wishes.keep_image(counter, BLENDER, service_id, b"png", "identify", template=True)
    assert set(rules(no)) == {"R-CON-11", "R-CON-12", "R-PRV-02"}
    counter.consent(BLENDER, service_id, {"skin_image": True})
    with pytest.raises(Refused) as no:
        wishes.keep_image(counter, BLENDER, service_id, b"png", "skin_analysis")
    assert rules(no) == ["R-PRV-02"]
    ruleset = shop.shop.desk.ruleset
    assessed = {**ruleset.defaults, "pia_ref": "PIA-1", "pia_valid_to": date(2027, 1, 1)}
    shop.shop.desk.ruleset = type(ruleset)(
        **{**{f: getattr(ruleset, f) for f in ruleset.__slots__}, "defaults": assessed}
    )
    wishes.keep_image(counter, BLENDER, service_id, b"png", "skin_analysis")
    assert shop.shop.vault.get("image", service_id) == {"png": "cG5n", "purpose": "skin_analysis"}
    with shop.shop.desk.read() as connection:
        ref = find_service(connection, shop.shop.desk.site_id, service_id).consumer_ref
        (kept,) = [one for one in records_of(connection, shop.shop.desk, ref) if one.kind == "image"]
    assert kept.until == date(2026, 11, 22) + timedelta(days=30)
    assert wishes.withdraw(counter, BLENDER, service_id, "skin_image") == ("image",)
    shop.shop.desk.ruleset = ruleset


def test_a_breach_is_closed_when_everybody_was_told(shop: PrivateShop) -> None:
    desk = desk_of(shop)
    breach = desk.breach(OFFICER, "联系方式", shop.shop.desk.now())
    with pytest.raises(Refused) as no:
        desk.close_breach(OFFICER, breach, {"cause": "丢失备份盘"})
    assert rules(no) == ["R-PRV-07"]
    told = dict.fromkeys(("cause", "harm", "measures", "contact", "authority_ref", "persons_told"), "已告知")
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


def test_the_years_go_by(aging: PrivateShop) -> None:
    """Every clock in one shop: answers, contacts, holds, cases without a bottle, inspectors' names."""
    shop, vault, desk = aging, aging.shop.vault, desk_of(aging)
    unit_id, _, called = visited(shop)
    held_unit, _, held = visited(shop, contact=None)
    hold = desk.hold(OFFICER, held_unit, "监管立案")
    case_id = Reactions(shop.shop.desk, vault).report("s-01", Told(("itch",)), channel="phone", contact=PHONE)
    visit = open_inspection(shop.shop.desk, vault, OFFICER, "区局", ["李检查"], ids_shown=True, scope="")
    close_inspection(shop.shop.desk, OFFICER, visit, "无问题")
    shop.dial.seconds += 180 * 86_400
    assert retire(shop.shop.desk, vault) == 0, "the last day is still its own"
    shop.dial.seconds += 86_400
    assert retire(shop.shop.desk, vault) == 2 and kinds_there(shop, called) == {"contact"}
    last = [one for one in log_of(shop.shop.desk) if one.type == "personal.erased"][-1]
    assert last.data["why"] == "retention" and last.data["subject"] == called
    assert kinds_there(shop, held) == {"answers", "recommendation"}, "a hold stops every clock"

    close = desk.ask(OFFICER, held, "close", "batch")
    with pytest.raises(Refused) as no:
        desk.answer(OFFICER, close)
    assert rules(no) == ["R-PRV-06"]
    desk.lift(OFFICER, hold, "结案")
    assert desk.answer(OFFICER, close) == "done" and kinds_there(shop, held) == set()

    request = desk.ask(OFFICER, called, "erase", "label")
    with shop.shop.desk.read() as connection:
        until = unit_until(connection, shop.shop.desk, unit_id)
    assert until is not None
    for days, refused in ((0, True), (1, False)):
        shop.dial.seconds = ((until - date(2026, 11, 22)).days + days) * 86_400
        if refused:
            with pytest.raises(Refused) as no:
                desk.answer(OFFICER, request, kinds=("contact",))
            assert rules(no) == ["R-ADR-10"]
    assert desk.answer(OFFICER, request, kinds=("contact",)) == "done" and kinds_there(shop, called) == set()

    shop.dial.seconds += 3 * 366 * 86_400
    assert retire(shop.shop.desk, vault) == 1, "an open case stays whatever its age"
    assert vault.get("reaction", case_id)
    with pytest.raises(Erased):
        vault.get("inspectors", visit)


def test_what_a_crash_leaves_of_a_retirement_goes_and_is_told_with_the_next(
    aging: PrivateShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, vault = aging, aging.shop.vault
    _, _, called = visited(shop)
    shop.dial.seconds += 181 * 86_400

    class Killed(BaseException):
        pass

    whole = vault.erase

    def dies(ref: str, kinds: tuple[str, ...] | None = None) -> int:
        whole(ref, kinds)
        raise Killed

    monkeypatch.setattr(vault, "erase", dies)
    with pytest.raises(Killed):
        retire(shop.shop.desk, vault)
    monkeypatch.setattr(vault, "erase", whole)
    retire(shop.shop.desk, vault)
    assert kinds_there(shop, called) == {"contact"}
    told = [one.data for one in log_of(shop.shop.desk) if one.type == "personal.erased"]
    kinds = {kind for one in told if one["subject"] == called for kind in one["kinds"]}
    assert kinds == {"answers", "recommendation"}, "nothing is erased that the record does not tell"


def test_a_contact_that_stays_for_years_is_not_looked_at_each_day(
    aging: PrivateShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    visited(aging)
    aging.dial.seconds += 181 * 86_400
    desk, vault = aging.shop.desk, aging.shop.vault
    assert retire(desk, vault) == 2
    looked = list[str]()
    monkeypatch.setattr(retention, "records_of", lambda connection, desk, consumer_ref: looked.append(consumer_ref))
    monkeypatch.setattr(vault, "erase", lambda ref, kinds=None: looked.append(ref))
    assert retire(desk, vault) == 0 and not looked


def test_a_machine_that_runs_for_months_forgets_all_the_same(aging: PrivateShop) -> None:
    _, _, called = visited(aging)
    forgetter = Forgetter(aging.shop, threading.Event())
    aging.dial.seconds += 181 * 86_400
    aging.shop.desk.ledger.frozen = ("锁定", "locked")
    forgetter.beat()
    assert kinds_there(aging, called) == {"contact", "answers", "recommendation"}
    aging.shop.desk.ledger.frozen = None
    forgetter.beat()
    assert kinds_there(aging, called) == {"contact"}


def test_what_was_erased_and_comes_back_out_of_a_backup_goes_again(aging: PrivateShop) -> None:
    """Or what a process that ended between the record and the erasure has left: the vault is as it was before."""
    shop, vault = aging, aging.shop.vault
    _, asked_of, asked = visited(shop)
    _, _, kept = visited(shop)
    _, taken_back_of, _ = visited(shop)
    old = {(kind, ref): held(vault, kind, ref) for kind, ref in vault.there()}
    written = shop.shop.desk.now()
    shop.dial.seconds += 60
    request = desk_of(shop).ask(OFFICER, asked, "erase", "batch")
    desk_of(shop).answer(OFFICER, request)
    wishes.withdraw(shop.shop.counter, OFFICER, taken_back_of, "questionnaire")
    left = vault.get("answers", taken_back_of)
    for (kind, ref), body in old.items():
        vault.put(kind, ref, body or {}, written)
    assert vault.get("answers", asked_of)
    forget_what_is_over(shop.shop)
    assert kinds_there(shop, asked) == {"contact"}
    assert kinds_there(shop, kept) == {"answers", "recommendation", "contact"}
    assert vault.get("answers", taken_back_of) == left and held(vault, "recommendation", taken_back_of) is None
    shop.dial.seconds += 60
    vault.put("answers", asked_of, {"allergy": ["none"]}, shop.shop.desk.now())
    forget_what_is_over(shop.shop)
    assert vault.get("answers", asked_of), "what was told since stays"
