"""Head office is away the whole day, then answers nonsense, then is back: the shop works on and catches up."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import uvicorn

from store_service import app
from store_service.clock import Clock
from store_service.demo.run import provision
from store_service.hub.hub import Hub
from store_service.hub.reads import entries
from store_service.line import Line, connect
from store_service.records.ledger import events_of
from store_service.serve import _Server, bind
from store_service.settings import HubLink, HubSettings, read_hub, read_store
from store_service.sync.courier import Courier
from tests.benches import CONFIG, free_port
from tests.clerk import until
from tests.shops import PrivateShop, private_shop

from .laws import all_hold

Said = Callable[[BaseHTTPRequestHandler], None]


def html(asked: BaseHTTPRequestHandler) -> None:
    asked.send_response(200)
    asked.send_header("content-type", "text/html")
    asked.end_headers()
    asked.wfile.write(b"<html>Welcome to our free wireless network</html>")


def wrong_json(asked: BaseHTTPRequestHandler) -> None:
    asked.send_response(200)
    asked.send_header("content-type", "application/json")
    asked.end_headers()
    asked.wfile.write(b'{"size": "many", "snapshots": [[[]]]}')


def broken(asked: BaseHTTPRequestHandler) -> None:
    asked.send_response(500)
    asked.end_headers()


def cut_off(asked: BaseHTTPRequestHandler) -> None:
    asked.send_response(200)
    asked.send_header("content-length", "4000")
    asked.end_headers()
    asked.wfile.write(b"half of")


@contextlib.contextmanager
def impostor(port: int, say: Said) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            say(self)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            say(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


@contextlib.contextmanager
def head_office(settings: HubSettings, data: Path, clock: Clock, port: int) -> Iterator[Hub]:
    hub = app.open_hub(settings, CONFIG, data, clock)
    door = bind(f"127.0.0.1:{port}")
    server = _Server(uvicorn.Config(app.hub_app(hub), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, args=([door],), daemon=True)
    thread.start()
    until(lambda: server.started, "head office's door opens")
    try:
        yield hub
    finally:
        server.should_exit = True
        thread.join(10)
        hub.desk.ledger.database.close()


@contextlib.contextmanager
def ended(line: Line) -> Iterator[Line]:
    """A line of which no thread was started; its connection is closed in the end."""
    try:
        yield line
    finally:
        line.stop.set()
        line.join()


def works(shop: PrivateShop, courier: Courier) -> None:
    """A unit is made and released while the courier knocks in vain."""
    before = courier.status().acked_size
    assert courier.beat() > 0
    shop.released_unit("ENV-TONER")
    assert courier.beat() > 0
    assert courier.status().acked_size == before
    assert shop.shop.desk.ledger.frozen is None


def test_the_shop_works_on_and_catches_up(tmp_path: Path) -> None:
    port, settings, office = free_port(), read_store(CONFIG / "store.toml"), read_hub(CONFIG / "hub.toml")
    with private_shop(tmp_path / "shop") as shop, contextlib.ExitStack() as beside:
        provision(settings, office, tmp_path)
        link = HubLink(url=f"http://127.0.0.1:{port}", token_file="hub.token", keys_file="hub.pub")
        shop.shop.settings = shop.shop.settings.model_copy(update={"hub": link})
        line = beside.enter_context(ended(connect(shop.shop)))
        courier = line.courier
        assert courier is not None
        works(shop, courier)
        for say in (html, wrong_json, broken, cut_off):
            with impostor(port, say):
                works(shop, courier)
        all_hold(shop.shop.desk)

        with head_office(office, tmp_path / "hub", shop.dial.clock, port) as hub:

            def caught_up() -> bool:
                courier.beat()
                return courier.status().behind == 0

            shop.shop.desk.ledger.seal()
            shop.dial.seconds += 60
            until(caught_up, "head office has everything", 20)
            with shop.shop.desk.read() as connection:
                mine = [one.idx for one in events_of(connection, "SH0042")]
            assert entries(hub, "SH0042", mine[-1], 10).status == 200
            assert courier.status().acked_size == len(mine)
            assert shop.shop.desk.ledger.frozen is None
        works(shop, courier)
        all_hold(shop.shop.desk)
