"""The ready screen, sign-in, language, wipe, devices."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from kiosk_ui.models import (
    ClockScreen,
    DeviceRow,
    HealthScreen,
    ReadyCheck,
    ReadyScreen,
    RefusalSheet,
    ServiceBrief,
    SignInProblem,
    SignInScreen,
    StaffTile,
    UnitBrief,
    UnitState,
    VisitStage,
    Words,
)
from kiosk_ui.models.shop import SIGN_IN
from kiosk_ui.words import LANGUAGES
from store_service.blending.cases import View
from store_service.blending.queries import OPEN_STATES, Unit, open_units, units_of
from store_service.consultation.queries import Service, open_services
from store_service.http import COOKIE
from store_service.people import commands as people
from store_service.people import credentials
from store_service.people.credentials import WrongPin
from store_service.people.queries import fitness_today
from store_service.readiness.queries import standing_of_the_shop
from store_service.rules.case import Bench, Case
from store_service.rules.dates import beijing_date
from store_service.rules.gates import ask
from store_service.rules.refusal import Finding, Refused
from store_service.shop import Shop

from .door import Kiosk, leave_for
from .ways import Where, way_of

ROLES = {
    "blender": Words("调配人员", "Blender"),
    "officer": Words("质量安全员", "Safety officer"),
    "releaser": Words("放行人", "Releaser"),
    "manager": Words("店长", "Manager"),
}


def tiles(shop: Shop, role: str | None = None) -> tuple[StaffTile, ...]:
    """Everybody who has a badge here; who may not work today is blocked, with the reason."""
    with shop.desk.read() as connection:
        view = View.at(shop.desk, connection)
        found = []
        for staff_id in credentials.roll(shop.vault):
            row = view.known.staff.get(staff_id)
            if role is not None and (row is None or role not in row.roles):
                continue
            case = Case(
                now=view.now,
                site=shop.desk.site,
                params=view.known.params(shop.desk),
                person=view.standing(staff_id).person,
            )
            verdict = ask("sign_in", case, shop.desk.ruleset)
            no = verdict.refusals[0] if verdict.refusals else None
            name = Words(*credentials.name_of(shop.vault, staff_id))
            main = ROLES[row.roles[-1]] if row else Words("未列名", "Not listed")
            blocked = Words(f"{no.title_zh}（{no.rule}）", f"{no.title_en} ({no.rule})") if no else None
            found.append(StaffTile(staff_id, name, main, blocked))
    return tuple(found)


def ready_screen(kiosk: Kiosk, request: Request) -> ReadyScreen:
    """ "May I work?" in five lines, and what waits for a hand."""
    shop, who = kiosk.shop, kiosk.who(request)
    with shop.desk.read() as connection:
        view = View.at(shop.desk, connection)
        site = shop.desk.site_id
        waiting = open_units(connection, site)
        visits = [(one, units_of(connection, site, one.service_id)) for one in open_services(connection, site)]
        fit = fitness_today(connection, site, view.now)
        standing = standing_of_the_shop(view, shop.station.settings, who.staff_id if who else None)
        asks = len(shop.desk.unanswered(connection, standing.asked, f"opening {standing.by}"))
    case, missing = standing.case, standing.missing
    people_no = [one for one in missing if one.rule.startswith("R-PPL")]
    room_no = [one for one in missing if one.rule == "R-BLD-14"]
    scope_no = [one for one in missing if not one.rule.startswith(("R-PPL", "R-BLD"))]
    bench, today = case.bench, beijing_date(view.now)

    def on_day(at: datetime | None) -> bool:
        return at is not None and beijing_date(at) == today

    room = bench is not None and on_day(bench.room_recorded_at)
    clean = bench is not None and on_day(bench.cleaned_at)
    checked = bench is not None and on_day(bench.checked_at) and bench.check_passed is True
    down = [one for one in shop.station.devices.health() if not one.ok]
    return ReadyScreen(
        checks=(
            ReadyCheck(
                "people",
                not people_no,
                _first(people_no, f"{len(fit)} 人今日可上岗", f"{len(fit)} fit today"),
                "/kiosk/shift",
            ),
            ReadyCheck(
                "room",
                room and not room_no,
                _first(room_no, "", "") if room and room_no else _climate(bench) if room else NOT_YET,
                "/kiosk/shift",
            ),
            ReadyCheck(
                "devices",
                not down and checked,
                Words(down[0].zh, down[0].en) if down else Words("已核查", "Checked") if checked else NOT_YET,
                "/kiosk/devices" if down else "/kiosk/shift",
            ),
            ReadyCheck("cleaning", clean, Words("今天已清洁", "Cleaned today") if clean else NOT_YET, "/kiosk/shift"),
            ReadyCheck(
                "scope",
                not scope_no,
                _first(scope_no, f"{asks} 项须说明理由", f"{asks} want a reason")
                if asks
                else _first(scope_no, "在试点范围内", "Inside the pilot"),
                "/kiosk/ready" if case.clock_ok is not False else "/kiosk/clock",
            ),
        ),
        signed_in=who is not None,
        own=_first(standing.own, "", "") if standing.own else None,
        own_href=way.href if (way := way_of(standing.own, Where("/kiosk"))) else SIGN_IN,
        open_units=tuple(_waiting(one) for one in waiting),
        services=tuple(
            _visit(one, units) for one, units in visits if not any(unit.state in OPEN_STATES for unit in units)
        ),
    )


def _visit(one: Service, units: Sequence[Unit]) -> ServiceBrief:
    live = [unit.state for unit in units if unit.state != "discarded"]
    stage: VisitStage = "consent" if not one.given("allergy") else "questions"
    if one.consulted_at is not None:
        stage = "formula" if not one.allowed or not live else "units"
    if live and all(state == "released" for state in live):
        stage = "hand_over"
    return ServiceBrief(f"/kiosk/service/{one.service_id}", one.opened_at, stage)


NOT_YET = Words("今天还没有记录", "Not recorded today")


def _climate(bench: Bench | None) -> Words:
    if bench is None or bench.temp_c10 is None or bench.rh_pct10 is None:
        return NOT_YET
    told = f"{bench.temp_c10 // 10}.{bench.temp_c10 % 10} °C · {bench.rh_pct10 // 10} %"
    return Words(told, told)


def _waiting(one: Unit) -> UnitBrief:
    held = one.net_mg if one.net_mg is not None else (one.gross_mg or 0) - (one.empty_mg or 0)
    tag = one.tag.removeprefix("T-") if one.tag else None
    name = Words(one.name_zh, one.name_zh)
    return UnitBrief(one.id, name, _brief(one.state, one.tag), held, f"/kiosk/unit/{one.id}", tag)


def _brief(state: str, tag: str | None) -> UnitState:
    if tag is not None:
        return "parked"
    return BRIEF.get(state, "planned")


BRIEF: dict[str, UnitState] = {
    "dosing": "stopped",
    "stopped": "stopped",
    "dosed": "dosed",
    "checked": "checked",
    "signed": "signed",
    "printed": "printed",
    "verified": "verified",
}


def _first(findings: Sequence[Finding], zh: str, en: str) -> Words:
    return Words(findings[0].message_zh, findings[0].message_en) if findings else Words(zh, en)


def health_screen(shop: Shop, away: bool) -> HealthScreen:
    """Every device in plain words, and what to do."""
    again = (Words("处理好后点“再看一次”", "then press Look again"),)
    rows = [
        DeviceRow(
            kind=one.device, name=one.identity, state="ok" if one.ok else "down",
            detail=Words("正常", "Works") if one.ok else Words(one.zh, one.en), steps=() if one.ok else again,
        )
        for one in shop.station.devices.health()
    ]  # fmt: skip
    free = shutil.disk_usage(shop.data).free // 1_000_000
    rows.append(DeviceRow("disk", "", "ok" if free > 2_000 else "warn", Words(f"剩余 {free} MB", f"{free} MB free")))
    rows.append(
        DeviceRow(
            "head_office",
            "",
            "warn" if away else "ok",
            Words("连接不上，照常工作，稍后自动补传", "Away; work goes on and is sent later")
            if away
            else Words("已连接", "Connected"),
        )
    )
    return HealthScreen(tuple(rows))


def router(kiosk: Kiosk) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    @door.get("/")
    def root() -> Response:
        return RedirectResponse("/kiosk", 303)

    @door.get("/kiosk")
    def ready(request: Request) -> Response:
        return kiosk.page(request, "ready", screen=ready_screen(kiosk, request), frame=kiosk.frame(request))

    @door.get("/kiosk/devices")
    def devices(request: Request) -> Response:
        frame = kiosk.frame(request)
        return kiosk.page(request, "health", screen=health_screen(shop, frame.head_office_away), frame=frame)

    def sign_in_page(request: Request, screen: SignInScreen, sheet: RefusalSheet | None = None) -> Response:
        frame = kiosk.frame(request, step=1, scan_url="/kiosk/sign-in")
        answer = kiosk.page(request, "sign_in", screen=screen, frame=frame, sheet=sheet)
        answer.headers["x-target"] = "#screen"
        return answer

    @door.get("/kiosk/sign-in")
    def sign_in(request: Request) -> Response:
        return sign_in_page(request, SignInScreen(tiles(shop), back=_inside(request.query_params.get("back", ""))))

    def enter(request: Request, form: dict[str, str]) -> Response:
        now, back = shop.desk.now(), _inside(form.get("back", ""))
        badge = form.get("code", "")
        if badge:
            found = credentials.whose_badge(shop.vault, badge)
            return sign_in_page(
                request, SignInScreen(tiles(shop), found, None if found else "unknown_badge", back=back)
            )
        staff_id = form.get("staff_id", "")
        try:
            credentials.check_pin_of(shop.vault, staff_id, form.get("pin", ""), now)
            people.admit(shop.desk, staff_id)
        except WrongPin as wrong:
            problem: SignInProblem = "wrong_pin" if wrong.left else "locked"
            screen = SignInScreen(tiles(shop), staff_id or None, problem, wrong.left, 5, back)
            return sign_in_page(request, screen)
        except Refused as no:
            screen = SignInScreen(tiles(shop), staff_id, back=back)
            return sign_in_page(request, screen, RefusalSheet(no.verdict.refusals))
        kiosk.leave(request)
        token = credentials.open_session(shop.vault, staff_id, _kiosk_name(request), now)
        answer = leave_for(back) if "x-swap" in request.headers else RedirectResponse(back, 303)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")
        return answer

    @door.post("/kiosk/sign-in")
    async def post_sign_in(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return await run_in_threadpool(enter, request, form)

    @door.post("/kiosk/wipe")
    def wipe(request: Request) -> Response:
        """Personal data leaves the screen, and nobody is signed in; the work stays where the record has it. What the
        consumer of an open service answered is not shown again."""
        with shop.desk.read() as connection:
            kiosk.wiped.update(one.service_id for one in open_services(connection, shop.desk.site_id))
        kiosk.leave(request)
        return leave_for("/kiosk") if "x-swap" in request.headers else RedirectResponse("/kiosk", 303)

    @door.post("/kiosk/sign-out")
    def sign_out(request: Request) -> Response:
        kiosk.leave(request)
        return leave_for("/kiosk") if "x-swap" in request.headers else RedirectResponse("/kiosk", 303)

    def show_clock(request: Request, place: str) -> Response:
        kiosk.signed(request)
        with shop.desk.read() as connection:
            good = View.at(shop.desk, connection).standing("-").clock_ok is not False
        return kiosk.page(request, "clock", screen=ClockScreen(shop.desk.now(), good), frame=kiosk.frame(request))

    @door.get("/kiosk/clock")
    def clock(request: Request) -> Response:
        return show_clock(request, "/kiosk/clock")

    @door.post("/kiosk/clock")
    async def confirm_clock(request: Request) -> Response:
        return await kiosk.act(
            request,
            lambda actor: people.confirm_clock(shop.desk, actor.staff_id),
            lambda _: "/kiosk",
            show_clock,
        )

    @door.post("/language")
    async def language(request: Request) -> Response:
        form = await request.form()
        wanted, back = str(form.get("lang", "")), str(form.get("back", "/kiosk"))
        answer = RedirectResponse(back if back.startswith("/") and not back.startswith("//") else "/kiosk", 303)
        if wanted in LANGUAGES:
            answer.set_cookie("lang", wanted, samesite="strict", path="/")
        return answer

    return door


def _inside(place: str) -> str:
    """A screen of this kiosk, never another address."""
    return place if place.startswith("/kiosk/") and not place.startswith("/kiosk/sign-in") else "/kiosk"


def _kiosk_name(request: Request) -> str:
    """One browser is one kiosk: a name in a long-lived cookie, else the address that it comes from."""
    host = request.client.host if request.client else "local"
    return request.cookies.get("kiosk_name") or f"kiosk {urlsplit(f'//{host}').hostname}"
