"""Visits, duties, yearly totals, annual reports, and a copy that verifies."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from store_service.consultation import wishes
from store_service.inspections import commands as acts
from store_service.inspections import duty_acts, queries
from store_service.inspections.take_away import take_away
from store_service.quality.export import check_export
from store_service.reactions import back
from store_service.reactions.commands import Reactions, Told
from store_service.records.desk import OutOfStep
from store_service.records.event import decode
from store_service.records.events.privacy import DataSent
from store_service.rules.dates import beijing_date
from store_service.rules.matters import Sending
from store_service.rules.refusal import Refused
from store_service.rules.rounds import PACKAGE
from tests.faults.laws import all_hold, log_of
from tests.records.test_golden_events import published
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("visits")) as opened:
        yield opened
        all_hold(opened.shop.desk)


def test_a_visit_with_all_that_it_took(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    visit = acts.open_inspection(
        desk, shop.shop.vault, OFFICER, "区市场监管局", ["李检查", "赵检查"], ids_shown=True, scope="现场"
    )
    assert "李检查" not in str([one.data for one in log_of(desk)])
    assert shop.shop.vault.get("inspectors", visit) == {"names": ["李检查", "赵检查"]}
    for kind in ("sample", "seal"):
        with pytest.raises(ValueError, match="ref"):
            acts.note(desk, OFFICER, visit, kind, " ", "面霜一瓶")
    acts.note(desk, OFFICER, visit, "sample", "抽样单 7", "面霜一瓶")
    acts.note(desk, OFFICER, visit, "copy", "", "批记录三份")
    finding = acts.note(desk, OFFICER, visit, "finding", "", "温度计未贴标识", date(2026, 12, 1))
    acts.close_inspection(desk, OFFICER, visit, "一项整改")
    with pytest.raises(OutOfStep):
        acts.note(desk, OFFICER, visit, "copy", "", "又一份")
    with desk.read() as connection:
        assert [one.id for one in queries.notes(connection, desk.site_id) if one.open] == [finding]
    acts.close_finding(desk, OFFICER, finding, "已贴标识")
    with pytest.raises(OutOfStep):
        acts.close_finding(desk, OFFICER, finding, "再次")
    with pytest.raises(ValueError):
        acts.open_inspection(desk, shop.shop.vault, OFFICER, "区局", [" "], ids_shown=True, scope="")


def test_the_application_on_its_way(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    duty = acts.open_duty(desk, OFFICER, "pilot_application", "SH0042", "沪药监试点")
    for part in PACKAGE[:-1]:
        duty_acts.add_part(desk, OFFICER, duty, part, f"{part}-1")
    for step in ("submitted", "assessed", "findings", "corrected"):
        acts.step_duty(desk, OFFICER, duty, step, f"沪药监 {step}")
    acts.step_duty(desk, OFFICER, duty, "published", "公告 1 号")
    with pytest.raises(OutOfStep):
        acts.step_duty(desk, OFFICER, duty, "done")
    with desk.read() as connection:
        found = queries.find_duty(connection, desk.site_id, duty)
    assert not found.open and [one["step"] for one in found.steps][-1] == "published"
    with pytest.raises(ValueError):
        acts.open_duty(desk, OFFICER, "party", "x")


def test_a_products_report_is_due_and_submitted(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        desk = shop.shop.desk

        def standing(today: date) -> dict[str, str]:
            with desk.read() as connection:
                return {one.product_id: one.standing for one in queries.reports(connection, desk, today)}

        assert set(standing(date(2026, 11, 22)).values()) == {"submitted"}, "head office's register says when"
        assert set(standing(date(2027, 2, 1)).values()) == {"due"}
        assert set(standing(date(2027, 4, 1)).values()) == {"overdue"}
        shop.dial.seconds += 100 * 86_400
        duty = acts.open_duty(desk, OFFICER, "annual_report", "SRC-TONER/2026", due=date(2027, 3, 31))
        acts.step_duty(desk, OFFICER, duty, "submitted", "回执 2027-1")
        told = standing(date(2027, 4, 1))
        assert told["SRC-TONER"] == "submitted" and told["SRC-LOTION"] == "overdue"


def test_the_year_by_source_product(shop: PrivateShop) -> None:
    desk, site = shop.shop.desk, shop.shop.desk.site_id
    with desk.read() as connection:
        before = {one.product_id: one for one in queries.totals(connection, site, 2026)}
    unit_id = shop.released_unit("ENV-LOTION")
    Reactions(desk, shop.shop.vault).report("s-01", Told(("itch",)), unit_id=unit_id, channel="counter")
    back.complain(desk, shop.shop.vault, OFFICER, "leak", unit_id)
    shop.hand_over(unit_id)
    with desk.read() as connection:
        after = {one.product_id: one for one in queries.totals(connection, site, 2026)}
        quiet = queries.totals(connection, site, 2025)
        assert {(one.units, one.lots) for one in quiet} == {(0, 0)}, "the lots came in 2026"
        assert all(one.lots > 0 for one in after.values())
    grown = [(after[key], before[key]) for key in after if after[key] != before[key]]
    assert {(a.units - b.units, a.sold - b.sold, a.reactions - b.reactions, a.complaints - b.complaints)
            for a, b in grown} == {(1, 1, 1, 1)}  # fmt: skip
    changed = {key: after[key].dosed_mg - before[key].dosed_mg for key in after if after[key] != before[key]}
    assert len(changed) == 3 and abs(sum(changed.values()) - 30_000) < 200
    assert all(after[key].units == before[key].units + 1 and after[key].reactions == 1 for key in changed)


def test_the_inspectors_copy_verifies_and_a_changed_one_does_not(shop: PrivateShop, tmp_path: Path) -> None:
    desk, day = shop.shop.desk, date(2026, 11, 22)
    shop.released_unit("ENV-TONER")
    name, packed = take_away(desk, shop.shop.vault, OFFICER, day, day)
    assert name.endswith(".zip") and log_of(desk)[-1].type == "data.sent"
    zipfile.ZipFile(io.BytesIO(packed)).extractall(tmp_path / "copy")
    keys = [desk.ledger.key.verifier]
    assert check_export(tmp_path / "copy", keys) > 50
    lines = (tmp_path / "copy" / "entries.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "copy" / "entries.jsonl").write_text("".join(lines[:-1]))
    with pytest.raises(Exception, match="is not the file"):
        check_export(tmp_path / "copy", keys)


def test_personal_data_goes_with_a_written_request_only(shop: PrivateShop) -> None:
    desk, vault, day = shop.shop.desk, shop.shop.vault, date(2026, 11, 22)
    photographed = shop.service()
    shop.shop.counter.consent(BLENDER, photographed, {"skin_image": True})
    wishes.keep_image(shop.shop.counter, BLENDER, photographed, b"a face", "skin_analysis")
    shop.released_unit("ENV-TONER", photographed)
    unasked = Sending("authority", personal=True, country="CN")
    with pytest.raises(Refused) as no:
        take_away(desk, vault, OFFICER, day, day, unasked)
    assert [one.rule for one in no.value.verdict.refusals] == ["R-PRV-08"]
    asked = Sending("authority", True, "CN", request_ref="函 3")
    with pytest.raises(Refused) as no:
        take_away(desk, vault, BLENDER, day, day, asked)
    assert [one.rule for one in no.value.verdict.refusals] == ["R-PRV-03"], "a paper's number is typed by anybody"
    _, masked = take_away(desk, vault, BLENDER, day, day)
    assert b"25_34" not in b"".join(files(masked).values())
    _, packed = take_away(desk, vault, OFFICER, day, day, asked)
    told = [json.loads(line) for line in files(packed)["personal.jsonl"].splitlines()]
    assert b"25_34" in files(packed)["personal.jsonl"]
    assert {one["kind"] for one in told if one["ref"] == photographed} == {"answers", "recommendation"}, "no picture"
    assert log_of(desk)[-1].data["request_ref"] == "函 3" and log_of(desk)[-1].data["personal"] is True


def test_a_sending_of_the_first_shape_was_for_no_inspection() -> None:
    old = decode(published()["data.sent", 1])
    assert isinstance(old.payload, DataSent) and old.payload.inspection_id == ""


def files(packed: bytes) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(packed))
    return {name: archive.read(name) for name in archive.namelist()}


def test_days_that_the_law_sets_are_reckoned_in_working_days(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    today, table = beijing_date(desk.now()), desk.ruleset.workdays
    assert desk.site is not None
    for kind, due in (
        ("change_report", table.after(today, 10)),
        ("change_of_name", table.after(today, 30)),
        ("restart_check", table.after(today, 10)),
        ("licence_renewal", table.before(desk.site.filer.licence.valid_to, 30)),
        ("major_issue", None),
    ):
        duty = acts.open_duty(desk, OFFICER, kind, "SH0042")
        with desk.read() as connection:
            assert queries.find_duty(connection, desk.site_id, duty).due == due
    told = acts.open_duty(desk, OFFICER, "change_report", "SH0042", due=date(2026, 11, 25))
    with desk.read() as connection:
        assert queries.find_duty(connection, desk.site_id, told).due == date(2026, 11, 25)


def test_a_year_without_a_unit_ends_with_a_check_of_the_whole_shop(tmp_path: Path) -> None:
    def refused(shop: PrivateShop) -> set[str]:
        with pytest.raises(Refused) as no:
            shop.shop.counter.open(BLENDER)
        return {one.rule for one in no.value.verdict.refusals}

    with private_shop(tmp_path) as shop:
        desk = shop.shop.desk
        shop.cup_unit(shop.planned_unit())
        shop.dial.seconds += 364 * 86_400
        assert "R-ANN-03" not in refused(shop), "other things are stale by now"
        shop.dial.seconds += 2 * 86_400
        assert "R-ANN-03" in refused(shop)
        check = acts.open_duty(desk, OFFICER, "restart_check", "SH0042")
        assert "R-ANN-03" in refused(shop), "begun is not done"
        acts.step_duty(desk, OFFICER, check, "done", "自查 2027-1")
        assert "R-ANN-03" not in refused(shop)
