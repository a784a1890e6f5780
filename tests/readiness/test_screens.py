"""The page "May I work now?" and the second person, as two browsers and as two programs see them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from threading import Event

import pytest
from fastapi.testclient import TestClient

from store_service import app
from store_service.line import Line
from store_service.rules.dossier import Order
from tests.kiosk_ui.hand import Hand

from .conftest import Registered, roster, row

TODAY = date(2026, 11, 22)
OVERDUE = Order(
    doc_no="ORD-7", findings=("台账不全",), issued=TODAY - timedelta(days=40), due=TODAY - timedelta(days=1)
)
PLACE = "/kiosk/ready"


@pytest.fixture(scope="module")
def hands(shop: Registered) -> Iterator[tuple[Hand, Hand]]:
    yield Hand(shop.private), Hand(shop.private)


def api(shop: Registered, badge: str, pin: str) -> TestClient:
    """A program's way in: the JSON door, signed in."""
    client = TestClient(app.shop_app(shop.private.shop, Line(None, Event())))
    told = client.post("/api/v1/sign-in", json={"badge": badge, "pin": pin}).json()
    client.headers["authorization"] = f"Bearer {told['token']}"
    return client


def test_the_page_says_yes_in_both_languages(hands: tuple[Hand, Hand]) -> None:
    page = hands[0].get(PLACE)
    assert "现在可以调配" in page and "没有缺项" in page
    english = hands[0].get(f"{PLACE}?lang=en")
    assert "Nothing is missing" in english and "Ends within 30 days" in english


def test_the_page_names_the_rule_the_words_and_the_next_step(shop: Registered, hands: tuple[Hand, Hand]) -> None:
    gone = row("documents", "document", "cleaning", valid_to=TODAY - timedelta(days=1))
    ends = row("documents", "document", "recall", valid_to=TODAY + timedelta(days=12))
    with shop.register("readiness", lambda register: ends(gone(register))), shop.site(ownership="salon"):
        page = hands[0].get(PLACE)
    assert "现在不能调配" in page
    for told in ("R-SCP-04", "美容院", "R-SYN-02", "清洁消毒制度", "请总部更新文件", "召回制度", "12 天"):
        assert told in page


def test_the_ready_screen_leads_there(shop: Registered, hands: tuple[Hand, Hand]) -> None:
    assert f'href="{PLACE}"' in hands[0].get("/kiosk")


def test_standing_warnings_are_answered_on_the_page(shop: Registered, hands: tuple[Hand, Hand]) -> None:
    first = hands[0]
    first.sign_in("s-01")
    soon = row("documents", "document", "records", valid_to=TODAY + timedelta(days=5))
    with shop.register("readiness", soon):
        assert first.post("/kiosk/service")[0] == 409
        assert "1 项须说明理由" in first.get("/kiosk")
        assert 'value="arranged"' in first.get(PLACE)
        assert first.post(PLACE, PLACE, reason="arranged")[0] == 200
        assert 'value="arranged"' not in first.get(PLACE)
        assert "在试点范围内" in first.get("/kiosk")
        status, place, _ = first.post("/kiosk/service")
        assert (status, place.startswith("/kiosk/service/")) == (200, True)


def test_another_screen_gives_the_second_name(shop: Registered, hands: tuple[Hand, Hand]) -> None:
    """R-SCP-16 overdue: the clerk gives the reason, the officer signs at his own screen, the clerk goes on."""
    first, second = hands
    first.sign_in("s-01")
    second.sign_in("s-02")
    with shop.register("roster", roster(orders=(OVERDUE,))):
        status, _, sheet = first.post("/kiosk/service", reason="arranged")
        assert status == 409 and PLACE in sheet and "R-SCP-16" in sheet
        page = second.get(PLACE)
        assert "等待第二人签字" in page
        link = page.split(f'href="{PLACE}/second?')[1].split('"')[0].replace("&amp;", "&")
        form = second.get(f"{PLACE}/second?{link}")
        assert 'value="s-02"' in form and 'value="s-01"' not in form
        subject = form.split('name="subject" value="')[1].split('"')[0]
        signed = {"subject": subject, "rule": "R-SCP-16", "signer": "s-02"}
        assert second.post(f"{PLACE}/second", PLACE, **signed, pin="000000")[0] == 409
        assert second.post(f"{PLACE}/second", PLACE, **signed, pin="246801")[0] == 200
        assert first.post("/kiosk/service", reason="arranged")[0] == 200
        assert "等待第二人签字" not in second.get(PLACE)


def test_the_json_door_says_the_same(shop: Registered) -> None:
    client = api(shop, "B-1001", "135790")
    told = client.get("/api/v1/ready").json()
    assert told["may_work"] is True and told["missing"] == [] and {"rule", "days"} <= set(told["ahead"][0])
    assert set(client.get("/api/v1/reasons").json()) >= {"checked", "arranged"}
    later = row("documents", "document", "staff", valid_to=TODAY + timedelta(days=6))
    with shop.register("readiness", later):
        asked = client.post("/api/v1/services")
        assert asked.status_code == 409 and asked.json()["warnings"][0]["rule"] == "R-SYN-02"
        wrong = client.post("/api/v1/services", json={"reasons": {"R-SYN-02": "because"}})
        assert wrong.status_code == 422 and wrong.json()["fields"][0]["field"] == "reason"
        assert client.post("/api/v1/ready", json={"reasons": {"R-SYN-02": "arranged"}}).status_code == 200
        assert client.post("/api/v1/services").status_code == 201


def test_the_json_door_takes_a_second_person(shop: Registered) -> None:
    """With badge and PIN at the same screen; never the one who asked."""
    client = api(shop, "B-1001", "135790")
    lapsed = row("documents", "document", "equipment", valid_to=TODAY - timedelta(days=1))
    reasons = {"reasons": {"R-SYN-02": "arranged"}}
    with shop.register("readiness", lapsed):
        asked = client.post("/api/v1/services", json=reasons)
        subject = asked.json()["second_person"]["R-SYN-02"]
        (waiting,) = [one for one in client.get("/api/v1/second").json()["waiting"] if one["rule"] == "R-SYN-02"]
        assert (waiting["subject"], waiting["by"], waiting["reason"]) == (subject, "s-01", "arranged")
        body = {"subject": subject, "rule": "R-SYN-02"}
        assert client.post("/api/v1/second", json=body).status_code == 422
        signed = client.post("/api/v1/second", json={**body, "badge": "B-1002", "pin": "246801"})
        assert signed.json() == {"seconded": subject, "rule": "R-SYN-02", "by": "s-02"}
        assert client.post("/api/v1/services", json=reasons).status_code == 201
    assert client.post("/api/v1/second", json={"subject": "nothing", "rule": "R-SYN-02"}).status_code == 404
    assert client.get("/api/v1/stops").json() == {"stops": []}
    assert client.post("/api/v1/stops/read").json() == {"read": []}
