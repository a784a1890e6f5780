"""A shop and head office's application, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from fastapi.testclient import TestClient

from store_service.hub.hub import Hub
from store_service.records.ledger import Ledger
from store_service.sync.link import Link
from store_service.sync.log import entries_of
from tests.sync.world import (
    Dial,
    link,
    pusher,
)


@dataclass
class World:
    dial: Dial
    hub: Hub
    shop: Ledger
    token: str
    http: TestClient

    def through(self, request: httpx.Request) -> httpx.Response:
        """The shop's client, answered by the application."""
        answer = self.http.request(
            request.method, request.url.raw_path.decode(), content=request.content, headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, content=answer.content, headers=plain(dict(answer.headers)))

    def link(self) -> Link:
        return link(self.through, self.token)

    def push(self) -> object:
        return pusher(self.shop, self.link()).step()

    def post(self, path: str, body: bytes, token: str | None = None) -> tuple[int, str, bytes]:
        answer = self.http.post(
            f"/api/v1/sync/{path}", content=body, headers={"Authorization": f"Bearer {token or self.token}"}
        )
        return answer.status_code, answer.headers.get("content-type", ""), answer.content

    def bodies(self) -> list[bytes]:
        with self.shop.read() as connection:
            return entries_of(connection, self.shop.site, 0, 1 << 30)


def plain(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in ("content-encoding",)}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
