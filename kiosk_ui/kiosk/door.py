"""What every kiosk route shares: who stands there, the frame around a screen, and how a "no" is shown."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from kiosk_ui.models import Frame, RefusalSheet, SimCode, Words
from kiosk_ui.render import Faces
from kiosk_ui.words import language_of
from store_service.blending.lease import Held
from store_service.equipment.bench import DeviceTrouble
from store_service.http import COOKIE
from store_service.line import Line
from store_service.people import credentials
from store_service.people.credentials import Signed
from store_service.records.desk import (
    ANY_WARNING,
    Actor,
    InProgress,
    Missing,
    NeedsReason,
    Once,
    OutOfStep,
    Replayed,
    once,
)
from store_service.rules.refusal import Finding, Refused, Step
from store_service.shop import Shop

from .codes import shelf_codes


class NotSignedIn(Exception):
    """The kiosk has nobody: the screen to show is the sign-in."""


@dataclass
class Kiosk:
    """`scans` holds what was scanned and is not yet part of an act: the cup's pack, the cup at a resume."""

    shop: Shop
    line: Line
    faces: Faces
    scans: dict[tuple[str, str], str] = field(default_factory=dict)
    signers: dict[tuple[str, str], str] = field(default_factory=dict)
    readings: dict[str, dict[int, int]] = field(default_factory=dict)
    receipts: dict[str, dict[str, str]] = field(default_factory=dict)

    def token(self, request: Request) -> str:
        return request.cookies.get(COOKIE, "")

    def who(self, request: Request) -> Signed | None:
        token = self.token(request)
        return credentials.who(self.shop.vault, token, self.shop.desk.now()) if token else None

    def signed(self, request: Request) -> Signed:
        found = self.who(request)
        if found is None:
            raise NotSignedIn
        return found

    def actor(self, request: Request) -> Actor:
        found = self.signed(request)
        return Actor(found.staff_id, found.kiosk)

    def form_token(self, request: Request) -> str:
        """Ties a form to its session: a form that was rendered for another one is not carried out."""
        return hashlib.sha256(f"form {self.token(request)}".encode()).hexdigest()[:32]

    def frame(self, request: Request, *, step: int | None = None, **more: Any) -> Frame:
        shop, found = self.shop, self.who(request)
        away = self.line.courier is not None and self.line.courier.status().away_since is not None
        scan = more.get("scan_url") is not None and shop.demo
        return Frame(
            shop=Words(shop.settings.shop.name_zh, shop.settings.shop.name_en),
            now=shop.desk.now(),
            step=step,
            person=(found.name_zh if language_of(request) == "zh-CN" else found.name_en) if found else None,
            clock_shifted=bool(shop.desk.ledger.clock.offset),
            head_office_away=away,
            form_token=self.form_token(request),
            sim_codes=self._codes() if scan else (),
            **more,
        )

    def _codes(self) -> tuple[SimCode, ...]:
        with self.shop.desk.read() as connection:
            return shelf_codes(connection, self.shop)

    def page(self, request: Request, template: str, *, screen: Any, frame: Frame, **more: Any) -> Response:
        return self.faces.page(request, f"kiosk/{template}.html", screen=screen, frame=frame, **more)

    async def act(
        self,
        request: Request,
        work: Callable[[Actor], object],
        then: Callable[[Request], str],
        show: Callable[[Request, str], Response],
        *,
        fields: Mapping[str, str] | None = None,
    ) -> Response:
        """Carry out one command and show where it leads; a "no" comes as a sheet over the screen that asked."""
        form = await request.form()
        if not hmac.compare_digest(str(form.get("token", "")), self.form_token(request)):
            return self._lead(request, "/kiosk", show)
        return await run_in_threadpool(self._carry_out, request, form, work, then, show, fields or {})

    def _carry_out(
        self,
        request: Request,
        form: FormData,
        work: Callable[[Actor], object],
        then: Callable[[Request], str],
        show: Callable[[Request, str], Response],
        fields: Mapping[str, str],
    ) -> Response:
        frozen = self.shop.desk.ledger.frozen
        if frozen is not None:
            return self._sheet(request, (_said("R-REC-05", "记录簿已锁定", "Records locked", *frozen),))
        key = str(form.get("key", ""))
        once.set(_once(request, key, form) if len(key) >= 8 else None)
        try:
            work(self.actor(request))
        except Replayed:
            pass
        except NotSignedIn:
            return self._lead(request, "/kiosk/sign-in", show)
        except Refused as no:
            return self._sheet(request, no.verdict.refusals)
        except NeedsReason as no:
            return self._warn(request, no.verdict.warnings, {**_plain(form), **fields})
        except (DeviceTrouble, Held, Missing, OutOfStep, InProgress, ValueError) as no:
            return self._sheet(request, (explain(no),))
        finally:
            once.set(None)
        return self._lead(request, then(request), show)

    def _lead(self, request: Request, place: str, show: Callable[[Request, str], Response]) -> Response:
        """To `place`: as a fragment when the kiosk is there already, else as a new page."""
        if "x-swap" not in request.headers:
            return RedirectResponse(place, 303)
        here = urlsplit(request.headers.get("referer", "")).path
        if here == place:
            answer = show(request, place)
            answer.headers["x-target"] = "#screen"
            return answer
        return Response(status_code=200, headers={"x-location": place, "content-type": "text/html; charset=utf-8"})

    def _sheet(self, request: Request, findings: tuple[Finding, ...]) -> Response:
        frame = self.frame(request)
        return self.faces.page(
            request,
            "fragments/refusal.html",
            status_code=409,
            headers={"x-target": "#sheet"},
            sheet=RefusalSheet(findings),
            frame=frame,
        )

    def _warn(self, request: Request, warnings: tuple[Finding, ...], fields: Mapping[str, str]) -> Response:
        kept = {name: value for name, value in fields.items() if name not in ("key", "token", "pin", "reason")}
        return self.faces.page(
            request,
            "fragments/warning.html",
            status_code=409,
            headers={"x-target": "#sheet"},
            findings=warnings,
            action=request.url.path,
            fields=kept,
            frame=self.frame(request),
        )


