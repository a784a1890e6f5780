"""`/qa`: the registrant's quality people look at one shop. A token opens it; nothing here writes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy import Connection

from store_service.quality.queries import Filters, UnitRow, count_units, units_page
from store_service.quality.record import label_bitmap, unit_file
from store_service.quality.tables import CSV, JSONL, UNIT_COLUMNS, csv_text, jsonl_text, unit_json
from store_service.records.desk import Desk, Missing

from .qa_views import WORDS, accepted, deviations, pictures, sources, typed_filters, unit_view, units_view
from .record_paper import on_paper
from .render import SHOP_HEADERS, Faces

COOKIE = "qa"
A_PAGE = 50
A_FILE = 10_000
STATES = (
    "started", "cup", "dosing", "stopped", "parked", "dosed", "checked", "signed", "printed", "verified", "released",
    "handed_over", "discarded", "returned", "recalled",
)  # fmt: skip


class QaDoor:
    """Who may read. `token` is the one of the QA pull; the cookie carries its digest, so that no page gives it away."""

    def __init__(self, desk: Desk, faces: Faces, token: str) -> None:
        self._desk, self._faces, self._token = desk, faces, token
        self.pass_word = hashlib.sha256(f"qa-face:{token}".encode()).hexdigest()

    def opens(self, given: str) -> bool:
        return secrets.compare_digest(given.strip().encode(), self._token.encode())

    def ask(self, request: Request, *, wrong: bool = False) -> HTMLResponse:
        return self._faces.page(request, "qa/enter.html", status_code=401, words=WORDS, wrong=wrong)

    def guarded(self, request: Request, act: Callable[[Connection], Response]) -> Response:
        if not secrets.compare_digest(request.cookies.get(COOKIE, "").encode(), self.pass_word.encode()):
            return self.ask(request)
        with self._desk.read() as connection:
            try:
                return act(connection)
            except Missing:
                return HTMLResponse("没有找到 · Not found", 404, SHOP_HEADERS)


def qa_face(desk: Desk, faces: Faces, door: QaDoor) -> APIRouter:
    """The pages of the units."""
    router = APIRouter(include_in_schema=False)
    states = tuple(state for state in STATES if faces.book.has(f"state.{state}"))
    guarded = door.guarded

    def filters(query: Mapping[str, str]) -> Filters:
        typed = typed_filters(query)
        return Filters(
            batch=typed.batch.strip(),
            product=typed.product.strip(),
            lot=typed.lot.strip(),
            staff=typed.staff.strip(),
            states=(typed.state,) if typed.state in states else states,
            day_from=_day(typed.day_from),
            day_to=_day(typed.day_to),
            exceptions=typed.exceptions,
        )

    def rows(connection: Connection, query: Mapping[str, str]) -> list[dict[str, Any]]:
        page = units_page(connection, desk.site_id, filters(query), after=None, limit=A_FILE, order="newest")
        return [unit_json(row) for row in page.rows]

    def the_unit(connection: Connection, batch: str) -> tuple[dict[str, Any], UnitRow]:
        file = unit_file(connection, desk.site_id, batch)
        page = units_page(connection, desk.site_id, Filters(batch=batch), after=None, limit=1)
        return file, page.rows[0]

    @router.post("/qa/token")
    def enter(request: Request, given: Annotated[str, Form(alias="token", max_length=200)] = "") -> Response:
        if not door.opens(given):
            return door.ask(request, wrong=True)
        answer = RedirectResponse("/qa", 303)
        answer.set_cookie(COOKIE, door.pass_word, path="/qa", httponly=True, samesite="strict")
        return answer

    @router.post("/qa/leave")
    def leave() -> Response:
        answer = RedirectResponse("/qa", 303)
        answer.delete_cookie(COOKIE, path="/qa")
        return answer

    @router.get("/qa")
    def units(request: Request) -> Response:
        query = dict(request.query_params)

        def show(connection: Connection) -> Response:
            asked, after = filters(query), query.get("after", "")
            cursor = int(after) if after.isascii() and after.isdigit() and len(after) < 16 else None
            page = units_page(connection, desk.site_id, asked, after=cursor, limit=A_PAGE, order="newest")
            total = count_units(connection, desk.site_id, asked)
            return faces.page(
                request, "qa/units.html", list=units_view(page, total, typed_filters(query), query, states)
            )

        return guarded(request, show)

    @router.get("/qa/units.csv")
    def units_csv(request: Request) -> Response:
        query = dict(request.query_params)
        return guarded(
            request, lambda connection: _table(csv_text(UNIT_COLUMNS, rows(connection, query)), CSV, "units.csv")
        )

    @router.get("/qa/units.jsonl")
    def units_jsonl(request: Request) -> Response:
        query = dict(request.query_params)
        return guarded(request, lambda connection: _table(jsonl_text(rows(connection, query)), JSONL, "units.jsonl"))

    @router.get("/qa/units/{batch}.json")
    def unit_json_file(request: Request, batch: str) -> Response:
        return guarded(
            request, lambda connection: JSONResponse(unit_file(connection, desk.site_id, batch), headers=SHOP_HEADERS)
        )

    @router.get("/qa/units/{batch}.pdf")
    def unit_pdf(request: Request, batch: str) -> Response:
        def show(connection: Connection) -> Response:
            file = unit_file(connection, desk.site_id, batch)
            if file["record"] is None:
                raise Missing("record", batch)
            drawn = on_paper(file["record"], file["unit"]["record_sha256"], desk.ruleset)
            headers = {**SHOP_HEADERS, "content-disposition": f'inline; filename="{file["unit"]["batch"]}.pdf"'}
            return Response(drawn, media_type="application/pdf", headers=headers)

        return guarded(request, show)

    @router.get("/qa/units/{batch}")
    def unit(request: Request, batch: str) -> Response:
        def show(connection: Connection) -> Response:
            file, row = the_unit(connection, batch)
            if file["unit"]["state"] not in states:
                return RedirectResponse(f"/qa/units/{row.batch}.json", 303)
            return faces.page(
                request,
                "qa/unit_file.html",
                unit=unit_view(file, row),
                deviations=deviations(file),
                accepted=accepted(file),
                pictures=pictures(file),
                sources=sources(file),
                words=WORDS,
            )

        return guarded(request, show)

    @router.get("/qa/labels/{sha256}")
    def label(request: Request, sha256: str) -> Response:
        def show(connection: Connection) -> Response:
            body = label_bitmap(connection, desk.site_id, sha256)
            return Response(body, media_type="image/png", headers={**SHOP_HEADERS, "cache-control": "private"})

        return guarded(request, show)

    return router


def _day(text: str) -> date | None:
    """A date as typed; what is no date filters nothing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _table(body: str, media: str, name: str) -> Response:
    headers = {**SHOP_HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=media, headers=headers)
