"""What can be done on a unit's screens; every POST calls one command."""

from __future__ import annotations

import io

import qrcode
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from kiosk_ui.models import Offer
from store_service.blending import commands
from store_service.blending.lease import take_over
from store_service.blending.queries import channel_of, components_of, doses_of, find_unit
from store_service.people import credentials
from store_service.people.commands import admit
from store_service.records.desk import Actor, Missing
from store_service.records.tables import blob
from store_service.shop import Station
from store_service.stock.commands import finish_container, mount_container
from store_service.stock.queries import find_container
from store_service.trace.identifiers import digital_link, read_scan

from .door import SIGNER_HOLDS, Kiosk, reasons
from .unit import UnitScreens
from .unit_words import CLEARANCE, VISUAL


def router(kiosk: Kiosk, screens: UnitScreens) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    def station(unit_id: str) -> Station:
        with shop.desk.read() as connection:
            return shop.station_of(find_unit(connection, shop.desk.site_id, unit_id).bench_id)

    def place(unit_id: str) -> str:
        """The unit's own screen, or its service once it has left the bench."""
        with shop.desk.read() as connection:
            unit = find_unit(connection, shop.desk.site_id, unit_id)
        if unit.state in ("released", "discarded"):
            return f"/kiosk/service/{unit.service_id}"
        return f"/kiosk/unit/{unit_id}"

    @door.get("/kiosk/unit/{unit_id}")
    def unit(request: Request, unit_id: str) -> Response:
        return screens.show(request, f"/kiosk/unit/{unit_id}")

    @door.get("/kiosk/unit/{unit_id}/qr.png")
    def qr(request: Request, unit_id: str) -> Response:
        """The code of the unit's label, for the consumer's phone."""
        kiosk.signed(request)
        with shop.desk.read() as connection:
            found = find_unit(connection, shop.desk.site_id, unit_id)
        if found.serial is None:
            raise Missing("label", unit_id)
        out = io.BytesIO()
        qrcode.make(digital_link(shop.settings.public_base, found.gtin, found.serial)).get_image().save(out, "PNG")
        return Response(out.getvalue(), media_type="image/png", headers={"cache-control": "no-store"})

    @door.get("/kiosk/label/{sha256}.png")
    def label(request: Request, sha256: str) -> Response:
        """A printed bitmap, by its digest."""
        kiosk.signed(request)
        with shop.desk.read() as connection:
            query = select(blob.c.body).where(blob.c.sha256 == sha256, blob.c.media == "image/png")
            body = connection.execute(query).scalar()
        if body is None:
            raise Missing("label", sha256)
        return Response(bytes(body), media_type="image/png", headers={"cache-control": "private, max-age=86400"})

    @door.post("/kiosk/unit/{unit_id}/{deed}")
    async def act(request: Request, unit_id: str, deed: str) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        ticked = {str(one) for name in ("clearance", "visual") for one in (await request.form()).getlist(name)}

        def work(actor: Actor) -> None:
            _do(kiosk, station(unit_id), actor, unit_id, deed, form, ticked)

        def offers() -> tuple[Offer, ...]:
            code = form.get("code", "")
            return screens.offers(unit_id, _product_of(kiosk, code), but=read_scan(code).code) if deed == "scan" else ()

        return await kiosk.act(request, work, lambda _: place(unit_id), screens.show, offers=offers)

    @door.get("/kiosk/unit/{unit_id}/{deed}")
    def back(unit_id: str, deed: str) -> Response:
        return RedirectResponse(f"/kiosk/unit/{unit_id}", 303)

    return door


