"""Signals and holds, complaints, returned units, recalls: each rule passes and refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from store_service.consultation import wishes
from store_service.consultation.queries import find_service
from store_service.privacy.commands import RightsDesk
from store_service.reactions import back, queries, recalls
from store_service.reactions.api import ReturnIn
from store_service.reactions.commands import Reactions, Told
from store_service.records.desk import Missing, OutOfStep
from store_service.rules.refusal import Refused
from store_service.stock.queries import all_containers
from store_service.trace.queries import lots_in
from tests.faults.laws import log_of
from tests.shops import BLENDER, OFFICER, PrivateShop

from .told import ITCH, home, reactions, rules


def signals_of(shop: PrivateShop) -> list[queries.Signal]:
    desk = shop.shop.desk
    with desk.read() as connection:
        return queries.signals(connection, desk.site_id, desk.ruleset.fill(desk.ruleset.params("SH")), desk.now())


def test_a_signal_proposes_and_a_person_holds(fresh: PrivateShop) -> None:
    shop = fresh
    first = home(shop)
    second = home(shop)
    reactions(shop).report("s-01", ITCH, unit_id=first, channel="counter")
    assert signals_of(shop) == []
    reactions(shop).report("s-01", ITCH, unit_id=second, channel="counter")
    pointed = signals_of(shop)
    assert [(bool(one.lot_no), one.envelope_id) for one in pointed] == [(True, ""), (True, ""), (False, "ENV-TONER")]
    assert all(len(one.cases) == 2 and not one.serious and not one.held for one in pointed)
    assert not [one for one in log_of(shop.shop.desk) if one.type == "lot.held"], "nobody was asked yet"
    one = pointed[0]
    with pytest.raises(Refused) as no:
        reactions(shop).hold_lot(BLENDER, one.product_id, one.lot_no, one.cases)
    assert rules(no) == ["R-ADR-08"]
    with pytest.raises(Refused) as no:
        reactions(shop).hold_lot(OFFICER, one.product_id, one.lot_no, ())
    assert rules(no) == ["R-ADR-08"]
    unit_id = shop.planned_unit("ENV-TONER")
    reactions(shop).hold_lot(OFFICER, one.product_id, one.lot_no, one.cases)
    assert signals_of(shop)[0].held
    counter, base = shop.shop.counter, shop.shop.settings.public_base
    desk = shop.shop.desk
    with desk.read() as connection:
        others = [
            each
            for each in all_containers(connection, desk.site_id)
            if each.product_id == one.product_id and each.lot_no != one.lot_no
        ]
    try:
        counter.verdict(BLENDER, shop.station.settings, base, shop.unit(unit_id).service_id)
        assert others, "another lot of the product took its place"
    except Refused as refused:
        assert "R-BLD-04" in {each.rule for each in refused.verdict.refusals}
    lot = (one.product_id, one.lot_no)
    for by, second, reason, error in (
        (BLENDER, "s-02", "复核合格", Refused), (OFFICER, "s-01", " ", Refused),
        (OFFICER, "s-02", "复核合格", ValueError), (OFFICER, None, "复核合格", ValueError),
    ):  # fmt: skip
        with pytest.raises(error):
            reactions(shop).free_lot(by, *lot, second, reason)
    assert signals_of(shop)[0].held
    reactions(shop).free_lot(OFFICER, *lot, "s-01", "复核合格")
    assert not signals_of(shop)[0].held
    with pytest.raises(OutOfStep):
        reactions(shop).free_lot(OFFICER, *lot, "s-01", "复核合格")


def test_complaints_run_without_a_clock(shop: PrivateShop, at_home: str) -> None:
    complaint = back.complain(shop.shop.desk, shop.shop.vault, BLENDER, "leak", at_home)
    with pytest.raises(ValueError, match="outcome"):
        back.settle(shop.shop.desk, OFFICER, complaint, " ")
    back.settle(shop.shop.desk, OFFICER, complaint, "更换包装")
    with pytest.raises(OutOfStep):
        back.settle(shop.shop.desk, OFFICER, complaint, "再次")
    with pytest.raises(ValueError, match="kind"):
        back.complain(shop.shop.desk, shop.shop.vault, BLENDER, "noise")


def test_what_comes_back_never_goes_back_to_stock(shop: PrivateShop) -> None:
    desk, unit_id = shop.shop.desk, home(shop)
    return_id = back.take_back(desk, BLENDER, unit_id, "reaction", None, "隔离柜")
    assert shop.unit(unit_id).state == "returned"
    with pytest.raises(Refused) as no:
        back.destroy(desk, OFFICER, return_id, "焚烧", "s-01")
    assert rules(no) == ["R-ADR-14"], "it was not weighed"
    other = back.take_back(desk, BLENDER, home(shop), "complaint", 30_100, "隔离柜")
    for second, outcome, rule in (("s-01", "restocked", "R-ADR-12"), (None, "destroyed", "R-ADR-14"),
                                  ("s-02", "destroyed", "R-ADR-14")):  # fmt: skip
        with pytest.raises(Refused) as no:
            back.destroy(desk, OFFICER, other, "焚烧", second, outcome)
        assert rules(no) == [rule]
    back.destroy(desk, OFFICER, other, "焚烧", "s-01")
    with pytest.raises(OutOfStep):
        back.destroy(desk, OFFICER, other, "焚烧", "s-01")
    with pytest.raises(OutOfStep):
        back.take_back(desk, BLENDER, shop.planned_unit(), "other", 1, "")


@pytest.mark.parametrize("of", ["consumer", "visit", "case", "complaint", "unit", "batch", "lot"])
def test_evidence_under_a_legal_hold_is_not_destroyed(shop: PrivateShop, of: str) -> None:
    desk, vault, unit_id = shop.shop.desk, shop.shop.vault, home(shop)
    case_id = Reactions(desk, vault).report("s-01", Told(("itch",)), unit_id=unit_id, channel="counter")
    with desk.read() as connection:
        found = find_service(connection, desk.site_id, shop.unit(unit_id).service_id)
        lot = lots_in(connection, desk.site_id, unit_id)[0]
    subject = {
        "consumer": found.consumer_ref,
        "visit": found.service_id,
        "lot": "/".join(lot),
        "complaint": back.complain(desk, vault, OFFICER, "smell", unit_id),
        "case": case_id,
        "unit": unit_id,
        "batch": shop.unit(unit_id).batch or "",
    }[of]
    hold = RightsDesk(desk, vault).hold(OFFICER, subject, "立案")
    with pytest.raises(Missing):
        RightsDesk(desk, vault).hold(OFFICER, f"{subject}-", "立案")
    return_id = back.take_back(desk, BLENDER, unit_id, "reaction", 30_100, "隔离柜")
    with pytest.raises(Refused) as no:
        back.destroy(desk, OFFICER, return_id, "焚烧", "s-01")
    assert rules(no) == ["R-ADR-14"]
    assert wishes.withdraw(shop.shop.counter, BLENDER, found.service_id, "allergy") == ()
    assert vault.get("answers", found.service_id)
    RightsDesk(desk, vault).lift(OFFICER, hold, "结案", "s-01")
    back.destroy(desk, OFFICER, return_id, "焚烧", "s-01")


def test_the_door_takes_nothing_back_unweighed() -> None:
    with pytest.raises(ValidationError, match="gross_mg"):
        ReturnIn.model_validate({"unit_id": "u-1", "reason": "other"})


def test_a_recall_is_closed_when_nobody_was_forgotten(shop: PrivateShop) -> None:
    desk, vault = shop.shop.desk, shop.shop.vault
    unit_id = home(shop, contact="13900001234")
    with desk.read() as connection:
        product_id, lot_no = lots_in(connection, desk.site_id, unit_id)[0]
    recall_id = recalls.draw_up(desk, OFFICER, product_id, lot_no, "异味", drill=False)
    with desk.read() as connection:
        people = recalls.callees(connection, desk, vault, recall_id)
    assert [one.contact for one in people].count(True) == 1 and len(people) >= 1
    reachable = next(one.consumer_ref for one in people if one.contact)
    with pytest.raises(Refused) as no:
        recalls.close(desk, vault, OFFICER, recall_id)
    assert rules(no) == ["R-ADR-09", "R-ADR-11"]
    recalls.called(desk, BLENDER, recall_id, reachable, "phone", "no_answer")
    with pytest.raises(Refused) as no:
        recalls.close(desk, vault, OFFICER, recall_id)
    assert rules(no) == ["R-ADR-09", "R-ADR-11"], "one way only"
    recalls.called(desk, BLENDER, recall_id, reachable, "message", "reached")
    with desk.read() as connection:
        told = recalls.effect(recalls.callees(connection, desk, vault, recall_id))
    found = len(people)
    assert told == {"found": found, "with_contact": 1, "reached": 1, "returned": 0, "residual": found - 1}
    with pytest.raises(ValueError, match="consumer_ref"):
        recalls.called(desk, BLENDER, recall_id, "c-nobody", "phone", "reached")
    for step, ref in (("filer_told", "电话"), ("mpa_reported", "沪药监 1"), ("treated", "两人销毁")):
        recalls.tell(desk, OFFICER, recall_id, step, ref, "")
    recalls.close(desk, vault, OFFICER, recall_id)
    drill = recalls.draw_up(desk, OFFICER, product_id, lot_no, "", drill=True)
    recalls.close(desk, vault, OFFICER, drill)
    with pytest.raises(Missing):
        recalls.draw_up(desk, OFFICER, product_id, f"{lot_no}X", "a slip of the finger", drill=False)
