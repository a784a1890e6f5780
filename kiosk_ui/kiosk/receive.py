"""Receiving a lot: a scan names it, head office's list says what it is, the person at the door types the rest."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kiosk_ui.models import ReceiveField, ReceiveScreen, Words
from store_service.catalogue.queries import registers
from store_service.records.desk import Actor
from store_service.stock.commands import RECEIPT_FIELDS, NewContainer, receive_lot
from store_service.stock.queries import last_receipt
from store_service.trace.identifiers import read_scan

from .door import Kiosk
from .office_typed import on_day
from .shift import tenths

PLACE = "/kiosk/receive"
FIELDS = {
    "product_id": Words("产品代码", "Product code"),
    "lot_no": Words("批号", "Lot"),
    "expiry": Words("限期使用日期", "Expiry"),
    "product_name": Words("产品名称", "Product name"),
    "filing_number": Words("备案编号", "Filing number"),
    "use_period": Words("使用期限", "Use period"),
    "quantity": Words("数量（件）", "Quantity (packs)"),
    "net_content": Words("净含量", "Net content"),
    "purchase_date": Words("购进日期", "Purchase date"),
    "inspection_ref": Words("出厂检验合格证明", "Ex-factory inspection"),
    "supplier_name": Words("供货者名称", "Supplier"),
    "supplier_address": Words("供货者地址", "Supplier's address"),
    "supplier_contact": Words("供货者联系方式", "Supplier's contact"),
    "supplier_proof": Words("市场主体登记证明", "Supplier's registration"),
    "container_id": Words("容器编号（C-…）", "Container code (C-…)"),
    "net_g": Words("容器净含量（克）", "Container's net mass (g)"),
    "filled_on": Words("灌装日期（限料盒）", "Filled on (cartridge)"),
}
SAME_AGAIN = ("net_content", "supplier_name", "supplier_address", "supplier_contact", "supplier_proof")
"""What the last delivery of a product said is offered for the next one, to be read against its papers."""
DIGITS, DATES = ("quantity", "net_g"), ("expiry", "purchase_date", "filled_on")


def screen(kiosk: Kiosk, values: dict[str, str]) -> ReceiveScreen:
    """What the lists state stands fixed beside the form; the form asks for what only the delivery can tell."""
    desk, product_id = kiosk.shop.desk, values.get("product_id", "")
    with desk.read() as connection:
        known = registers(connection, desk.site_id, desk.now())
        before = last_receipt(connection, desk.site_id, product_id)
    product = known.products.get(product_id)
    lot = known.lots.get((product_id, values.get("lot_no", "")))
    stated = {name: values[name] for name in ("product_id", "lot_no") if product and values.get(name)}
    if product is not None:
        stated |= {"product_name": product.name_zh, "filing_number": product.filing_number}
    if lot is not None:
        stated |= {"expiry": lot.expiry.isoformat(), "use_period": lot.expiry.isoformat()}
    told = {name: before[name] for name in SAME_AGAIN if name in before} | values
    return ReceiveScreen(
        product=Words(product.name_zh, product.name_en) if product else None,
        filing_number=product.filing_number if product else None,
        lot_no=values.get("lot_no"),
        expiry=lot.expiry if lot else None,
        listed=lot is not None,
        stated=tuple(stated.items()),
        fields=tuple(
            ReceiveField(
                name,
                words,
                told.get(name, ""),
                keys="digits" if name in DIGITS else "date" if name in DATES else "text",
            )
            for name, words in FIELDS.items()
            if name not in stated
        ),
    )


def router(kiosk: Kiosk) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    def show(request: Request, place: str) -> Response:
        values = kiosk.receipts.get(kiosk.signed(request).kiosk, {})
        frame = kiosk.frame(request, scan_url=PLACE)
        return kiosk.page(request, "receive", screen=screen(kiosk, values), frame=frame)

    @door.get(PLACE)
    def receive(request: Request) -> Response:
        return show(request, PLACE)

    @door.post(PLACE)
    async def received(request: Request) -> Response:
        form = {name: str(value).strip() for name, value in (await request.form()).items()}

        def work(actor: Actor) -> None:
            values = {name: form[name] for name in FIELDS if form.get(name)}
            if "code" in form:
                kiosk.receipts[actor.kiosk] = _scanned(kiosk, form["code"], values)
                return
            kiosk.receipts[actor.kiosk] = values
            values = dict.fromkeys(FIELDS, "") | values
            filled_on = on_day(values["filled_on"], "filled_on") if values["filled_on"] else None
            kind, net_mg = "cartridge" if filled_on else "retail_pack", tenths(values["net_g"], "net_g") * 100
            one = NewContainer(values["container_id"], kind, net_mg, filled_on=filled_on)
            receive_lot(
                shop.desk,
                actor.staff_id,
                values["product_id"],
                values["lot_no"],
                on_day(values["expiry"], "expiry"),
                {name: values[name] for name in RECEIPT_FIELDS},
                (one,) if values["container_id"] else (),
            )
            kiosk.receipts.pop(actor.kiosk, None)

        return await kiosk.act(request, work, lambda _: PLACE, show)

    return door


def _scanned(kiosk: Kiosk, code: str, values: dict[str, str]) -> dict[str, str]:
    """A container's code adds to what has been typed; the code of another lot begins anew."""
    scan = read_scan(code)
    if scan.kind == "container":
        return {**values, "container_id": scan.code}
    with kiosk.shop.desk.read() as connection:
        known = registers(connection, kiosk.shop.desk.site_id, kiosk.shop.desk.now())
    if scan.kind == "lot" and scan.lot is not None:
        product = next((one for one in known.products.values() if one.gtin == scan.gtin), None)
        found = (product.product_id if product else "", scan.lot)
    else:
        named = next((one for one in known.lots if one[1] == code.strip()), None)
        if named is None:
            raise ValueError(f"code: {code[:40]} is no lot that head office lists")
        found = named
    if found == (values.get("product_id"), values.get("lot_no")):
        return values
    return {"product_id": found[0], "lot_no": found[1]}
