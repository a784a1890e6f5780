"""Opening a shift: fitness, room, check weigh, cleaning; and receiving a lot."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kiosk_ui.models import CheckWeight, Item, ReceiveField, ReceiveScreen, ShiftScreen, ShiftTask, Words
from store_service.catalogue.queries import registers
from store_service.equipment.commands import check_scale, clean, record_room
from store_service.equipment.queries import bench_facts
from store_service.people import commands as people
from store_service.people.queries import fitness_today
from store_service.records.desk import Actor
from store_service.rules.dates import beijing_date
from store_service.stock.commands import RECEIPT_FIELDS, NewContainer, receive_lot
from store_service.trace.identifiers import read_scan

from .door import Kiosk

STATEMENTS = (
    Item("no_fever", Words("没有发热、腹泻", "No fever, no diarrhoea")),
    Item("no_wound", Words("手部没有伤口或皮肤感染", "No wound or infection on the hands")),
    Item("clean", Words("已洗手消毒，着工作服", "Hands disinfected, working clothes on")),
)
CLEANING = (
    Item("bench", Words("台面与秤盘已擦拭消毒", "Bench and pan wiped and disinfected")),
    Item("tools", Words("接触工具已清洗消毒", "Contact tools washed and disinfected")),
    Item("waste", Words("废弃物与旧标签已清出", "Waste and old labels removed")),
)
AGENT = "75 % 乙醇"
NOMINALS = ((20_000, 20), (100_000, 20))
FIELDS = {
    "product_id": Words("产品代码", "Product code"),
    "lot_no": Words("批号", "Lot"),
    "expiry": Words("限期使用日期", "Expiry"),
    "product_name": Words("产品名称", "Product name"),
    "filing_number": Words("备案编号", "Filing number"),
    "use_period": Words("使用期限", "Use period"),
    "net_content": Words("净含量", "Net content"),
    "quantity": Words("数量", "Quantity"),
    "supplier_name": Words("供货者名称", "Supplier"),
    "supplier_address": Words("供货者地址", "Supplier's address"),
    "supplier_contact": Words("供货者联系方式", "Supplier's contact"),
    "supplier_proof": Words("市场主体登记证明", "Supplier's registration"),
    "inspection_ref": Words("出厂检验合格证明", "Ex-factory inspection"),
    "purchase_date": Words("购进日期", "Purchase date"),
    "container_id": Words("容器编号（C-…）", "Container code (C-…)"),
    "net_g": Words("容器净含量（克）", "Net mass of the container (g)"),
    "filled_on": Words("料盒灌装日期（零售包装留空）", "Cartridge filled on (empty for a retail pack)"),
}
DIGITS, DATES = ("quantity", "net_g"), ("expiry", "purchase_date", "filled_on")


def shift_screen(kiosk: Kiosk, request: Request) -> ShiftScreen:
    """What is done of today's opening, and what comes next."""
    shop, who = kiosk.shop, kiosk.signed(request)
    with shop.desk.read() as connection:
        now = shop.desk.now()
        bench = bench_facts(connection, shop.desk.site_id, shop.station.settings)
        fit = fitness_today(connection, shop.desk.site_id, now)
    today = beijing_date(now)
    weighed = bench.checked_at is not None and beijing_date(bench.checked_at) == today and bench.check_passed is True
    cleaned = bench.cleaned_at is not None and beijing_date(bench.cleaned_at) == today
    aired = bench.room_recorded_at is not None and beijing_date(bench.room_recorded_at) == today
    tasks = (
        ShiftTask("fitness", fit.get(who.staff_id) is True),
        ShiftTask("room", aired, bench.room_recorded_at if aired else None),
        ShiftTask("check-weigh", weighed, bench.checked_at if weighed else None),
        ShiftTask("cleaning", cleaned, bench.cleaned_at if cleaned else None),
    )
    current = next((one.key for one in tasks if not one.done), None)
    readings = kiosk.readings.get(who.kiosk, {})
    return ShiftScreen(
        tasks=tasks,
        current=current,
        statements=STATEMENTS,
        weights=tuple(CheckWeight(nominal, limit, readings.get(nominal)) for nominal, limit in NOMINALS),
        cleaning=CLEANING,
        live_url="/kiosk/live/bench" if current == "check-weigh" else None,
        live_mg=shop.station.devices.gauge().mg,
    )


def receive_screen(kiosk: Kiosk, values: dict[str, str], problems: dict[str, Words]) -> ReceiveScreen:
    shop = kiosk.shop
    with shop.desk.read() as connection:
        known = registers(connection, shop.desk.site_id, shop.desk.now())
    product = known.products.get(values.get("product_id", ""))
    lot = known.lots.get((values.get("product_id", ""), values.get("lot_no", "")))
    told = dict(values)
    if product is not None:
        told.setdefault("product_name", product.name_zh)
        told.setdefault("filing_number", product.filing_number)
    if lot is not None:
        told.setdefault("expiry", lot.expiry.isoformat())
        told.setdefault("use_period", lot.expiry.isoformat())
    fields = tuple(
        ReceiveField(
            name,
            words,
            told.get(name, ""),
            problems.get(name),
            "digits" if name in DIGITS else "date" if name in DATES else "text",
        )
        for name, words in FIELDS.items()
    )
    return ReceiveScreen(
        product=Words(product.name_zh, product.name_en) if product else None,
        filing_number=product.filing_number if product else None,
        lot_no=values.get("lot_no"),
        expiry=lot.expiry if lot else None,
        fields=fields,
    )


