"""A private shop in memory behind its real HTTP door, and a kiosk for it: quick, and without any device."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from store_service import app
from store_service.line import Line
from store_service.serve import _Server, bind
from store_service.shop import Shop
from store_service.trace.identifiers import digital_link
from tests.clerk import Kiosk, until
from tests.shops import FakeBench, PrivateShop, private_shop


@contextlib.contextmanager
def served(shop: Shop, wrap: Callable[[Any], Any] = lambda inner: inner) -> Iterator[str]:
    """The shop's door on a free port; its address. `wrap` may put something around the application."""
    door = bind("127.0.0.1:0")
    server = _Server(uvicorn.Config(wrap(app.shop_app(shop, Line(None, threading.Event()))), log_config=None))
    thread = threading.Thread(target=server.run, args=([door],), name="kiosk door", daemon=True)
    thread.start()
    until(lambda: server.started, "the door opens")
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@dataclass
class DeskKiosk(Kiosk):
    """A kiosk whose bench is in memory: a dose has ended when `begin` returns."""

    memory: FakeBench | None = None
    base: str = ""

    @property
    def hands(self) -> FakeBench:
        assert self.memory is not None
        return self.memory

    def put_on(self, tare_mg: int, pack: str = "", cup: str | None = None) -> str:
        self.hands.gross_mg = tare_mg
        return pack

    def take_off(self) -> None:
        self.hands.gross_mg = 0

    def begin(self, unit_id: str) -> dict[str, Any]:
        told = self.do(f"/units/{unit_id}/doses")
        self.hands.run()
        dose: dict[str, Any] = told["doses"][-1]
        return dose

    def codes(self, unit_id: str) -> list[str]:
        """What the labels of the newest set say."""
        told = self.state(unit_id)
        live = [one for one in told["labels"] if one["state"] == "printed" and one["medium"] == "label"]
        return [digital_link(self.base, told["gtin"], one["serial"]) for one in live]

    def release(self, unit_id: str) -> dict[str, Any]:
        for code in self.codes(unit_id):
            self.do(f"/units/{unit_id}/scan-back", {"code": code})
        return self.state(unit_id)

    def clear(self, unit_id: str) -> None:
        unit = self.state(unit_id)
        if unit["state"] == "planned":
            self.ask(f"/services/{unit['service_id']}/cancel", {"reason": "test"})
        elif unit["state"] not in ("released", "handed_over", "discarded"):
            self.do(f"/units/{unit_id}/discard", {"reason": "test"})
        self.take_off()


@dataclass
class Desked:
    """The shop, its address, and its first kiosk."""

    private: PrivateShop
    url: str
    kiosk: DeskKiosk

    @property
    def shop(self) -> Shop:
        return self.private.shop

    @contextlib.contextmanager
    def another(self, name: str, badge: str = "B-1001", pin: str = "135790") -> Iterator[DeskKiosk]:
        made = _kiosk(self.private, self.url, name, badge, pin)
        with contextlib.closing(made.client):
            yield made


def _kiosk(private: PrivateShop, url: str, name: str, badge: str, pin: str) -> DeskKiosk:
    base = private.shop.settings.public_base
    return DeskKiosk(url, None, name, badge, pin, memory=private.bench, base=base)  # type: ignore[arg-type]  # no wires


@contextlib.contextmanager
def desk(folder: Path, wrap: Callable[[Any], Any] = lambda inner: inner) -> Iterator[Desked]:
    with private_shop(folder) as private, served(private.shop, wrap) as url:
        made = _kiosk(private, url, "k1", "B-1001", "135790")
        with contextlib.closing(made.client):
            yield Desked(private, url, made)
