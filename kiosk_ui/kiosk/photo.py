"""The photo screen of a visit: only after its own consent, kept in the vault for some days, gone at a touch."""

from __future__ import annotations

import base64
from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kiosk_ui import models as m
from kiosk_ui.models import Words
from store_service.consultation import wishes
from store_service.consultation.pictures import kept_until, pictures_open, plain_picture
from store_service.consultation.queries import Service, find_service
from store_service.privacy.vault import held
from store_service.records.desk import Actor, Missing

from .door import Kiosk

PURPOSE = "skin_image"
LONGEST_TEXT, MOST_READ = 2_800_000, 4_000_000


def screen(kiosk: Kiosk, request: Request, found: Service) -> Response:
    """The picture of this visit, or the way to one; the way on without one stands beside it."""
    shop = kiosk.shop
    purpose = shop.counter.texts.purpose(PURPOSE)
    with shop.desk.read() as connection:
        until = kept_until(connection, shop.desk.site_id, found.service_id)
    kept = held(shop.vault, "image", found.service_id) is not None
    shown = m.PhotoScreen(
        service_id=found.service_id,
        consent=Words(purpose.zh, purpose.en) if purpose else Words("", ""),
        kept_until=until if kept else None,
        shown=kept and found.service_id not in kiosk.wiped,
    )
    return kiosk.page(request, "photo", screen=shown, frame=kiosk.frame(request, step=3, personal=True))


def may_offer(kiosk: Kiosk, request: Request) -> bool:
    """Whether a picture may be taken here at all; else the consumer is not even asked (R-PRV-02)."""
    with kiosk.shop.desk.read() as connection:
        return pictures_open(kiosk.shop.desk, connection, kiosk.actor(request).staff_id)


def router(kiosk: Kiosk, place: Callable[[str], str], show: Callable[[Request, str], Response]) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    @door.post("/kiosk/service/{service_id}/photo")
    async def keep(request: Request, service_id: str) -> Response:
        text = str((await request.form(max_part_size=MOST_READ)).get("body", ""))

        def work(actor: Actor) -> None:
            if not text or len(text) > LONGEST_TEXT:
                raise ValueError("picture: take or choose one first" if not text else "picture: too large")
            try:
                body = base64.b64decode(text, validate=True)
            except ValueError as wrong:
                raise ValueError("picture: is not a JPEG, PNG or WebP picture") from wrong
            wishes.keep_image(shop.counter, actor, service_id, plain_picture(body), "skin_analysis")

        return await kiosk.act(request, work, lambda _: f"{place(service_id)}/photo", show)

    @door.post("/kiosk/service/{service_id}/photo/delete")
    async def forget(request: Request, service_id: str) -> Response:
        """The consent is taken back, and the picture with it."""

        def work(actor: Actor) -> None:
            wishes.withdraw(shop.counter, actor, service_id, PURPOSE)

        return await kiosk.act(request, work, lambda _: place(service_id), show)

    @door.get("/kiosk/service/{service_id}/photo.jpg")
    def picture(request: Request, service_id: str) -> Response:
        """For the screen of an open visit alone; never again once the answers have left the screen."""
        kiosk.signed(request)
        with shop.desk.read() as connection:
            found = find_service(connection, shop.desk.site_id, service_id)
        kept = held(shop.vault, "image", service_id) if found.state == "open" else None
        if kept is None or service_id in kiosk.wiped:
            raise Missing("picture", service_id)
        body = base64.b64decode(kept["picture"])
        return Response(body, media_type="image/jpeg", headers={"cache-control": "no-store"})

    return door
