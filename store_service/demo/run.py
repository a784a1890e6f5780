"""The demo as one process that starts the others: simulated bench, head office, shop; on real sockets."""

from __future__ import annotations

import json
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from store_service import app
from store_service.catalogue.commands import publish_register
from store_service.catalogue.queries import render
from store_service.clock import Clock
from store_service.demo import api as demo_api
from store_service.demo import play
from store_service.demo.fitted import fitted
from store_service.demo.overlay import Changes, Overlay, store_settings
from store_service.demo.time import demo_clock, join_clock, shifted
from store_service.evidence.keys import SigningKey, load_or_create
from store_service.line import Line, connect
from store_service.serve import bind, run
from store_service.settings import Demo, HubSettings, StoreSettings, read_hub
from store_service.shop import Shop, open_shop

WAIT_S = 60.0
STOP_S = 3.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """`free_ports`: pick them all. `speed`: plant seconds per second at the bench. `as_json`: one line when ready.

    `scale`, `pump`, `printer`: other simulated devices than the default, by the names of `simulators.bench --help`.
    """

    free_ports: bool = False
    overlay: Path | None = None
    speed: float = 1.0
    as_json: bool = False
    scale: str | None = None
    pump: str | None = None
    printer: str | None = None


def demo(config: Path, data: Path, options: Options) -> None:
    """The whole shop on one machine. Data in `data`, kept between runs; every run opens a new shift."""
    signal.signal(signal.SIGTERM, _leave)
    say = _silent if options.as_json else _progress()
    overlay = Overlay.read(options.overlay) if options.overlay else Overlay()
    clock = demo_clock(data, stands_at=overlay.clock)
    settings, head_office = store_settings(config, clock.now(), overlay), read_hub(config / "hub.toml")
    provision(settings, head_office, data)
    free = options.free_ports
    kiosk, phones = (bind(_free(one) if free else one) for one in (settings.listen.kiosk, settings.listen.phones))
    hub_listen = _free(head_office.listen) if free else head_office.listen
    if not free:
        bind(hub_listen).close()
    with _Family() as family:
        say("模拟工位 · simulated bench")
        bench = family.start(_bench_words(settings, clock, options))
        say("总部 · hub")
        hub = family.start(_hub_words(config, data, hub_listen, credulous=options.overlay is not None))
        settings = addressed(settings, bench, hub["url"], kiosk, phones)
        say("门店 · shop")
        filer = play.filer(_folder(config), clock.now(), overlay.changes)
        opened = open_shop(settings, config, data / "shop", filer, clock, demo=True)
        try:
            _serve(opened, config, data, overlay, (kiosk, phones), options, say, family.dismiss_last)
        finally:
            opened.close()


def demo_hub(config: Path, data: Path, listen: str | None, *, credulous: bool = False) -> None:
    """The demo's head office: publishes fresh registers at every start, and takes changed ones from two admins.
    `credulous`: without looking them over, for overlays that show what a shop refuses by itself."""
    settings, clock = read_hub(config / "hub.toml"), join_clock(data)
    door = bind(listen or settings.listen)
    opened = replace(app.open_hub(settings, config, data / "hub", clock), looks_over=not credulous)
    try:
        for document in play.documents(_folder(config), clock.now(), settings.filer_id):
            publish_register(opened.desk, document, by="hq-01", second="hq-02", reason="demo")
        served = app.hub_app(opened, public_base=_url(door), phone=settings.phone)
        run([(served, door)], ready=lambda: _tell({"url": _url(door)}), stopping=lambda: None)
    finally:
        opened.desk.ledger.seal()
        opened.database.close()


def _serve(
    opened: Shop,
    config: Path,
    data: Path,
    overlay: Overlay,
    doors: tuple[socket.socket, socket.socket],
    options: Options,
    say: Say,
    leaving: Callable[[], None],
) -> None:
    folder, now = _folder(config), opened.desk.now()
    line = connect(opened)
    _in_step(line)
    play.enrol_staff(opened, folder)
    say("开班：体检声明、砝码核查、清洁、收货 · opening the shift")
    play.open_for_the_day(opened, folder, play.Hands(_demo(opened.settings).bench_url), overlay.changes)
    _publish(opened, folder, data, overlay.changes)
    _in_step(line)
    archives = app.own_archives(opened)
    shop_door = app.shop_app(opened, line, archives)
    shop_door.include_router(demo_api.router)
    addresses = addresses_of(opened, data, config, options, now.isoformat())
    words = (lambda: _tell(addresses)) if options.as_json else (lambda: _show(addresses, opened, folder))
    served = list(zip((shop_door, app.phones_app(opened, archives)), doors, strict=True))
    run(served, ready=words, stopping=line.stop.set)
    line.join()
    leaving()


