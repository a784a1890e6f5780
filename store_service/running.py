"""Processes: a shop, a hub, and the demo that starts both beside a simulated bench."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx

from store_service import app
from store_service import demo as play
from store_service.catalogue.commands import publish_register
from store_service.clock import Clock
from store_service.evidence.keys import SigningKey, load_or_create
from store_service.line import connect
from store_service.rules.dossier import Filer
from store_service.serve import bind, run
from store_service.settings import Demo, HubSettings, StoreSettings, read_hub, read_store
from store_service.shop import Shop, open_shop

WAIT_S = 30.0


def shop(
    config: Path, data: Path, clock: Clock, *, is_demo: bool = False, ready: Callable[[Shop], None] | None = None
) -> None:
    """Run one shop until it is told to stop."""
    settings = read_store(config / "store.toml")
    kiosk, phones = bind(settings.listen.kiosk), bind(settings.listen.phones)
    opened = open_shop(settings, config, data, _filer(settings, config, clock), clock, demo=is_demo)
    try:
        line = connect(opened)
        doors = [(app.shop_app(opened, line), kiosk), (app.phones_app(opened), phones)]
        run(doors, ready=lambda: ready(opened) if ready else None, stopping=line.stop.set)
        if line.courier is not None:
            line.courier.join()
    finally:
        opened.close()


def _filer(settings: StoreSettings, config: Path, clock: Clock) -> Filer:
    folder = config / (settings.demo.documents if settings.demo else "texts")
    return play.filer(folder, clock.now())


def hub(settings: HubSettings, config: Path, data: Path, clock: Clock, *, publish: Path | None = None) -> None:
    """Run head office until it is told to stop; `publish` is the demo's folder of registers."""
    door = bind(settings.listen)
    opened = app.open_hub(settings, config, data, clock)
    try:
        if publish is not None:
            for document in play.documents(publish, clock.now(), settings.filer_id):
                publish_register(opened.desk, document, by="hq-01", second="hq-02", reason="demo")
        run([(app.hub_app(opened), door)], ready=lambda: None, stopping=lambda: None)
    finally:
        opened.desk.ledger.seal()
        opened.database.close()


def demo(config: Path, data: Path) -> None:
    """The whole shop on one machine. Data in `data`, kept between runs; every run opens a new shift."""
    say = _progress()
    settings, head_office = read_store(config / "store.toml"), read_hub(config / "hub.toml")
    folder = config / "demo"
    clock = play.demo_clock(data)
    provision(settings, head_office, data)
    for address in (settings.listen.kiosk, settings.listen.phones, head_office.listen):
        bind(address).close()
    children: list[subprocess.Popen[bytes]] = []
    try:
        say("模拟工位 · simulated bench")
        children.append(_bench(settings, clock))
        _wait_for(_demo(settings).bench_url + "/api/cup", children[0])
        say("总部 · hub")
        children.append(_hub(config, data))
        _wait_for(f"http://{head_office.listen}/healthz", children[1])
        say("门店 · shop")
        _serve_demo(config, data, clock, folder, say)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(timeout=3)
            except subprocess.TimeoutExpired:
                child.kill()


def _serve_demo(config: Path, data: Path, clock: Clock, folder: Path, say: Callable[[str], None]) -> None:
    settings = read_store(config / "store.toml")
    kiosk, phones = bind(settings.listen.kiosk), bind(settings.listen.phones)
    settings = settings.model_copy(update={"public_base": f"http://{lan_address()}:{phones.getsockname()[1]}"})
    opened = open_shop(settings, config, data / "shop", play.filer(folder, clock.now()), clock, demo=True)
    try:
        line = connect(opened)
        if line.courier is not None:
            line.courier.beat()
        play.enrol_staff(opened, folder)
        say("开班：体检声明、砝码核查、清洁、收货 · opening the shift")
        play.open_for_the_day(opened, folder, play.Hands(_demo(settings).bench_url))
        doors = [(app.shop_app(opened, line), kiosk), (app.phones_app(opened), phones)]
        run(doors, ready=lambda: _addresses(opened, data, folder), stopping=line.stop.set)
        if line.courier is not None:
            line.courier.join()
    finally:
        opened.close()


