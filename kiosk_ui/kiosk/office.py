"""The officer's desk: what comes after the sale, on plain pages that need no script. Reading needs a sign-in, signing
for a second person a badge and a PIN; a "no" stands above the page that asked."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection
from starlette.datastructures import FormData

from kiosk_ui.models.office import FormView, Office, Opened, Table
from kiosk_ui.render import SHOP_CSP, SHOP_HEADERS
from kiosk_ui.words import language_of
from store_service.people.commands import second_person
from store_service.records.desk import ANY_WARNING, Actor, NeedsReason, Replayed, once
from store_service.rules.refusal import Finding, Refused
from store_service.shop import Shop

from .door import Kiosk, once_of, without_secrets
from .explain import EXPLAINED, explain, said

PICTURED = f"{SHOP_CSP}; img-src 'self' data:"
"""A kept picture stands in the page itself: there is no address at which it could be fetched again."""


class Told(NamedTuple):
    """A form as it came."""

    fields: FormData

    def __call__(self, name: str) -> str:
        return str(self.fields.get(name, "")).strip()[:600]

    def many(self, name: str) -> tuple[str, ...]:
        return tuple(str(one)[:40] for one in self.fields.getlist(name))

    @property
    def reasons(self) -> dict[str, str]:
        return {ANY_WARNING: self("late_reason")} if self("late_reason") else {}

    def second(self, shop: Shop) -> str | None:
        """Who signs beside the person at the screen, None where nobody did. Raises WrongPin, Refused."""
        return second_person(shop.desk, shop.vault, self("badge"), self("pin")) if self("badge") else None


@dataclass(frozen=True, slots=True)
class Given:
    """The opened records as one page that stands alone: the file that the person takes home."""

    name: str
    opened: tuple[Opened, ...]


Answer = Response | Given | tuple[Opened, ...] | None
"""A file to take away, records that were opened, or nothing more to say."""
Act = Callable[[Shop, Actor, Told], Answer]


@dataclass(frozen=True, slots=True)
class Page:
    """`show` gives tables and forms as the shop stands; `acts` carry the forms out."""

    show: Callable[[Shop, Connection], tuple[tuple[Table, ...], tuple[FormView, ...]]]
    acts: Mapping[str, Act]


def _kept(typed: FormData | None) -> dict[str, tuple[str, ...]]:
    """What a refused form is shown again with."""
    kept: dict[str, tuple[str, ...]] = {}
    for name, value in without_secrets(typed) if typed else ():
        kept[name] = (*kept.get(name, ()), value)
    return kept


def router(kiosk: Kiosk, pages: Mapping[str, Page]) -> APIRouter:
    """`/kiosk/office/{page}` and the forms below it."""
    door, shop = APIRouter(), kiosk.shop

    def draw(
        request: Request,
        name: str,
        *,
        findings: tuple[Finding, ...] = (),
        opened: tuple[Opened, ...] = (),
        act: str = "",
        typed: FormData | None = None,
    ) -> Response:
        with shop.desk.read() as connection:
            tables, forms = pages[name].show(shop, connection)
        done = request.method == "GET" and "done" in request.query_params
        office = Office(name, tuple(pages), tables, forms, opened, done, kiosk.form_token(request), act, _kept(typed))
        status = 409 if findings else 200
        headers = {"content-security-policy": PICTURED} if any(one.picture for one in opened) else {}
        return kiosk.faces.page(
            request, "qa/office.html", status_code=status, headers=headers, office=office, findings=findings
        )

    def give(request: Request, given: Given) -> Response:
        headers = {**SHOP_HEADERS, "content-disposition": f'attachment; filename="{given.name}.html"'}
        told = kiosk.faces.html(language_of(request), "qa/given.html", opened=given.opened, shop=shop.settings.shop)
        return HTMLResponse(told, headers=headers)

    @door.get("/kiosk/office")
    def first(request: Request) -> Response:
        kiosk.signed(request)
        return RedirectResponse(f"/kiosk/office/{next(iter(pages))}", 303)

    @door.get("/kiosk/office/{name}")
    def page(request: Request, name: str) -> Response:
        kiosk.signed(request)
        return draw(request, name) if name in pages else RedirectResponse("/kiosk/office", 303)

    def carry_out(request: Request, name: str, act: str, form: FormData) -> Response:
        actor = kiosk.actor(request)
        frozen = shop.desk.ledger.frozen

        def no(*findings: Finding) -> Response:
            return draw(request, name, findings=findings, act=act, typed=form)

        if frozen is not None:
            return no(said("R-REC-05", "记录簿已锁定", "Records locked", *frozen))
        once.set(once_of(request, form))
        try:
            answer = pages[name].acts[act](shop, actor, Told(form))
        except Replayed:
            answer = None
        except Refused as refused:
            return no(*refused.verdict.refusals)
        except NeedsReason as wanting:
            return no(*wanting.verdict.warnings)
        except EXPLAINED as problem:
            return no(explain(problem))
        finally:
            once.set(None)
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, Given):
            return give(request, answer)
        if answer:
            return draw(request, name, opened=answer)
        return RedirectResponse(f"/kiosk/office/{name}?done=1", 303)

    @door.post("/kiosk/office/{name}/{act}")
    async def post(request: Request, name: str, act: str) -> Response:
        form = await request.form()
        known = name in pages and act in pages[name].acts
        if not known or not hmac.compare_digest(str(form.get("token", "")), kiosk.form_token(request)):
            return RedirectResponse("/kiosk/office", 303)
        return await run_in_threadpool(carry_out, request, name, act, form)

    return door
