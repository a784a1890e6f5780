"""What moves on a screen: the gauge ten times a second, the whole screen when the record has moved on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from kiosk_ui.formats import grams
from kiosk_ui.words import language_of
from store_service.blending.doses import next_component
from store_service.blending.queries import Component, Dose, Unit, components_of, find_unit, open_dose

from .door import Kiosk
from .unit import UnitScreens
from .unit_dose import Rest, gauge_of, mark_of

Seen = tuple[Unit, list[Component], Dose | None, Component | None, Rest | None]
TICK_S, LOOK_EVERY, BEAT_EVERY = 0.1, 3, 10


def router(kiosk: Kiosk, screens: UnitScreens) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    def look(unit_id: str) -> Seen:
        site = shop.desk.site_id
        with shop.desk.read() as connection:
            unit = find_unit(connection, site, unit_id)
            parts, dose = components_of(connection, site, unit_id), open_dose(connection, site, unit_id)
            part = next_component(connection, site, unit_id)
            if dose is not None:
                part = next(one for one in parts if one.product_id == dose.product_id)
            rest = screens.doses.rest(connection, unit, parts) if dose is not None else None
        return unit, parts, dose, part, rest

    def mark(seen: Seen) -> str:
        unit, parts, dose = seen[:3]
        return mark_of(unit, parts, dose, shop.station_of(unit.bench_id).devices.gauge())

    def stopping() -> bool:
        return kiosk.line.stop.is_set()

    @door.get("/kiosk/live/bench", response_class=EventSourceResponse)
    async def bench(request: Request) -> AsyncIterator[ServerSentEvent]:
        """The gross mass, for the check weigh."""
        last: Any = None
        tick = 0
        while not stopping():
            gauge = shop.station.devices.gauge()
            told = {"text": {"mg": "—" if gauge.mg is None else grams(gauge.mg, unit=False)}, "stable": gauge.stable}
            if told != last:
                last = told
                yield ServerSentEvent(data=told)
            elif tick % BEAT_EVERY == 0:
                yield ServerSentEvent(event="beat", raw_data="1")
            tick += 1
            await asyncio.sleep(TICK_S)

    @door.get("/kiosk/live/{unit_id}", response_class=EventSourceResponse)
    async def unit(request: Request, unit_id: str) -> AsyncIterator[ServerSentEvent]:
        """Snapshot first, then what changes. `at` says what the page shows: a screen that was overtaken, also while
        nobody was connected, is drawn anew."""
        language = language_of(request)
        seen = await run_in_threadpool(look, unit_id)
        shown, last, tick = request.query_params.get("at", mark(seen)), None, 0
        while not stopping():
            found, _, dose, part, rest = seen
            if mark(seen) != shown:
                shown, last = mark(seen), None
                if found.state not in ("cup", "dosing", "stopped"):
                    yield ServerSentEvent(event="go", raw_data=f"/kiosk/unit/{unit_id}")
                else:
                    html = await run_in_threadpool(_drawn, kiosk, screens, request, found, language)
                    yield ServerSentEvent(event="fragment", raw_data=html)
            told = _frame(kiosk, found, dose, part, rest, language)
            if told != last:
                last = told
                yield ServerSentEvent(data=told)
            elif tick % BEAT_EVERY == 0:
                yield ServerSentEvent(event="beat", raw_data="1")
            await asyncio.sleep(TICK_S)
            tick += 1
            if tick % LOOK_EVERY == 0:
                seen = await run_in_threadpool(look, unit_id)

    return door


def _drawn(kiosk: Kiosk, screens: UnitScreens, request: Request, unit: Unit, language: str) -> str:
    template, screen, frame = screens.render(request, unit)
    return kiosk.faces.event(
        language,
        "screen",
        f"kiosk/{template}.html",
        screen=screen,
        frame=frame,
        sheet=None,
        whole=False,
        here=f"/kiosk/unit/{unit.id}",
    )


def _frame(
    kiosk: Kiosk, unit: Unit, dose: Dose | None, part: Component | None, rest: Rest | None, language: str
) -> dict[str, Any]:
    gauge = kiosk.shop.station_of(unit.bench_id).devices.gauge()
    if unit.state in ("cup", "dosing") and part is not None:
        shown = gauge_of(part, dose, gauge)
        over = rest is not None and shown.state == "over"
        help_over = rest.help(part, shown, kiosk.faces.book, language) if rest is not None and over else ""
        return {
            "text": {"mg": grams(shown.mg, unit=False), "over": help_over},
            "gauge": shown.live,
            "state": shown.state,
            "stable": gauge.stable,
        }
    unread = gauge.mg is None or gauge.state == "lost"
    return {"text": {"mg": "—" if unread or gauge.mg is None else grams(gauge.mg, unit=False)}, "stable": gauge.stable}
