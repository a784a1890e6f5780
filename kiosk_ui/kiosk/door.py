"""What every kiosk route shares: who stands there, the frame around a screen, and how a "no" is shown."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from kiosk_ui.models import Frame, Offer, RefusalSheet, SimCode, Words
from kiosk_ui.render import Faces
from kiosk_ui.words import language_of
from store_service.demo.time import shifted
from store_service.http import COOKIE
from store_service.line import Line
from store_service.people import credentials
from store_service.people.credentials import Signed
from store_service.records.desk import ANY_WARNING, Actor, NeedsReason, Once, Replayed, once
from store_service.rules.refusal import Finding, Refused
from store_service.shop import Shop

from .codes import shelf_codes
from .explain import EXPLAINED, explain, said
from .touches import Touches
from .ways import Where, second_place, way_of

PIN_AGAIN = timedelta(minutes=10)
SIGNER_HOLDS = timedelta(minutes=2)


class NotSignedIn(Exception):
    """The kiosk has nobody: the screen to show is the sign-in."""


@dataclass
class Kiosk:
    """`scans` holds what was scanned and is not yet part of an act: the cup's pack, the cup at a resume.

    `touched` is when each session was last touched; `wiped` the services whose answers left the screen: they are not
    shown again.
    """

    shop: Shop
    line: Line
    faces: Faces
    scans: dict[tuple[str, str], str] = field(default_factory=dict)
    signers: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)
    repeats: dict[str, list[int]] = field(default_factory=dict)
    receipts: dict[str, dict[str, str]] = field(default_factory=dict)
    supplies: dict[str, dict[str, str]] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    touched: dict[str, datetime] = field(default_factory=dict)
    wiped: set[str] = field(default_factory=set)
    touches: Touches = field(default_factory=Touches)
    keep: threading.Lock = field(default_factory=threading.Lock)

    def token(self, request: Request) -> str:
        return request.cookies.get(COOKIE, "")

    def who(self, request: Request) -> Signed | None:
        """Who is signed in here; nobody after ten minutes without a touch. A live stream is no touch, and never ends
        because nobody touches the screen of a unit that is being dosed."""
        token, now = self.token(request), self.shop.desk.now()
        found = credentials.who(self.shop.vault, token, now) if token else None
        if found is None or request.url.path.startswith("/kiosk/live/"):
            return found
        with self.keep:
            if now - self.touched.setdefault(token, now) > PIN_AGAIN:
                return None
            self.touched[token] = now
        return found

    def leave(self, request: Request) -> None:
        """Nobody is signed in here any more."""
        credentials.close_session(self.shop.vault, self.token(request))
        self.touched.pop(self.token(request), None)

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
            clock_shifted=shifted(shop.desk.ledger.clock),
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
        offers: Callable[[], Sequence[Offer]] = tuple,
    ) -> Response:
        """Carry out one command and show where it leads; a "no" comes as a sheet over the screen that asked, with
        `offers` of what would pass instead."""
        form = await request.form()
        if not hmac.compare_digest(str(form.get("token", "")), self.form_token(request)):
            return self.lead(request, "/kiosk", show)
        return await run_in_threadpool(self._carry_out, request, form, work, then, show, offers)

    def _carry_out(
        self,
        request: Request,
        form: FormData,
        work: Callable[[Actor], object],
        then: Callable[[Request], str],
        show: Callable[[Request, str], Response],
        offers: Callable[[], Sequence[Offer]],
    ) -> Response:
        frozen = self.shop.desk.ledger.frozen
        if frozen is not None:
            return self.sheet(request, (said("R-REC-05", "记录簿已锁定", "Records locked", *frozen),))
        try:
            return self.lead(request, self._led(request, form, work, then), show)
        except NotSignedIn:
            return self.lead(request, sign_in_place(request), show)
        except Refused as no:
            return self.sheet(request, no.verdict.refusals, tuple(offers()))
        except NeedsReason as no:
            return self._warn(request, no, form)
        except EXPLAINED as no:
            return self.sheet(request, (explain(no),))

    def _led(
        self, request: Request, form: FormData, work: Callable[[Actor], object], then: Callable[[Request], str]
    ) -> str:
        """Carry the act out, unless this touch was carried out before; the place where it leads."""
        actor, key = self.actor(request), str(form.get("key", ""))
        touch = _once(request, key, form) if len(key) >= 8 else None

        def carry_out() -> str:
            once.set(touch)
            try:
                work(actor)
            except Replayed:
                pass
            finally:
                once.set(None)
            return then(request)

        return self.touches.once(self.token(request), touch, carry_out) if touch else carry_out()

    def lead(self, request: Request, place: str, show: Callable[[Request, str], Response]) -> Response:
        """To `place`: as a fragment when the kiosk is there already, else as a new page."""
        if "x-swap" not in request.headers:
            return RedirectResponse(place, 303)
        here = urlsplit(request.headers.get("referer", "")).path
        if here == place:
            answer = show(request, place)
            if answer.status_code == 303:
                return leave_for(answer.headers["location"])
            answer.headers["x-target"] = "#screen"
            return answer
        return leave_for(place)

    def sheet(self, request: Request, findings: tuple[Finding, ...], offers: tuple[Offer, ...] = ()) -> Response:
        return self.faces.page(
            request,
            "fragments/refusal.html",
            status_code=409,
            headers={"x-target": "#sheet"},
            sheet=RefusalSheet(findings, way_of(findings, self.where(request)), offers),
            frame=self.frame(request),
        )

    def where(self, request: Request) -> Where:
        """The screen below: its path, and the service and unit that the path names."""
        return Where(urlsplit(request.headers.get("referer", "")).path or "/kiosk", *self._subject(request.url.path))

    def _subject(self, path: str) -> tuple[str | None, str | None]:
        parts = path.split("/")
        if len(parts) < 4 or parts[1] != "kiosk":
            return None, None
        if parts[2] == "service":
            return parts[3], None
        return None, parts[3] if parts[2] == "unit" else None

    def _warn(self, request: Request, no: NeedsReason, form: FormData) -> Response:
        kept = [(name, value) for name, value in without_secrets(form) if name != "reason"]
        return self.faces.page(
            request,
            "fragments/warning.html",
            status_code=409,
            headers={"x-target": "#sheet"},
            findings=no.verdict.warnings,
            waiting=[second_place(subject, rule, self.where(request).path) for rule, subject in no.waiting.items()],
            action=request.url.path,
            fields=kept,
            frame=self.frame(request),
        )


def without_secrets(form: FormData) -> list[tuple[str, str]]:
    """A form's fields as they may be shown again: without a second person's badge and PIN, and without what is ours."""
    secret = ("pin", "badge", "token", "key")
    return [(name, str(value)) for name, value in form.multi_items() if name not in secret]


def leave_for(place: str) -> Response:
    """The kit goes to another screen."""
    return Response(headers={"x-location": place, "content-type": "text/html; charset=utf-8"})


def sign_in_place(request: Request) -> str:
    """The sign-in that comes back to the screen where the PIN was asked for."""
    here = request.url.path if request.method == "GET" else urlsplit(request.headers.get("referer", "")).path
    return f"/kiosk/sign-in?back={here}" if here.startswith("/kiosk/") else "/kiosk/sign-in"


def reasons(form: Mapping[str, Any]) -> dict[str, str]:
    """The reason that the clerk chose on the warning sheet, for every warning that stood there."""
    chosen = str(form.get("reason", ""))
    return {ANY_WARNING: chosen} if chosen else {}


def once_of(request: Request, form: FormData) -> Once | None:
    """The idempotency key of a plain form, where it carries one."""
    key = str(form.get("key", ""))
    return _once(request, key, form) if len(key) >= 8 else None


def _once(request: Request, key: str, form: FormData) -> Once:
    told = sorted((name, str(value)) for name, value in form.multi_items() if name not in ("key", "token"))
    return Once(key, hashlib.sha256(f"{request.url.path} {told}".encode()).hexdigest())
