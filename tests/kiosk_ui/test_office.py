"""The officer's desk, driven as a browser does without a script: every page in both languages, rights, inspections."""

from __future__ import annotations

import hashlib
import io
import re
import threading
import zipfile

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from kiosk_ui.kiosk.office_pages import PAGES
from kiosk_ui.words import Book
from store_service.app import shop_app
from store_service.consultation import wishes
from store_service.consultation.wishes import REVIEWS
from store_service.inspections.commands import DUTIES, NOTES, STEPS
from store_service.line import Line
from store_service.privacy.commands import OUTCOMES, REQUESTS
from store_service.privacy.vault import held
from store_service.reactions import recalls
from store_service.reactions.back import COMPLAINTS, REASONS
from store_service.reactions.commands import BEGAN, CHANNELS, PLACES, REPORTS, SYMPTOMS
from store_service.rules.duties import SEVERITIES
from store_service.samples.commands import PULLS
from tests.faults.laws import log_of
from tests.shops import BLENDER, EXPLAINED, OFFICER, PrivateShop

from .office import SECOND, Office, batch_of, newest


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_in_both_languages(office: Office, page: str, lang: str) -> None:
    text = office.read(page, lang)
    assert f'<html lang="{lang}"' in text and "<script" not in text and " style=" not in text
    assert text.count("<form") >= 2


def test_every_option_has_its_word() -> None:
    lists = (SYMPTOMS, PLACES, BEGAN, CHANNELS, REPORTS, SEVERITIES, COMPLAINTS, REASONS, recalls.CHANNELS,
             recalls.OUTCOMES, PULLS, NOTES, DUTIES, STEPS, REQUESTS, OUTCOMES, REVIEWS)  # fmt: skip
    words = {f"office.o_{one}" for options in lists for one in options}
    words |= {f"reaction.{name}_{one}" for name, options in
              (("symptom", SYMPTOMS), ("place", PLACES), ("began", BEGAN)) for one in options}  # fmt: skip
    book = Book()
    assert len(words) > 90 and {one for one in words if not book.has(one)} == set()


def test_nobody_reads_without_a_sign_in(shop: PrivateShop) -> None:
    stranger = TestClient(shop_app(shop.shop, Line(None, threading.Event())), follow_redirects=False)
    for page in ("", *(f"/{one}" for one in PAGES)):
        answer = stranger.get(f"/kiosk/office{page}")
        assert answer.status_code == 303 and answer.headers["location"].startswith("/kiosk/sign-in")


def test_a_form_of_another_session_does_nothing(office: Office, shop: PrivateShop) -> None:
    before = len(log_of(shop.shop.desk))
    office.client.post("/kiosk/office/duties/open_duty", data={"token": "0" * 32, "kind": "major_issue"})
    assert len(log_of(shop.shop.desk)) == before


def test_the_inspectors_copy_in_one_touch(office: Office, shop: PrivateShop) -> None:
    text = office.read("inspections")
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', text.partition("export")[2]))
    days = {"day_from": "2026-11-22", "day_to": "2026-11-22"}
    answer = office.client.post("/kiosk/office/inspections/export", data={**hidden, **days})
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"manifest.json", "entries.jsonl", "checkpoint.txt", "keys.txt", "records.jsonl"} <= set(names)
    assert newest(shop, "data.sent")["recipient"] == "authority"
    digest = hashlib.sha256(answer.content).hexdigest()
    assert digest in office.read("inspections"), "it stands among the copies that were handed out"
    missing = office.send("inspections", "export", {"day_from": "2020-01-01", "day_to": "2020-01-02"})
    assert missing[0] == 409


