"""The bench's care: lines flushed with their mass, tubes, calibration, the scale's drift, cleaning."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from kiosk_ui.models import Words
from kiosk_ui.models.care import CareScreen, DriftRow, LineRow
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.equipment import care
from store_service.equipment.bench import DeviceTrouble
from store_service.equipment.care_queries import LineCare, line_care, scale_care
from store_service.equipment.commands import clean
from store_service.equipment.queries import bench_facts
from store_service.equipment.words import fault_words
from store_service.records.desk import Actor
from store_service.rules.dates import beijing_date

from .door import Kiosk
from .shift import AGENT, CLEANING

PLACE = "/kiosk/care"
SCALE = f"{PLACE}/scale"
ENDS_A_PURGE = "container_empty"


def care_screen(kiosk: Kiosk, request: Request, chosen: int | None = None) -> CareScreen:
    shop, who = kiosk.shop, kiosk.signed(request)
    settings, devices = shop.station.settings, shop.station.devices
    with shop.desk.read() as connection:
        site, today = shop.desk.site_id, beijing_date(shop.desk.now())
        facts = bench_facts(connection, site, settings)
        lines = line_care(connection, site, settings, devices.tubes())
        scale = scale_care(connection, site, settings)
        products = registers(connection, site, LAST_KNOWN).products

    def row(one: LineCare) -> LineRow:
        known = products.get(one.product_id) if one.product_id else None
        named = Words(known.name_zh, known.name_en) if known else None
        unnamed = Words(one.product_id, one.product_id) if one.product_id else None
        return LineRow(
            one.channel, named or unnamed, one.container_id, one.flushed_at, one.purpose, one.moved_mg, one.tube_at,
            one.pumped_mg, one.lost_bp, one.change_on, one.change_on is not None and one.change_on <= today,
            one.calibrated_at, one.ug_per_ul, one.spread_bp, one.ul_per_rev, one.runs,
        )  # fmt: skip

    return CareScreen(
        lines=tuple(map(row, lines)),
        chosen=chosen if chosen is not None else next((one.channel for one in lines), None),
        scale_id=settings.scale.scale_id,
        certificate_no=settings.scale.certificate_no,
        verified_to=settings.scale.verified_to,
        lapsed=settings.scale.verified_to is None or settings.scale.verified_to < today,
        checked_at=scale.checked_at,
        drifts=tuple(DriftRow(one.nominal_mg, one.reading_mg, one.moved_mg, one.since) for one in scale.drifts),
        repeated_at=scale.repeated_at,
        spread_mg=scale.spread_mg,
        repeat_passed=scale.repeat_passed,
        repeat_limit_mg=care.repeat_limit_mg(settings),
        readings=tuple(kiosk.repeats.get(who.kiosk, ())),
        repeats=care.REPEATS,
        cleaned_at=facts.cleaned_at,
        cleaning=CLEANING,
        live_mg=devices.gauge().mg,
        runs_needed=care.LEAST_RUNS,
    )


def router(kiosk: Kiosk) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    def show(request: Request, place: str) -> Response:
        asked = request.query_params.get("line", "")
        chosen = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else None
        template = "care_scale" if place.startswith(SCALE) else "care"
        return kiosk.page(request, template, screen=care_screen(kiosk, request, chosen), frame=kiosk.frame(request))

    @door.get(PLACE)
    def see(request: Request) -> Response:
        return show(request, PLACE)

    @door.get(SCALE)
    def see_scale(request: Request) -> Response:
        return show(request, SCALE)

    @door.post(f"{PLACE}/stop")
    async def stop(request: Request) -> Response:
        kiosk.signed(request)
        await run_in_threadpool(shop.station.devices.stop)
        return kiosk.lead(request, PLACE, show)

    @door.post(f"{PLACE}/{{act}}")
    async def carry_out(request: Request, act: str) -> Response:
        form = await request.form()
        station = shop.station
        line = str(form.get("channel", ""))

        def channel() -> int:
            if not (line.isascii() and line.isdigit() and len(line) < 3):
                raise ValueError("channel: choose a line first")
            return int(line)

        def on_line(actor: Actor, what: str) -> None:
            if what == "tube":
                care.fit_tube(shop.desk, actor, station.settings, station.devices, channel())
            elif what == "reckon":
                care.calibrate(shop.desk, actor, station.settings, channel())
            else:
                moved = care.flush_line(shop.desk, actor, station.settings, station.devices, channel(), what)
                words = fault_words(moved.fault) if moved.fault else None
                if words and moved.fault and (what, moved.fault) != ("purge", ENDS_A_PURGE):
                    raise DeviceTrouble("dispenser", moved.fault, *words)

        def work(actor: Actor) -> None:
            if act == "line":
                on_line(actor, str(form.get("do", "")))
            elif act == "repeat":
                taken = kiosk.repeats.setdefault(actor.kiosk, [])
                taken.append(station.devices.weigh().gross_mg)
                if len(taken) >= care.REPEATS:
                    care.repeat(shop.desk, actor, station.settings, tuple(kiosk.repeats.pop(actor.kiosk)))
            elif act == "cleaning":
                ticked = set(map(str, form.getlist("item")))
                if len(ticked) < len(CLEANING):
                    raise ValueError("item: every line of the cleaning is to be ticked")
                clean(shop.desk, actor, station.settings.bench_id, "、".join(sorted(ticked)), AGENT)
            else:
                raise ValueError(f"act: {act[:20]} is none")

        lines = f"{PLACE}?line={line}" if line.isdigit() else PLACE
        return await kiosk.act(request, work, lambda _: lines if act == "line" else SCALE, show)

    return door