def _do(
    kiosk: Kiosk, at: Station, actor: Actor, unit_id: str, deed: str, form: dict[str, str], ticked: set[str]
) -> None:
    desk = kiosk.shop.desk
    code, manual = form.get("code", ""), form.get("how") == "manual"
    if deed == "start":
        if len(ticked) < len(CLEARANCE):
            raise ValueError("clearance: every line is to be ticked")
        commands.clear_line(desk, actor, at.settings, unit_id, tuple(sorted(ticked)))
        commands.start_unit(desk, actor, at.settings, unit_id, kiosk.shop.counter.asked, reasons(form))
    elif deed == "scan":
        _scan(kiosk, at, actor, unit_id, code, manual=manual)
    elif deed == "cup":
        pack = kiosk.scans.get((unit_id, "cup"), "")
        commands.place_cup(desk, actor, at.settings, at.devices, unit_id, pack, visual_ok=len(ticked) == len(VISUAL))
        kiosk.scans.pop((unit_id, "cup"), None)
    elif deed == "dose" and form.get("act") == "end":
        with desk.read() as connection:
            under_way = [one for one in doses_of(connection, desk.site_id, unit_id) if one.outcome is None]
        if under_way:
            at.devices.settle(under_way[0].id)
    elif deed == "dose":
        at.doser.begin(actor, unit_id, reasons(form))
    elif deed == "reratio":
        fill, base = form.get("fill", ""), kiosk.shop.settings.public_base
        if not fill.isdigit():
            raise ValueError("fill: none")
        commands.accept(desk, actor, at.settings, base, unit_id, int(fill), reasons(form))
    elif deed in ("stop", "pause"):
        commands.stop(desk, actor, at.devices, unit_id, "clerk" if deed == "stop" else "pause")
    elif deed == "resume":
        cup = kiosk.scans.pop((unit_id, "resume"), "")
        commands.resume(desk, actor, at.settings, at.devices, unit_id, cup)
    elif deed == "weigh":
        commands.weigh(desk, actor, at.settings, at.devices, unit_id)
    elif deed == "inspect":
        marks = {name: form.get(name) for name in ("appearance", "odour", "homogeneous")}
        mixed = form.get("mixed") == "yes"
        if None in marks.values() or (form.get("to_mix") == "yes" and not mixed):
            raise ValueError("inspect: the mixing step is to be ticked, appearance, odour and homogeneity judged")
        commands.inspect(
            desk, actor, at.settings, unit_id, mixed=mixed, appearance_ok=marks["appearance"] == "ok",
            odour_ok=marks["odour"] == "ok", homogeneous_ok=marks["homogeneous"] == "ok",
        )  # fmt: skip
    elif deed == "sign":
        commands.sign(desk, actor, at.settings, unit_id, _signer(kiosk, actor, unit_id, form), reasons(form))
    elif deed == "print":
        at.press.print(actor, unit_id, form.get("why", "first"), reasons(form), second=form.get("on") == "second")
    elif deed == "scan-back":
        at.press.scan_back(actor, unit_id, code, manual=manual)
    elif deed == "park":
        tag = form.get("tag", "").strip()
        if not tag:
            raise ValueError("tag: none")
        commands.park(desk, actor, unit_id, tag if tag.upper().startswith("T-") else f"T-{tag}", "printer")
    elif deed == "unpark":
        commands.unpark(desk, actor, at.settings, unit_id, code)
    elif deed == "take-over":
        _signer(kiosk, actor, unit_id, form)
        take_over(desk, actor, at.settings.bench_id, unit_id)
    elif deed == "empty":
        finish_container(desk, actor.staff_id, code, 0, discarded=False)
    elif deed == "discard":
        _discard(kiosk, at, actor, unit_id)
    else:
        raise ValueError(f"deed: {deed[:40]} is none")


def _scan(kiosk: Kiosk, at: Station, actor: Actor, unit_id: str, code: str, *, manual: bool) -> None:
    """A scan means what the screen asks for: a container, the cup's pack, or the cup of a half-made unit."""
    desk = kiosk.shop.desk
    with desk.read() as connection:
        unit = find_unit(connection, desk.site_id, unit_id)
        whole = all(one.container_id for one in components_of(connection, desk.site_id, unit_id))
    if unit.state == "stopped" and read_scan(code).kind != "container":
        scan = read_scan(code)
        if scan.kind != "pack" or scan.code != unit.pack_lot:
            raise Missing("pack of this cup" if scan.kind == "pack" else f"pack (this is a {scan.kind})", code)
        kiosk.scans[unit_id, "resume"] = scan.code
    elif unit.state == "started" and whole and read_scan(code).kind != "container":
        scan = read_scan(code)
        if scan.kind != "pack":
            raise Missing(f"pack (this is a {scan.kind})", code)
        kiosk.scans[unit_id, "cup"] = scan.code
    else:
        product_id = commands.scan_container(desk, actor, at.settings, unit_id, code, manual=manual)
        _into_its_channel(kiosk, at, actor, unit_id, product_id)


def _into_its_channel(kiosk: Kiosk, at: Station, actor: Actor, unit_id: str, product_id: str) -> None:
    """A fresh cartridge that was scanned in mid-unit stands where the empty one stood, as the screen asked for."""
    desk = kiosk.shop.desk
    with desk.read() as connection:
        site = desk.site_id
        part = next(one for one in components_of(connection, site, unit_id) if one.product_id == product_id)
        container = find_container(connection, site, part.container_id or "")
        channel = channel_of(connection, site, unit_id, product_id)
    if container is not None and container.position is None and part.dose_by == "pump" and channel is not None:
        mount_container(desk, actor.staff_id, container.container_id, at.settings.bench_id, channel)


def _signer(kiosk: Kiosk, actor: Actor, unit_id: str, form: dict[str, str]) -> str:
    """Who signs: PIN checked now, or a moment ago when a warning's reason is being given."""
    kept, now = (actor.kiosk, unit_id), kiosk.shop.desk.now()
    if form.get("reason"):
        signer, at = kiosk.signers.pop(kept, ("", now))
        if signer and now - at < SIGNER_HOLDS:
            return signer
    signer = form.get("signer", actor.staff_id)
    credentials.check_pin_of(kiosk.shop.vault, signer, form.get("pin", ""), now)
    admit(kiosk.shop.desk, signer)
    kiosk.signers[kept] = (signer, now)
    return signer


def _product_of(kiosk: Kiosk, code: str) -> str | None:
    """The product of the container that was scanned; None for what is no container of this shop."""
    desk = kiosk.shop.desk
    with desk.read() as connection:
        found = find_container(connection, desk.site_id, read_scan(code).code)
    return found.product_id if found else None


def _discard(kiosk: Kiosk, at: Station, actor: Actor, unit_id: str) -> None:
    desk = kiosk.shop.desk
    with desk.read() as connection:
        unit = find_unit(connection, desk.site_id, unit_id)
    if unit.state == "planned":
        commands.drop_unit(desk, actor, unit_id, "clerk")
    else:
        commands.discard(desk, actor, at.devices, unit_id, "clerk")
