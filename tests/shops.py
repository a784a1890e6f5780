"""A private shop without devices: real registers, database and commands, and a bench that does as it is told.

    with private_shop(tmp_path) as shop:
        unit_id = shop.released_unit()

The clock stands still until a test turns it (`shop.dial.seconds`). Each step of a service may be taken alone.
"""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree
from tempfile import mkdtemp

from store_service.blending import commands as blending
from store_service.blending.commands import Doser
from store_service.blending.queries import Unit, components_of, find_unit
from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.clock import Clock
from store_service.consultation.queries import pack_name
from store_service.demo import play as demo
from store_service.demo.overlay import Changes, Overlay, store_settings
from store_service.equipment.bench import (
    DeviceHealth,
    DeviceTrouble,
    DoseOrder,
    DoseReport,
    Flushed,
    FlushOrder,
    Gauge,
    Known,
    Tube,
    Weighed,
)
from store_service.equipment.check_weigh import check_scale
from store_service.labelling.commands import Press
from store_service.labelling.serials import Serial, serials_of
from store_service.people import commands as people
from store_service.records.desk import Actor
from store_service.shop import Shop, Station, begin, open_shop
from store_service.stock.queries import all_containers
from store_service.trace.identifiers import digital_link

CONFIG = Path(__file__).parents[1] / "config"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
BLENDER, OFFICER = Actor("s-01", "kiosk-1"), Actor("s-02", "kiosk-1")
ANSWERS = {
    "condition": "none",
    "age": "25_34",
    "allergy": "none",
    "feel": "tight",
    "goal": "moisture",
    "texture": "milky",
}
CONSENTS = {"allergy": True, "questionnaire": True}
EXPLAINED = ("contents", "traits", "cautions", "use_period", "storage", "patch_test")
FILL_MG, EMPTY_MG = 30_000, 18_000
SQLITE = "sqlite:///store.db"
PACK, PACK_LOT = "PK-30", "P-30-2609"


@dataclass
class Dial:
    """The shop's clock, turned by hand."""

    seconds: float = 0.0
    start: datetime = NOON
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = Clock(
            wall=lambda: self.start.timestamp() + self.seconds, mono=lambda: int((1_000 + self.seconds) * 1e9)
        )


@dataclass
class FakeBench:
    """Implements `equipment.bench.Bench` in memory. Whatever is dosed lands with `error_mg`, or as `lands_mg` says of a
    product; work waits in `queue`."""

    gross_mg: int = 0
    error_mg: int = 3
    lands_mg: dict[str, int] = field(default_factory=dict)
    printer_fault: str | None = None
    on_print: Callable[[], None] | None = None
    scale_fault: str | None = None
    outcome: str = "done"
    fault: str | None = None
    queue: deque[Callable[[], None]] = field(default_factory=deque)
    orders: list[DoseOrder] = field(default_factory=list)
    printed: list[tuple[int, int, bytes]] = field(default_factory=list)
    stops: int = 0
    fitted: list[int] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)

    def weigh(self) -> Weighed:
        if self.scale_fault is not None:
            raise DeviceTrouble("scale", self.scale_fault, "秤没有回答。", "The scale does not answer.")
        return Weighed(self.gross_mg, self._raw())

    def begin(self, order: DoseOrder, ended: Callable[[DoseReport], None]) -> None:
        self.orders.append(order)
        before = self._raw()
        landed = self.lands_mg.get(order.product_id, order.target_mg + min(self.error_mg, order.over_mg))
        self.gross_mg += landed
        outcome = self.outcome
        if outcome == "done" and landed > order.target_mg + order.over_mg:
            outcome = "over"
        report = DoseReport(
            order.dose_id, outcome, self.fault, self.gross_mg, before, self._raw(), b"[[0,0]]", 4_000, 1
        )
        self.queue.append(lambda: ended(report))

    def settle(self, dose_id: str) -> None:
        """A pour has landed as soon as it began."""

    def stop(self) -> None:
        self.stops += 1

    def print(self, bitmaps: list[tuple[int, int, bytes]], second: bool = False) -> None:
        if self.on_print is not None:
            self.on_print()
        if self.printer_fault is not None and not second:
            raise DeviceTrouble("printer", self.printer_fault, "打印机缺纸。", "The printer is out of paper.")
        self.printed += bitmaps

    def gauge(self) -> Gauge:
        return Gauge(self.gross_mg, True, 0, "ok")

    def flush(self, order: FlushOrder) -> Flushed:
        moved = order.enough_mg or order.volume_ul
        self.gross_mg += moved
        return Flushed(moved, order.volume_ul, None, "", self._raw())

    def tubes(self) -> list[Tube]:
        return [Tube(channel, "2026-03-01", 0, None, None) for channel in self.fitted]

    def fit_tube(self, channel: int) -> None:
        self.fitted.append(channel)

    def learned(self) -> list[Known]:
        return list(self.known)

    def forget(self, known: tuple[int, str, str, int]) -> bool:
        left = [one for one in self.known if (one.channel, one.product_id, one.lot_no, one.tube) != known]
        gone = len(left) < len(self.known)
        self.known = left
        return gone

    def health(self) -> list[DeviceHealth]:
        return [DeviceHealth(one, True, f"fake {one}") for one in ("scale", "dispenser", "printer")]

    def run(self) -> None:
        """Let everything happen that is under way."""
        while self.queue:
            self.queue.popleft()()

    def _raw(self) -> str:
        return f"S S {self.gross_mg / 1000:10.3f} g"


