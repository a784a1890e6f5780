"""What every JSON route shares: who asks, asked once, and how a "no" travels (RFC 9457 problem details)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any

import structlog
from fastapi import Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.exc import DatabaseError

from store_service.blending.lease import Held
from store_service.equipment.bench import DeviceTrouble
from store_service.people import credentials
from store_service.people.credentials import Signed, WrongPin
from store_service.privacy.vault import Erased
from store_service.records.desk import (
    Actor,
    InProgress,
    KeyReused,
    Missing,
    NeedsReason,
    Once,
    OutOfStep,
    Replayed,
    once,
)
from store_service.rules.refusal import Finding, Refused
from store_service.shop import Shop

log = structlog.get_logger()
TYPE = "https://store-blending.example/problems"
COOKIE = "kiosk"


class SignedOut(Exception):
    """Nobody is signed in: 401."""


class Frozen(Exception):
    """The log does not agree with its signed head, or forked: nothing is written until QA has looked."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


def the_shop(request: Request) -> Shop:
    shop: Shop = request.app.state.shop
    return shop


def signed_in(request: Request) -> Signed:
    """The person of this request, by bearer token or kiosk cookie. Raises SignedOut."""
    shop = the_shop(request)
    bearer = request.headers.get("authorization", "")
    token = bearer.removeprefix("Bearer ").strip() or request.cookies.get(COOKIE, "")
    found = credentials.who(shop.vault, token, shop.desk.now()) if token else None
    if found is None:
        raise SignedOut
    return found


def actor(request: Request) -> Actor:
    found = signed_in(request)
    return Actor(found.staff_id, found.kiosk)


async def asked_once(request: Request, idempotency_key: Annotated[str | None, Header()] = None) -> None:
    """Bind the request's idempotency key to the command that it will call (RECORD.md §3)."""
    frozen = the_shop(request).desk.ledger.frozen
    if frozen is not None and request.method != "GET":
        raise Frozen(*frozen)
    if idempotency_key is None:
        once.set(None)
        return
    if not 8 <= len(idempotency_key) <= 80:
        raise ValueError("Idempotency-Key: 8 to 80 characters")
    body = await request.body()
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()
    once.set(Once(idempotency_key, digest))


FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Body(BaseModel):
    """What a request may bring. A field that nobody asked for is malformed input (422): ignored, it would be lost."""

    model_config = ConfigDict(extra="forbid")


When = Annotated[AwareDatetime, Field(ge=FIRST, le=LAST)]
"""An instant that somebody tells: with its zone, and of this world."""
OnDay = Annotated[date, Field(ge=FIRST.date(), le=LAST.date())]
"""A day that somebody tells, of this world."""
ShopDep = Annotated[Shop, Depends(the_shop)]
ActorDep = Annotated[Actor, Depends(actor)]
SignedDep = Annotated[Signed, Depends(signed_in)]
ONCE = [Depends(asked_once)]


def finding_json(one: Finding) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "title_zh": one.title_zh,
        "title_en": one.title_en,
        "message_zh": one.message_zh,
        "message_en": one.message_en,
        "facts": dict(one.facts),
        "next_steps": [{"zh": step.zh, "en": step.en, "act": step.act} for step in one.next_steps],
    }


