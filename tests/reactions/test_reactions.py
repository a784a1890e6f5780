"""Cases with their clocks: each rule passes and refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from store_service.reactions import queries
from store_service.reactions.commands import Told
from store_service.records.desk import Missing, NeedsReason, OutOfStep
from store_service.rules.refusal import Refused
from tests.faults.laws import log_of
from tests.shops import BLENDER, OFFICER, PrivateShop

from .told import ITCH, home, reactions, rules


def clock(shop: PrivateShop, case_id: str) -> queries.Clock:
    desk = shop.shop.desk
    with desk.read() as connection:
        found = queries.find_case(connection, desk.site_id, case_id)
    today = date(2026, 11, 22) + timedelta(days=int(shop.dial.seconds // 86_400))
    return queries.clock_of(found, desk.ruleset.fill(desk.ruleset.params("SH")), today)


def test_what_a_person_told_is_in_the_vault_only(shop: PrivateShop) -> None:
    told = Told(("pain",), words="王女士说很疼")
    case_id = reactions(shop).report("s-01", told, channel="phone", contact="13900001234")
    assert (shop.shop.vault.get("reaction", case_id) or {})["words"] == "王女士说很疼"
    log = str([one.data for one in log_of(shop.shop.desk)])
    assert "王女士" not in log and "pain" not in log and "13900001234" not in log
    for wrong in (Told(()), Told(("fever",)), Told(("itch",), ("moon",)), Told(("itch",), began="never")):
        with pytest.raises(ValueError):
            reactions(shop).report("s-01", wrong, channel="phone")


def test_what_is_told_later_joins_what_was_told(shop: PrivateShop, at_home: str) -> None:
    desk, vault = shop.shop.desk, shop.shop.vault
    case_id = reactions(shop).report("s-01", Told(("itch",), ("neck",), "today", "发痒"), channel="phone")
    reactions(shop).link(OFFICER, case_id, at_home)
    reactions(shop).classify(OFFICER, case_id, "general", "轻微")
    reactions(shop).submit(OFFICER, case_id, "report", "AR-7")
    reactions(shop).close(OFFICER, case_id, "好转")
    with pytest.raises(ValueError):
        reactions(shop).add("s-01", case_id, Told(("fever",)))
    reactions(shop).add("s-01", case_id, Told(("swelling",), words="夜里肿起来"))
    told = {"symptoms": ["itch", "swelling"], "places": ["neck"], "began": "today", "words": "发痒\n夜里肿起来"}
    assert vault.get("reaction", case_id) == told
    with desk.read() as connection:
        assert queries.find_case(connection, desk.site_id, case_id).open, "new facts open it again"
    assert "肿" not in str([one.data for one in log_of(desk)])
    reactions(shop).submit(OFFICER, case_id, "supplement", "AR-7-1")
    reactions(shop).close(OFFICER, case_id, "好转")
    with pytest.raises(Missing):
        reactions(shop).add("s-01", "r-none", ITCH)


def test_only_an_officer_says_how_grave_it_is(shop: PrivateShop, at_home: str) -> None:
    case_id = reactions(shop).report("s-01", ITCH, unit_id=at_home, channel="counter")
    for actor, severity, reason in ((BLENDER, "general", "轻"), (OFFICER, "general", " "), (OFFICER, "mild", "轻")):
        with pytest.raises(Refused) as no:
            reactions(shop).classify(actor, case_id, severity, reason)
        assert set(rules(no)) == {"R-ADR-04"}
    reactions(shop).classify(OFFICER, case_id, "general", "轻微，已缓解")
    assert clock(shop, case_id).report_due == date(2026, 12, 22) and clock(shop, case_id).selfcheck_due is None
    reactions(shop).classify(OFFICER, case_id, "social", "媒体报道")
    assert clock(shop, case_id).report_due == date(2026, 11, 25)
    assert clock(shop, case_id).selfcheck_due == date(2026, 12, 2)


def test_a_report_names_every_source(shop: PrivateShop, at_home: str) -> None:
    unit_id = at_home
    case_id = reactions(shop).report("s-01", ITCH, unit_id=unit_id, channel="counter")
    reactions(shop).classify(OFFICER, case_id, "general", "轻微")
    with pytest.raises(Refused) as no:
        reactions(shop).close(OFFICER, case_id, "好转")
    assert rules(no) == ["R-ADR-02"]
    with shop.shop.desk.read() as connection:
        every = queries.sources_of(connection, shop.shop.desk.site_id, unit_id)
    assert every is not None and len(every[0]) == len(every[1]) == 3
    with pytest.raises(Refused) as no:
        reactions(shop).submit(OFFICER, case_id, "report", "AR-1", filing_numbers=sorted(every[0])[:1])
    assert rules(no) == ["R-ADR-05"]
    lost = reactions(shop).report("s-01", ITCH, channel="phone")
    reactions(shop).classify(OFFICER, lost, "general", "轻微")
    with pytest.raises(Refused) as no:
        reactions(shop).submit(OFFICER, lost, "report", "AR-2")
    assert rules(no) == ["R-ADR-05"]
    reactions(shop).link(OFFICER, lost, unit_id)
    reactions(shop).submit(OFFICER, lost, "report", "AR-2")
    reactions(shop).submit(OFFICER, case_id, "report", "AR-1")
    reactions(shop).close(OFFICER, case_id, "停用后好转")


def test_a_case_whose_bottle_nobody_found_is_closed_by_an_officer(fresh: PrivateShop) -> None:
    case_id = reactions(fresh).report("s-01", ITCH, channel="phone")
    reactions(fresh).classify(OFFICER, case_id, "general", "无法核实")
    with pytest.raises(Refused) as no:
        reactions(fresh).close(BLENDER, case_id, "无法核实")
    assert rules(no) == ["R-ADR-04"]
    with pytest.raises(Refused):
        reactions(fresh).close(OFFICER, case_id, " ")
    reactions(fresh).close(OFFICER, case_id, "三次回访未联系上，无产品信息")
    with pytest.raises(OutOfStep):
        reactions(fresh).close(OFFICER, case_id, "again")


def test_the_clock_runs_from_the_first_word_and_only_earlier(fresh: PrivateShop) -> None:
    shop = fresh
    desk = shop.shop.desk
    unit_id = home(shop)
    case_id = reactions(shop).report("s-01", ITCH, unit_id=unit_id, channel="counter")
    assert clock(shop, case_id).report_due == date(2026, 12, 7)
    reactions(shop).known_earlier(OFFICER, case_id, desk.now() - timedelta(days=3))
    assert clock(shop, case_id).report_due == date(2026, 12, 4)
    with pytest.raises(Refused) as no:
        reactions(shop).known_earlier(OFFICER, case_id, desk.now())
    assert rules(no) == ["R-ADR-02"]
    with pytest.raises(Refused) as no:
        reactions(shop).report("s-01", ITCH, channel="counter", aware_at=desk.now() + timedelta(minutes=1))
    assert rules(no) == ["R-ADR-02"]
    with pytest.raises(NeedsReason) as late:
        reactions(shop).report("s-01", ITCH, channel="phone", aware_at=desk.now() - timedelta(hours=25))
    assert [one.rule for one in late.value.verdict.warnings] == ["R-ADR-01"]
    shop.dial.seconds += 13 * 86_400
    assert clock(shop, case_id).overdue
    reactions(shop).classify(OFFICER, case_id, "serious", "未好转")
    reactions(shop).submit(OFFICER, case_id, "report", "AR-1")
    assert not clock(shop, case_id).overdue
    shop.dial.seconds += 400 * 86_400
    with pytest.raises(Refused):
        shop.shop.counter.open(BLENDER)
    late = reactions(shop).report("s-01", ITCH, unit_id=unit_id, channel="phone")
    reactions(shop).classify(OFFICER, late, "serious", "试点结束后得知")
    reactions(shop).submit(OFFICER, late, "report", "AR-9")
    assert clock(shop, late).report_due == date(2026, 11, 22) + timedelta(days=13 + 400 + 15), (
        "the duty outlives the pilot"
    )
