"""The QA pull (DESIGN.md §5): the log entry by entry, exact and resumable, and units with filters. It only reads.

Head office offers the same shapes for all its shops; here `store` may be left out or must be this shop.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse

from store_service.http import problem
from store_service.records.desk import Desk, Missing
from store_service.sync.log import own_head
from store_service.sync.pages import entries_page

from .queries import Filters, units_page
from .record import unit_file
from .tables import CSV, JSONL, UNIT_COLUMNS, csv_text, jsonl_text, unit_json

Bearer = Annotated[str, Header(alias="Authorization")]
Start = Annotated[int, Query(alias="from", ge=0, lt=2**53)]
Limit = Annotated[int, Query(ge=1, le=1000)]
After = Annotated[int | None, Query(ge=0, lt=2**53)]
Short = Annotated[str, Query(max_length=80)]


def qa_router(desk: Desk, token: str) -> APIRouter:
    """`/api/v1/qa/…` for holders of the shop's read-only token."""
    router = APIRouter(prefix="/api/v1/qa", tags=["qa"])

    def refused(authorization: str, store: str | None) -> Response | None:
        scheme, _, offered = authorization.partition(" ")
        if scheme.lower() != "bearer" or not secrets.compare_digest(offered.strip().encode(), token.encode()):
            return problem(401, "unauthorised", "no token, or an unknown one")
        if store not in (None, desk.site_id):
            return problem(404, "unknown", f"no shop {(store or '')[:40]}")
        return None

    def entries(store: str | None, start: int, limit: int, authorization: str) -> dict[str, Any] | Response:
        no = refused(authorization, store)
        if no is not None:
            return no
        with desk.read() as connection:
            return entries_page(connection, desk.site_id, own_head(connection, desk.site_id).size, start, limit)

    @router.get("/entries")
    def get_entries(store: str | None = None, start: Start = 0, limit: Limit = 1000, authorization: Bearer = "") -> Any:
        """Entries from an index on, as they were hashed, in base64; `next` is where to go on, null at the end."""
        return entries(store, start, limit, authorization)

    @router.get("/entries.jsonl")
    def get_entries_jsonl(
        store: str | None = None, start: Start = 0, limit: Limit = 1000, authorization: Bearer = ""
    ) -> Response:
        found = entries(store, start, limit, authorization)
        return found if isinstance(found, Response) else Response(jsonl_text(found["entries"]), media_type=JSONL)

    @router.get("/entries.csv")
    def get_entries_csv(
        store: str | None = None, start: Start = 0, limit: Limit = 1000, authorization: Bearer = ""
    ) -> Response:
        found = entries(store, start, limit, authorization)
        if isinstance(found, Response):
            return found
        return Response(csv_text(("idx", "entry"), found["entries"]), media_type=CSV)

    def units_route(path: str, render: Callable[[dict[str, Any]], Response]) -> None:
        @router.get(path)
        def get_units(
            store: str | None = None,
            after: After = None,
            limit: Limit = 200,
            by: Literal["planned", "released"] = "planned",
            batch: Short = "",
            product: Short = "",
            lot: Short = "",
            state: Annotated[str, Query(description="one or several, with commas", max_length=200)] = "",
            day_from: Annotated[date | None, Query(alias="from")] = None,
            day_to: Annotated[date | None, Query(alias="to")] = None,
            clerk: Short = "",
            exceptions: bool = False,
            authorization: Bearer = "",
        ) -> Response:
            """Units after a cursor. `by=released`: each once, in the order of release; `by=planned`: all of them."""
            no = refused(authorization, store)
            if no is not None:
                return no
            states = tuple(filter(None, state.split(",")))
            filters = Filters(batch, product, lot, clerk, states, day_from, day_to, exceptions)
            with desk.read() as connection:
                page = units_page(connection, desk.site_id, filters, after=after, limit=limit, order=by)
            return render({"units": [unit_json(row) for row in page.rows], "next": page.next})

    units_route("/units", JSONResponse)
    units_route("/units.csv", lambda found: Response(csv_text(UNIT_COLUMNS, found["units"]), media_type=CSV))
    units_route("/units.jsonl", lambda found: Response(jsonl_text(found["units"]), media_type=JSONL))

    @router.get("/units/{batch}")
    def get_unit(batch: str, authorization: Bearer = "") -> Response:
        """A unit's whole file: record, doses with raw frames, labels, deviations, its log entries and its seal."""
        no = refused(authorization, None)
        if no is not None:
            return no
        with desk.read() as connection:
            try:
                return JSONResponse(unit_file(connection, desk.site_id, batch))
            except Missing:
                return problem(404, "missing", "没有找到 · Not found", kind="batch", key=batch[:80])

    return router
