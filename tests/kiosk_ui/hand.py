"""A browser at a private shop's kiosk, without a screen."""

from __future__ import annotations

import re
from threading import Event

from fastapi.testclient import TestClient

from store_service import app
from tests.shops import PrivateShop

PINS = {"s-01": "135790", "s-02": "246801"}
SWAP = {"x-swap": "#screen"}
ANSWERS = {"condition": "none", "age": "25_34", "allergy": "none"}


class Hand:
    """One browser at the kiosk, as HTTP."""

    def __init__(self, shop: PrivateShop) -> None:
        self.shop = shop
        served = app.shop_app(shop.shop, app.Line(None, Event()))
        self.web = TestClient(served, follow_redirects=False, raise_server_exceptions=False)

    def sign_in(self, staff_id: str = "s-01", back: str = "") -> str:
        answer = self.web.post(
            "/kiosk/sign-in", data={"staff_id": staff_id, "pin": PINS[staff_id], "back": back}, headers=SWAP
        )
        return answer.headers["x-location"]

    def get(self, path: str) -> str:
        return self.web.get(path, follow_redirects=True).text

    def post(self, path: str, here: str = "/kiosk", **form: str | list[str]) -> tuple[int, str, str]:
        """(status, place to go on at, body)."""
        token = re.search(r'name="token" value="([0-9a-f]+)"', self.get(here))
        assert token is not None
        answer = self.web.post(
            path, data={"token": token[1], **form}, headers={**SWAP, "referer": f"http://testserver{here}"}
        )
        return answer.status_code, answer.headers.get("x-location", ""), answer.text

    def service(self) -> str:
        _, place, _ = self.post("/kiosk/service")
        return place

    def answered(self, place: str, purposes: tuple[str, ...] = ("allergy",), **other: str) -> tuple[int, str, str]:
        self.post(f"{place}/consent", place, purpose=list(purposes))
        said = (0, "", "")
        for question, value in {**ANSWERS, **other}.items():
            text = {"text": value.removeprefix("text:")} if value.startswith("text:") else {"answer": value}
            said = self.post(f"{place}/consultation", place, question=question, **text)
        return said
