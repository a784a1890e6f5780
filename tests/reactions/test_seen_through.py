"""A recall stops its lot and is reported before it is closed; a case is seen through; complaints are sealed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from store_service.consultation.queries import find_service
from store_service.privacy.commands import RightsDesk, opened_record
from store_service.privacy.retention import COMPLAINT_YEARS, GRACE, sweep
from store_service.privacy.vault import Erased, held
from store_service.reactions import back, queries, recalls
from store_service.reactions.commands import Reactions, Told
from store_service.records.desk import Missing, OutOfStep
from store_service.rules.refusal import Refused
from store_service.rules.rounds import RECALL_STEPS
from tests.faults.laws import all_hold, log_of
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop

ITCH = Told(("itch",), ("cheeks",), "today", "涂后发痒")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("seen_through")) as opened:
        yield opened
        all_hold(opened.shop.desk)


@pytest.fixture(scope="module")
def at_home(shop: PrivateShop) -> str:
    unit_id = shop.released_unit("ENV-TONER")
    shop.hand_over(unit_id)
    return unit_id


def rules(no: Any) -> list[str]:
    return [one.rule for one in no.value.verdict.refusals]


def reactions(shop: PrivateShop) -> Reactions:
    return Reactions(shop.shop.desk, shop.shop.vault)


def test_a_case_is_classified_reported_checked_and_closed_by_an_officer(shop: PrivateShop, at_home: str) -> None:
    case_id = reactions(shop).report("s-01", ITCH, unit_id=at_home, channel="counter")
    with pytest.raises(Refused) as no:
        reactions(shop).submit(BLENDER, case_id, "report", "AR-1")
    assert rules(no) == ["R-ADR-04"], "nobody has said how grave it is"
    with pytest.raises(Refused) as no:
        reactions(shop).close(BLENDER, case_id, "好转")
    assert set(rules(no)) == {"R-ADR-02", "R-ADR-04"}
    reactions(shop).classify(OFFICER, case_id, "serious", "就医")
    with pytest.raises(Refused) as no:
        reactions(shop).submit(BLENDER, case_id, "report", " ")
    assert rules(no) == ["R-ADR-02"], "no receipt"
    reactions(shop).submit(BLENDER, case_id, "report", "AR-1")
    with pytest.raises(Refused) as no:
        reactions(shop).close(OFFICER, case_id, "好转")
    assert rules(no) == ["R-ADR-03"], "a grave case ends with its self-check"
    reactions(shop).submit(OFFICER, case_id, "selfcheck", "SC-1")
    for actor, words in ((BLENDER, "好转"), (OFFICER, " ")):
        with pytest.raises(Refused) as no:
            reactions(shop).close(actor, case_id, words)
        assert rules(no) == ["R-ADR-04"]
    reactions(shop).close(OFFICER, case_id, "停用后好转")
    with pytest.raises(OutOfStep):
        reactions(shop).close(OFFICER, case_id, "再次")


def test_any_lot_that_came_here_is_held_and_no_other(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    came = next(
        one.data for one in log_of(desk) if one.type == "lot.received" and one.data["product_id"] == "SRC-OILCTL"
    )
    lot = (str(came["product_id"]), str(came["lot_no"]))
    with pytest.raises(Missing):
        reactions(shop).hold_lot(OFFICER, lot[0], f"{lot[1]}X", (), "异味")
    with pytest.raises(Refused) as no:
        reactions(shop).hold_lot(BLENDER, *lot, (), "异味")
    assert rules(no) == ["R-ADR-08"]
    reactions(shop).hold_lot(OFFICER, *lot, (), "异味")
    reactions(shop).free_lot(OFFICER, *lot, "s-01", "复检合格")


def test_a_recall_stops_its_lot_until_it_is_seen_through(shop: PrivateShop, at_home: str) -> None:
    desk, vault = shop.shop.desk, shop.shop.vault
    came = next(
        one.data for one in log_of(desk) if one.type == "lot.received" and one.data["product_id"] == "SRC-TONER"
    )
    product_id, lot_no = str(came["product_id"]), str(came["lot_no"])
    with desk.read() as connection:
        assert queries.open_recall(connection, desk.site_id, product_id, lot_no) == ""
    drill = recalls.draw_up(desk, BLENDER, product_id, lot_no, "", drill=True)
    assert "lot.held" not in {one.type for one in log_of(desk)[-2:]}, "a drill stops nothing"
    with pytest.raises(OutOfStep):
        recalls.tell(desk, OFFICER, drill, "treated", "", "无")
    recalls.close(desk, vault, BLENDER, drill)
    for actor, reason in ((BLENDER, "污染"), (OFFICER, " ")):
        with pytest.raises(Refused) as no:
            recalls.draw_up(desk, actor, product_id, lot_no, reason, drill=False)
        assert rules(no) == ["R-ADR-09"]
    unit_id = shop.planned_unit("ENV-TONER")
    recall_id = recalls.draw_up(desk, OFFICER, product_id, lot_no, "污染", drill=False)
    opened, held_ = (
        next(one for one in reversed(log_of(desk)) if one.type == kind) for kind in ("recall.opened", "lot.held")
    )
    assert (held_.data["product_id"], held_.data["lot_no"]) == (product_id, lot_no) and recall_id in held_.data[
        "reason"
    ]
    assert opened.idx - held_.idx == 1, "in the same act"
    with pytest.raises(Refused) as no:
        shop.cup_unit(unit_id)
    assert {"R-ADM-14", "R-BLD-04"} & set(rules(no)), "no new blend out of that lot"
    with pytest.raises(Refused) as no:
        reactions(shop).free_lot(OFFICER, product_id, lot_no, "s-01", "复检合格")
    assert rules(no) == ["R-ADR-09"], "not while the recall is open"
    for step, ref, detail, field in (
        ("mpa_reported", " ", "电话报告", "receipt"), ("treated", "", " ", "detail"), ("party", "1", "", "recall_step"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=field):
            recalls.tell(desk, OFFICER, recall_id, step, ref, detail)
    for step in RECALL_STEPS:
        with pytest.raises(Refused) as no:
            recalls.close(desk, vault, OFFICER, recall_id)
        assert rules(no) == ["R-ADR-09"]
        recalls.tell(desk, BLENDER, recall_id, step, "回执 1", "两人销毁")
    with pytest.raises(Refused) as no:
        recalls.close(desk, vault, BLENDER, recall_id)
    assert rules(no) == ["R-ADR-09"]
    recalls.close(desk, vault, OFFICER, recall_id)
    with pytest.raises(OutOfStep):
        recalls.tell(desk, OFFICER, recall_id, "treated", "", "晚了")
    reactions(shop).free_lot(OFFICER, product_id, lot_no, "s-01", "召回已结束")


def test_what_a_complaint_said_is_sealed_and_goes_with_its_years(shop: PrivateShop, at_home: str) -> None:
    desk, vault = shop.shop.desk, shop.shop.vault
    said = back.Grievance("王女士：漏液", "13900001234", "照片 7")
    known = back.complain(desk, vault, BLENDER, "leak", at_home, said)
    lost = back.complain(desk, vault, BLENDER, "smell", "", back.Grievance(words="酸味"))
    plain = back.complain(desk, vault, BLENDER, "other")
    log = str([one.data for one in log_of(desk)])
    assert not any(one in log for one in ("王女士", "13900001234", "照片 7", "酸味"))
    told = next(one for one in reversed(log_of(desk)) if one.type == "complaint.told" and one.data["photo"])
    assert told.data["contact_left"] is True
    assert held(vault, "complaint", plain) is None
    with pytest.raises(Refused) as no:
        opened_record(desk, vault, BLENDER, known, ("complaint",), "complaint")
    assert "R-PRV-03" in rules(no)
    seen = opened_record(desk, vault, OFFICER, known, ("complaint",), "complaint")
    assert seen["complaint"] == {"words": "王女士：漏液", "contact": "13900001234", "photo": "照片 7"}
    questions = shop.shop.counter.texts.purpose_of
    sweep(desk, vault, questions, desk.now() + GRACE + timedelta(minutes=1))
    assert held(vault, "complaint", known) is not None, "cited, so no orphan"
    back.settle(desk, OFFICER, known, "换货")
    sweep(desk, vault, questions, desk.now())
    assert held(vault, "complaint", known) is not None, "its years are not over"
    shop.dial.seconds += COMPLAINT_YEARS * 366 * 86_400
    sweep(desk, vault, questions, desk.now())
    with pytest.raises(Erased):
        vault.get("complaint", known)
    assert held(vault, "complaint", lost) is not None, "an open one stays"
    back.settle(desk, OFFICER, lost, "无法核实")
    sweep(desk, vault, questions, desk.now())
    assert held(vault, "complaint", lost) is None


def test_a_person_s_request_erases_what_a_complaint_said(shop: PrivateShop, at_home: str) -> None:
    desk, vault = shop.shop.desk, shop.shop.vault
    complaint = back.complain(desk, vault, BLENDER, "leak", at_home, back.Grievance(words="漏液"))
    with desk.read() as connection:
        consumer = find_service(connection, desk.site_id, shop.unit(at_home).service_id).consumer_ref
    rights = RightsDesk(desk, vault)
    rights.answer(OFFICER, rights.ask(OFFICER, consumer, "erase", "label"))
    assert held(vault, "complaint", complaint) is None