def problem(status: int, name: str, title: str, **more: Any) -> JSONResponse:
    body = {"type": f"{TYPE}/{name}", "title": title, "status": status, **more}
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def refusals(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [finding_json(one) for one in findings]


Renderer = Callable[[Shop, str], dict[str, Any]]
RENDERERS: dict[str, Renderer] = {}
"""How the state of a subject is rendered, by its kind: the answer of every command, and of its replay."""


def answer(shop: Shop, kind: str, key: str) -> dict[str, Any]:
    return RENDERERS[kind](shop, key)


def install(app: FastAPI) -> None:
    """Every error of a command has its answer; a stack trace is never one."""

    @app.exception_handler(Refused)
    def _refused(request: Request, no: Refused) -> Response:
        found = no.verdict
        said = {"refusals": refusals(found.refusals), "warnings": refusals(found.warnings)}
        return problem(409, "refused", "不能继续 · Refused", gate=found.gate, **said)

    @app.exception_handler(NeedsReason)
    def _reason(request: Request, no: NeedsReason) -> Response:
        return problem(409, "needs-reason", "需要说明理由 · A reason is needed", gate=no.verdict.gate,
                       warnings=refusals(no.verdict.warnings), second_person=no.waiting)  # fmt: skip

    @app.exception_handler(Replayed)
    def _replayed(request: Request, again: Replayed) -> Response:
        kind, key = next(iter(again.subject.items()), ("none", ""))
        body = answer(the_shop(request), kind, key) if kind in RENDERERS else dict(again.subject)
        return JSONResponse(body, headers={"Idempotent-Replayed": "true"})

    @app.exception_handler(InProgress)
    def _running(request: Request, _: InProgress) -> Response:
        return problem(409, "in-progress", "正在处理，请勿重复提交 · The same request is being carried out")

    @app.exception_handler(OutOfStep)
    def _out_of_step(request: Request, no: OutOfStep) -> Response:
        return problem(
            409, "out-of-step", "现在不能这样做 · Not possible in this state", state=no.state, wanted=no.wanted
        )

    @app.exception_handler(Held)
    def _held(request: Request, no: Held) -> Response:
        return problem(409, "held", "正由另一位店员操作 · Another kiosk holds this", unit=no.unit_id, by=no.staff_id,
                       kiosk=no.kiosk)  # fmt: skip

    @app.exception_handler(DeviceTrouble)
    def _trouble(request: Request, no: DeviceTrouble) -> Response:
        return problem(503, "device", no.en, device=no.device, fault=no.fault, message_zh=no.zh, message_en=no.en)

    @app.exception_handler(Missing)
    def _missing(request: Request, no: Missing) -> Response:
        return problem(404, "missing", "没有找到 · Not found", kind=no.kind, key=no.key[:80])

    @app.exception_handler(SignedOut)
    def _signed_out(request: Request, _: SignedOut) -> Response:
        return problem(401, "signed-out", "请先登录 · Sign in first")

    @app.exception_handler(WrongPin)
    def _wrong(request: Request, no: WrongPin) -> Response:
        return problem(401, "wrong-pin", "工牌或密码不对 · Badge or PIN is wrong", tries_left=no.left)

    @app.exception_handler(KeyReused)
    def _reused(request: Request, _: KeyReused) -> Response:
        return problem(
            422, "key-reused", "同一个提交编号用于另一个请求 · This idempotency key belongs to another request"
        )

    @app.exception_handler(Frozen)
    def _frozen(request: Request, no: Frozen) -> Response:
        return problem(503, "frozen", no.en, message_zh=no.zh, message_en=no.en)

    @app.exception_handler(ValueError)
    def _malformed(request: Request, no: ValueError) -> Response:
        field, colon, words = str(no).partition(": ")
        fields = [{"field": field if colon else "body", "message": words or field}]
        return problem(422, "malformed", "输入有误 · Malformed input", fields=fields)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, no: RequestValidationError) -> Response:
        fields = [
            {"field": ".".join(str(part) for part in one["loc"] if part != "body") or "body", "message": one["msg"]}
            for one in no.errors()
        ]
        return problem(422, "malformed", "输入有误 · Malformed input", fields=fields)

    @app.exception_handler(Erased)
    def _erased(request: Request, _: Erased) -> Response:
        return problem(410, "erased", "个人信息已按要求删除 · The personal data was erased on request")

    @app.exception_handler(DatabaseError)
    def _database(request: Request, no: DatabaseError) -> Response:
        log.error("database", error=str(no.orig))
        return problem(
            507, "storage", "无法写入记录：请检查磁盘空间，然后重试 · The record cannot be written: check the disk"
        )
