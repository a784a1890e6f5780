"""The officer's desk, driven as a browser does without a script: every page in both languages, every form."""

from __future__ import annotations

import io
import re
import threading
import zipfile
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from kiosk_ui.kiosk.office_pages import PAGES
from store_service.app import shop_app
from store_service.http import COOKIE
from store_service.line import Line
from store_service.people import credentials
from tests.faults.laws import all_hold, log_of
from tests.shops import OFFICER, PrivateShop, private_shop

SECOND = {"badge": "B-1001", "pin": "135790"}


class Office:
    """A person at the desk: reads a page, fills a form in, sends it."""

    def __init__(self, shop: PrivateShop, staff_id: str = OFFICER.staff_id) -> None:
        self.shop = shop
        self.client = TestClient(shop_app(shop.shop, Line(None, threading.Event())), follow_redirects=False)
        token = credentials.open_session(shop.shop.vault, staff_id, "kiosk-1", shop.shop.desk.now())
        self.client.cookies.set(COOKIE, token)

    def read(self, page: str, lang: str = "zh-CN") -> str:
        answer = self.client.get(f"/kiosk/office/{page}?lang={lang}")
        assert answer.status_code == 200, answer.headers.get("location")
        return answer.text

    def send(self, page: str, act: str, fields: dict[str, str | list[str]]) -> tuple[int, str]:
        """Status and text; 303 means that it was carried out."""
        text = self.read(page)
        (form,) = re.findall(rf'<form method="post" action="/kiosk/office/{page}/{act}".*?</form>', text, re.DOTALL)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', form))
        offered = set(re.findall(r'name="(\w+)"', form))
        assert set(fields) <= offered, f"{set(fields) - offered} is not in the form"
        answer = self.client.post(f"/kiosk/office/{page}/{act}", data={**hidden, **fields})
        return answer.status_code, answer.text


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("office")) as opened:
        opened.hand_over(opened.released_unit())
        yield opened
        all_hold(opened.shop.desk)


@pytest.fixture(scope="module")
def office(shop: PrivateShop) -> Office:
    return Office(shop)


def newest(shop: PrivateShop, kind: str) -> dict[str, object]:
    return dict([one for one in log_of(shop.shop.desk) if one.type == kind][-1].data)


def batch_of(shop: PrivateShop) -> str:
    return str(newest(shop, "unit.released")["batch"])


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_in_both_languages(office: Office, page: str, lang: str) -> None:
    text = office.read(page, lang)
    assert f'<html lang="{lang}"' in text and "<script" not in text and " style=" not in text
    assert text.count("<form") >= 2


def test_nobody_reads_without_a_sign_in(shop: PrivateShop) -> None:
    stranger = TestClient(shop_app(shop.shop, Line(None, threading.Event())), follow_redirects=False)
    for page in ("", *(f"/{one}" for one in PAGES)):
        answer = stranger.get(f"/kiosk/office{page}")
        assert answer.status_code == 303 and answer.headers["location"].startswith("/kiosk/sign-in")


def test_a_form_of_another_session_does_nothing(office: Office, shop: PrivateShop) -> None:
    before = len(log_of(shop.shop.desk))
    office.client.post("/kiosk/office/duties/open_duty", data={"token": "0" * 32, "kind": "major_issue"})
    assert len(log_of(shop.shop.desk)) == before


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
    assert office.send("reactions", "classify", {"case": case, "severity": "serious", "reason": "就医"})[0] == 303
    signal = re.search(r'<option value="(SRC-[\w-]+/\w+)">', office.read("reactions"))
    assert signal is not None, "a serious case proposes a hold"
    assert office.send("reactions", "submit", {"case": case, "kind": "report", "receipt": "AR-1"})[0] == 303
    sent = newest(shop, "reaction.submitted")
    assert sent["batch"] == batch_of(shop) and len(sent["filing_numbers"]) == len(sent["lots"]) >= 2  # type: ignore[arg-type]  # lists
    assert office.send("reactions", "close_case", {"case": case, "conclusion": "停用后好转"})[0] == 303


def test_a_late_case_takes_its_reason(office: Office, shop: PrivateShop) -> None:
    told: dict[str, str | list[str]] = {"symptom": "pain", "channel": "phone", "aware_at": "2026-11-20T09:00"}
    status, text = office.send("reactions", "report", told)
    assert status == 409 and "R-ADR-01" in text
    assert office.send("reactions", "report", {**told, "late_reason": "周末未上班"})[0] == 303
    assert newest(shop, "warning.accepted")["rule"] == "R-ADR-01"


def test_what_comes_back_is_destroyed_by_two(office: Office, shop: PrivateShop) -> None:
    shop.hand_over(shop.released_unit("ENV-TONER"))
    code = batch_of(shop)
    back = {"code": code, "reason": "changed_mind", "mass_g": "47.2", "place": "隔离柜 1"}
    assert office.send("returns", "take_back", back)[0] == 303
    return_id = str(newest(shop, "unit.returned")["return_id"])
    status, text = office.send("returns", "destroy", {"return": return_id, "method": "焚烧"})
    assert status == 409 and "R-ADR-14" in text
    done = office.send("returns", "destroy", {"return": return_id, "method": "焚烧", **SECOND})
    assert done[0] == 303 and newest(shop, "returned.destroyed")["second"] == "s-01"
    assert office.send("returns", "take_back", back)[0] == 409, "it does not come back twice"


def test_the_inspectors_copy_in_one_touch(office: Office, shop: PrivateShop) -> None:
    text = office.read("inspections")
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', text.partition("export")[2]))
    days = {"day_from": "2026-11-22", "day_to": "2026-11-22"}
    answer = office.client.post("/kiosk/office/inspections/export", data={**hidden, **days})
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"manifest.json", "entries.jsonl", "checkpoint.txt", "keys.txt", "records.jsonl"} <= set(names)
    assert newest(shop, "data.sent")["recipient"] == "authority"
    missing = office.send("inspections", "export", {"day_from": "2020-01-01", "day_to": "2020-01-02"})
    assert missing[0] == 409
