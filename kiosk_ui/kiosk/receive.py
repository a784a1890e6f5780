"""Receiving a lot: a scan names it, and the person at the door says what stands on the pack and on its papers.

What head office lists is there to be compared with, never to be recorded as read: lot and expiry come out of the code
(AI 10, 17) or are typed off the pack, the name is ticked, of the filing number the last digits are typed.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kiosk_ui.models import ReceiveField, ReceiveScreen, Words
from store_service.catalogue.queries import registers
from store_service.records.desk import Actor
from store_service.stock.commands import RECEIPT_FIELDS, How, NewContainer, receive_lot
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
    "filing_tail": Words("备案编号末四位", "Filing no., last 4"),
    "quantity": Words("数量（件）", "Packs"),
    "net_content": Words("净含量", "Net content"),
    "purchase_date": Words("购进日期", "Purchase date"),
    "inspection_ref": Words("出厂检验合格证明", "Ex-factory check"),
    "supplier_name": Words("供货者名称", "Supplier"),
    "supplier_address": Words("供货者地址", "Its address"),
    "supplier_contact": Words("供货者联系方式", "Its contact"),
    "supplier_proof": Words("市场主体登记证明", "Registration"),
    "container_id": Words("容器编号（C-…）", "Container (C-…)"),
    "net_g": Words("容器净含量（克）", "Net mass (g)"),
    "filled_on": Words("灌装日期（限料盒）", "Cartridge filled"),
}
SAME_AGAIN = ("net_content", "supplier_name", "supplier_address", "supplier_contact", "supplier_proof")
"""What the last delivery of a product said is offered for the next one, to be read against its papers."""
DIGITS, DATES = ("quantity", "net_g", "filing_tail"), ("expiry", "purchase_date", "filled_on")
TAIL = 4
HOW = ("lot_how", "expiry_how")
"""Kept beside the values: whether they were scanned or typed."""


def screen(kiosk: Kiosk, values: dict[str, str]) -> ReceiveScreen:
    """What the lists state stands fixed beside the form; the form asks for what only the delivery can tell."""
    desk, product_id = kiosk.shop.desk, values.get("product_id", "")
    with desk.read() as connection:
        known = registers(connection, desk.site_id, desk.now())
        before = last_receipt(connection, desk.site_id, product_id)
    product = known.products.get(product_id)
    lot = known.lots.get((product_id, values.get("lot_no", "")))
    scanned = ("expiry", "expiry_how") if values.get("expiry_how") == "scan" else ()
    stated = {name: values[name] for name in ("product_id", "lot_no", "lot_how", *scanned) if values.get(name)}
    told = {name: before[name] for name in SAME_AGAIN if name in before} | values
    return ReceiveScreen(
        product=Words(product.name_zh, product.name_en) if product else None,
        filing_number=f"{product.filing_number[:-TAIL]}{'*' * TAIL}" if product else None,
        lot_no=values.get("lot_no"),
        expiry=lot.expiry if lot and scanned else None,
        read_expiry=values["expiry"] if scanned else None,
        name_ticked=values.get("name_same") == "1",
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
            values = {name: form[name] for name in (*FIELDS, *HOW, "name_same") if form.get(name)}
            if "code" in form:
                how = "typed" if form.get("how") == "manual" else "scan"
                kiosk.receipts[actor.kiosk] = _scanned(kiosk, form["code"], values, how)
                return
            kiosk.receipts[actor.kiosk] = values
            values = dict.fromkeys((*FIELDS, *HOW), "") | values
            read: dict[str, How] = {
                "lot_no": "scan" if values["lot_how"] == "scan" else "typed",
                "expiry": "scan" if values["expiry_how"] == "scan" else "typed",
                "product_name": "compared",
                "filing_number": "compared",
            }
            values |= _off_the_pack(kiosk, values)
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
                read,
            )
            kiosk.receipts.pop(actor.kiosk, None)

        return await kiosk.act(request, work, lambda _: PLACE, show)

    return door


def _off_the_pack(kiosk: Kiosk, values: dict[str, str]) -> dict[str, str]:
    """Name, filing number and use period as the pack says them: the name where it was ticked as the same, the number
    where its last digits are, else those digits alone, which no filing number is (R-ADM-13)."""
    with kiosk.shop.desk.read() as connection:
        known = registers(connection, kiosk.shop.desk.site_id, kiosk.shop.desk.now())
    product = known.products.get(values["product_id"])
    number, tail = product.filing_number if product else "", values["filing_tail"]
    return {
        "product_name": product.name_zh if product and values.get("name_same") == "1" else "",
        "filing_number": number if len(tail) == TAIL and number.endswith(tail) else tail,
        "use_period": values["expiry"],
    }


def _scanned(kiosk: Kiosk, code: str, values: dict[str, str], how: str) -> dict[str, str]:
    """A container's code adds to what has been typed; the code of another lot begins anew."""
    scan = read_scan(code)
    if scan.kind == "container":
        return {**values, "container_id": scan.code}
    with kiosk.shop.desk.read() as connection:
        known = registers(connection, kiosk.shop.desk.site_id, kiosk.shop.desk.now())
    if scan.kind == "lot" and scan.lot is not None:
        product = next((one for one in known.products.values() if one.gtin == scan.gtin), None)
        found, expiry = (product.product_id if product else "", scan.lot), scan.expiry
    else:
        named = next((one for one in known.lots if one[1] == code.strip()), None)
        if named is None:
            raise ValueError(f"code: {code[:40]} is no lot that head office lists")
        found, expiry = named, None
    if found == (values.get("product_id"), values.get("lot_no")):
        return values
    dated = {"expiry": expiry.isoformat(), "expiry_how": how} if expiry is not None else {}
    return {"product_id": found[0], "lot_no": found[1], "lot_how": how, **dated}
