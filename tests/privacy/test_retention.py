"""Every clock of the vault, and the one sweep: what runs out, what a hold keeps, what a crash or a backup leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from store_service.app import shop_app
from store_service.consultation import wishes
from store_service.consultation.queries import find_service
from store_service.inspections.commands import close_inspection, open_inspection
from store_service.line import Forgetter, Line
from store_service.people import credentials
from store_service.privacy import retention
from store_service.privacy.retention import GRACE, sweep
from store_service.privacy.vault import Erased, held
from store_service.reactions.back import complain, take_back
from store_service.reactions.commands import Reactions, Told
from store_service.records.keys import KEYS_KEPT
from store_service.records.tables import idempotency
from store_service.rules.refusal import Refused
from store_service.shop import forget_what_is_over
from store_service.trace.keeping import unit_until
from store_service.trace.queries import lots_in
from tests.faults.laws import log_of
from tests.privacy.visits import PHONE, desk_of, kinds_there, rules, visited
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop


@pytest.fixture
def aging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """A shop whose clock may be turned for years."""
    with private_shop(tmp_path_factory.mktemp("aging")) as opened:
        yield opened


def swept(shop: PrivateShop) -> int:
    return sweep(shop.shop.desk, shop.shop.vault, shop.shop.counter.texts.purpose_of, shop.shop.desk.now())


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
    assert swept(shop) == 0, "the last day is still its own"
    shop.dial.seconds += 86_400
    assert swept(shop) == 2 and kinds_there(shop, called) == {"contact"}
    last = [one for one in log_of(shop.shop.desk) if one.type == "personal.erased"][-1]
    assert last.data["why"] == "retention" and last.data["subject"] == called
    assert kinds_there(shop, held) == {"answers", "recommendation"}, "a hold stops every clock"

    close = desk.ask(OFFICER, held, "close", "batch")
    with pytest.raises(Refused) as no:
        desk.answer(OFFICER, close)
    assert rules(no) == ["R-PRV-06"]
    desk.lift(OFFICER, hold, "结案", "s-01")
    assert desk.answer(OFFICER, close) == "done" and kinds_there(shop, held) == set()

    request = desk.ask(OFFICER, called, "erase", "label")
    with shop.shop.desk.read() as connection:
        until = unit_until(connection, shop.shop.desk.site_id, unit_id)
    assert until is not None
    for days, refused in ((0, True), (1, False)):
        shop.dial.seconds = ((until - date(2026, 11, 22)).days + days) * 86_400
        if refused:
            with pytest.raises(Refused) as no:
                desk.answer(OFFICER, request, kinds=("contact",))
            assert rules(no) == ["R-ADR-10"]
    assert desk.answer(OFFICER, request, kinds=("contact",)) == "done" and kinds_there(shop, called) == set()

    shop.dial.seconds += 3 * 366 * 86_400
    assert swept(shop) == 1, "an open case stays whatever its age"
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
        swept(shop)
    monkeypatch.setattr(vault, "erase", whole)
    swept(shop)
    assert kinds_there(shop, called) == {"contact"}
    told = [one.data for one in log_of(shop.shop.desk) if one.type == "personal.erased"]
    kinds = {kind for one in told if one["subject"] == called for kind in one["kinds"]}
    assert kinds == {"answers", "recommendation"}, "nothing is erased that the record does not tell"


def test_a_contact_that_stays_for_years_is_not_looked_at_each_day(
    aging: PrivateShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    visited(aging)
    aging.dial.seconds += 181 * 86_400
    vault = aging.shop.vault
    assert swept(aging) == 2
    looked = list[str]()
    monkeypatch.setattr(retention, "unit_until", lambda connection, site, unit_id: looked.append(unit_id))
    monkeypatch.setattr(vault, "erase", lambda ref, kinds=None: looked.append(ref))
    assert swept(aging) == 0 and not looked


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


def test_a_key_outlives_every_retry_and_then_goes(aging: PrivateShop) -> None:
    """The same request again acts once, to the last day of its key; after that not even the hash of it is left."""
    shop, desk = aging.shop, aging.shop.desk
    forgetter = Forgetter(shop, threading.Event())
    web = TestClient(shop_app(shop, Line(None, threading.Event())))

    def ask() -> int:
        token = credentials.open_session(shop.vault, OFFICER.staff_id, "kiosk-1", desk.now())
        heads = {"authorization": f"Bearer {token}", "idempotency-key": "once-and-only"}
        assert web.post("/api/v1/legal-holds", json={"subject": unit_id, "reason": "立案"}, headers=heads).is_success
        forgetter.beat()
        return len([one for one in log_of(desk) if one.type == "legal_hold.set"])

    unit_id = aging.planned_unit()
    assert ask() == 1
    for days in (1, 29, 30):
        aging.dial.seconds = days * 86_400
        assert ask() == 1, f"a retry {days} days later is no second act"
    assert credentials.IDLE < KEYS_KEPT, "a session ends first: nobody goes on retrying beyond it"
    aging.dial.seconds += 86_400
    forgetter.beat()
    with desk.read() as connection:
        assert connection.execute(select(idempotency)).all() == []
    assert len([one for one in log_of(desk) if one.type == "legal_hold.set"]) == 1


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


def test_a_record_that_cannot_be_judged_keeps_nobody_elses(aging: PrivateShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restored shop: the log knows nothing of the visit yet. And whatever else may be wrong with one record."""
    shop, vault = aging, aging.shop.vault
    _, _, person = visited(shop)
    vault.put("answers", "v-unknown", {"allergy": ["none"]}, shop.shop.desk.now() + timedelta(days=181))
    shop.dial.seconds += 181 * 86_400

    def wrong(known: object, ref: str) -> date:
        raise KeyError(ref)

    with monkeypatch.context() as patched:
        patched.setitem(retention.CLASSES, "contact", replace(retention.CLASSES["contact"], until=wrong))
        assert swept(shop) == 2
    assert kinds_there(shop, person) == {"contact"}
    assert vault.get("answers", "v-unknown"), "an orphan of today"


