"""Head office's first page: every shop, how far its record is held, what stands open. A reader's token opens it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Protocol

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from .models import Words
from .render import Faces

COOKIE = "fleet"
WORDS = {
    "title": Words("门店一览", "Shops"),
    "token": Words("访问令牌", "Access token"),
    "enter": Words("进入", "Enter"),
    "wrong": Words("令牌不对。", "That token is not right."),
    "where": Words(
        "令牌在总部数据文件夹的 qa.token 中，只能读取。", "The token is in qa.token in head office's data folder."
    ),
    "shop": Words("门店", "Shop"),
    "held": Words("已保存", "Held"),
    "cosigned": Words("已会签", "Cosigned"),
    "projected": Words("已入表", "In the tables"),
    "seen": Words("最近联系", "Last heard"),
    "state": Words("状态", "State"),
    "fine": Words("正常", "Fine"),
    "frozen": Words("已锁定", "Frozen"),
    "silent": Words("营业中但无联系", "Open and silent"),
    "alarms": Words("有待处理的告警", "Open alarms"),
    "none": Words("还没有门店", "No shop yet"),
}


class Fleet(Protocol):
    """One shop as `hub.board` tells it."""

    @property
    def store_id(self) -> str: ...


class FleetDoor:
    """Who may read head office's pages. `readers` maps the SHA-256 of a token to its holder; the cookie gives none
    away."""

    def __init__(self, faces: Faces, readers: Mapping[str, str]) -> None:
        self._faces, self._readers = faces, readers

    def entered(self, request: Request) -> bool:
        given = request.cookies.get(COOKIE, "")
        return any(hmac.compare_digest(given, _pass(digest)) for digest in self._readers)

    def ask(self, request: Request, *, wrong: bool = False) -> Response:
        return self._faces.page(
            request, "qa/fleet.html", status_code=401, shops=None, words=WORDS, wrong=wrong, back=_back(request)
        )

    def enter(self, request: Request, token: str, back: str) -> Response:
        digest = hashlib.sha256(token.strip().encode()).hexdigest()
        if digest not in self._readers:
            return self.ask(request, wrong=True)
        answer = RedirectResponse(back if back.startswith("/qa/") else "/", 303)
        answer.set_cookie(COOKIE, _pass(digest), httponly=True, samesite="strict", path="/")
        return answer


def fleet_face(faces: Faces, shops: Callable[[], Sequence[Fleet]], door: FleetDoor) -> APIRouter:
    """`/` at head office."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def fleet(request: Request) -> Response:
        if not door.entered(request):
            return door.ask(request)
        return faces.page(request, "qa/fleet.html", shops=shops(), words=WORDS)

    @router.post("/enter")
    def enter(
        request: Request,
        token: Annotated[str, Form(max_length=200)] = "",
        back: Annotated[str, Form(max_length=200)] = "/",
    ) -> Response:
        return door.enter(request, token, back)

    return router


def _back(request: Request) -> str:
    """Where somebody was going when he was asked for his token."""
    return request.url.path if request.method == "GET" else "/"


def _pass(digest: str) -> str:
    """What the cookie carries: it opens the page and gives no token away."""
    return hashlib.sha256(f"fleet:{digest}".encode()).hexdigest()
