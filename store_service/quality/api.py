"""The QA pull (DESIGN.md §5): the log entry by entry, exact and resumable, and units with filters. It only reads.

Head office offers the same shapes for all its shops; here `store` may be left out or must be this shop.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from store_service.http import problem
from store_service.records.desk import Desk
from store_service.sync.log import own_head
from store_service.sync.pages import entries_page

from .tables import CSV, JSONL, csv_text, jsonl_text
from .units_api import Bearer, Limit, units_router

Start = Annotated[int, Query(alias="from", ge=0, lt=2**53)]


def qa_router(desk: Desk, token: str) -> APIRouter:
    """`/api/v1/qa/…` for holders of the shop's read-only token."""
    router = APIRouter(prefix="/api/v1/qa", tags=["qa"])

    def asked_site(authorization: str, store: str | None) -> str | Response:
        scheme, _, offered = authorization.partition(" ")
        if scheme.lower() != "bearer" or not secrets.compare_digest(offered.strip().encode(), token.encode()):
            return problem(401, "unauthorised", "no token, or an unknown one")
        if store not in (None, desk.site_id):
            return problem(404, "unknown", f"no shop {(store or '')[:40]}")
        return desk.site_id

    def entries(store: str | None, start: int, limit: int, authorization: str) -> dict[str, Any] | Response:
        site = asked_site(authorization, store)
        if isinstance(site, Response):
            return site
        with desk.read() as connection:
            return entries_page(connection, site, own_head(connection, site).size, start, limit)

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

    router.include_router(units_router(desk.read, asked_site))
    return router
