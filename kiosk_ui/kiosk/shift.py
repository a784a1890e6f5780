"""A shift: fitness, room, check weigh and cleaning at its opening, and its end."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kiosk_ui.models import CheckWeight, Item, ShiftScreen, ShiftTask, Words
from store_service.blending.queries import open_units
from store_service.equipment.check_weigh import weigh_one
from store_service.equipment.commands import clean, record_room
from store_service.equipment.queries import bench_facts
from store_service.people import commands as people
from store_service.people.queries import fitness_today, on_duty, shift_opened_at
from store_service.records.desk import Actor
from store_service.rules.dates import beijing_date

from .door import Kiosk
from .office_typed import number

STATEMENTS = (
    Item("no_fever", Words("没有发热、腹泻", "No fever, no diarrhoea")),
    Item("no_wound", Words("手部没有伤口或皮肤感染", "No wound or infection on the hands")),
    Item("clean", Words("已洗手消毒，着工作服", "Hands disinfected, working clothes on")),
)
CLEANING = (
    Item("bench", Words("台面与秤盘已擦拭消毒", "Bench and pan wiped and disinfected")),
    Item("tools", Words("接触工具已清洗消毒", "Contact tools washed and disinfected")),
    Item("waste", Words("废弃物与旧标签已清出", "Waste and old labels removed")),
)
AGENT = "75 % 乙醇"


def shift_screen(kiosk: Kiosk, request: Request) -> ShiftScreen:
    """What is done of today's opening, and what comes next."""
    shop, who = kiosk.shop, kiosk.signed(request)
    with shop.desk.read() as connection:
        now = shop.desk.now()
        bench = bench_facts(connection, shop.desk.site_id, shop.station.settings)
        fit = fitness_today(connection, shop.desk.site_id, now)
        opened = shift_opened_at(connection, shop.desk.site_id, now)
        duty = on_duty(connection, shop.desk.site_id, now)
        waiting = open_units(connection, shop.desk.site_id)
    today = beijing_date(now)
    weighed = bench.checked_at is not None and beijing_date(bench.checked_at) == today and bench.check_passed is True
    cleaned = bench.cleaned_at is not None and beijing_date(bench.cleaned_at) == today
    aired = bench.room_recorded_at is not None and beijing_date(bench.room_recorded_at) == today
    tasks = (
        ShiftTask("fitness", fit.get(who.staff_id) is True),
        ShiftTask("room", aired, bench.room_recorded_at if aired else None),
        ShiftTask("check-weigh", weighed, bench.checked_at if weighed else None),
        ShiftTask("cleaning", cleaned, bench.cleaned_at if cleaned else None),
    )
    current = next((one.key for one in tasks if not one.done), None)
    scale, read = shop.station.settings.scale, shop.station.check_weighing.so_far(today)
    return ShiftScreen(
        tasks=tasks,
        current=current,
        statements=STATEMENTS,
        weights=tuple(CheckWeight(one, scale.check_limit_mg, read.get(one)) for one in scale.check_weights_mg),
        cleaning=CLEANING,
        live_url="/kiosk/live/bench" if current == "check-weigh" else None,
        live_mg=shop.station.devices.gauge().mg,
        opened_at=opened,
        waiting=len(waiting),
        on_duty=who.staff_id in duty,
    )


def tenths(text: str, field: str) -> int:
    return int((number(text, field) * 10).to_integral_value())


def router(kiosk: Kiosk) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    def show(request: Request, place: str) -> Response:
        return kiosk.page(request, "shift", screen=shift_screen(kiosk, request), frame=kiosk.frame(request))

    def after(_: Request) -> str:
        return "/kiosk/shift"

    @door.get("/kiosk/shift")
    def shift(request: Request) -> Response:
        return show(request, "/kiosk/shift")

    @door.post("/kiosk/shift/{task}")
    async def done(request: Request, task: str) -> Response:
        form = await request.form()
        ticked = set(map(str, form.getlist("item")))
        station = shop.station

        def work(actor: Actor) -> None:
            if task == "fitness":
                people.declare_fitness(shop.desk, actor.staff_id, form.get("unfit") is None and len(ticked) == 3)
            elif task == "room":
                temp, rh = tenths(str(form.get("temp", "")), "temp"), tenths(str(form.get("rh", "")), "rh")
                record_room(shop.desk, actor, temp, rh)
            elif task == "check-weigh":
                under_way, weights = station.check_weighing, station.settings.scale.check_weights_mg
                read = under_way.so_far(beijing_date(shop.desk.now()))
                nominal = next(one for one in weights if one not in read)
                weigh_one(shop.desk, actor, station.settings, station.devices, under_way, nominal)
            elif task == "cleaning":
                if len(ticked) < len(CLEANING):
                    raise ValueError("item: every line of the cleaning is to be ticked")
                clean(shop.desk, actor, station.settings.bench_id, "、".join(sorted(ticked)), AGENT)
            elif task == "open":
                people.open_shift(shop.desk, actor.staff_id)
            elif task == "close":
                people.close_shift(shop.desk, actor.staff_id)
            elif task == "leave":
                people.leave_duty(shop.desk, actor.staff_id)
            else:
                raise ValueError(f"task: {task} is none")

        return await kiosk.act(request, work, lambda _: "/kiosk" if task in ("open", "close") else "/kiosk/shift", show)

    return door
