"""A person at the officer's desk, as a browser without a script, and what the record says afterwards."""

from __future__ import annotations

import re
import threading

from fastapi.testclient import TestClient

from store_service.app import shop_app
from store_service.http import COOKIE
from store_service.line import Line
from store_service.people import credentials
from tests.faults.laws import log_of
from tests.shops import OFFICER, PrivateShop

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


def newest(shop: PrivateShop, kind: str) -> dict[str, object]:
    return dict([one for one in log_of(shop.shop.desk) if one.type == kind][-1].data)


def batch_of(shop: PrivateShop) -> str:
    return str(newest(shop, "unit.released")["batch"])


def spaced(page: str) -> str:
    """A page's text, without its tags and forms."""
    body = re.sub(r"<form.*?</form>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body))
