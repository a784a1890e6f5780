"""One shop, opened: every noun's working parts in one place. Built by the composition roots, read by the faces."""

from __future__ import annotations

import os
import secrets
import shutil
import uuid
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from store_service.blending.commands import Doser
from store_service.blending.queries import open_dose, open_units
from store_service.clock import Clock
from store_service.consultation import texts
from store_service.consultation.commands import Counter
from store_service.consultation.queries import pack_name
from store_service.database.engines import Database, DatabaseUnusable
from store_service.equipment import devices
from store_service.equipment.bench import Bench
from store_service.equipment.check_weigh import CheckWeighing
from store_service.equipment.live import LiveBench
from store_service.evidence.keys import SigningKey, load_or_create
from store_service.labelling.commands import Press
from store_service.labelling.voiding import void_unconfirmed
from store_service.privacy.retention import sweep
from store_service.privacy.vault import Vault
from store_service.records import events, projections
from store_service.records.desk import Desk
from store_service.records.events.blending import UnitStopped
from store_service.records.events.site import ServiceStarted
from store_service.records.keys import forget_keys
from store_service.records.ledger import Ledger
from store_service.rules.case import Site
from store_service.rules.catalogue import load
from store_service.rules.dossier import Filer
from store_service.settings import BenchSettings, StoreSettings, database_url
from store_service.sync.startup import verify_log
from store_service.upkeep import bring_up

log = structlog.get_logger()
BUILD = "0.1.0"
LEAST_FREE_BYTES = 200_000_000
_registered = (events, projections)


@dataclass(frozen=True)
class Station:
    """One bench with what works on it."""

    settings: BenchSettings
    devices: Bench
    doser: Doser
    press: Press
    check_weighing: CheckWeighing = field(default_factory=CheckWeighing)


@dataclass
class Shop:
    """`frozen` on the ledger says in words why nothing may be blended; `demo` marks the simulated shop."""

    settings: StoreSettings
    data: Path
    desk: Desk
    vault: Vault
    counter: Counter
    stations: dict[str, Station]
    demo: bool = False
    closers: list[LiveBench] = field(default_factory=list)

    @property
    def station(self) -> Station:
        """The only bench of a shop with one bench, else the first."""
        return next(iter(self.stations.values()))

    def station_of(self, bench_id: str | None) -> Station:
        return self.stations.get(bench_id or "", self.station)

    def close(self) -> None:
        """Stop what moves, sign what is open, release files and lines."""
        for one in self.closers:
            one.close()
        if self.desk.ledger.frozen is None:
            self.desk.ledger.seal()
        self.desk.ledger.database.close()
        self.vault.database.close()


def open_shop(
    settings: StoreSettings, config: Path, data: Path, filer: Filer, clock: Clock, *, demo: bool = False
) -> Shop:
    """Open the database, check the log, connect the benches; nothing is recorded before `begin`.

    Raises DatabaseUnusable or KeyRefused in words.
    """
    data.mkdir(parents=True, exist_ok=True)
    require_space(data)
    database = Database(database_url(settings.database, data))
    bring_up(database, data)
    keys = data / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    (data / "privacy").mkdir(mode=0o700, exist_ok=True)
    key = load_or_create(keys / "store.key", settings.log_origin, SigningKey)
    ledger = Ledger(database, settings.shop.store_id, key, clock, uuid.uuid4().hex[:12])
    verify_log(ledger)
    shop = settings.shop
    licence = shop.store_licence
    site = Site(
        store_id=shop.store_id,
        province=shop.province,
        ownership=shop.ownership,
        filer=filer,
        licence_number=licence.number if licence else None,
        licence_valid_to=licence.valid_to if licence else None,
        benches=len(settings.benches),
    )
    desk = Desk(ledger, load(config / "rules", config / "provinces.toml"), site, shop, BUILD, settings.hub is not None)
    vault = open_vault(data)
    counter = Counter(desk, vault, texts.read(config / (settings.demo.documents if settings.demo else "texts")))
    opened = Shop(settings, data, desk, vault, counter, {}, demo)
    for bench in settings.benches:
        live = LiveBench(
            bench,
            devices.scale(bench.scale),
            devices.dispenser(bench.dispenser) if bench.dispenser else None,
            devices.printer(bench.printer) if bench.printer else None,
            data / "learned",
            second_printer=devices.printer(bench.second_printer) if bench.second_printer else None,
            today=lambda: clock.now().date(),
        )
        live.open()
        opened.closers.append(live)
        opened.stations[bench.bench_id] = Station(
            bench,
            live,
            Doser(desk, bench, live),
            Press(desk, bench, live, settings.public_base, nickname=partial(pack_name, vault)),
        )
    return opened


def open_vault(data: Path) -> Vault:
    """The shop's vault in its data folder. Raises DatabaseUnusable while another process holds it."""
    (data / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    return Vault(Database(f"sqlite:///{data / 'privacy' / 'vault.db'}"), _pepper(data / "keys" / "pepper"))


def begin(shop: Shop) -> None:
    """Put the start on record, and what the last process left in mid-dose: half-made, never gone on with by itself; and
    in mid-print: void, whether it came out or not.

    Comes after head office was asked how far this log had come: an entry before that could be the first of a fork.
    """
    desk = shop.desk
    if desk.ledger.frozen is not None:
        return
    with desk.act("service") as act:
        act.record(
            ServiceStarted(
                build=desk.build,
                engine=desk.ledger.database.dialect,
                ruleset_version=desk.ruleset.version,
                ruleset_sha256=desk.ruleset.digest,
                log_size=act.size,
            )
        )
        void_unconfirmed(desk, act, "restart")
        for unit in open_units(act.connection, desk.site_id):
            if unit.state == "dosing" and open_dose(act.connection, desk.site_id, unit.id) is not None:
                act.record(UnitStopped(unit_id=unit.id, reason="restart"))
    forget_what_is_over(shop)


def forget_what_is_over(shop: Shop) -> None:
    """Every personal record that nothing keeps any more, and the keys of requests that nobody sends again."""
    forget_keys(shop.desk.ledger)
    sweep(shop.desk, shop.vault, shop.counter.texts.purpose_of, shop.desk.now())


def require_space(data: Path) -> None:
    """Raises DatabaseUnusable when the disk is nearly full: a record that cannot be written must not be begun."""
    free = shutil.disk_usage(data).free
    if free < LEAST_FREE_BYTES:
        raise DatabaseUnusable(
            f"磁盘只剩 {free // 1_000_000} MB，请先清理出至少 200 MB。",
            f"Only {free // 1_000_000} MB of disk are left; free at least 200 MB first.",
        )


def _pepper(path: Path) -> bytes:
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()