@dataclass
class PrivateShop:
    """An open shop and the hands of its people."""

    shop: Shop
    dial: Dial
    bench: FakeBench

    def morning(self, days: float) -> None:
        """So many days after the shop began: the clerk is fit, and the officer opens the shift."""
        self.dial.seconds = days * 24 * 3600
        people.declare_fitness(self.shop.desk, BLENDER.staff_id, True)
        people.open_shift(self.shop.desk, OFFICER.staff_id)

    @property
    def station(self) -> Station:
        return self.shop.station

    def unit(self, unit_id: str) -> Unit:
        with self.shop.desk.read() as connection:
            return find_unit(connection, self.shop.desk.site_id, unit_id)

    def serials(self, unit_id: str) -> list[Serial]:
        with self.shop.desk.read() as connection:
            return serials_of(connection, self.shop.desk.site_id, unit_id)

    def service(self) -> str:
        """A visit up to its proposal: notice, consents, answers."""
        counter = self.shop.counter
        service_id = counter.open(BLENDER)
        counter.show_notice(BLENDER, service_id, counter.texts.notice.version)
        counter.consent(BLENDER, service_id, CONSENTS)
        for question, value in ANSWERS.items():
            counter.answer(BLENDER, service_id, question, [value])
        counter.finish(BLENDER, service_id)
        return service_id

    def planned_unit(
        self, envelope_id: str = "ENV-LOTION", service_id: str | None = None, fill_mg: int = FILL_MG, pack: str = PACK
    ) -> str:
        desk = self.shop.desk
        with desk.read() as connection:
            envelope = registers(connection, desk.site_id, desk.now()).envelopes[envelope_id]
        service_id = service_id or self.service()
        return blending.plan_unit(desk, BLENDER, service_id, envelope_id, envelope.default_bp, fill_mg, pack)

    def cup_unit(self, unit_id: str, pack_lot: str = PACK_LOT, empty_mg: int = EMPTY_MG) -> str:
        """Verdict, cleared line, start, containers, empty cup; returns the batch number."""
        desk, settings = self.shop.desk, self.station.settings
        verdict = self.shop.counter.verdict(
            BLENDER, settings, self.shop.settings.public_base, self.unit(unit_id).service_id
        )
        assert verdict.allowed, [one.rule for one in verdict.refusals]
        blending.clear_line(desk, BLENDER, settings, unit_id, ("labels", "lots", "hands"))
        batch = blending.start_unit(desk, BLENDER, settings, unit_id)
        with desk.read() as connection:
            wanted = [part.product_id for part in components_of(connection, desk.site_id, unit_id)]
            opened = [one for one in all_containers(connection, desk.site_id) if one.state == "opened"]
        for product_id in wanted:
            code = next(one.container_id for one in opened if one.product_id == product_id)
            blending.scan_container(desk, BLENDER, settings, unit_id, code)
        self.bench.gross_mg = empty_mg
        blending.place_cup(desk, BLENDER, settings, self.bench, unit_id, pack_lot, visual_ok=True)
        return batch

    def dosed_unit(self, unit_id: str) -> None:
        """Every dose, pumped or poured, one after another."""
        while self.unit(unit_id).state in ("cup", "dosing"):
            self.station.doser.begin(BLENDER, unit_id)
            self.bench.run()

    def signed_unit(self, unit_id: str) -> str:
        """Check weigh, appearance, the releaser's signature; returns the signed digest."""
        desk, settings = self.shop.desk, self.station.settings
        blending.weigh(desk, BLENDER, settings, self.bench, unit_id)
        blending.inspect(
            desk, BLENDER, settings, unit_id, mixed=True, appearance_ok=True, odour_ok=True, homogeneous_ok=True
        )
        return blending.sign(desk, BLENDER, settings, unit_id, OFFICER.staff_id)

    def printed_unit(self, unit_id: str) -> str:
        """The label set is printed; returns the set's serial."""
        return self.station.press.print(BLENDER, unit_id)

    def scanned_unit(self, unit_id: str) -> bool:
        """Every label that is not void is scanned back; True once the unit is released."""
        unit, released = self.unit(unit_id), False
        for one in self.serials(unit_id):
            if one.state == "printed" and one.medium == "label":
                link = digital_link(self.shop.settings.public_base, unit.gtin, one.serial)
                released = self.station.press.scan_back(BLENDER, unit_id, link)
        return released

    def released_unit(self, envelope_id: str = "ENV-LOTION", service_id: str | None = None) -> str:
        """One unit through its whole life up to its release; returns the unit id."""
        unit_id = self.planned_unit(envelope_id, service_id)
        self.cup_unit(unit_id)
        self.dosed_unit(unit_id)
        self.signed_unit(unit_id)
        self.printed_unit(unit_id)
        assert self.scanned_unit(unit_id)
        self.bench.gross_mg = 0
        return unit_id

    def hand_over(self, unit_id: str) -> None:
        """The consumer takes the unit's service home."""
        service_id = self.unit(unit_id).service_id
        self.shop.counter.explain(BLENDER, service_id, EXPLAINED)
        self.shop.counter.hand_over(BLENDER, service_id, recall_card=True)


