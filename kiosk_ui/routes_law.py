"""`/qa/rules` and `/qa/standing`: what this shop is judged by, and whether it may work now. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from store_service.catalogue.queries import last_params
from store_service.records.desk import Desk

from .law_views import Choice, law_view
from .models import MayWorkScreen
from .render import Faces
from .routes_qa import QaDoor


def law_face(desk: Desk, faces: Faces, door: QaDoor, may_work: Callable[[], MayWorkScreen]) -> APIRouter:
    """The pages. `may_work` answers as the kiosk's own page does, for whoever is fit today."""
    router = APIRouter(include_in_schema=False)

    @router.get("/qa/rules")
    def rules(request: Request) -> Response:
        typed = request.query_params

        def show(connection: Connection) -> Response:
            here = last_params(connection, desk)
            choice = Choice(
                typed.get("text", "")[:80].strip(),
                typed.get("outcome", "")[:20],
                typed.get("basis", "")[:20],
                "differs" in typed,
            )
            return faces.page(request, "qa/rules.html", law=law_view(desk.ruleset, here, choice))

        return door.guarded(request, show)

    @router.get("/qa/standing")
    def standing(request: Request) -> Response:
        return door.guarded(request, lambda _: faces.page(request, "qa/standing.html", screen=may_work()))

    return router
