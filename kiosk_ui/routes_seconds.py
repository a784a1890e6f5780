"""`/qa/seconds` at head office: the shops' requests for a second person. A reader's token opens the queue; who signs or
declines proves it with his own token at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from store_service.catalogue.commands import NotTwoPersons
from store_service.records.desk import Missing, OutOfStep
from store_service.rules.catalogue import RuleSet

from .models import Words
from .models.seconds import OfficeQueue
from .render import Faces
from .routes_fleet import FleetDoor
from .seconds_views import PLACE, queue_view, request_view
from .words import language_of

LOOK_S, BEAT_EVERY = 0.5, 2
WRONG = {
    "token": Words("令牌不是所选人的，或此人不能签。", "The token is not that person's, or that person may not sign."),
    "gone": Words("这一项已在门店签了、已过期或内容已变。", "It was signed in the shop, is too old, or has changed."),
    "answered": Words("同事已经答复了这一项。", "A colleague has answered it."),
    "asker": Words("提出的人不能自己签。", "The person who asked does not sign."),
    "reason": Words("不同意须写明原因（200 字以内）。", "Declining takes a reason (200 letters at most)."),
}


class Desk(Protocol):
    """What head office's commands and queries offer these pages (`hub.seconds`, `hub.seconds_queue`)."""

    def queue(self) -> Sequence[Any]: ...
    def given(self) -> Sequence[Any]: ...
    def find(self, store_id: str, idx: int) -> Any: ...
    def people(self) -> Mapping[str, Words]: ...
    def answer(self, store_id: str, idx: int, sha256: str, who: str, token: str, agreed: bool, reason: str) -> None: ...


class NotYours(Exception):
    """The token is not the named person's, or that person signs nothing."""


def seconds_face(
    faces: Faces, fleet: FleetDoor, desk: Desk, ruleset: RuleSet, stopping: Callable[[], bool]
) -> APIRouter:
    """The queue, one request with its two buttons, and the queue's live stream."""
    router = APIRouter(include_in_schema=False)

    def model() -> OfficeQueue:
        return queue_view(desk.queue(), desk.given(), ruleset)

    @router.get(PLACE)
    def waiting(request: Request) -> Response:
        if not fleet.entered(request):
            return fleet.ask(request)
        return faces.page(request, "qa/seconds.html", screen=model())

    @router.get(f"{PLACE}/live", response_class=EventSourceResponse)
    async def live(request: Request) -> AsyncIterator[ServerSentEvent]:
        """The queue drawn anew when it changes."""
        shown, tick, language = request.query_params.get("at", ""), 0, language_of(request)
        while fleet.entered(request) and not stopping():
            told = await run_in_threadpool(model)
            if told.live_url.rpartition("=")[2] != shown:
                shown = told.live_url.rpartition("=")[2]
                html = faces.event(language, "queue", "qa/seconds_queue.html", screen=told)
                yield ServerSentEvent(event="fragment", raw_data=html)
            elif tick % BEAT_EVERY == 0:
                yield ServerSentEvent(event="beat", raw_data="1")
            tick += 1
            await asyncio.sleep(LOOK_S)

    def one_page(request: Request, store_id: str, idx: int, wrong: str | None = None, typed: str = "") -> Response:
        try:
            found = request_view(desk.find(store_id, idx), ruleset)
        except Missing:
            return faces.page(request, "qa/seconds_gone.html", status_code=404)
        return faces.page(
            request,
            "qa/second.html",
            status_code=409 if wrong else 200,
            one=found,
            people={key: name for key, name in desk.people().items() if key != found.by},
            wrong=WRONG[wrong] if wrong else None,
            typed=typed,
        )

    @router.get(f"{PLACE}/{{store_id}}/{{idx}}")
    def one(request: Request, store_id: str, idx: int) -> Response:
        return one_page(request, store_id, idx) if fleet.entered(request) else fleet.ask(request)

    @router.post(f"{PLACE}/{{store_id}}/{{idx}}")
    def answer(
        request: Request,
        store_id: str,
        idx: int,
        sha256: Annotated[str, Form(max_length=64)] = "",
        who: Annotated[str, Form(max_length=80)] = "",
        own: Annotated[str, Form(max_length=200)] = "",
        decision: Annotated[str, Form(max_length=10)] = "",
        reason: Annotated[str, Form(max_length=400)] = "",
    ) -> Response:
        if not fleet.entered(request):
            return fleet.ask(request)
        wrong = _told(lambda: desk.answer(store_id, idx, sha256, who, own, decision == "sign", reason))
        return one_page(request, store_id, idx, wrong, reason) if wrong else RedirectResponse(PLACE, 303)

    return router


def _told(act: Callable[[], None]) -> str | None:
    """Carry it out; which of `WRONG` stood in the way, None if nothing did."""
    try:
        act()
    except NotYours:
        return "token"
    except Missing:
        return "gone"
    except OutOfStep:
        return "answered"
    except NotTwoPersons:
        return "asker"
    except ValueError:
        return "reason"
    return None
