"""What comes after the sale, at the officer's desk: cases, what comes back, holds, samples, recalls, duties."""

from __future__ import annotations

import re

from kiosk_ui.kiosk.office_pages import PAGES
from store_service.reactions.commands import Reactions
from store_service.rules.rounds import RECALL_STEPS
from tests.shops import OFFICER, PrivateShop

from .office import SECOND, Office, batch_of, newest, spaced


def test_a_reaction_from_the_counter_to_its_close(office: Office, shop: PrivateShop) -> None:
    told = {"code": batch_of(shop), "symptom": ["itch", "redness"], "words": "两颊发红", "channel": "counter"}
    assert office.send("reactions", "report", told)[0] == 303
    case = str(newest(shop, "reaction.reported")["case_id"])
    assert "2026-12-07" in office.read("reactions"), "unclassified runs on the serious clock"
    status, text = office.send("reactions", "open_case", {"case": case})
    assert status == 200 and "两颊发红" in text and newest(shop, "personal.shown")["subject"] == case
    assert "两颊发红" not in office.read("reactions")
    clerk = Office(shop, "s-01")
    refused = clerk.send("reactions", "classify", {"case": case, "severity": "general", "reason": "轻"})
    assert refused[0] == 409 and "R-ADR-04" in refused[1]
    assert 'value="轻"' in refused[1] and 'value="general" selected' in refused[1], "what was typed is not lost"
    assert office.send("reactions", "classify", {"case": case, "severity": "serious", "reason": "就医"})[0] == 303
    signal = re.search(r'<option value="(SRC-[\w-]+/\w+)">', office.read("reactions"))
    assert signal is not None, "a serious case proposes a hold"
    assert "ENV-LOTION" in office.read("reactions"), "and points at the envelope that it was made in"
    more = {"case": case, "symptom": ["swelling"], "words": "第二天肿起来"}
    assert office.send("reactions", "add", more)[0] == 303
    opened = office.send("reactions", "open_case", {"case": case})[1]
    assert "两颊发红" in opened and "第二天肿起来" in opened
    assert office.send("reactions", "submit", {"case": case, "kind": "report", "receipt": "AR-1"})[0] == 303
    sent = newest(shop, "reaction.submitted")
    assert sent["batch"] == batch_of(shop) and len(sent["filing_numbers"]) == len(sent["lots"]) >= 2  # type: ignore[arg-type]  # lists
    closing: dict[str, str | list[str]] = {"case": case, "conclusion": "停用后好转"}
    status, text = office.send("reactions", "close_case", closing)
    assert status == 409 and "R-ADR-03" in text, "a serious case ends with its self-check"
    assert office.send("reactions", "submit", {"case": case, "kind": "selfcheck", "receipt": "SC-1"})[0] == 303
    status, text = clerk.send("reactions", "close_case", closing)
    assert status == 409 and "R-ADR-04" in text
    assert office.send("reactions", "close_case", closing)[0] == 303


def test_a_late_case_takes_its_reason(office: Office, shop: PrivateShop) -> None:
    told: dict[str, str | list[str]] = {"symptom": "pain", "channel": "phone", "aware_at": "2026-11-20T09:00"}
    status, text = office.send("reactions", "report", told)
    assert status == 409 and "R-ADR-01" in text
    assert office.send("reactions", "report", {**told, "late_reason": "checked"})[0] == 303
    assert newest(shop, "warning.accepted")["rule"] == "R-ADR-01"


def test_what_comes_back_is_destroyed_by_two(office: Office, shop: PrivateShop) -> None:
    code = batch_of(shop)
    back = {"code": code, "reason": "changed_mind", "mass_g": "47.2", "place": "隔离柜 1"}
    assert office.send("returns", "take_back", back)[0] == 303
    return_id = str(newest(shop, "unit.returned")["return_id"])
    status, text = office.send("returns", "destroy", {"return": return_id, "method": "焚烧"})
    assert status == 409 and "R-ADR-14" in text
    done = office.send("returns", "destroy", {"return": return_id, "method": "焚烧", **SECOND})
    assert done[0] == 303 and newest(shop, "returned.destroyed")["second"] == "s-01"
    assert office.send("returns", "take_back", back)[0] == 409, "it does not come back twice"


