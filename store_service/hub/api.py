"""Head office's routes under /api/v1. Handlers are plain functions: they run in the thread pool and commit inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from .answers import Answer, problem
from .doors import Bearer, Limit, Start, respond, token_of
from .hub import Enrolled, Hub
from .mirror import MAX_BODY, TooLarge, add_entries, inflate
from .qa_api import qa_router
from .reads import entries, get_blob, mirrored_checkpoint, missing_blobs, put_blob
from .registers_api import registers_router
from .seconds import notes
from .seconds_api import seconds_router
from .snapshots import Registry
from .witness import add_checkpoint


class _Body:
    """A request body read with a limit; `content` is None when it was too large."""

    def __init__(self, content: bytes | None, encoding: str, media: str) -> None:
        self.content, self.encoding, self.media = content, encoding, media


async def _read(request: Request) -> _Body:
    received = bytearray()
    headers = request.headers
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY:
            return _Body(None, "", "")
    return _Body(bytes(received), headers.get("content-encoding", ""), headers.get("content-type", ""))


Body = Annotated[_Body, Depends(_read)]


def routers(hub: Hub) -> list[APIRouter]:
    """Every route that head office's application includes; the application adds the faces."""
    return [sync_router(hub), qa_router(hub), registers_router(hub), seconds_router(hub)]


def sync_router(hub: Hub) -> APIRouter:
    """What shops ask (docs/protocol.md §4, §5)."""
    router = APIRouter(prefix="/api/v1/sync", tags=["sync"])
    registry = Registry(hub)

    def shop_asks(authorization: str, act: Callable[[Enrolled], Answer]) -> Response:
        shop = hub.shop(token_of(authorization))
        if shop is None:
            return respond(problem(401, "unauthorised", "no token, or an unknown one"))
        return respond(act(shop))

    def with_body(authorization: str, body: _Body, act: Callable[[Enrolled, bytes], Answer]) -> Response:
        content = body.content
        if content is None:
            return shop_asks(authorization, lambda shop: problem(413, "too-large", f"at most {MAX_BODY} bytes"))
        return shop_asks(authorization, lambda shop: act(shop, content))

    @router.post("/add-checkpoint")
    def post_checkpoint(body: Body, authorization: Bearer = "") -> Response:
        return with_body(authorization, body, lambda shop, content: add_checkpoint(hub, shop, content))

    @router.post("/add-entries")
    def post_entries(body: Body, authorization: Bearer = "") -> Response:
        def take(shop: Enrolled, content: bytes) -> Answer:
            try:
                whole = inflate(content) if body.encoding == "gzip" else content
            except TooLarge:
                return problem(413, "too-large", f"at most {MAX_BODY} bytes after decompression")
            except ValueError as error:
                return problem(400, "malformed", str(error))
            return add_entries(hub, shop, whole)

        return with_body(authorization, body, take)

    @router.get("/checkpoint")
    def get_checkpoint(authorization: Bearer = "") -> Response:
        return shop_asks(authorization, lambda shop: mirrored_checkpoint(hub, shop.store_id))

    @router.get("/entries")
    def get_entries(start: Start = 0, limit: Limit = 1000, authorization: Bearer = "") -> Response:
        return shop_asks(authorization, lambda shop: entries(hub, shop.store_id, start, limit))

    @router.get("/snapshots")
    def get_snapshots(authorization: Bearer = "") -> Response:
        return shop_asks(authorization, lambda shop: registry.listing(notes(hub, shop)))

    @router.get("/snapshots/{kind}")
    def get_snapshot(
        kind: str, if_none_match: Annotated[str | None, Header()] = None, authorization: Bearer = ""
    ) -> Response:
        return shop_asks(authorization, lambda shop: registry.one(kind, if_none_match))

    @router.post("/blobs/missing")
    def post_missing(body: Body, authorization: Bearer = "") -> Response:
        return with_body(authorization, body, lambda shop, content: missing_blobs(hub, content))

    @router.put("/blobs/{sha256}")
    def put_one(sha256: str, body: Body, authorization: Bearer = "") -> Response:
        return with_body(authorization, body, lambda shop, content: put_blob(hub, sha256, body.media, content))

    @router.get("/blobs/{sha256}")
    def get_one(sha256: str, authorization: Bearer = "") -> Response:
        return shop_asks(authorization, lambda shop: get_blob(hub, sha256))

    return router
