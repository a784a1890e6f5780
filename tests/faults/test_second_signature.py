"""A typed code in the shop, signed at head office: two real servers, the courier's own thread, both faces."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import httpx
import pytest
import uvicorn

from store_service import app
from store_service.blending import commands as blending
from store_service.blending.queries import components_of
from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.clock import Clock
from store_service.demo.run import provision
from store_service.line import Line, connect
from store_service.serve import _Server, bind
from store_service.settings import HubLink, read_hub, read_store
from tests.benches import CONFIG, free_port
from tests.clerk import until
from tests.readiness.conftest import staff
from tests.shops import BLENDER, NOON, Dial, PrivateShop, private_shop

from .test_head_office import head_office

WITHIN_S = 40.0
"""On a loaded machine; on a quiet one the answer is there within 4 s."""


class Running(Dial):
    """The shop's noon, from which time goes on."""

    def __post_init__(self) -> None:
        begun = time.monotonic()
        self.clock = Clock(wall=lambda: NOON.timestamp() + time.monotonic() - begun, mono=time.monotonic_ns)


@contextmanager
def door_of(shop: PrivateShop, line: Line) -> Iterator[httpx.Client]:
    """The shop's own server with its line to head office, and a program signed in as the blender."""
    door = bind("127.0.0.1:0")
    server = _Server(uvicorn.Config(app.shop_app(shop.shop, line), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, args=([door],), daemon=True)
    thread.start()
    until(lambda: server.started, "the shop's door opens")
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    with httpx.Client(base_url=url, timeout=20, trust_env=False) as web:
        told = web.post("/api/v1/sign-in", json={"badge": "B-1001", "pin": "135790"}).json()
        web.headers["authorization"] = f"Bearer {told['token']}"
        try:
            yield web
        finally:
            line.stop.set()
            line.join()
            server.should_exit = True
            thread.join(10)


def typed_unit(shop: PrivateShop) -> str:
    """Checked, its codes typed by hand, made by somebody who may also release."""
    desk, settings = shop.shop.desk, shop.station.settings
    with desk.read() as connection:
        register = registers(connection, desk.site_id, desk.now()).documents["staff"]
    both = staff("s-01", roles=("blender", "releaser"))(register)
    import_register(desk, both, by="import", valid_to=NOON.replace(day=29))
    unit_id = shop.planned_unit()
    shop.cup_unit(unit_id)
    with desk.read() as connection:
        codes = [part.container_id for part in components_of(connection, desk.site_id, unit_id)]
    for code in codes:
        blending.scan_container(desk, BLENDER, settings, unit_id, str(code), manual=True)
    shop.dosed_unit(unit_id)
    blending.weigh(desk, BLENDER, settings, shop.bench, unit_id)
    blending.inspect(
        desk, BLENDER, settings, unit_id, mixed=True, appearance_ok=True, odour_ok=True, homogeneous_ok=True
    )
    return unit_id


def test_signed_at_head_office(tmp_path: Path) -> None:
    port, office = free_port(), read_hub(CONFIG / "hub.toml")
    with private_shop(tmp_path / "shop", dial=Running()) as shop, ExitStack() as beside:
        provision(read_store(CONFIG / "store.toml"), office, tmp_path)
        beside.enter_context(head_office(office, tmp_path / "hub", shop.dial.clock, port))
        link = HubLink(url=f"http://127.0.0.1:{port}", token_file="hub.token", keys_file="hub.pub")
        shop.shop.settings = shop.shop.settings.model_copy(update={"hub": link})
        shop.shop.desk.has_hub = True
        unit_id = typed_unit(shop)
        with door_of(shop, connect(shop.shop)) as web, httpx.Client(base_url=link.url, trust_env=False) as qa:
            mine = {"badge": "B-1001", "pin": "135790"}
            refused = web.post(f"/api/v1/units/{unit_id}/signature", json=mine, headers={"idempotency-key": "a" * 16})
            assert [one["rule"] for one in refused.json()["refusals"]] == ["R-PPL-07"]
            batch = shop.unit(unit_id).batch or ""
            place = _found(qa, tmp_path, batch)
            form = qa.get(place)
            assert "s-01" in form.text and "手工输入" in form.text
            sha = re.search(r'name="sha256" value="([0-9a-f]{64})"', form.text)
            assert sha is not None
            other = (tmp_path / "hub" / "admin-2.token").read_text("utf-8").strip()
            own = (tmp_path / "hub" / "admin-1.token").read_text("utf-8").strip()
            body = {"sha256": sha[1], "who": "hq-01", "decision": "sign"}
            assert qa.post(place, data=body | {"own": other}).status_code == 409, "another person's token"
            with web.stream("GET", "/kiosk/live/second", params={"subject": unit_id, "rule": "R-PPL-07"}) as told:
                lines = told.iter_lines()
                assert _heard(lines, "正在等总部签字")
                assert qa.post(place, data=body | {"own": own}).status_code == 303
                assert _heard(lines, "总部已签"), "the waiting screen is drawn anew by itself"

            def signed() -> bool:
                reasons = {"reasons": {"R-BLD-16": "checked"}}
                again = web.post(
                    f"/api/v1/units/{unit_id}/signature", json=mine | reasons, headers={"idempotency-key": "b" * 16}
                )
                return again.status_code == 200

            until(lambda: web.get("/api/v1/second").json()["waiting"] == [], "head office's answer is here", WITHIN_S)
            assert signed()
            until(lambda: "已生效" in qa.get("/qa/seconds").text, "head office hears what became of it", WITHIN_S)


def _heard(lines: Iterator[str], words: str) -> bool:
    """Whether a live stream says so within 200 lines; a beat comes every second."""
    return any(words in line for line in islice(lines, 200))


def _found(qa: httpx.Client, folder: Path, batch: str) -> str:
    """The request's page, once it stands in the queue."""
    token = (folder / "hub" / "qa.token").read_text("utf-8").strip()
    assert qa.get("/qa/seconds").status_code == 401
    assert qa.post("/enter", data={"token": token, "back": "/qa/seconds"}).headers["location"] == "/qa/seconds"
    page = until(
        lambda: text if batch in (text := qa.get("/qa/seconds").text) else "", "the request is in the queue", WITHIN_S
    )
    found = re.search(r'href="(/qa/seconds/SH0042/\d+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("answered", [True, False])
def test_a_page_that_is_not_entered_shows_nothing(tmp_path: Path, answered: bool) -> None:
    """Neither the queue nor a request nor an answer without a reader's token."""
    office = read_hub(CONFIG / "hub.toml")
    provision(read_store(CONFIG / "store.toml"), office, tmp_path)
    port = free_port()
    with (
        head_office(office, tmp_path / "hub", Dial().clock, port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as qa,
    ):
        ask = qa.post if answered else qa.get
        assert ask("/qa/seconds/SH0042/1").status_code == 401
