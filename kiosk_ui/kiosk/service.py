"""Routes of a consumer's visit; every POST is one command."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from store_service.blending.queries import units_of
from store_service.consultation.queries import find_service
from store_service.people import credentials
from store_service.people.commands import admit
from store_service.records.desk import Actor, Missing, Replayed
from store_service.trace.identifiers import read_scan

from . import photo
from .door import Kiosk, reasons
from .handover import hand_over as take_home
from .visit import SKIP, Visit
from .visit_end import undecided

COMMAS = re.compile("[,，、;；]")


def router(kiosk: Kiosk, visit: Visit) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    @door.post("/kiosk/service")
    async def new(request: Request) -> Response:
        opened: list[str] = []
        form = dict(await request.form())

        def work(actor: Actor) -> None:
            try:
                opened.append(shop.counter.open(actor, reasons=reasons(form)))
            except Replayed as again:
                opened.append(str(again.subject["service"]))
                raise
            shop.counter.show_notice(actor, opened[0], shop.counter.texts.notice.version)

        return await kiosk.act(request, work, lambda _: visit.place(opened[0]) if opened else "/kiosk", visit.show)

    @door.get("/kiosk/service")
    def none() -> Response:
        return RedirectResponse("/kiosk", 303)

    @door.post("/kiosk/service/{service_id}/end")
    async def end(request: Request, service_id: str) -> Response:
        """The visit ends without a unit; what was planned is not made."""

        def work(actor: Actor) -> None:
            shop.counter.cancel(actor, service_id, "clerk")
            visit.planner.forget(service_id)

        return await kiosk.act(request, work, lambda _: "/kiosk", visit.show)

    @door.post("/kiosk/service/{service_id}/member")
    async def member(request: Request, service_id: str) -> Response:
        """A member code: the visit that has just begun is begun again under the member's pseudonym."""
        code = str((await request.form()).get("code", "")).strip()
        place = visit.place(service_id)

        def work(actor: Actor) -> None:
            nonlocal place
            scan = read_scan(code)
            if scan.kind != "unknown" or not 5 <= len(code) <= 40:
                raise Missing(f"member (this is a {scan.kind})", code)
            try:
                opened = shop.counter.open(actor, code)
            except Replayed as again:
                place = visit.place(str(again.subject["service"]))
                raise
            shop.counter.cancel(actor, service_id, "member")
            shop.counter.show_notice(actor, opened, shop.counter.texts.notice.version)
            kiosk.members[opened] = f"…{code[-4:]}"
            place = visit.place(opened)

        return await kiosk.act(request, work, lambda _: place, visit.show)

    @door.post("/kiosk/service/{service_id}/officer")
    async def officer(request: Request, service_id: str) -> Response:
        """The officer's word on one allergen, with a PIN; then all is judged again."""
        form = {name: str(value) for name, value in (await request.form()).items()}

        def work(actor: Actor) -> None:
            drafts = visit.planner.of(service_id)
            if form.get("allergen", "") not in {one.allergen for one in undecided(drafts.verdict)}:
                raise ValueError("allergen: this one is not open")
            if form.get("decision") not in ("allow", "refuse"):
                raise ValueError("decision: allow or refuse")
            signer = form.get("signer", "")
            credentials.check_pin_of(shop.vault, signer, form.get("pin", ""), shop.desk.now())
            admit(shop.desk, signer)
            shop.counter.decide_allergen(actor, service_id, form["allergen"], form["decision"], signer)
            visit.planner.judge(actor, service_id, drafts)

        return await kiosk.act(request, work, lambda _: after_officer(service_id), visit.show)

    def after_officer(service_id: str) -> str:
        drafts = visit.planner.known(service_id)
        more = undecided(drafts.verdict) if drafts else []
        return f"{visit.place(service_id)}/officer" if more else visit.place(service_id)

    @door.get("/kiosk/service/{service_id}")
    @door.get("/kiosk/service/{service_id}/{part}")
    def service(request: Request, service_id: str, part: str = "") -> Response:
        return visit.show(request, request.url.path)

    @door.post("/kiosk/service/{service_id}/consent")
    async def consent(request: Request, service_id: str) -> Response:
        ticked = set(map(str, (await request.form()).getlist("purpose")))
        then = f"{visit.place(service_id)}/photo" if photo.PURPOSE in ticked else visit.place(service_id)

        def work(actor: Actor) -> None:
            if "allergy" not in ticked:
                raise ValueError(
                    "purpose: without the allergy check no blending is possible; finished products are for sale"
                )
            pictures = photo.may_offer(kiosk, request)
            offered = [one.key for one in shop.counter.texts.purposes if pictures or one.key != photo.PURPOSE]
            shop.counter.consent(actor, service_id, {key: key in ticked for key in offered})

        return await kiosk.act(request, work, lambda _: then, visit.show)

    @door.post("/kiosk/service/{service_id}/consultation")
    async def consultation(request: Request, service_id: str) -> Response:
        form = await request.form()
        question, values = str(form.get("question", "")), [str(one) for one in form.getlist("answer")]
        act = str(form.get("act", ""))
        typed = [one.strip() for one in COMMAS.split(str(form.get("text", ""))) if one.strip()][:10]
        then = visit.place(service_id)

        def work(actor: Actor) -> None:
            nonlocal then
            with shop.desk.read() as connection:
                found = find_service(connection, shop.desk.site_id, service_id)
            asked = [one.id for one in visit.asked(found)]
            number = asked.index(question)
            if act == "back":
                then = f"{visit.place(service_id)}/consultation?q={asked[max(0, number - 1)]}"
                return
            if not values and not typed and act != "skip":
                raise ValueError("answer: choose one, or skip")
            shop.counter.answer(actor, service_id, question, [SKIP] if act == "skip" else values, typed)
            if number + 1 < len(asked):
                then = f"{visit.place(service_id)}/consultation?q={asked[number + 1]}"
                return
            shop.counter.finish(actor, service_id, reasons(form))
            visit.planner.forget(service_id)
            then = f"{visit.place(service_id)}/formula"

        return await kiosk.act(request, work, lambda _: then, visit.show)

    @door.post("/kiosk/service/{service_id}/formula")
    async def formula(request: Request, service_id: str) -> Response:
        form = await request.form()
        act, text = str(form.get("act", "")), str(form.get("text", ""))
        then = visit.place(service_id) if act == "confirm" else f"{visit.place(service_id)}/formula"
        return await kiosk.act(
            request, lambda actor: visit.planner.change(actor, service_id, act, text), lambda _: then, visit.show
        )

    @door.post("/kiosk/service/{service_id}/verdict")
    async def verdict(request: Request, service_id: str) -> Response:
        form = await request.form()
        first: list[str] = []

        def work(actor: Actor) -> None:
            with shop.desk.read() as connection:
                found = find_service(connection, shop.desk.site_id, service_id)
                units = units_of(connection, shop.desk.site_id, service_id)
            planned = [one.id for one in units if one.state == "planned"]
            first.extend(planned)
            judged = set((found.verdict or {}).get("units", ())) if found.allowed else set()
            if not set(planned) <= judged:
                told = shop.counter.verdict(
                    actor, shop.station.settings, shop.settings.public_base, service_id, reasons(dict(form))
                )
                drafts = visit.planner.known(service_id)
                if drafts is not None:
                    drafts.verdict = told

        return await kiosk.act(request, work, lambda _: f"/kiosk/unit/{first[0]}" if first else "/kiosk", visit.show)

    @door.post("/kiosk/service/{service_id}/hand-over")
    async def hand_over(request: Request, service_id: str) -> Response:
        form = await request.form()

        def work(actor: Actor) -> None:
            take_home(shop, actor, service_id, form)
            visit.planner.forget(service_id)
            kiosk.members.pop(service_id, None)

        return await kiosk.act(request, work, lambda _: visit.place(service_id), visit.show)

    return door
