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
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import uvicorn
import zxingcpp
from PIL import Image

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

CONFIG = Path(__file__).parents[1] / "config"
PACKS = {
    15_000: ("PK-15", "P-15-2609", 12_000),
    30_000: ("PK-30", "P-30-2609", 18_000),
    50_000: ("PK-50", "P-50-2609", 25_500),
}
ANSWERS = {
    "condition": ["none"],
    "age": ["25_34"],
    "allergy": ["none"],
    "feel": ["tight"],
    "goal": ["moisture"],
    "texture": ["milky"],
}
LIFE = ("planned", "started", "scanned", "cup", "dosed", "checked", "signed", "printed", "released")
PATIENCE_S = 60.0


def until(true: Callable[[], Any], what: str, within_s: float = PATIENCE_S) -> Any:
    """Wait for something that another thread or process brings about; its first true value."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError(f"not within {within_s:.0f} s: {what}")


@dataclass
class Kiosk:
    """One screen with a person signed in, and that person's hands at the bench."""

    url: str
    bench: RunningBench
    name: str = "k1"
    badge: str = "B-1001"
    pin: str = "135790"
    client: httpx.Client = field(init=False)
    begun: list[str] = field(default_factory=list)
    """Units that were started here, to be cleared away."""

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=f"{self.url}/api/v1", timeout=30, trust_env=False)
        self.sign_in()

    def sign_in(self) -> None:
        told = self.do("/sign-in", {"badge": self.badge, "pin": self.pin, "kiosk": self.name})
        self.client.headers["authorization"] = f"Bearer {told['token']}"

    def ask(self, path: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> httpx.Response:
        """POST; whatever the answer is."""
        headers = {"idempotency-key": key} if key else {}
        return self.client.post(path, json=dict(body or {}), headers=headers)

    def do(self, path: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> dict[str, Any]:
        """POST; the answer of a command that was carried out."""
        answer = self.ask(path, body, key)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def state(self, unit_id: str) -> dict[str, Any]:
        told: dict[str, Any] = self.get(f"/units/{unit_id}")
        return told

    # One unit's life, step by step.

    def visit(self) -> str:
        """A service up to the end of its consultation."""
        service_id: str = self.do("/services")["service_id"]
        at = f"/services/{service_id}"
        self.do(f"{at}/notice", {"version": self.get("/texts")["notice"]["version"]})
        self.do(f"{at}/consents", {"purposes": {"allergy": True, "questionnaire": True}})
        for question, values in ANSWERS.items():
            self.do(f"{at}/answers", {"question": question, "values": values})
        self.do(f"{at}/consultation")
        return service_id

    def plan(self, envelope: str, fill_mg: int = 15_000, shares: Sequence[int] = (), service: str = "") -> str:
        service_id = service or self.visit()
        known = {one["envelope_id"]: one for one in self.get(f"/services/{service_id}/proposal")["envelopes"]}
        body = {
            "envelope_id": envelope,
            "shares_bp": list(shares) or known[envelope]["default_bp"],
            "fill_mg": fill_mg,
            "pack_sku": PACKS[fill_mg][0],
        }
        planned: str = self.do(f"/services/{service_id}/units", body)["units"][-1]["unit_id"]
        return planned

    def start(self, unit_id: str) -> None:
        self.do(f"/services/{self.state(unit_id)['service_id']}/verdict")
        self.begun.append(unit_id)
        self.do(f"/units/{unit_id}/clearance", {"items": ["labels", "lots", "hands"]})
        self.do(f"/units/{unit_id}/start")

    def scan(self, unit_id: str) -> None:
        opened = [one for one in self.get("/containers") if one["state"] == "opened"]
        containers = sorted(opened, key=lambda one: one["position"] is None)
        for part in self.state(unit_id)["components"]:
            code = next(one["container_id"] for one in containers if one["product_id"] == part["product_id"])
            self.do(f"/units/{unit_id}/scans", {"code": code})

    def cup(self, unit_id: str) -> None:
        sku, lot, tare_mg = PACKS[self.state(unit_id)["target_mg"]]
        self.put_on(tare_mg, sku)
        self.do(f"/units/{unit_id}/cup", {"code": lot, "visual_ok": True})

    def begin(self, unit_id: str) -> dict[str, Any]:
        """Start the next dose, and pour where it is a pour; the dose."""
        told = self.do(f"/units/{unit_id}/doses")
        dose: dict[str, Any] = told["doses"][-1]
        if dose["how"] == "poured" and dose["outcome"] is None:
            self.pour(dose["product_id"], dose["target_mg"])
        return dose

    def pour(self, product: str, mass_mg: int, rate_mg_s: int = 10_000) -> None:
        self.hand("/api/pour", {"product": product, "mg": mass_mg, "rate_mg_s": rate_mg_s})

    def dose(self, unit_id: str) -> None:
        """Every dose. A busy machine may starve the supervisor of readings: then the clerk goes on, as a clerk does."""
        for _ in range(12):
            unit = until(lambda: self.resting(unit_id), "the dose comes to its end")
            if unit["state"] == "dosed":
                return
            if unit["state"] == "stopped":
                assert unit["stop_reason"] in ("scale_stale", "not_stable", "not_rising", "time_budget"), unit
                self.resume(unit_id)
            elif unit["off_target"] is not None:
                self.do(f"/units/{unit_id}/reratio", {"fill_mg": unit["off_target"]["proposal"]["fill_mg"]})
            else:
                self.begin(unit_id)
        raise AssertionError(self.state(unit_id))

    def resting(self, unit_id: str) -> dict[str, Any] | None:
        """The unit, when no dose is under way and none follows by itself."""
        unit = self.state(unit_id)
        if unit["state"] == "dosing":
            ended = [one["outcome"] for one in unit["doses"]]
            waiting = [one for one in unit["components"] if one["state"] == "waiting"]
            follows = waiting and waiting[0]["dose_by"] == "pump" and ended and ended[-1] == "done"
            return None if None in ended or follows else unit
        return unit

    def resume(self, unit_id: str) -> dict[str, Any]:
        return self.do(f"/units/{unit_id}/resume", {"code": self.state(unit_id)["pack_lot"]})

    def check(self, unit_id: str) -> None:
        self.do(f"/units/{unit_id}/weigh")
        seen = {"mixed": True, "appearance_ok": True, "odour_ok": True, "homogeneous_ok": True}
        self.do(f"/units/{unit_id}/inspection", seen)

    def sign(self, unit_id: str) -> None:
        self.do(f"/units/{unit_id}/signature", {"badge": "B-1002", "pin": "246801"})

    def print(self, unit_id: str) -> None:
        self.do(f"/units/{unit_id}/print")

    def release(self, unit_id: str) -> dict[str, Any]:
        """Read the newest printed pictures with the scanner, as many as the set has."""
        labels = [one for one in self.state(unit_id)["labels"] if one["state"] == "printed"]
        for one in self.bench.printer.labels[-len(labels) :]:
            self.do(f"/units/{unit_id}/scan-back", {"code": read_picture(one.png)})
        return self.state(unit_id)

    def unit(self, state: str, envelope: str = "ENV-TONER", **formula: Any) -> str:
        """A new unit, brought to one of `LIFE`."""
        unit_id = self.plan(envelope, **formula)
        steps = (self.start, self.scan, self.cup, self.dose, self.check, self.sign, self.print, self.release)
        for step in steps[: LIFE.index(state)]:
            step(unit_id)
        return unit_id

    # Hands.

    def hand(self, path: str, body: Mapping[str, Any]) -> Any:
        answer = httpx.post(f"{self.bench.http_url}{path}", json=dict(body), timeout=10, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    def put_on(self, tare_mg: int, pack: str = "", cup: str | None = None) -> str:
        told = self.hand("/api/cup", {"on": True, "tare_mg": tare_mg, "pack": pack, "cup": cup})
        time.sleep(1.2)
        return str(told["cup"])

    def take_off(self) -> None:
        self.hand("/api/cup", {"on": False})
        time.sleep(0.2)

    def clear(self, unit_id: str) -> None:
        """Leave the bench free for the next test, whatever became of the unit."""
        unit = self.state(unit_id)
        if unit["state"] == "planned":
            self.ask(f"/services/{unit['service_id']}/cancel", {"reason": "test"})
        elif unit["state"] not in ("released", "handed_over", "discarded"):
            self.do(f"/units/{unit_id}/discard", {"reason": "test"})
        if self.bench.do(lambda plant: plant.cup) is not None:
            self.take_off()


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


def read_picture(png: bytes) -> str:
    """What a scanner reads off a printed label."""
    import io

    found = zxingcpp.read_barcode(Image.open(io.BytesIO(png)))
    assert found is not None
    text: str = found.text
    return text
