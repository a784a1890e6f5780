"""The kiosk, put together."""

from __future__ import annotations

import secrets

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from kiosk_ui.render import Faces
from store_service.line import Line
from store_service.shop import Shop

from . import care, home, live, office, photo, ready, receive, second, service, shelf, shift, unit_posts
from .door import Kiosk, NotSignedIn, leave_for, sign_in_place
from .faults import answer_in_words
from .office_pages import PAGES
from .unit import UnitScreens
from .visit import Visit


def add_kiosk(app: FastAPI, shop: Shop, line: Line, faces: Faces) -> None:
    """Every kiosk route, and the way to the sign-in for whoever is not signed in."""
    kiosk = Kiosk(shop, line, faces)
    visit, screens = Visit(kiosk), UnitScreens(kiosk)
    for router in (
        home.router(kiosk),
        ready.router(kiosk),
        second.router(kiosk),
        shift.router(kiosk),
        receive.router(kiosk),
        shelf.router(kiosk),
        care.router(kiosk),
        live.router(kiosk, screens),
        photo.router(kiosk, visit.place, visit.show),
        service.router(kiosk, visit),
        unit_posts.router(kiosk, screens),
        office.router(kiosk, PAGES),
    ):
        app.include_router(router, include_in_schema=False)

    @app.exception_handler(NotSignedIn)
    def _sign_in(request: Request, _: NotSignedIn) -> Response:
        place = sign_in_place(request)
        return leave_for(place) if "x-swap" in request.headers else RedirectResponse(place, 303)

    answer_in_words(app, kiosk)


def new_key() -> str:
    return secrets.token_hex(16)