@contextmanager
def private_shop(
    folder: Path,
    *,
    dial: Dial | None = None,
    database: str = SQLITE,
    changes: Changes | None = None,
    opened_for_the_day: bool = True,
) -> Iterator[PrivateShop]:
    """The demo's shop in `folder`, registers imported, staff enrolled, the shift opened; no hub and no wires. `changes`
    are an overlay's of store, filer and opening. It goes on from a copy of what every such shop does first."""
    plain = opened_for_the_day and (dial, database, changes) == (None, SQLITE, None)
    if opened_for_the_day:
        copytree(_morning() if plain else _enrolled(), folder, dirs_exist_ok=True)
    with _opened(folder, dial or Dial(), database, changes) as private:
        if not opened_for_the_day:
            begin(private.shop)
        elif not plain:
            _begun(private.shop, changes)
        yield private


@cache
def _enrolled() -> Path:
    """The data folder of a shop with its tables and its staff's PINs, and nothing on record."""
    return _kept(lambda shop: demo.enrol_staff(shop, CONFIG / "demo"))


@cache
def _morning() -> Path:
    """The data folder of a plain shop whose shift was opened."""
    return _kept(_begun, _enrolled())


def _kept(done: Callable[[Shop], None], before: Path | None = None) -> Path:
    folder = Path(mkdtemp(prefix="private-shop-"))
    atexit.register(rmtree, folder)
    if before is not None:
        copytree(before, folder, dirs_exist_ok=True)
    with _opened(folder, Dial(), SQLITE, None) as private:
        done(private.shop)
        for database in (private.shop.desk.ledger.database, private.shop.vault.database):
            database.forget()
        return Path(copytree(folder, folder / "kept", ignore=ignore_patterns("kept", "*.lock", "*-wal", "*-shm")))


@contextmanager
def _opened(folder: Path, dial: Dial, database: str, changes: Changes | None) -> Iterator[PrivateShop]:
    settings = store_settings(CONFIG, dial.clock.now(), Overlay(changes or {}))
    bench_settings = settings.benches[0]
    alone = settings.model_copy(update={"benches": (), "hub": None, "database": database})
    filer = demo.filer(CONFIG / "demo", dial.clock.now(), changes)
    shop = open_shop(alone, CONFIG, folder, filer, dial.clock, demo=True)
    try:
        _unsynced(shop)
        bench = FakeBench()
        shop.stations[bench_settings.bench_id] = Station(
            bench_settings,
            bench,
            Doser(shop.desk, bench_settings, bench, spawn=bench.queue.append),
            Press(shop.desk, bench_settings, bench, settings.public_base, nickname=partial(pack_name, shop.vault)),
        )
        yield PrivateShop(shop, dial, bench)
    finally:
        shop.close()


def _unsynced(shop: Shop) -> None:
    """Nobody cuts the power here: spare the disk."""
    for database in (shop.desk.ledger.database, shop.vault.database):
        if database.dialect != "sqlite":
            continue
        raw = database.writer.raw_connection()
        raw.cursor().execute("PRAGMA synchronous=OFF")
        raw.close()


def _begun(shop: Shop, changes: Changes | None = None) -> None:
    begin(shop)
    documents, now = CONFIG / "demo", shop.desk.now()
    for document in demo.documents(documents, now, shop.settings.filer_id):
        import_register(shop.desk, document, by="import", valid_to=now + timedelta(days=7))
    demo.open_for_the_day(shop, documents, None, changes)
    weights = shop.station.settings.scale.check_weights_mg
    check_scale(shop.desk, OFFICER, shop.station.settings, {one: one for one in weights})