def reasons(form: Mapping[str, Any]) -> dict[str, str]:
    """The reason that the clerk chose on the warning sheet, for every warning that stood there."""
    chosen = str(form.get("reason", ""))
    return {ANY_WARNING: chosen} if chosen else {}


def _plain(form: FormData) -> dict[str, str]:
    return {name: str(value) for name, value in form.items()}


def _once(request: Request, key: str, form: FormData) -> Once:
    told = sorted((name, str(value)) for name, value in form.multi_items() if name not in ("key", "token"))
    return Once(key, hashlib.sha256(f"{request.url.path} {told}".encode()).hexdigest())


def _said(rule: str, title_zh: str, title_en: str, zh: str, en: str, *steps: Step) -> Finding:
    return Finding(rule, title_zh, title_en, zh, en, {}, steps)


KINDS = {
    "container": ("容器", "container"),
    "pack": ("包材批号", "pack lot"),
    "badge": ("工牌", "badge"),
    "tag": ("号牌", "tag"),
    "label": ("成品标签", "label"),
    "lot": ("原料批号", "source lot"),
    "batch": ("成品批号", "batch number"),
    "unknown": ("无法识别的码", "code that nobody knows"),
    "label of this unit": ("本件的标签", "label of this unit"),
    "component": ("本配方的原料", "component of this formula"),
    "parked unit with tag": ("这件寄存的号牌", "tag of this parked unit"),
}


def explain(no: Exception) -> Finding:
    """A "no" that is no rule's: a device, another kiosk, a wrong code, a screen that was overtaken."""
    if isinstance(no, DeviceTrouble):
        again = Step("处理好后再点一次。", "When that is done, press again.")
        return _said("DEVICE", "设备", "Device", no.zh, no.en, again)
    if isinstance(no, Held):
        return _said(
            "HELD", "正在另一台操作", "At another kiosk", f"这一单正由 {no.staff_id} 在 {no.kiosk} 操作。",
            f"{no.staff_id} works on this at {no.kiosk}.",
            Step("请到那一台继续，或由本人在这里输入密码接手。", "Go on there, or take it over here with a PIN."),
        )  # fmt: skip
    if isinstance(no, Missing):
        wanted, _, read = no.kind.partition(" (this is a ")
        zh, en = KINDS.get(wanted, (wanted, wanted))
        got_zh, got_en = KINDS.get(read.rstrip(")"), ("", ""))
        told_zh = f"这是{got_zh}，这里要扫{zh}。" if got_zh else f"这里没有这个{zh}：{no.key[:40]}。"
        told_en = f"This is a {got_en}; here a {en} is wanted." if got_en else f"No such {en} here: {no.key[:40]}."
        again = Step("请看清标签后再扫一次。", "Look at the code and scan again.")
        return _said("CODE", "扫到了别的", "Wrong code", told_zh, told_en, again)
    if isinstance(no, OutOfStep):
        return _said(
            "STATE", "状态已变", "Already moved on", f"现在不能这样做（当前：{no.state}）。",
            f"Not possible in this state ({no.state}).",
            Step("请刷新屏幕，按当前步骤继续。", "Reload the screen and follow the step that it shows."),
        )  # fmt: skip
    if isinstance(no, InProgress):
        return _said(
            "STATE", "正在处理", "Under way", "上一次点击正在处理，请稍等。", "The last tap is being carried out."
        )
    return _said("INPUT", "输入有误", "Mistake", f"输入有误：{no}", f"Not accepted: {no}")
