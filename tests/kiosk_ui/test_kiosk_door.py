"""The kiosk's doors on a private shop: refusals that lead on, wipes, members, officers, take-over, errors in words."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk_ui.kiosk.ways import WAYS, Where, way_of
from store_service.blending.queries import units_of
from store_service.consultation.queries import pack_name
from store_service.demo import play as demo
from store_service.people import credentials
from store_service.rules.refusal import Finding, Step
from store_service.stock.queries import find_container
from tests.shops import BLENDER, CONFIG, PrivateShop

from .hand import PINS, SWAP, Hand


def test_a_visit_that_is_ended_is_cancelled_and_one_that_is_left_waits(hand: Hand) -> None:
    left, ended = hand.service(), hand.service()
    _, place, _ = hand.post(f"{ended}/end", ended)
    assert place == "/kiosk"
    ready = hand.get("/kiosk")
    assert f'href="{left}"' in ready
    assert f'href="{ended}"' not in ready
    hand.post(f"{left}/end", left)


def test_after_a_wipe_nobody_is_signed_in_and_no_answer_is_shown_again(hand: Hand) -> None:
    place = hand.service()
    hand.answered(place, allergy="oat")
    assert "checked" in hand.get(f"{place}/consultation?q=allergy")
    hand.web.post("/kiosk/wipe", headers=SWAP)
    assert "/kiosk/sign-in?back=" in hand.web.get(place).headers["location"]
    assert hand.sign_in(back=place) == place
    assert "checked" not in hand.get(f"{place}/consultation?q=allergy")
    hand.post(f"{place}/end", place)


def test_the_pin_is_asked_again_after_ten_minutes_without_a_touch(hand: Hand, shop: PrivateShop) -> None:
    dial = shop.dial
    hand.get("/kiosk/shift")
    dial.seconds += 540
    assert hand.web.get("/kiosk/shift").status_code == 200
    dial.seconds += 660
    assert hand.web.get("/kiosk/shift").headers["location"] == "/kiosk/sign-in?back=/kiosk/shift"


def test_a_member_is_the_same_consumer_again_and_may_repeat(hand: Hand, shop: PrivateShop) -> None:
    first = hand.service()
    _, place, _ = hand.post(f"{first}/member", first, code="M8801-2217")
    again = shop.shop.counter.member_ref("M8801-2217")
    hand.answered(place)
    service_id = place.rsplit("/", 1)[-1]
    unit_id = shop.released_unit(service_id=service_id)
    shop.hand_over(unit_id)
    second = hand.service()
    _, place, _ = hand.post(f"{second}/member", second, code="M8801-2217")
    hand.answered(place)
    page = hand.get(f"{place}/formula")
    assert 'value="repeat"' in page
    status, _, _ = hand.post(f"{place}/formula", f"{place}/formula", act="repeat")
    assert status == 200
    assert re.fullmatch(r"c-[0-9a-f]{24}", again)
    assert "M8801" not in again
    hand.post(f"{place}/end", place)


def test_a_badge_is_no_member_code(hand: Hand) -> None:
    place = hand.service()
    status, _, sheet = hand.post(f"{place}/member", place, code="B-1001")
    assert status == 409
    assert "这是工牌，这里要扫会员码" in sheet
    hand.post(f"{place}/end", place)


def test_an_allergen_that_nobody_can_tell_goes_to_the_officer(hand: Hand) -> None:
    place = hand.service()
    hand.answered(place, allergy="text:依兰油")
    hand.post(f"{place}/formula", f"{place}/formula", act="confirm")
    verdict = hand.get(place)
    assert "R-CON-08" in verdict
    assert f'href="{place}/officer"' in verdict
    page = hand.get(f"{place}/officer")
    assert "依兰油" in page
    said = {"allergen": "依兰油", "decision": "allow", "signer": "s-02"}
    status, _, sheet = hand.post(f"{place}/officer", f"{place}/officer", **said, pin="000000")
    assert (status, "密码不对" in sheet) == (409, True)
    _, to, _ = hand.post(f"{place}/officer", f"{place}/officer", **said, pin=PINS["s-02"])
    assert to == place
    assert "可以调配" in hand.get(place)
    hand.post(f"{place}/end", place)


def test_a_minor_is_not_served_and_the_sheet_ends_the_visit(hand: Hand) -> None:
    place = hand.service()
    status, _, sheet = hand.answered(place, age="14_17")
    assert status == 409
    assert "R-CON-05" in sheet
    assert f'action="{place}/end"' in sheet
    hand.post(f"{place}/end", place)


def test_a_missing_guardian_leads_back_to_the_consents(hand: Hand) -> None:
    step = Step("请监护人到场阅读告知并同意。", "Ask the guardian to consent.", "show_consent")
    way = way_of([Finding("R-CON-05", "", "", "", "", {}, (step,))], Where("/kiosk/service/v-1", "v-1"))
    assert way is not None
    assert way.href == "/kiosk/service/v-1/consent"
    place = hand.service()
    hand.answered(place)
    page = hand.get(f"{place}/consent")
    assert 'value="guardian"' in page
    _, to, _ = hand.post(f"{place}/consent", f"{place}/consent", purpose=["allergy", "guardian"])
    assert to == place
    hand.post(f"{place}/end", place)


def test_every_next_step_of_the_rules_is_known() -> None:
    """A step without a screen of its own is one that is done on the screen below the sheet."""
    here = {
        "choose_lot", "rescan", "quarantine", "edit_text", "reweigh", "reprint", "print", "scan_back", "explain",
        "resume_dosing", "second_person", "sign", "call_manager", "call_head_office", "change_stock", "clear_line",
        "deviations", "record_reason", "inspect", "resume",
    }  # fmt: skip
    told = {
        found[1]
        for file in (Path(__file__).parents[2] / "config" / "rules").glob("*.toml")
        for found in re.finditer(r'act = "(\w+)"', file.read_text("utf-8"))
    }
    assert told - here <= set(WAYS)


def test_a_refused_formula_offers_what_would_pass(hand: Hand) -> None:
    place = hand.service()
    hand.answered(place, allergy="centella")
    hand.post(f"{place}/formula", f"{place}/formula", act="confirm")
    page = hand.get(place)
    assert "不能调配" in page
    offers = re.findall(r'name="act" value="(use:[^"]+)"', page)
    assert offers
    hand.post(f"{place}/formula", place, act=offers[0])
    hand.post(f"{place}/formula", f"{place}/formula", act="confirm")
    assert "可以调配" in hand.get(place)
    hand.post(f"{place}/end", place)


def test_another_kiosk_takes_a_unit_over_with_a_pin(hand: Hand, shop: PrivateShop) -> None:
    unit_id = shop.planned_unit()
    shop.cup_unit(unit_id)
    here = f"/kiosk/unit/{unit_id}"
    assert "正在做这一件" in hand.get(here)
    status, _, sheet = hand.post(f"{here}/take-over", here, pin="111111")
    assert (status, "密码不对" in sheet) == (409, True)
    status, _, screen = hand.post(f"{here}/take-over", here, pin=PINS["s-01"])
    assert (status, 'id="gauge"' in screen) == (200, True)
    hand.post(f"{here}/discard", here)


def test_a_refused_scan_names_a_container_that_would_pass(hand: Hand, shop: PrivateShop) -> None:
    unit_id = shop.planned_unit()
    here, at = f"/kiosk/unit/{unit_id}", shop.shop
    service_id = shop.unit(unit_id).service_id
    at.counter.verdict(BLENDER, at.station.settings, at.settings.public_base, service_id, {})
    hand.post(f"{here}/start", here, clearance=["labels", "lots", "hands"])
    status, _, sheet = hand.post(f"{here}/scan", here, code="C-109")
    assert status == 409
    assert "可以改用" in sheet
    assert "C-101" in sheet
    hand.post(f"{here}/discard", here)


def test_what_is_not_there_is_a_page_in_words(hand: Hand) -> None:
    for path in ("/kiosk/unit/u-none", "/kiosk/service/v-none", "/kiosk/nowhere"):
        answer = hand.web.get(path)
        assert answer.status_code == 404
        assert "没有找到" in answer.text
        assert "<html" in answer.text
    assert hand.web.get("/api/v1/units/u-none").headers["content-type"] == "application/problem+json"


def test_our_own_fault_has_a_reference_and_no_stack(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(credentials, "who", broken)
    answer = hand.web.get("/kiosk/shift")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text


def test_the_clock_screen_says_that_all_is_well(hand: Hand) -> None:
    assert "时钟已确认" in hand.get("/kiosk/clock")


def test_signing_out_ends_the_session(hand: Hand) -> None:
    hand.web.post("/kiosk/sign-out", headers=SWAP)
    assert "/kiosk/sign-in" in hand.web.get("/kiosk/shift").headers["location"]


def test_a_repeated_touch_moves_the_formula_once_and_never_unseals_the_consultation(hand: Hand) -> None:
    place = hand.service()
    hand.answered(place)
    formula = f"{place}/formula"
    shares = re.compile(r'value="plus:([^"]+)"(?! disabled)')
    product = shares.findall(hand.get(formula))[-1]

    def percents() -> list[str]:
        return re.findall(r"(\d+)\s*%", re.sub("&nbsp;|\u00a0", "", hand.get(formula)))

    before = percents()
    hand.post(formula, formula, act=f"plus:{product}", key="one-finger-1")
    once = percents()
    assert once != before
    for _ in range(2):
        hand.post(formula, formula, act=f"plus:{product}", key="one-finger-1")
    assert percents() == once
    hand.post(f"{place}/consultation", place, question="allergy", answer="none", key="a late twin")
    hand.post(formula, formula, act="confirm")
    assert "verdict pass" in hand.get(place)


def test_a_cartridge_is_taken_in_with_its_filling_date(hand: Hand, shop: PrivateShop) -> None:
    opening = demo.read(CONFIG / "demo", "opening.toml", shop.dial.start)
    row = next(one for one in opening["deliveries"] if one["lot_no"] == "HS2609A")
    form = {key: str(value) for key, value in row["fields"].items()}
    form |= {"product_id": row["product_id"], "lot_no": row["lot_no"], "expiry": str(row["expiry"]), "net_g": "500"}
    form |= {"name_same": "1", "filing_tail": form["filing_number"][-4:]}
    tomorrow = (shop.shop.desk.now() + timedelta(days=1)).date().isoformat()
    _, _, page = hand.post("/kiosk/receive", "/kiosk/receive", **form, container_id="C-401", filled_on=tomorrow)
    assert "灌装于" in page and "C-401" in page, "R-ADM-15 in words"
    hand.post("/kiosk/receive", "/kiosk/receive", **form, container_id="C-401", filled_on="2026-11-20")
    hand.post("/kiosk/receive", "/kiosk/receive", **form, container_id="C-402", filled_on="")
    with shop.shop.desk.read() as connection:
        found = [find_container(connection, shop.shop.desk.site_id, code) for code in ("C-401", "C-402")]
    assert [(one.kind, str(one.filled_on)) for one in found if one] == [
        ("cartridge", "2026-11-20"),
        ("retail_pack", "None"),
    ]


def test_what_was_typed_beside_a_scan_and_the_last_supplier_are_kept(hand: Hand) -> None:
    place = "/kiosk/receive"
    hand.post(place, place, code="HS2609A")
    page = hand.get(place)
    assert 'name="name_same"' in page and 'name="supplier_name" value="澄壤' in page, "as the last delivery"
    hand.post(place, place, code="C-409", product_id="SRC-HAND", lot_no="HS2609A", inspection_ref="QC-7")
    page = hand.get(place)
    assert 'name="container_id" value="C-409"' in page and 'name="inspection_ref" value="QC-7"' in page
    hand.post(place, place, code="LB2608A", product_id="SRC-HAND", lot_no="HS2609A", inspection_ref="QC-7")
    assert "QC-7" not in hand.get(place), "another lot begins anew"


def test_a_name_for_the_pack_is_screened_at_once_and_planned_with_its_unit(hand: Hand, shop: PrivateShop) -> None:
    place = hand.service()
    hand.answered(place)
    formula = f"{place}/formula"
    status, _, sheet = hand.post(formula, formula, act="name", text="美白小满")
    assert status == 409 and "R-LAB-09" in sheet and "R-WORD-03" in sheet
    assert "美白小满" not in hand.get(formula)
    hand.post(formula, formula, act="name", text="小满")
    assert 'value="小满"' in hand.get(formula)
    status, _, sheet = hand.post(formula, formula, act="confirm")
    assert status == 200, sheet
    service_id = place.rpartition("/")[2]
    with shop.shop.desk.read() as connection:
        (planned,) = [one for one in units_of(connection, "SH0042", service_id) if one.state == "planned"]
    assert pack_name(shop.shop.vault, planned.id) == "小满" and planned.pack_name is not None
    hand.post(formula, formula, act="name", text="")
    hand.post(formula, formula, act="confirm")
    with shop.shop.desk.read() as connection:
        (planned,) = [one for one in units_of(connection, "SH0042", service_id) if one.state == "planned"]
    assert planned.pack_name is None
    hand.post(f"{place}/end", formula)