def demo_hub(config: Path, data: Path) -> None:
    """The demo's head office: publishes fresh registers at every start."""
    hub(read_hub(config / "hub.toml"), config, data / "hub", play.demo_clock(data), publish=config / "demo")


def provision(settings: StoreSettings, head_office: HubSettings, data: Path) -> None:
    """What two people do once by hand when a shop is enrolled: exchange public keys and a token."""
    shop_data, hub_data = data / "shop", data / "hub"
    for folder in (shop_data, hub_data):
        (folder / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    key = load_or_create(shop_data / "keys" / "store.key", settings.log_origin, SigningKey)
    mirror, registers = app.hub_keys(head_office, hub_data)
    for one in head_office.stores:
        if one.store_id == settings.shop.store_id and settings.hub is not None:
            (hub_data / one.log_key_file).write_text(f"{key.verifier}\n", "utf-8")
            token = app.token_file(hub_data / one.token_file)
            (shop_data / settings.hub.token_file).write_text(token + "\n", "utf-8")
            (shop_data / settings.hub.token_file).chmod(0o600)
            (shop_data / settings.hub.keys_file).write_text(f"{mirror.verifier}\n{registers.verifier}\n", "utf-8")


def _demo(settings: StoreSettings) -> Demo:
    if settings.demo is None:
        raise ValueError("store.toml has no [demo]: this is a real shop, use `store-service serve`")
    return settings.demo


def _bench(settings: StoreSettings, clock: Clock) -> subprocess.Popen[bytes]:
    station = settings.benches[0]
    ports = {
        "--http-port": _demo(settings).bench_url.rpartition(":")[2],
        "--scale-port": station.scale.port.rpartition(":")[2],
        "--pump-port": station.dispenser.url.rpartition(":")[2] if station.dispenser else "0",
        "--printer-port": station.printer.url.rpartition(":")[2] if station.printer else "0",
        "--clock-offset-s": str(int(clock.offset / timedelta(seconds=1))),
    }
    words = [sys.executable, "-m", "simulators.bench", *(part for pair in ports.items() for part in pair)]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True)


def _hub(config: Path, data: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "store_service.cli", "demo-hub", "--config", str(config), "--data", str(data)]
    return subprocess.Popen(words, start_new_session=True)


def _wait_for(url: str, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        if child.poll() is not None:
            raise ValueError(f"a part of the demo ended at once (exit {child.returncode}): {url}")
        try:
            if httpx.get(url, timeout=1, trust_env=False).status_code < 500:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise ValueError(f"{url} did not answer within {WAIT_S:.0f} s")


def lan_address() -> str:
    """This machine's address in its own network, 127.0.0.1 without one. No packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _addresses(opened: Shop, data: Path, folder: Path) -> None:
    kiosk = f"http://{opened.settings.listen.kiosk}"
    rows = [
        ("kiosk 点单屏", f"{kiosk}/"),
        ("API", f"{kiosk}/api/v1   {kiosk}/openapi.json"),
        ("QA 质量", f"{kiosk}/qa"),
        ("hub 总部", f"{opened.settings.hub.url if opened.settings.hub else '-'}/"),
        ("bench 模拟工位", f"{_demo(opened.settings).bench_url}/"),
        ("phone 手机", f"{opened.settings.public_base}/01/…"),
        ("QA token", app.token_file(data / "hub" / "qa.token")),
    ]
    badges = play.read(folder, "staff.toml", opened.desk.now())["staff"]
    rows.append(("sign in 登录", "  ".join(f"{one['badge']} / {one['pin']}" for one in badges[:2])))
    sys.stdout.write("\n" + "".join(f"  {name:<16}{value}\n" for name, value in rows) + "\n  Ctrl-C 停止 · stops all\n")
    sys.stdout.flush()


def _progress() -> Callable[[str], None]:
    begun = time.monotonic()

    def say(words: str) -> None:
        sys.stdout.write(f"  {time.monotonic() - begun:5.1f} s  {words}\n")
        sys.stdout.flush()

    return say