def _tenths(text: str, field: str) -> int:
    try:
        return int((Decimal(text) * 10).to_integral_value())
    except InvalidOperation:
        raise ValueError(f"{field}: {text[:12]} is no number") from None


def router(kiosk: Kiosk) -> APIRouter:
    door, shop = APIRouter(), kiosk.shop

    def show(request: Request, place: str) -> Response:
        return kiosk.page(request, "shift", screen=shift_screen(kiosk, request), frame=kiosk.frame(request))

    def after(_: Request) -> str:
        return "/kiosk/shift"

    @door.get("/kiosk/shift")
    def shift(request: Request) -> Response:
        return show(request, "/kiosk/shift")

    @door.post("/kiosk/shift/{task}")
    async def done(request: Request, task: str) -> Response:
        form = await request.form()
        ticked = set(map(str, form.getlist("item")))
        station = shop.station

        def work(actor: Actor) -> None:
            if task == "fitness":
                people.declare_fitness(shop.desk, actor.staff_id, form.get("unfit") is None and len(ticked) == 3)
            elif task == "room":
                temp, rh = _tenths(str(form.get("temp", "")), "temp"), _tenths(str(form.get("rh", "")), "rh")
                record_room(shop.desk, actor, temp, rh)
            elif task == "check-weigh":
                read = kiosk.readings.setdefault(actor.kiosk, {})
                nominal = next(one for one, _ in NOMINALS if one not in read)
                read[nominal] = station.devices.weigh().gross_mg
                if len(read) == len(NOMINALS):
                    points = list(kiosk.readings.pop(actor.kiosk).items())
                    check_scale(shop.desk, actor, station.settings, points, NOMINALS[0][1])
            elif task == "cleaning":
                if len(ticked) < len(CLEANING):
                    raise ValueError("item: every line of the cleaning is to be ticked")
                clean(shop.desk, actor, station.settings.bench_id, "、".join(sorted(ticked)), AGENT)
            elif task == "open":
                people.open_shift(shop.desk, actor.staff_id)
            else:
                raise ValueError(f"task: {task} is none")

        return await kiosk.act(request, work, lambda _: "/kiosk" if task == "open" else "/kiosk/shift", show)

    def show_receive(request: Request, place: str) -> Response:
        values = kiosk.receipts.get(kiosk.signed(request).kiosk, {})
        screen = receive_screen(kiosk, values, {})
        return kiosk.page(request, "receive", screen=screen, frame=kiosk.frame(request, scan_url="/kiosk/receive"))

    @door.get("/kiosk/receive")
    def receive(request: Request) -> Response:
        return show_receive(request, "/kiosk/receive")

    @door.post("/kiosk/receive")
    async def received(request: Request) -> Response:
        form = {name: str(value).strip() for name, value in (await request.form()).items()}

        def work(actor: Actor) -> None:
            if "code" in form:
                kiosk.receipts[actor.kiosk] = _scanned(kiosk, form["code"], kiosk.receipts.get(actor.kiosk, {}))
                return
            values = {name: form.get(name, "") for name in FIELDS}
            kiosk.receipts[actor.kiosk] = values
            filled_on = _day(values["filled_on"], "filled_on") if values["filled_on"] else None
            kind, net_mg = "cartridge" if filled_on else "retail_pack", _tenths(values["net_g"], "net_g") * 100
            one = NewContainer(values["container_id"], kind, net_mg, filled_on=filled_on)
            receive_lot(
                shop.desk,
                actor.staff_id,
                values["product_id"],
                values["lot_no"],
                _day(values["expiry"], "expiry"),
                {name: values[name] for name in RECEIPT_FIELDS},
                (one,) if values["container_id"] else (),
            )
            kiosk.receipts.pop(actor.kiosk, None)

        return await kiosk.act(request, work, lambda _: "/kiosk/receive", show_receive)

    return door


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{field}: {text[:12]} is no date such as 2027-05-31") from None


def _scanned(kiosk: Kiosk, code: str, values: dict[str, str]) -> dict[str, str]:
    scan = read_scan(code)
    if scan.kind == "container":
        return {**values, "container_id": scan.code}
    with kiosk.shop.desk.read() as connection:
        known = registers(connection, kiosk.shop.desk.site_id, kiosk.shop.desk.now())
    if scan.kind == "lot" and scan.lot is not None:
        product = next((one for one in known.products.values() if one.gtin == scan.gtin), None)
        return {**values, "product_id": product.product_id if product else "", "lot_no": scan.lot}
    found = next(((product, lot) for product, lot in known.lots if lot == code.strip()), None)
    if found is None:
        raise ValueError(f"code: {code[:40]} is no lot that head office lists")
    return {**values, "product_id": found[0], "lot_no": found[1]}
