"""A private shop on a simulated bench: real sockets, real HTTP, every address its own.

    with shop_on_bench(tmp_path, seed=3) as place:
        unit_id = place.kiosk.unit("dosed")
        place.fault("scale_unplugged")

`place.kiosk` speaks the public HTTP API and nothing else; `place.bench` is the truth. `apart=True` runs the service as
a process of its own, so that it can be killed.
"""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import uvicorn

from simulators.bench import RunningBench, running_bench
from store_service import app
from store_service.catalogue.commands import import_register
from store_service.clock import Clock
from store_service.demo import play as demo
from store_service.equipment.check_weigh import check_scale
from store_service.line import Line
from store_service.records.desk import Actor
from store_service.serve import _Server, bind
from store_service.settings import StoreSettings, read_store
from store_service.shop import Shop, begin, open_shop
from tests.clerk import Kiosk, until

CONFIG = Path(__file__).parents[1] / "config"


@dataclass
class Place:
    """The bench, the shop beside it, and a kiosk."""

    folder: Path
    config: Path
    bench: RunningBench
    settings: StoreSettings
    apart: bool
    shop: Shop | None = None
    process: subprocess.Popen[bytes] | None = None
    kiosk: Kiosk = field(init=False)
    _server: _Server | None = None
    _thread: threading.Thread | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def opened(self) -> Shop:
        """The shop in this process; there is none when it runs apart."""
        assert self.shop is not None
        return self.shop

    def fault(self, name: str, on: bool = True, channel: int | None = None) -> None:
        self.bench.fault(name, on, channel)

    def in_cup_mg(self) -> float:
        """What truly is in the cup on the pan."""
        return float(self.bench.do(lambda plant: plant.cup.content_mg if plant.cup else 0.0))

    def landed_more_than(self, mass_mg: int) -> None:
        until(lambda: self.in_cup_mg() > mass_mg, f"{mass_mg} mg in the cup")

    def pumping(self) -> bool:
        return bool(self.bench.do(lambda plant: any(one.turning for one in plant.channels.values())))

    def start(self) -> None:
        """Open the shop on its data and serve it."""
        if self.apart:
            words = [sys.executable, "-m", "store_service.cli", "serve"]
            self.process = subprocess.Popen(
                [*words, "--config", str(self.config), "--data", str(self.data)], start_new_session=True
            )
            url = f"http://{self.settings.listen.kiosk}"
            until(lambda: self._answers(url), "the service answers")
        else:
            self.shop = open_private(self.settings, self.config, self.data)
            door = bind("127.0.0.1:0")
            url = f"http://127.0.0.1:{door.getsockname()[1]}"
            self._server = _Server(uvicorn.Config(_app(self.shop), log_config=None, access_log=False))
            self._thread = threading.Thread(target=self._server.run, args=([door],), name="kiosk door", daemon=True)
            self._thread.start()
            until(lambda: self._server and self._server.started, "the door opens")
        self.url = url

    def _answers(self, url: str) -> bool:
        assert self.process is not None and self.process.poll() is None, "the service ended"
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{url}/api/v1/texts", timeout=1, trust_env=False).is_success
        return False

    def stop(self) -> None:
        """Close the shop as Ctrl-C does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
            self.process = None
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)
            self._server = None
        if self.shop is not None:
            self.shop.close()
            self.shop = None

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)
        self.process = None

    def restart(self) -> None:
        """Close, open again on the same data; sessions live on."""
        self.stop()
        self.start()
        self.kiosk.client.base_url = f"{self.url}/api/v1"


def _app(shop: Shop) -> Any:
    return app.shop_app(shop, Line(None, threading.Event()))


def open_private(settings: StoreSettings, config: Path, data: Path, clock: Clock | None = None) -> Shop:
    clock = clock or Clock()
    shop = open_shop(settings, config, data, demo.filer(config / "demo", clock.now()), clock, demo=True)
    begin(shop)
    return shop


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


def private_config(folder: Path, bench: RunningBench) -> Path:
    """A copy of the demo's configuration: this bench's addresses, free ports, no head office."""
    config = folder / "config"
    copytree(CONFIG, config)
    text = (config / "store.toml").read_text("utf-8")
    text = re.sub(r"\[hub\].*?(?=\n\[)", "", text, flags=re.DOTALL)
    for old, new in {
        ":4001": f":{bench.scale_port}",
        ":4002": f":{bench.pump_port}",
        ":4003": f":{bench.printer_port}",
        "127.0.0.1:8080": f"127.0.0.1:{free_port()}",
        "0.0.0.0:8081": f"127.0.0.1:{free_port()}",
        "http://127.0.0.1:8070": bench.http_url,
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    made = bench.bench.settings
    text = text.replace('language = "escpos"', f'language = "{made.printer_language}"')
    text = re.sub(r"^dpi = 203", f"dpi = {made.printer_dpi}", text, flags=re.MULTILINE)
    if made.second_printer_language is not None:
        text += (
            f'\n[benches.second_printer]\nurl = "tcp://127.0.0.1:{bench.second_printer_port}"\n'
            f'language = "{made.second_printer_language}"\ndpi = {made.second_printer_dpi}\nstock = "72x60"\n'
        )
    (config / "store.toml").write_text(text, "utf-8")
    return config


@contextlib.contextmanager
def shop_on_bench(folder: Path, *, apart: bool = False, **bench_settings: Any) -> Iterator[Place]:
    """A shop with its shift opened, on a bench of its own. Keywords go to the bench."""
    with running_bench(**bench_settings) as bench:
        config = private_config(folder, bench)
        place = Place(folder, config, bench, read_store(config / "store.toml"), apart)
        documents = config / "demo"
        shop = open_private(place.settings, config, place.data)
        try:
            registers = demo.documents(documents, shop.desk.now(), place.settings.filer_id)
            for one in registers.values() if isinstance(registers, dict) else registers:
                import_register(shop.desk, one, by="import", valid_to=shop.desk.now() + timedelta(days=7))
            demo.enrol_staff(shop, documents)
            demo.open_for_the_day(shop, documents, None)
            demo.load_bench(shop, demo.Hands(bench.http_url))
            weights = shop.station.settings.scale.check_weights_mg
            check_scale(shop.desk, Actor("s-02", "opening"), shop.station.settings, {one: one for one in weights})
        finally:
            shop.close()
        place.start()
        try:
            place.kiosk = Kiosk(place.url, bench)
            with contextlib.closing(place.kiosk.client):
                yield place
        finally:
            place.stop()
