"""Units for a registrant's programs, the same in a shop and at head office: only who may ask differs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from store_service.records.desk import Missing

from .queries import Filters, units_page
from .record import unit_file
from .tables import CSV, JSONL, UNIT_COLUMNS, csv_text, jsonl_text, unit_json

MISSING = "https://store-blending.example/problems/missing"
Bearer = Annotated[str, Header(alias="Authorization")]
Limit = Annotated[int, Query(ge=1, le=1000)]
After = Annotated[int | None, Query(ge=0, lt=2**53)]
Short = Annotated[str, Query(max_length=80)]
Read = Callable[[], AbstractContextManager[Connection]]
AskedSite = Callable[[str, str | None], "str | Response"]
"""(Authorization header, `store` as asked) → the shop to read, or the answer that refuses."""


def units_router(read: Read, asked_site: AskedSite) -> APIRouter:
    """`/units`, `/units.csv`, `/units.jsonl` and `/units/{batch}`, to be put under `/api/v1/qa`."""
    router = APIRouter()

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
            site = asked_site(authorization, store)
            if isinstance(site, Response):
                return site
            states = tuple(filter(None, state.split(",")))
            filters = Filters(batch, product, lot, clerk, states, day_from, day_to, exceptions)
            with read() as connection:
                page = units_page(connection, site, filters, after=after, limit=limit, order=by)
            return render({"units": [unit_json(row) for row in page.rows], "next": page.next})

    units_route("/units", JSONResponse)
    units_route("/units.csv", lambda found: Response(csv_text(UNIT_COLUMNS, found["units"]), media_type=CSV))
    units_route("/units.jsonl", lambda found: Response(jsonl_text(found["units"]), media_type=JSONL))

    @router.get("/units/{batch}")
    def get_unit(batch: str, store: str | None = None, authorization: Bearer = "") -> Response:
        """A unit's whole file: record, doses with raw frames, labels, deviations, its log entries and its seal."""
        site = asked_site(authorization, store)
        if isinstance(site, Response):
            return site
        with read() as connection:
            try:
                return JSONResponse(unit_file(connection, site, batch))
            except Missing:
                said = {"type": MISSING, "title": "没有找到 · Not found", "status": 404, "key": batch[:80]}
                return JSONResponse(said, 404, media_type="application/problem+json")

    return router