def _in_step(line: Line) -> None:
    """Everything pushed, and every register that head office has now in force here."""
    while line.courier is not None and line.courier.beat() == 0.0:
        pass


def _publish(opened: Shop, folder: Path, data: Path, changes: Changes) -> None:
    """Head office publishes what the overlay changes; two persons, over the wire."""
    settings = opened.settings
    first, second = (app.token_file(data / "hub" / f"admin-{number}.token") for number in (1, 2))
    tokens = {"authorization": f"Bearer {first}", "second-authorization": f"Bearer {second}"}
    for kind, document in play.changed_documents(folder, opened.desk.now(), settings.filer_id, changes).items():
        url = f"{settings.hub.url if settings.hub else ''}/api/v1/hub/registers/{kind}?reason=demo"
        answer = httpx.post(url, content=render(document), headers=tokens, timeout=10, trust_env=False)
        if answer.status_code != 201:
            raise ValueError(f"head office does not publish {kind}: {answer.text[:300]}")


def provision(settings: StoreSettings, head_office: HubSettings, data: Path) -> None:
    """What two people do once by hand when a shop is enrolled: exchange public keys and a token."""
    shop_data, hub_data = data / "shop", data / "hub"
    for folder in (shop_data, hub_data):
        (folder / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    reader = app.token_file(hub_data / "qa.token")
    app.token_file(shop_data / "qa.token", lambda: reader)
    key = load_or_create(shop_data / "keys" / "store.key", settings.log_origin, SigningKey)
    mirror, registers = app.hub_keys(head_office, hub_data)
    for one in head_office.stores:
        if one.store_id == settings.shop.store_id and settings.hub is not None:
            (hub_data / one.log_key_file).write_text(f"{key.verifier}\n", "utf-8")
            token = app.token_file(hub_data / one.token_file)
            (shop_data / settings.hub.token_file).write_text(token + "\n", "utf-8")
            (shop_data / settings.hub.token_file).chmod(0o600)
            (shop_data / settings.hub.keys_file).write_text(f"{mirror.verifier}\n{registers.verifier}\n", "utf-8")


def addressed(
    settings: StoreSettings, bench: Mapping[str, Any], hub_url: str, kiosk: socket.socket, phones: socket.socket
) -> StoreSettings:
    """The settings with the addresses that everything really listens on."""
    station = fitted(settings.benches[0], bench["settings"])
    listen = settings.listen.model_copy(
        update={"kiosk": _url(kiosk).removeprefix("http://"), "phones": _url(phones).removeprefix("http://")}
    )
    return settings.model_copy(
        update={
            "benches": (station, *settings.benches[1:]),
            "hub": settings.hub and settings.hub.model_copy(update={"url": hub_url}),
            "demo": _demo(settings).model_copy(update={"bench_url": bench["http_url"]}),
            "listen": listen,
            "public_base": f"http://{lan_address()}:{phones.getsockname()[1]}",
        }
    )


def addresses_of(opened: Shop, data: Path, config: Path, options: Options, now: str) -> dict[str, Any]:
    """Where everything is, and how to get in."""
    settings, hub_data = opened.settings, data / "hub"
    kiosk = f"http://{settings.listen.kiosk}"
    return {
        "ready": True,
        "demo": True,
        "kiosk": kiosk,
        "api": f"{kiosk}/api/v1",
        "openapi": f"{kiosk}/openapi.json",
        "qa": f"{kiosk}/qa",
        "hub": settings.hub.url if settings.hub else None,
        "bench": _demo(settings).bench_url,
        "phones": settings.public_base,
        "scale": settings.benches[0].scale.port,
        "qa_token": app.token_file(hub_data / "qa.token"),
        "tokens": {name: str(hub_data / f"{name}.token") for name in ("qa", "admin-1", "admin-2")},
        "staff": str(_folder(config) / "staff.toml"),
        "data": str(data),
        "now": now,
        "clock_shifted": shifted(opened.desk.ledger.clock),
        "speed": options.speed,
        "overlay": options.overlay.name if options.overlay else None,
    }


def _show(addresses: Mapping[str, Any], opened: Shop, folder: Path) -> None:
    badges = play.read(folder, "staff.toml", opened.desk.now())["staff"]
    rows = [
        ("kiosk 操作屏", f"{addresses['kiosk']}/"),
        ("API", f"{addresses['api']}   {addresses['openapi']}"),
        ("QA 质量", addresses["qa"]),
        ("hub 总部", f"{addresses['hub'] or '-'}/"),
        ("bench 模拟工位", f"{addresses['bench']}/"),
        ("phone 手机", f"{addresses['phones']}/01/…"),
        ("QA token", addresses["qa_token"]),
        ("sign in 登录", "  ".join(f"{one['badge']} / {one['pin']}" for one in badges[:2])),
    ]
    sys.stdout.write("\n" + "".join(f"  {name:<16}{value}\n" for name, value in rows) + "\n  Ctrl-C 停止 · stops all\n")
    sys.stdout.flush()


def _demo(settings: StoreSettings) -> Demo:
    if settings.demo is None:
        raise ValueError("store.toml has no [demo]: this is a real shop, use `store-service serve`")
    return settings.demo


def _folder(config: Path) -> Path:
    return config / "demo"


def _bench_words(settings: StoreSettings, clock: Clock, options: Options) -> list[str]:
    station = settings.benches[0]
    ports = {
        "--http-port": _demo(settings).bench_url,
        "--scale-port": station.scale.port,
        "--pump-port": station.dispenser.url if station.dispenser else ":0",
        "--printer-port": ":0",
        "--relay-port": ":4005",
    }
    words = [sys.executable, "-m", "simulators.bench", "--json", "--speed", str(options.speed)]
    for name, one, other in (
        ("printer", station.printer, options.printer),
        ("second-printer", station.second_printer, None),
    ):
        if one is not None:
            words += [f"--{name}", other or one.language, f"--{name}-dpi", str(one.dpi)]
            ports[f"--{name}-port"] = one.url
    for name, chosen in (("scale", options.scale), ("pump", options.pump)):
        words += [f"--{name}", chosen] if chosen else []
    words += ["--clock-offset-s", str(int(clock.offset / timedelta(seconds=1)))]
    for name, url in ports.items():
        words += [name, "0" if options.free_ports else url.rpartition(":")[2]]
    return words


def _hub_words(config: Path, data: Path, listen: str, *, credulous: bool) -> list[str]:
    folders = ["--config", str(config), "--data", str(data)]
    words = [sys.executable, "-m", "store_service.cli", "demo-hub", *folders, "--listen", listen]
    return [*words, "--credulous"] if credulous else words


@dataclass
class _Family:
    """The demo's other processes: all are told to stop at once, however this one leaves."""

    members: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, words: list[str]) -> dict[str, Any]:
        """Begin a process; what it tells as one JSON line once it is ready."""
        child = subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True)
        self.members.append(child)
        return _first_line(child, words[2])

    def dismiss_last(self) -> None:
        """Head office, started last, may go while the shop is still closing: nobody waits for it."""
        self.members[-1].terminate()

    def __enter__(self) -> _Family:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.members:
            child.terminate()
        until = time.monotonic() + STOP_S
        for child in self.members:
            try:
                child.wait(timeout=max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if child.stdout is not None:
                child.stdout.close()


def _first_line(child: subprocess.Popen[bytes], name: str) -> dict[str, Any]:
    assert child.stdout is not None
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        ready = waiting.select(WAIT_S)
    line = child.stdout.readline() if ready else b""
    if not line:
        raise ValueError(f"a part of the demo did not come up: {name} (exit {child.poll()})")
    told: dict[str, Any] = json.loads(line)
    return told


def _free(address: str) -> str:
    return f"{address.rpartition(':')[0]}:0"


def _url(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    return f"http://{host}:{port}"


def lan_address() -> str:
    """This machine's address in its own network, 127.0.0.1 without one. No packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _leave(number: int, _: object) -> None:
    """Told to stop before there is a server to stop: leave through every `finally`, so that no child stays behind."""
    raise SystemExit(128 + number)


def _tell(facts: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _silent(words: str) -> None:
    """Nobody reads progress between the lines of a machine."""


def _progress() -> Say:
    begun = time.monotonic()

    def say(words: str) -> None:
        sys.stdout.write(f"  {time.monotonic() - begun:5.1f} s  {words}\n")
        sys.stdout.flush()

    return say