def test_only_orphans_are_swept_and_only_after_a_day(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        counter, vault, desk = shop.shop.counter, shop.shop.vault, shop.shop.desk
        questions = counter.texts.purpose_of
        done = shop.released_unit("ENV-TONER")
        told = shop.unit(done).service_id
        given_up = shop.service()
        with desk.read() as connection:
            person = find_service(connection, desk.site_id, told).consumer_ref
        vault.put("contact", person, {"phone": PHONE}, desk.now())  # the power went before the hand-over was on record
        counter.cancel(BLENDER, given_up, "left")
        left = counter.open(BLENDER)
        counter.show_notice(BLENDER, left, counter.texts.notice.version)
        counter.consent(BLENDER, left, {"allergy": True})
        counter.answer(BLENDER, left, "allergy", ["oat"])

        assert sweep(desk, vault, questions, desk.now()) == 0, "a visit that is still being told is left alone"
        later = desk.now() + GRACE + timedelta(minutes=1)
        hold = desk_of(shop).hold(OFFICER, given_up, "监管立案")
        assert sweep(desk, vault, questions, later) == 2, "a hold keeps also what never came on record"
        assert vault.get("answers", given_up) and held(vault, "answers", left) is None
        desk_of(shop).lift(OFFICER, hold, "结案", "s-01")
        assert sweep(desk, vault, questions, later) == 2, "answers twice, what was proposed out of them, a contact"
        assert sweep(desk, vault, questions, later) == 0
        for ref in (given_up, left):
            with pytest.raises(Erased):
                vault.get("answers", ref)
        assert not [kind for kind, _ in vault.there() if kind == "contact"]
        assert vault.get("answers", told) is not None
        shop.hand_over(done)
        assert sweep(desk, vault, questions, later) == 0


def test_a_hold_on_anything_around_the_unit_keeps_what_comes_out_of_a_backup_too(aging: PrivateShop) -> None:
    """A case, a return, a lot: whatever the hold stands on, nothing goes, not even what was erased before it stood."""
    shop, vault, desk = aging, aging.shop.vault, aging.shop.desk
    unit_id, visit, person = visited(shop)
    old = {(kind, ref): held(vault, kind, ref) or {} for kind, ref in vault.there()}
    written = desk.now()
    case_id = Reactions(desk, vault).report("s-01", Told(("itch",)), unit_id=unit_id, channel="counter")
    came = take_back(desk, OFFICER, unit_id, "complaint", 30_000, "待处理区")
    said = complain(desk, vault, OFFICER, "smell", unit_id)
    with desk.read() as connection:
        product_id, lot_no = lots_in(connection, desk.site_id, unit_id)[0]
    shop.dial.seconds += 60
    request = desk_of(shop).ask(OFFICER, person, "erase", "batch")
    desk_of(shop).answer(OFFICER, request)
    for kind, ref in old:
        vault.put(kind, ref, old[kind, ref], written)
    whole = kinds_there(shop, person)
    for subject in (person, visit, unit_id, case_id, came, said, f"{product_id}/{lot_no}"):
        hold = desk_of(shop).hold(OFFICER, subject, "监管立案")
        assert swept(shop) == 0 and kinds_there(shop, person) == whole, subject
        desk_of(shop).lift(OFFICER, hold, "结案", "s-01")
    other = desk_of(shop).hold(OFFICER, visited(shop)[0], "另案")
    assert swept(shop) == 2 and kinds_there(shop, person) == {"contact", "reaction"}
    desk_of(shop).lift(OFFICER, other, "结案", "s-01")


def test_every_class_that_the_vault_holds_has_its_clock(aging: PrivateShop) -> None:
    visited(aging)
    assert {kind for kind, _ in aging.shop.vault.there()} - {"staff"} <= set(retention.CLASSES)
    assert {kind for kind, one in retention.CLASSES.items() if one.law} == {
        "contact", "reaction", "reaction_contact", "inspectors",
    }  # fmt: skip
