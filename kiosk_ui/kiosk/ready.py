""" "May I work now?" as one page and its warnings answered once a shift."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kiosk_ui.models import AheadRow, Item, MayWorkScreen, ReadyRow, StopRow, Words
from store_service.people import credentials
from store_service.readiness import commands
from store_service.readiness.queries import may_i_work, unread_stops
from store_service.records.desk import Actor
from store_service.rules.refusal import Finding
from store_service.shop import Shop

from .door import Kiosk, reasons
from .second import second_rows
from .ways import READY as PLACE
from .ways import Where, way_of

STOPPED = {
    "lots": Words("原料批停用", "Lots stopped"),
    "envelopes": Words("配方范围停用或变更", "Envelopes stopped or changed"),
    "products": Words("产品停用或变更", "Products stopped or changed"),
}


def may_work_screen(shop: Shop, signed_in: str | None = None) -> MayWorkScreen:
    """Of the shop, and on lines of its own of the person who is signed in."""
    with shop.desk.read() as connection:
        found = may_i_work(connection, shop.desk, shop.station.settings, signed_in)
        stops = unread_stops(connection, shop.desk.site_id)
    return MayWorkScreen(
        may_work=found.may_work,
        signed_in=signed_in is not None,
        own=tuple(map(_row, found.own)),
        able=tuple(Words(*credentials.name_of(shop.vault, one)) for one in found.able),
        missing=tuple(map(_row, found.missing)),
        warnings=tuple(map(_row, found.warnings)),
        notes=tuple(map(_row, found.notes)),
        ahead=tuple(
            AheadRow(one.rule, Words(one.what_zh, one.what_en), one.last_day, one.days_left(found.today))
            for one in found.ahead
        ),
        seconds=second_rows(shop),
        stops=tuple(StopRow(STOPPED[one.kind], one.items, one.received_at) for one in stops),
        reasons=tuple(Item(key, Words(one.zh, one.en)) for key, one in shop.desk.ruleset.reasons.items()),
    )


def _asked(kiosk: Kiosk, request: Request) -> MayWorkScreen:
    who = kiosk.who(request)
    return may_work_screen(kiosk.shop, who.staff_id if who else None)


def _row(one: Finding) -> ReadyRow:
    step = one.next_steps[0]
    way = way_of([one], Where(PLACE))
    return ReadyRow(
        one.rule,
        Words(one.title_zh, one.title_en),
        Words(one.message_zh, one.message_en),
        Words(step.zh, step.en),
        way if way is not None and way.href != PLACE else None,
    )


def router(kiosk: Kiosk) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    def show(request: Request, place: str) -> Response:
        return kiosk.page(request, "may_work", screen=_asked(kiosk, request), frame=kiosk.frame(request))

    @door.get(PLACE)
    def may_work(request: Request) -> Response:
        return show(request, PLACE)

    @door.post(PLACE)
    async def answer(request: Request) -> Response:
        form = dict(await request.form())

        def work(actor: Actor) -> None:
            commands.answer_standing(shop.desk, shop.station.settings, actor.staff_id, reasons(form))

        return await kiosk.act(request, work, lambda _: PLACE, show)

    @door.post(f"{PLACE}/stops")
    async def read(request: Request) -> Response:
        """What head office stopped was read, by whoever is signed in."""
        return await kiosk.act(
            request, lambda actor: commands.read_stops(shop.desk, actor.staff_id), lambda _: PLACE, show
        )

    return door