def test_the_desk_speaks_of_things_by_what_they_are_known_by(office: Office, shop: PrivateShop) -> None:
    """Products, calls, steps and kinds by their words in the reader's language; never a key of the program."""
    office.send("recalls", "draw_up", {"lot": "SRC-HYDRA/HS2609A", "reason": "异味"})
    recall = str(newest(shop, "recall.opened")["recall_id"])
    consumer = re.findall(r'<option value="(c-\w+)">', office.read("recalls"))[0]
    call = {"recall": recall, "consumer": consumer, "channel": "phone", "outcome": "no_answer"}
    assert office.send("recalls", "call", call)[0] == 303
    zh, en = office.read("recalls"), office.read("recalls", "en")
    assert "电话 未接通" in spaced(zh) and "phone no answer" in spaced(en)
    assert "澄壤透明质酸钠保湿精华液 SRC-HYDRA" in zh and "no_answer" not in spaced(zh)
    assert office.send("recalls", "call", {**call, "channel": "message", "outcome": "reached"})[0] == 303
    for step in RECALL_STEPS:
        owed = {"recall": recall, "recall_step": step, "ref": "回执 8", "detail": "已处理"}
        assert office.send("recalls", "tell_recall", owed)[0] == 303
    assert office.send("recalls", "close_recall", {"recall": recall})[0] == 303
    assert consumer not in office.read("recalls"), "a recall that is over lists nobody any more"
    row, *steps = re.findall(rf"<tr><td>{recall}</td>.*?</tr>", office.read("recalls"))
    assert len(steps) == len(RECALL_STEPS)
    opened = newest(shop, "recall.opened")
    figures = [str(opened["units"]), str(opened["consumers"]), "1", "0", str(int(str(opened["consumers"])) - 1)]
    assert re.findall(r"<td>(\d+)</td>", row) == figures, "units, consumers, reached, returned, residual"

    visit = {"authority": "区局", "persons": "李检查、赵检查", "ids_shown": "1"}
    assert office.send("inspections", "open_visit", visit)[0] == 303
    seen = {"visit": str(newest(shop, "inspection.opened")["inspection_id"])}
    assert "李检查 · 赵检查" in office.send("inspections", "open_persons", seen)[1]
    assert "李检查" not in office.read("inspections")
    assert 'name="day_to" type="date" maxlength="300" autocomplete="off" value="2026-11-22"' in office.read(
        "inspections"
    )
    duties = office.read("duties", "en")
    assert "what belongs in the package" in duties and "8 in the register" in spaced(duties)


def test_a_hold_of_the_shops_own_is_lifted_by_two(office: Office, shop: PrivateShop) -> None:
    came = newest(shop, "lot.received")
    lot = (str(came["product_id"]), str(came["lot_no"]))
    assert "/".join(lot) not in office.read("reactions").partition("reactions/free_lot")[2]
    Reactions(shop.shop.desk, shop.shop.vault).hold_lot(OFFICER, *lot, (), "秤错")
    assert "/".join(lot) in office.read("reactions").partition("reactions/free_lot")[2]
    form = {"lot": "/".join(lot), "reason": "复称合格"}
    assert office.send("reactions", "free_lot", form)[0] == 409
    assert office.send("reactions", "free_lot", {**form, **SECOND})[0] == 303
    assert newest(shop, "lot.freed")["second"] == "s-01"
    assert "/".join(lot) not in office.read("reactions").partition("reactions/free_lot")[2]


def test_samples_recalls_and_duties_by_their_forms(office: Office, shop: PrivateShop) -> None:
    for mass, status in (("5.0", 303), ("a lot", 409), ("NaN", 409)):
        kept = {"container": "C-101", "mass_g": mass, "place": "柜 1", "temp": "22.5"}
        assert office.send("samples", "keep", kept)[0] == status
    sample = str(newest(shop, "sample.kept")["sample_id"])
    assert newest(shop, "sample.kept")["temp_c10"] == 225
    pulled = {"sample": sample, "mass_g": "1", "purpose": "test"}
    assert office.send("samples", "pull", pulled)[0] == 303
    status, text = office.send("samples", "dispose", {"sample": sample, "method": "焚烧", **SECOND})
    assert status == 409 and "R-SMP-03" in text
    came = newest(shop, "lot.received")
    lot = {"lot": f"{came['product_id']}/{came['lot_no']}", "drill": "1"}
    assert office.send("recalls", "draw_up", lot)[0] == 303
    recall = str(newest(shop, "recall.opened")["recall_id"])
    assert office.send("recalls", "close_recall", {"recall": recall})[0] == 303
    duty = {"kind": "major_issue", "subject": "SH0042", "due": "2026-12-01"}
    assert office.send("duties", "open_duty", duty)[0] == 303
    duty_id = str(newest(shop, "duty.opened")["duty_id"])
    decided = {"duty": duty_id, "decided_by": "hq-01", "detail": "停用该批次", "ref": "决定 1"}
    assert office.send("duties", "decide_issue", decided)[0] == 303
    assert office.send("duties", "step", {"duty": duty_id, "step": "reported", "ref": "回执 1"})[0] == 303
    wrong = {"subject": "u-1", "field": "pack.lot", "value": "P-2"}
    status, text = office.send("duties", "correct", wrong)
    assert status == 409 and "R-REC-05" in text
    for page in PAGES:
        office.read(page, "en")
