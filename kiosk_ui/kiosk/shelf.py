"""The shelf: open a container, put it on a line, take it out of use; packs taken in, the roll of labels changed."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kiosk_ui.models import Item, ReceiveField, Words
from kiosk_ui.models.shelf import ContainerRow, PackRow, ShelfScreen, SuppliesScreen
from store_service.catalogue.queries import LAST_KNOWN, Registers, registers
from store_service.equipment.care import lines_of
from store_service.labelling.stock import STOCKS
from store_service.records.desk import Actor, Missing
from store_service.rules.case import Container
from store_service.rules.dates import beijing_date
from store_service.rules.merge import add_months
from store_service.samples.commands import strike_balance
from store_service.stock import commands
from store_service.stock.queries import all_containers, all_packs, label_stock
from store_service.trace.identifiers import read_scan

from .door import Kiosk
from .office_typed import mg

PLACE = "/kiosk/shelf"
SUPPLIES = f"{PLACE}/supplies"
IN_USE = ("opened", "closed", "quarantined")
REASONS = (
    Item("damaged", Words("包装破损或渗漏", "Damaged or leaking")),
    Item("altered", Words("外观或气味异常", "Looks or smells wrong")),
    Item("soiled", Words("可能受到污染", "May be contaminated")),
    Item("stored", Words("储存条件超出要求", "Stored out of limits")),
    Item("papers", Words("与单据不符", "Does not agree with its papers")),
)
FIELDS = (
    ReceiveField("pack_lot", Words("包材批号（P-…）", "Pack lot (P-…)")),
    ReceiveField("quantity", Words("数量（个）", "Quantity"), keys="digits"),
    ReceiveField("supplier", Words("供货者", "Supplier")),
    ReceiveField("certificate", Words("检验合格证明编号", "Certificate no.")),
)


def shelf_screen(kiosk: Kiosk, asked: str) -> ShelfScreen:
    """What stands on the shelf, what is in use first; `asked` or else the first one is chosen."""
    desk, now = kiosk.shop.desk, kiosk.shop.desk.now()
    with desk.read() as connection:
        known = registers(connection, desk.site_id, LAST_KNOWN)
        found = [one for one in all_containers(connection, desk.site_id) if one.state in IN_USE]
    rows = [_row(one, known, now) for one in found]
    rows.sort(key=lambda one: (IN_USE.index(one.state), one.line is None, one.line or 0, one.container_id))
    ids = [one.container_id for one in rows]
    chosen = asked if asked in ids else next(iter(ids), None)
    return ShelfScreen(tuple(rows), chosen, lines_of(kiosk.shop.station.settings), REASONS)


def _row(one: Container, known: Registers, now: datetime) -> ContainerRow:
    product, lot = known.products.get(one.product_id), known.lots.get((one.product_id, one.lot_no))
    until: date | None = None
    if one.opened_at is not None and product is not None and product.pao_months is not None:
        until = add_months(beijing_date(one.opened_at), product.pao_months)
    ends = [day for day in (until, lot.expiry if lot else None) if day is not None]
    return ContainerRow(
        one.container_id,
        Words(product.name_zh, product.name_en) if product else Words(one.product_id, one.product_id),
        one.lot_no,
        lot.expiry if lot else None,
        one.state,
        one.remaining_mg,
        one.opened_at,
        until,
        one.position,
        bool(ends) and min(ends) < beijing_date(now),
    )


def supplies_screen(kiosk: Kiosk, typed: dict[str, str]) -> SuppliesScreen:
    """The loaded roll of labels, the packs that are left, and the form of a delivery of packs."""
    desk, bench_id = kiosk.shop.desk, kiosk.shop.station.settings.bench_id
    with desk.read() as connection:
        known = registers(connection, desk.site_id, LAST_KNOWN)
        packs = all_packs(connection, desk.site_id)
        loaded = label_stock(connection, desk.site_id, bench_id)

    def name(sku: str) -> Words:
        spec = known.packs.get(sku)
        return Words(spec.name_zh, spec.name_en) if spec else Words(sku, sku)

    return SuppliesScreen(
        tuple(Item(key, Words(f"{key} mm", f"{key} mm"), key == loaded) for key in STOCKS),
        tuple(PackRow(one.pack_lot, name(one.sku), one.remaining) for one in packs),
        tuple(Item(sku, name(sku), typed.get("sku") == sku) for sku in sorted(known.packs)),
        tuple(ReceiveField(one.name, one.label, typed.get(one.name, ""), keys=one.keys) for one in FIELDS),
    )


def router(kiosk: Kiosk) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    def show(request: Request, place: str) -> Response:
        who = kiosk.signed(request).kiosk
        if place.startswith(SUPPLIES):
            screen: object = supplies_screen(kiosk, kiosk.supplies.get(who, {}))
            return kiosk.page(request, "supplies", screen=screen, frame=kiosk.frame(request))
        asked = request.query_params.get("container") or kiosk.scans.get((who, "shelf"), "")
        frame = kiosk.frame(request, scan_url=PLACE)
        return kiosk.page(request, "shelf", screen=shelf_screen(kiosk, asked), frame=frame)

    @door.get(PLACE)
    def see(request: Request) -> Response:
        return show(request, PLACE)

    @door.get(SUPPLIES)
    def see_supplies(request: Request) -> Response:
        return show(request, SUPPLIES)

    @door.post(PLACE)
    async def scanned(request: Request) -> Response:
        code = str((await request.form()).get("code", ""))

        def work(actor: Actor) -> None:
            scan = read_scan(code)
            with shop.desk.read() as connection:
                ids = {one.container_id for one in all_containers(connection, shop.desk.site_id)}
            if scan.code not in ids:
                raise Missing("container" if scan.kind == "container" else f"container (this is a {scan.kind})", code)
            kiosk.scans[actor.kiosk, "shelf"] = scan.code

        return await kiosk.act(request, work, lambda _: PLACE, show)

    @door.post(f"{PLACE}/{{deed}}")
    async def carry_out(request: Request, deed: str) -> Response:
        form = {name: str(value).strip() for name, value in (await request.form()).items()}
        code, bench_id = form.get("container", ""), shop.station.settings.bench_id

        def work(actor: Actor) -> None:
            desk, by = shop.desk, actor.staff_id
            if code:
                kiosk.scans[actor.kiosk, "shelf"] = code
            if deed == "open":
                commands.open_container(desk, by, code)
            elif deed == "mount":
                commands.mount_container(desk, by, code, bench_id, _line(kiosk, form.get("line", "")))
            elif deed == "quarantine":
                commands.quarantine_container(desk, by, code, _reason(form.get("reason", "")))
            elif deed == "finish":
                residue_mg = mg(form.get("residue_g", ""), "residue_g")
                commands.finish_container(desk, by, code, residue_mg, discarded=form.get("end") == "discarded")
                strike_balance(desk, by, code, residue_mg)
            elif deed == "labels":
                if form.get("stock") not in STOCKS:
                    raise ValueError("stock: choose the roll that is in the printer")
                commands.load_label_stock(desk, by, bench_id, form["stock"])
            elif deed == "packs":
                kiosk.supplies[actor.kiosk] = form
                _packs(kiosk, by, form)
                kiosk.supplies.pop(actor.kiosk)
            else:
                raise ValueError(f"deed: {deed[:20]} is none")

        there = SUPPLIES if deed in ("labels", "packs") else PLACE
        return await kiosk.act(request, work, lambda _: there, show)

    return door


def _line(kiosk: Kiosk, text: str) -> int:
    if text not in map(str, lines_of(kiosk.shop.station.settings)):
        raise ValueError("channel: choose a line of this bench")
    return int(text)


def _reason(key: str) -> str:
    found = next((one.words.zh for one in REASONS if one.value == key), None)
    if found is None:
        raise ValueError("reason: choose why")
    return found


def _packs(kiosk: Kiosk, by: str, form: dict[str, str]) -> None:
    quantity, lot = form.get("quantity", ""), read_scan(form.get("pack_lot", ""))
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) < 7 and 0 < int(quantity) <= 100_000):
        raise ValueError("quantity: is from 1 to 100000")
    if lot.kind != "pack":
        raise ValueError("pack_lot: begins with P-")
    lacking = next((one for one in ("sku", "supplier", "certificate") if not form.get(one)), None)
    if lacking:
        raise ValueError(f"{lacking}: is needed")
    commands.receive_packs(
        kiosk.shop.desk, by, lot.code, form["sku"], int(quantity), form["supplier"][:120], form["certificate"][:120]
    )