def test_what_was_handed_out_stays_in_sight(office: Office, shop: PrivateShop) -> None:
    """When, by whom, for which inspection, which days, the digest of the file."""
    visit = {"authority": "市局稽查", "persons": "王检查", "ids_shown": "1"}
    assert office.send("inspections", "open_visit", visit)[0] == 303
    inspection = str(newest(shop, "inspection.opened")["inspection_id"])
    days: dict[str, str | list[str]] = {"day_from": "2026-11-22", "day_to": "2026-11-22", "visit": inspection}
    status, _ = office.send("inspections", "export", {**days, "written_request": "函 9"})
    assert status == 200
    sent = newest(shop, "data.sent")
    assert (sent["inspection_id"], sent["by"], sent["personal"]) == (inspection, OFFICER.staff_id, True)
    row = next(one for one in re.findall("<tr>.*?</tr>", office.read("inspections")) if str(sent["sha256"]) in one)
    for told in ("2026-11-22 12:00", OFFICER.staff_id, "监管部门", "市局稽查", "2026-11-22 … 2026-11-22", "函 9"):
        assert told in row
    assert office.send("inspections", "export", {**days, "visit": "i-none"})[0] == 409
    assert newest(shop, "data.sent") == sent, "nothing went out for an inspection that is none"
    assert office.send("inspections", "close_visit", {"visit": inspection, "conclusion": "无"})[0] == 303


def test_the_rights_desk_erases_and_tells_what_stays(office: Office, shop: PrivateShop) -> None:
    unit_id = shop.released_unit("ENV-TONER")
    service_id, code = shop.unit(unit_id).service_id, batch_of(shop)
    shop.shop.counter.consent(OFFICER, service_id, {"contact": True})
    shop.shop.counter.explain(OFFICER, service_id, EXPLAINED)
    shop.shop.counter.hand_over(OFFICER, service_id, contact="13900001234")
    assert office.send("rights", "ask", {"kind": "erase", "code": code})[0] == 303
    request = str(newest(shop, "rights.requested")["request_id"])
    status, text = office.send("rights", "show", {"request": request})
    assert status == 200 and "13900001234" in text and "25 至 34 岁" in text
    assert office.send("rights", "set_contact", {"request": request, "phone": "13911112222"})[0] == 303
    assert office.send("rights", "answer", {"request": request, "outcome": "done"})[0] == 303
    answered = newest(shop, "rights.answered")
    assert answered["outcome"] == "partly" and answered["kept"] == ["contact"]
    assert str(answered["kept_until"]) in office.read("rights")
    assert office.send("rights", "ask", {"kind": "show", "code": "nonsense"})[0] == 409
    assert office.send("rights", "ask", {"kind": "show", "member": "M-1"})[0] == 303
    other = str(newest(shop, "rights.requested")["request_id"])
    status, text = office.send("rights", "answer", {"request": other, "outcome": "refused"})
    assert status == 409 and "R-PRV-06" in text


def test_a_kept_picture_is_its_person_s_to_see_to_take_home_and_to_erase(office: Office, shop: PrivateShop) -> None:
    service_id = pictured(shop, "M-77")
    picture = held(shop.shop.vault, "image", service_id)
    assert picture is not None
    inline = f'src="data:image/jpeg;base64,{picture["picture"]}"'
    asked = {"code": "", "member": "M-77"}
    assert office.send("rights", "ask", {"kind": "show", **asked})[0] == 303
    request = {"request": str(newest(shop, "rights.requested")["request_id"])}
    refused = Office(shop, "s-01").send("rights", "show", request)
    assert refused[0] == 409 and "R-PRV-03" in refused[1] and inline not in refused[1]
    status, text = office.send("rights", "show", request)
    assert status == 200 and inline in text and "2026-12-22" in text and "皮肤分析" in text
    shown = newest(shop, "personal.shown")
    assert "image" in str(shown["kinds"]) and inline not in office.read("rights"), "shown once"
    assert "rights/copy" not in office.read("rights"), "nobody asked for a copy"
    hidden = re.findall(r'<input type="hidden" name="(token|key)" value="([^"]+)">', office.read("rights"))[:2]
    forced = office.client.post("/kiosk/office/rights/copy", data={**dict(hidden), **request})
    assert forced.status_code == 409 and inline not in forced.text

    assert office.send("rights", "ask", {"kind": "copy", **asked})[0] == 303
    copy = {"request": str(newest(shop, "rights.requested")["request_id"])}
    answer = office.client.post("/kiosk/office/rights/copy", data={**dict(hidden), **copy})
    assert answer.headers["content-disposition"] == f'attachment; filename="{copy["request"]}.html"'
    assert inline in answer.text and "25 至 34 岁" not in answer.text, "she had answered nothing yet"
    assert "<script" not in answer.text and "http" not in answer.text, "it stands alone"
    assert newest(shop, "personal.shown")["purpose"] == "copy"

    assert office.send("rights", "ask", {"kind": "erase", **asked})[0] == 303
    erase = {"request": str(newest(shop, "rights.requested")["request_id"])}
    assert office.send("rights", "answer", {**erase, "outcome": "done"})[0] == 303
    assert held(shop.shop.vault, "image", service_id) is None
    assert "data:image" not in office.send("rights", "show", request)[1]
    shop.shop.counter.cancel(OFFICER, service_id, "left")


