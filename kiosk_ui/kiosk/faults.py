"""What a kiosk's browser sees when something is not there or breaks: a page or a sheet in words, never JSON."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DatabaseError
from starlette.exceptions import HTTPException

from kiosk_ui.models import FaultScreen
from store_service.records.desk import Missing
from store_service.rules.refusal import Step

from .door import Kiosk
from .explain import EXPLAINED, explain, said

log = structlog.get_logger()
Handler = Callable[[Request, Any], Response | Awaitable[Response]]


def _ours(request: Request) -> bool:
    path = request.url.path
    return path == "/kiosk" or path.startswith("/kiosk/")


def answer_in_words(app: FastAPI, kiosk: Kiosk) -> None:
    """On the kiosk's paths every error is a page (a sheet where the kit asked); elsewhere it stays what it was."""

    def words(request: Request, no: Exception) -> Response:
        if isinstance(no, DatabaseError):
            log.error("database", error=str(no.orig))
            return _show(kiosk, request, FaultScreen("storage"), 507)
        if isinstance(no, HTTPException) and no.status_code == 400 and "x-swap" in request.headers:
            return kiosk.sheet(request, (explain(ValueError(f"form: {no.detail}"[:120])),))  # more than can be typed
        if isinstance(no, Missing | HTTPException):
            return _show(kiosk, request, FaultScreen("missing"), 404)
        if isinstance(no, (*EXPLAINED, RequestValidationError)) and "x-swap" in request.headers:
            return kiosk.sheet(request, (explain(no),))
        reference = secrets.token_hex(4).upper()
        log.error("kiosk.fault", reference=reference, path=request.url.path, error=repr(no), exc_info=no)
        return _show(kiosk, request, FaultScreen("fault", reference), 500)

    for kind in (*EXPLAINED, RequestValidationError, DatabaseError, HTTPException, Exception):
        _wrap(app, kind, words)


def _wrap(app: FastAPI, kind: type[Exception], words: Callable[[Request, Exception], Response]) -> None:
    other = app.exception_handlers.get(kind)

    async def handle(request: Request, no: Exception) -> Response:
        if _ours(request):
            return words(request, no)
        if other is None:
            raise no
        answer: Any = other(request, no)
        told: Response = await answer if isinstance(answer, Awaitable) else answer
        return told

    app.add_exception_handler(kind, handle)


def _show(kiosk: Kiosk, request: Request, screen: FaultScreen, status: int) -> Response:
    if "x-swap" in request.headers:
        book, key = kiosk.faces.book, f"fault.{screen.kind}"
        zh, en = (book.text(language, key) for language in ("zh-CN", "en"))
        tail = f" {screen.reference}" if screen.reference else ""
        again = Step(
            f"请再试一次；仍不行请报参考号{tail}。", f"Try again; if it stays, tell the reference{tail}.", "reload"
        )
        return kiosk.sheet(request, (said("FAULT", "系统", "System", zh + tail, en + tail, again),))
    return kiosk.faces.page(request, "kiosk/fault.html", status_code=status, screen=screen, frame=kiosk.frame(request))
