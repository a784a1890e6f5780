"""Duties are decided and ended by who may, with receipts; the application is whole; what comes round is reckoned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.inspections import commands as acts
from store_service.inspections import duty_acts, queries, rounds
from store_service.reactions import recalls
from store_service.readiness.queries import may_i_work
from store_service.records.desk import OutOfStep
from store_service.rules.refusal import Refused
from store_service.rules.rounds import PACKAGE
from tests.faults.laws import all_hold, log_of
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop

DAY = 86_400


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("duties")) as opened:
        yield opened
        all_hold(opened.shop.desk)


def rules(no: Any) -> list[str]:
    return [one.rule for one in no.value.verdict.refusals]


def test_a_major_issue_is_decided_by_the_head_and_reported_with_a_receipt(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    issue = acts.open_duty(desk, BLENDER, "major_issue", "SH0042")
    with pytest.raises(Refused) as no:
        acts.step_duty(desk, OFFICER, issue, "reported", "回执 1")
    assert rules(no) == ["R-ANN-08"], "nobody has decided"
    for actor, head, ref, rule in (
        (OFFICER, "s-02", "决定 1", "R-ANN-08"), (OFFICER, "hq-01", " ", "R-ANN-08"),
        (BLENDER, "hq-01", "决定 1", "R-REC-05"),
    ):  # fmt: skip
        with pytest.raises(Refused) as no:
            duty_acts.decide(desk, actor, issue, head, "停用", ref)
        assert rules(no) == [rule]
    duty_acts.decide(desk, OFFICER, issue, "hq-02", "停用", "决定 1")
    for actor, ref, rule in ((BLENDER, "回执 1", "R-REC-05"), (OFFICER, " ", "R-ANN-08")):
        with pytest.raises(Refused) as no:
            acts.step_duty(desk, actor, issue, "reported", ref)
        assert rules(no) == [rule]
    acts.step_duty(desk, OFFICER, issue, "reported", "回执 1")
    with pytest.raises(OutOfStep):
        duty_acts.decide(desk, OFFICER, issue, "hq-01", "再次", "决定 2")
    with desk.read() as connection:
        steps = queries.find_duty(connection, desk.site_id, issue).steps
    assert [(one["step"], one.get("decided_by")) for one in steps] == [("decided", "hq-02"), ("reported", None)]


def test_a_former_head_decides_nothing(tmp_path: Any) -> None:
    """Nor one of another shop: the document that is in force here says who the head is."""
    with private_shop(tmp_path) as shop:
        desk = shop.shop.desk
        with desk.read() as connection:
            known = registers(connection, desk.site_id, desk.now()).readiness
        assert known is not None
        (now,) = [one for one in known.documents if (one.rule, one.document) == duty_acts.HEAD]
        ended = {"valid_from": date(2025, 1, 1), "valid_to": date(2026, 11, 21)}
        others = (
            now.model_copy(update={"version": "0", "owner": "hq-old", "deputy": None, **ended}),
            now.model_copy(update={"version": "9", "owner": "hq-far", "deputy": None, "store_ids": ("BJ0001",)}),
        )
        told = known.model_copy(update={"documents": (*known.documents, *others)})
        import_register(desk, told, by="import", valid_to=desk.now() + timedelta(days=7))
        issue = acts.open_duty(desk, BLENDER, "major_issue", "SH0042")
        for head in ("hq-old", "hq-far"):
            with pytest.raises(Refused) as no:
                duty_acts.decide(desk, OFFICER, issue, head, "停用", "决定 1")
            assert rules(no) == ["R-ANN-08"]
        duty_acts.decide(desk, OFFICER, issue, "hq-01", "停用", "决定 1")


def test_an_annual_report_is_chosen_and_in_with_its_receipt(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    for subject in ("SRC-NONE/2025", "SRC-TONER", "SRC-TONER/25", "SRC-TONER/2031", "SRC-TONER/2026", "2025"):
        with pytest.raises(ValueError, match="report_"):
            acts.open_duty(desk, OFFICER, "annual_report", subject)
    for year in (2026, 2019):
        with pytest.raises(ValueError, match="report_year"):
            duty_acts.report_annual(desk, OFFICER, "SRC-TONER", year, "回执 1")
    for actor, receipt, rule in ((OFFICER, " ", "R-ANN-10"), (BLENDER, "回执 1", "R-REC-05")):
        with pytest.raises(Refused) as no:
            duty_acts.report_annual(desk, actor, "SRC-TONER", 2025, receipt)
        assert rules(no) == [rule]
    ahead = acts.open_duty(desk, BLENDER, "annual_report", "SRC-LOTION/2025")
    assert duty_acts.report_annual(desk, OFFICER, "SRC-LOTION", 2025, "回执 2") == ahead, "the one that was open"
    duty_acts.report_annual(desk, OFFICER, "SRC-TONER", 2025, "回执 1")
    with desk.read() as connection:
        told = {one.product_id: one for one in queries.reports(connection, desk, date(2026, 11, 22))}
        assert {("SRC-TONER", 2025), ("SRC-LOTION", 2025)} <= rounds.done_of(connection, desk.site_id).reports
    assert (told["SRC-TONER"].standing, told["SRC-TONER"].receipt) == ("submitted", "回执 1")
    assert told["SRC-CREAM"].standing == "submitted", "the register says so; no receipt is kept here"


def test_nothing_was_done_tomorrow(shop: PrivateShop) -> None:
    desk, tomorrow = shop.shop.desk, date(2026, 11, 23)
    with pytest.raises(ValueError, match="on: "):
        duty_acts.report_annual(desk, OFFICER, "SRC-SERUM", 2025, "回执 3", tomorrow)
    for kind in ("self_inspection", "recall_drill", "restart_check"):
        duty = acts.open_duty(desk, OFFICER, kind, "")
        with pytest.raises(ValueError, match="on: "):
            acts.step_duty(desk, OFFICER, duty, "done", "自查 1", on=tomorrow)
        acts.step_duty(desk, OFFICER, duty, "done", "自查 1", on=date(2026, 11, 22))
    with desk.read() as connection:
        assert rounds.done_of(connection, desk.site_id).self_inspected == date(2026, 11, 22)


def test_an_application_is_sent_when_its_package_is_whole(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    duty = acts.open_duty(desk, OFFICER, "pilot_application", "SH0042")
    needed = [one for one in PACKAGE if one != "authorisation"]
    for part in needed:
        with pytest.raises(Refused) as no:
            acts.step_duty(desk, OFFICER, duty, "submitted", "沪药监 1")
        assert rules(no) == ["R-ANN-07"]
        duty_acts.add_part(desk, BLENDER, duty, part, f"{part} 1")
    for part, ref in (("photo", "1"), ("form", " ")):
        with pytest.raises(ValueError):
            duty_acts.add_part(desk, OFFICER, duty, part, ref)
    acts.step_duty(desk, OFFICER, duty, "submitted", "沪药监 1")
    other = acts.open_duty(desk, OFFICER, "pilot_report", "2026")
    with pytest.raises(OutOfStep):
        duty_acts.add_part(desk, OFFICER, other, "form", "1")
    with pytest.raises(OutOfStep):
        duty_acts.decide(desk, OFFICER, other, "hq-01", "同意", "1")


def test_a_penalty_bars_an_application(tmp_path: Any) -> None:
    with private_shop(tmp_path, changes={"filer": {"penalty_on": "-400d"}}) as shop, pytest.raises(Refused) as no:
        acts.open_duty(shop.shop.desk, OFFICER, "pilot_application", "SH0042")
    assert rules(no) == ["R-SCP-08"]


def test_what_comes_round_is_told_without_an_entry_and_warns_when_it_is_over(tmp_path: Any) -> None:
    def ahead(shop: PrivateShop) -> set[str]:
        with shop.shop.desk.read() as connection:
            found = may_i_work(connection, shop.shop.desk, shop.station.settings, "s-01")
        return {one.rule for one in found.ahead}

    def warned(shop: PrivateShop) -> set[str]:
        with shop.shop.desk.read() as connection:
            found = may_i_work(connection, shop.shop.desk, shop.station.settings, "s-01")
        return {one.rule for one in found.warnings}

    with private_shop(tmp_path) as shop:
        desk = shop.shop.desk
        with desk.read() as connection:
            open_ = {one.kind: one.due for one in rounds.open_rounds(connection, desk)}
        assert open_ == {"self_inspection": date(2027, 11, 22), "recall_drill": date(2027, 5, 22)}, "an orderly shop"
        assert "R-REC-04" not in ahead(shop) | warned(shop)
        acts.open_duty(desk, OFFICER, "change_report", "SH0042")
        assert "R-ANN-04" in ahead(shop), "entered, with the law's own day"
        shop.dial.seconds += 155 * DAY
        assert "R-REC-04" in ahead(shop) and "R-REC-04" not in warned(shop)
        shop.dial.seconds += 27 * DAY
        assert "R-REC-04" in warned(shop)
        came = next(one.data for one in log_of(desk) if one.type == "lot.received")
        drill = recalls.draw_up(desk, BLENDER, str(came["product_id"]), str(came["lot_no"]), "", drill=True)
        assert "R-REC-04" in warned(shop), "begun is not done"
        recalls.close(desk, shop.shop.vault, BLENDER, drill)
        assert "R-REC-04" not in warned(shop)
        shop.dial.seconds += 200 * DAY
        assert "R-ANN-02" in warned(shop)
        check = acts.open_duty(desk, OFFICER, "self_inspection", "2027")
        acts.step_duty(desk, OFFICER, check, "done", "自查 2027-1")
        assert "R-ANN-02" not in warned(shop)
