"""For the registrant's quality people and their systems: read everything, stop a lot, look at the fleet (protocol §6).

A reader's token reads. An admin's token names a person; what takes two persons takes both their tokens.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from store_service.catalogue.commands import NotTwoPersons
from store_service.records.desk import Missing
from store_service.records.event import rfc3339

from . import board
from .answers import Answer, json_answer, problem
from .commands import free, hold, lift_freeze
from .doors import Bearer, Limit, Second, Start, respond, token_of
from .feed import ranges
from .hub import Hub, token_digest
from .reads import mirrored_checkpoint, page


class HoldAsked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    product_id: str = Field(min_length=1, max_length=80)
    lot_no: str = Field(min_length=1, max_length=80)
    reason: str = Field(min_length=1, max_length=500)


def _holder(authorization: str, tokens: dict[str, str]) -> str | None:
    return tokens.get(token_digest(token_of(authorization)))


def _done(command: Callable[[], None]) -> Response:
    try:
        command()
    except Missing as missing:
        return respond(problem(404, "unknown", str(missing)))
    except NotTwoPersons as one:
        return respond(problem(409, "two-persons", str(one)))
    return Response(status_code=204)


def _plain(found: Any) -> dict[str, Any]:
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in asdict(found).items()}


def qa_router(hub: Hub) -> APIRouter:
    """`/api/v1/qa/…` for readers, `/api/v1/hub/…` for admins."""
    router = APIRouter(prefix="/api/v1")
    admins = dict(hub.admins)
    readers = admins | dict(hub.readers)
    no_token = problem(401, "unauthorised", "no token, or an unknown one")

    def readable(store: str, authorization: str) -> Answer | None:
        if _holder(authorization, readers) is None:
            return no_token
        return None if hub.by_store(store) is not None else problem(404, "unknown", f"no shop {store[:40]}")

    @router.get("/qa/entries", tags=["qa"])
    def entries(store: str, start: Start = 0, limit: Limit = 1000, authorization: Bearer = "") -> Response:
        return respond(readable(store, authorization) or json_answer(page(hub, store, start, limit)))

    @router.get("/qa/entries.jsonl", tags=["qa"])
    def entries_jsonl(store: str, start: Start = 0, limit: Limit = 1000, authorization: Bearer = "") -> Response:
        refused = readable(store, authorization)
        if refused is not None:
            return respond(refused)
        found: Any = page(hub, store, start, limit)["entries"]
        return Response("".join(json.dumps(row) + "\n" for row in found), media_type="application/jsonl")

    @router.get("/qa/entries.csv", tags=["qa"])
    def entries_csv(store: str, start: Start = 0, limit: Limit = 1000, authorization: Bearer = "") -> Response:
        refused = readable(store, authorization)
        if refused is not None:
            return respond(refused)
        found: Any = page(hub, store, start, limit)["entries"]
        text = io.StringIO()
        writer = csv.DictWriter(text, ["idx", "entry"], lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(found)
        return Response(text.getvalue(), media_type="text/csv")

    @router.get("/qa/checkpoint", tags=["qa"])
    def checkpoint(store: str, authorization: Bearer = "") -> Response:
        return respond(readable(store, authorization) or mirrored_checkpoint(hub, store))

    @router.get("/qa/feed", tags=["qa"])
    def feed(
        after: Annotated[int, Query(ge=0, lt=2**53)] = 0, limit: Limit = 1000, authorization: Bearer = ""
    ) -> Response:
        if _holder(authorization, readers) is None:
            return respond(no_token)
        with hub.database.read() as connection:
            found = ranges(connection, after, limit)
        following = found[-1].hub_seq if found else after
        return respond(json_answer({"ranges": [_plain(one) for one in found], "next": following}))

    @router.get("/qa/shops", tags=["qa"])
    def shops(authorization: Bearer = "") -> Response:
        if _holder(authorization, readers) is None:
            return respond(no_token)
        found = {"shops": [_plain(one) for one in board.shops(hub)], "alarms": [_plain(a) for a in board.alarms(hub)]}
        return respond(json_answer(found))

    @router.post("/hub/holds", tags=["hub"])
    def post_hold(asked: HoldAsked, authorization: Bearer = "") -> Response:
        by = _holder(authorization, admins)
        if by is None:
            return respond(no_token)
        return _done(lambda: hold(hub, asked.product_id, asked.lot_no, reason=asked.reason, by=by))

    @router.post("/hub/holds/free", tags=["hub"])
    def free_hold(asked: HoldAsked, authorization: Bearer = "", second_authorization: Second = "") -> Response:
        by, second = _holder(authorization, admins), _holder(second_authorization, admins)
        if by is None or second is None:
            return respond(no_token)
        return _done(lambda: free(hub, asked.product_id, asked.lot_no, reason=asked.reason, by=by, second=second))

    @router.post("/hub/shops/{store_id}/lift", tags=["hub"])
    def lift(store_id: str, authorization: Bearer = "", second_authorization: Second = "") -> Response:
        by, second = _holder(authorization, admins), _holder(second_authorization, admins)
        if by is None or second is None:
            return respond(no_token)
        return _done(lambda: lift_freeze(hub, store_id, by=by, second=second))

    return router
