"""A second person signs: with a PIN at this screen, at another one, or at head office, whose answer comes by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from kiosk_ui.models import SecondEnd, SecondRow, SecondScreen, Words
from kiosk_ui.words import language_of
from store_service.people import credentials
from store_service.readiness import commands
from store_service.records import seconds
from store_service.records.desk import Actor, Missing
from store_service.records.projections.site import HEAD_OFFICE
from store_service.shop import Shop

from .door import Kiosk
from .home import tiles
from .ways import READY, SECOND, second_place

LOOK_S, BEAT_EVERY = 0.5, 2


def second_rows(shop: Shop) -> tuple[SecondRow, ...]:
    """What waits for a second person, for the list on every screen."""
    with shop.desk.read() as connection:
        asked = seconds.waiting(connection, shop.desk.site_id, shop.desk.now() - seconds.WAITS)
    return tuple(
        SecondRow(one.rule, _title(shop, one.rule), _name(shop, one.by), one.at, second_place(one.subject, one.rule))
        for one in asked
    )


def second_screen(shop: Shop, subject: str, rule: str, back: str) -> SecondScreen:
    """The newest request about a subject, and how it stands. Raises Missing where nobody asked."""
    with shop.desk.read() as connection:
        asked = seconds.newest(connection, shop.desk.site_id, subject, rule)
        if asked is None:
            raise Missing("request for a second person", f"{rule} {subject}")
        state = seconds.standing(connection, asked)
        end = seconds.ended(connection, asked)
        only_office = seconds.declined(connection, shop.desk.site_id, subject, rule)
    back = back if back.startswith("/kiosk") else READY
    query = urlencode({"subject": subject, "rule": rule, "back": back, "at": f"{asked.idx}-{state}"})
    return SecondScreen(
        subject=subject,
        rule=rule,
        title=_title(shop, rule),
        told=Words(asked.zh, asked.en),
        by=_name(shop, asked.by),
        people=tuple(one for one in tiles(shop) if one.staff_id != asked.by and one.blocked is None),
        state=state,
        head_office=shop.desk.has_hub,
        only_head_office=only_office,
        end=_end(shop, end) if end else None,
        live_url=f"/kiosk/live/second?{query}",
        back=back,
    )


def _end(shop: Shop, end: seconds.Ended) -> SecondEnd:
    """A person of head office is known here by his id alone; names stay where they are kept."""
    office = end.place == HEAD_OFFICE
    by = Words(end.by, end.by) if office else _name(shop, end.by)
    return SecondEnd(by, end.at, office, (end.reason or "") if office else "")


def _title(shop: Shop, rule: str) -> Words:
    found = shop.desk.ruleset.rules[rule]
    return Words(found.title_zh, found.title_en)


def _name(shop: Shop, staff_id: str) -> Words:
    return Words(*credentials.name_of(shop.vault, staff_id))


def router(kiosk: Kiosk) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    def asked_for(query: dict[str, str]) -> SecondScreen:
        rule = query.get("rule", "")
        if rule not in shop.desk.ruleset.rules:
            raise Missing("rule", rule)
        return second_screen(shop, query.get("subject", ""), rule, query.get("back", READY))

    def show(request: Request, screen: SecondScreen) -> Response:
        return kiosk.page(request, "second", screen=screen, frame=kiosk.frame(request))

    @door.get(SECOND)
    def second(request: Request) -> Response:
        kiosk.signed(request)
        try:
            return show(request, asked_for(dict(request.query_params)))
        except Missing:
            return RedirectResponse(READY, 303)

    @door.post(SECOND)
    async def sign(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}

        def work(_: Actor) -> None:
            screen = asked_for(form)
            credentials.check_pin_of(shop.vault, form.get("signer", ""), form.get("pin", ""), shop.desk.now())
            commands.second(shop.desk, form.get("signer", ""), screen.subject, screen.rule)

        def place(_: Request) -> str:
            return asked_for(form).back

        return await kiosk.act(request, work, place, lambda _, back: RedirectResponse(back, 303))

    @door.get("/kiosk/live/second", response_class=EventSourceResponse)
    async def live(request: Request) -> AsyncIterator[ServerSentEvent]:
        """Draws the screen anew when the request was answered, wherever that was; says when the line is down."""
        query, language = dict(request.query_params), language_of(request)
        shown, told, tick = query.get("at", ""), None, 0
        while not kiosk.line.stop.is_set():
            try:
                screen = await run_in_threadpool(asked_for, query)
            except Missing:
                return
            at = screen.live_url.rpartition("at=")[2]
            if at != shown:
                shown = at
                html = await run_in_threadpool(_drawn, kiosk, request, screen, language)
                yield ServerSentEvent(event="fragment", raw_data=html)
            word = await run_in_threadpool(_line, kiosk, request, language)
            if word != told:
                told = word
                yield ServerSentEvent(data={"text": {"line": word}})
            elif tick % BEAT_EVERY == 0:
                yield ServerSentEvent(event="beat", raw_data="1")
            tick += 1
            await asyncio.sleep(LOOK_S)

    return door


def _line(kiosk: Kiosk, request: Request, language: str) -> str:
    away = kiosk.frame(request).head_office_away
    return kiosk.faces.book.text(language, "second.away" if away else "second.waiting")


def _drawn(kiosk: Kiosk, request: Request, screen: SecondScreen, language: str) -> str:
    here = second_place(screen.subject, screen.rule, screen.back)
    frame = kiosk.frame(request)
    return kiosk.faces.event(
        language, "screen", "kiosk/second.html", screen=screen, frame=frame, sheet=None, whole=False, here=here
    )