def pictured(shop: PrivateShop, member: str) -> str:
    """A visit of a member who let a picture be taken."""
    counter = shop.shop.counter
    service_id = counter.open(BLENDER, member=member)
    counter.show_notice(BLENDER, service_id, counter.texts.notice.version)
    counter.consent(BLENDER, service_id, {"skin_image": True})
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 160, 140)).save(out, "JPEG")
    wishes.keep_image(counter, BLENDER, service_id, out.getvalue(), "skin_analysis")
    return service_id


def test_wishes_of_a_visit_holds_and_breaches(office: Office, shop: PrivateShop) -> None:
    service_id = shop.service()
    assert office.send("rights", "review", {"service": service_id})[0] == 303
    decided = office.send("rights", "decide", {"service": service_id, "decision": "kept", **SECOND})
    assert decided[0] == 303 and newest(shop, "review.decided")["officer_id"] == "s-01"
    wish = {"service": service_id, "purpose": "questionnaire"}
    assert office.send("rights", "withdraw", wish)[0] == 303
    assert office.send("rights", "withdraw", wish)[0] == 409, "it is not given any more"
    shop.shop.counter.cancel(OFFICER, service_id, "left")
    assert office.send("rights", "set_hold", {"subject": "u-1", "reason": "立案"})[0] == 409, "nothing is called that"
    assert office.send("rights", "set_hold", {"subject": service_id, "reason": "立案"})[0] == 303
    hold = str(newest(shop, "legal_hold.set")["hold_id"])
    assert office.send("rights", "lift", {"hold": hold, "reason": "结案", **SECOND})[0] == 303
    assert office.send("rights", "breach", {"kinds": "电话", "aware_at": "2026-11-22T09:00"})[0] == 303
    breach = str(newest(shop, "breach.recorded")["breach_id"])
    status, text = office.send("rights", "close_breach", {"breach": breach, "cause": "丢失"})
    assert status == 409 and "R-PRV-07" in text
    assert office.send("rights", "retire", {})[0] == 303


def test_a_legal_hold_is_set_by_an_officer_and_lifted_by_two(office: Office, shop: PrivateShop) -> None:
    clerk, wanted = Office(shop, "s-01"), {"subject": batch_of(shop), "reason": "监管立案"}
    status, text = clerk.send("rights", "set_hold", wanted)
    assert status == 409 and "R-SYN-06" in text
    assert office.send("rights", "set_hold", wanted)[0] == 303
    form = {"hold": str(newest(shop, "legal_hold.set")["hold_id"]), "reason": "结案"}
    for who, signed in ((clerk, {"badge": "B-1002", "pin": "246801"}), (office, {})):
        status, text = who.send("rights", "lift", {**form, **signed})
        assert status == 409 and "R-SYN-06" in text
    assert office.send("rights", "lift", {**form, **SECOND})[0] == 303
    assert newest(shop, "legal_hold.lifted")["second"] == "s-01"
