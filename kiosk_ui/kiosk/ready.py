""" "May I work now?" as one page, its warnings answered once a shift, and the second person's signature."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kiosk_ui.models import AheadRow, Item, MayWorkScreen, ReadyRow, SecondRow, SecondScreen, StopRow, Words
from store_service.people import credentials
from store_service.people.queries import fitness_today
from store_service.readiness import commands
from store_service.readiness.queries import Asked, may_i_work, unread_stops, waiting_for_a_second
from store_service.records.desk import Actor, Missing
from store_service.rules.refusal import Finding
from store_service.shop import Shop

from .door import Kiosk, reasons
from .home import tiles
from .ways import Where, way_of

PLACE = "/kiosk/ready"
STOPPED = {
    "lots": Words("原料批停用", "Lots stopped"),
    "envelopes": Words("配方范围停用或变更", "Envelopes stopped or changed"),
    "products": Words("产品停用或变更", "Products stopped or changed"),
}
WAITS = timedelta(hours=24)


def may_work_screen(shop: Shop, signed_in: str | None = None) -> MayWorkScreen:
    """Asked for the person who is signed in, else for one who said today that he is fit."""
    with shop.desk.read() as connection:
        now, site = shop.desk.now(), shop.desk.site_id
        fit = sorted(one for one, good in fitness_today(connection, site, now).items() if good)
        person = signed_in or next(iter(fit), "-")
        found = may_i_work(connection, shop.desk, shop.station.settings, person)
        asked = waiting_for_a_second(connection, site, now - WAITS)
        stops = unread_stops(connection, site)
    return MayWorkScreen(
        may_work=found.may_work,
        signed_in=signed_in is not None,
        missing=tuple(map(_row, found.missing)),
        warnings=tuple(map(_row, found.warnings)),
        notes=tuple(map(_row, found.notes)),
        ahead=tuple(
            AheadRow(one.rule, Words(one.what_zh, one.what_en), one.last_day, one.days_left(found.today))
            for one in found.ahead
        ),
        seconds=tuple(_second(shop, one) for one in asked),
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


def _title(shop: Shop, rule: str) -> Words:
    found = shop.desk.ruleset.rules[rule]
    return Words(found.title_zh, found.title_en)


def _second(shop: Shop, one: Asked) -> SecondRow:
    by = Words(*credentials.name_of(shop.vault, one.by))
    href = f"{PLACE}/second?{urlencode({'subject': one.subject, 'rule': one.rule})}"
    return SecondRow(one.rule, _title(shop, one.rule), by, one.at, href)


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

    @door.get(f"{PLACE}/second")
    def second(request: Request, subject: str = "", rule: str = "") -> Response:
        kiosk.signed(request)
        with shop.desk.read() as connection:
            asked = waiting_for_a_second(connection, shop.desk.site_id, shop.desk.now() - WAITS)
        found = next((one for one in asked if (one.subject, one.rule) == (subject, rule)), None)
        if found is None:
            return show(request, PLACE)
        by = Words(*credentials.name_of(shop.vault, found.by))
        others = tuple(one for one in tiles(shop) if one.staff_id != found.by and one.blocked is None)
        screen = SecondScreen(subject, rule, _title(shop, rule), by, others)
        return kiosk.page(request, "second", screen=screen, frame=kiosk.frame(request))

    @door.post(f"{PLACE}/second")
    async def sign(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}

        def work(_: Actor) -> None:
            rule, signer = form.get("rule", ""), form.get("signer", "")
            if rule not in shop.desk.ruleset.rules:
                raise Missing("rule", rule)
            credentials.check_pin_of(shop.vault, signer, form.get("pin", ""), shop.desk.now())
            commands.second(shop.desk, signer, form.get("subject", ""), rule)

        return await kiosk.act(request, work, lambda _: PLACE, show)

    return door
