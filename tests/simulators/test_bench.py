"""The bench over HTTP and as a process: hands, truth, channels, codes, speed; taken ports; Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from simulators.bench import RunningBench, running_bench
from simulators.faults import FAULTS


@pytest.fixture
def bench() -> Iterator[RunningBench]:
    with running_bench(seed=5, speed=20.0) as running:
        yield running


@pytest.fixture
def http(bench: RunningBench) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=bench.http_url) as client:
        yield client


@pytest.fixture(scope="module")
def untouched() -> Iterator[RunningBench]:
    """A bench for tests that change nothing."""
    with running_bench() as running:
        yield running


def wait_for(http: httpx.Client, kind: str) -> dict[str, Any]:
    while True:
        for event in http.get("/api/truth").json()["events"]:
            if event["kind"] == kind:
                return dict(event)


def test_cup_pour_and_truth(bench: RunningBench, http: httpx.Client) -> None:
    assert http.get("/api/cup").json() == {"on": False}
    answer = http.post("/api/cup", json={"on": True, "tare_mg": 18_000, "pack": "30 ml"})
    cup = {"on": True, "cup": "cup-1", "pack": "30 ml", "tare_mg": 18_000, "content_mg": 0, "contents": {}}
    assert (answer.status_code, answer.json()) == (200, cup)
    assert http.post("/api/cup", json={"on": True}).status_code == 409
    poured = http.post("/api/pour", json={"product": "lotion", "mg": 5000, "rate_mg_s": 2000})
    assert (poured.status_code, poured.json()) == (202, {"pour": 1})
    event = wait_for(http, "pour")
    assert (event["product"], event["asked_mg"], event["landed_mg"], event["late_mg"]) == ("lotion", 5000, 5000, 0)
    truth = http.get("/api/truth", params={"since": event["seq"]}).json()
    assert (truth["events"], truth["seq"], truth["pouring"]) == ([], event["seq"], False)
    assert truth["cup"] == cup | {"content_mg": 5000, "contents": {"lotion": 5000}}
    assert http.post("/api/cup", json={"on": False}).json() == {"on": False}
    assert http.get("/api/cups").json()[0]["content_mg"] == 5000
    assert http.post("/api/cup", json={"on": True, "cup": "cup-1"}).json()["content_mg"] == 5000
    assert http.post("/api/cup", json={"on": True, "cup": "cup-9"}).status_code == 404
    kinds = [event["kind"] for event in http.get("/api/truth").json()["events"]]
    assert kinds == ["cup_on", "pour", "cup_off", "cup_on"]


def test_a_pump_dose_is_told_with_channel_and_counter(bench: RunningBench, http: httpx.Client) -> None:
    http.post("/api/cup", json={"on": True})
    bench.do(lambda plant: plant.start(4, 1000.0))
    event = wait_for(http, "dose")
    assert (event["channel"], event["counter"], event["product"], event["pumped_ul"]) == (4, 1, "toner", 1000)
    assert 900 < event["landed_mg"] < 1150


def test_a_pour_can_be_let_go(http: httpx.Client) -> None:
    http.post("/api/cup", json={"on": True})
    http.post("/api/pour", json={"product": "toner", "mg": 300_000, "rate_mg_s": 1000})
    assert http.get("/api/truth").json()["pouring"]
    assert http.post("/api/pour/stop").json() == {"pouring": False}
    event = wait_for(http, "pour")
    assert event["landed_mg"] < 300_000


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/pour", {"product": "nobody has this", "mg": 1}, 404),
        ("/api/pour", {"product": "toner", "mg": 0}, 422),
        ("/api/pour", {"product": "toner", "mg": 1, "rate_mg_s": -1}, 422),
        ("/api/cup", {"on": True, "tare_mg": -5}, 422),
        ("/api/cup", {}, 422),
        ("/api/faults", {"name": "no such fault", "on": True}, 404),
        ("/api/faults", {"name": "container_empty", "on": True}, 422),
        ("/api/channels", {"channels": [{"channel": 9, "product": "x"}]}, 404),
        ("/api/channels", {"channels": [{"channel": 1, "product": "x", "viscosity": "tar"}]}, 422),
        ("/api/speed", {"speed": 0}, 422),
        ("/api/codes", {"codes": [{"label": "", "value": "x"}]}, 422),
    ],
)
def test_nonsense_is_refused(untouched: RunningBench, path: str, body: dict[str, object], status: int) -> None:
    assert httpx.post(untouched.http_url + path, json=body).status_code == status


def test_channels_and_bottles_are_loaded(bench: RunningBench, http: httpx.Client) -> None:
    first = http.get("/api/channels").json()["channels"]
    assert [(each["channel"], each["product"], each["mass_mg"]) for each in first] == [
        (1, "lotion", 400_000),
        (2, "serum-a", 400_000),
        (3, "serum-b", 400_000),
        (4, "toner", 400_000),
    ]
    body = {
        "channels": [
            {"channel": 2, "product": "P-CREAM", "viscosity": "cream", "density_mg_ml": 950, "mass_mg": 50_000}
        ],
        "bottles": [{"product": "P-OIL", "mass_mg": 9000}],
    }
    state = http.post("/api/channels", json=body).json()
    assert state["channels"][1] == {
        "channel": 2,
        "product": "P-CREAM",
        "viscosity": "cream",
        "density_mg_ml": 950,
        "mass_mg": 50_000,
        "state": "idle",
        "doses": 0,
    }
    assert state["bottles"] == [{"product": "P-OIL", "viscosity": "serum", "density_mg_ml": 1000, "mass_mg": 9000}]
    http.post("/api/cup", json={"on": True})
    http.post("/api/pour", json={"product": "P-OIL", "mg": 10_000, "rate_mg_s": 5000})
    assert wait_for(http, "pour")["landed_mg"] == 9000
    bench.do(lambda plant: plant.start(2, 1e6))
    assert http.post("/api/channels", json=body).status_code == 409


def test_faults_codes_and_speed(http: httpx.Client) -> None:
    assert [each["name"] for each in http.get("/api/faults").json()] == [fault.name for fault in FAULTS]
    for fault in FAULTS:
        channel = {"channel": 3} if fault.per_channel else {}
        on = http.post("/api/faults", json={"name": fault.name, "on": True, **channel}).json()
        assert [each["name"] for each in on if each["on"]] == [fault.name]
        assert [each["channels"] for each in on if each["on"]] == [[3] if channel else []]
        http.post("/api/faults", json={"name": fault.name, "on": False, **channel})
    codes = [{"label": "乳液 Lotion", "value": "09520000000018"}]
    assert http.get("/api/codes").json() == []
    assert http.post("/api/codes", json={"codes": codes}).json() == codes == http.get("/api/codes").json()
    assert http.get("/api/speed").json() == {"speed": 20.0}
    assert http.post("/api/speed", json={"speed": 2}).json() == {"speed": 2.0}


def test_the_page_needs_nothing_from_elsewhere(http: httpx.Client) -> None:
    page = http.get("/")
    assert page.status_code == 200
    assert "模拟工作台" in page.text
    for far in ("http://", "https://", "//cdn", "@import"):
        assert far not in page.text


def test_labels_are_dated_by_the_injected_now(bench: RunningBench) -> None:
    with socket.create_connection(("127.0.0.1", bench.printer_port), timeout=5) as line:
        line.sendall(b"\x1dv0\x00\x01\x00\x01\x00\xff\x1dV\x00\x10\x04\x01")
        assert line.recv(1) == b"\x12"
    (label,) = httpx.get(f"{bench.http_url}/api/labels").json()
    assert datetime.fromisoformat(label["printed_at"]).utcoffset() is not None
    assert label["id"] == "label-0001"


def test_a_taken_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for name in ("http_port", "scale_port", "pump_port", "printer_port"):
            with pytest.raises(OSError), running_bench(**{name: port}):
                pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_process_serves_and_ends_on_a_signal(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "simulators.bench", "--json", "--pty"]
    ports = [f"--{name}-port=0" for name in ("http", "scale", "pump", "printer")]
    with subprocess.Popen([*command, *ports], stdout=subprocess.PIPE, env=os.environ, text=True) as process:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        assert httpx.get(addresses["http_url"] + "/api/cup").json() == {"on": False}
        with (
            socket.create_connection(("127.0.0.1", addresses["scale_port"]), timeout=5) as line,
            socket.create_connection(("127.0.0.1", addresses["pump_port"]), timeout=5),
            socket.create_connection(("127.0.0.1", addresses["printer_port"]), timeout=5),
        ):
            line.sendall(b"SIR\r\n")
            assert line.recv(2) == b"S "
            process.send_signal(number)
            assert process.wait(10) == 0
