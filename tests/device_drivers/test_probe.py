"""The probe against every simulated scale, a pump and silence: what it finds, and every byte that it sends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from device_drivers.scales import probe as probing
from device_drivers.scales.probe import Probed, probe
from simulators.bench import RunningBench, running_bench
from simulators.wire.scale_port import Language
from store_service.cli import app
from tests.device_drivers.scales_on_wire import CASES, Case, Rig

HARMLESS = {"I4\\r\\n", "IP\\r\\n", "Q\\r\\n", "\\x1bx1_\\r\\n", "\\x1bP\\r\\n", "W"}
"""Every text that may go out at all; device_drivers/scales/probe.py says why."""
CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(autouse=True)
def quick_and_quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(probing, "LISTEN_S", 0.4)
    monkeypatch.setattr(probing, "ANSWER_S", 0.4)
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    yield
    logging.getLogger("pymodbus").setLevel(logging.NOTSET)


async def _probed(case: Case, pty: bool) -> tuple[Probed, Language]:
    rig = Rig(case)
    number = await rig.port.listen("127.0.0.1", 0)
    scheme = {"tcp": "rtu://", "socket": ""}[case.scheme] if pty else f"{case.scheme}://127.0.0.1:{number}"
    url = f"{scheme}{await rig.port.open_pty()}" if pty else scheme
    rig.put(120_000.0)
    running = asyncio.create_task(rig.runner.run())
    try:
        await rig.rest()
        return await probe(url), rig.device
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await rig.port.close()


def test_every_scale_is_found_over_tcp_and_on_a_pty_by_harmless_bytes_alone() -> None:
    async def main() -> dict[tuple[str, bool], Probed]:
        wanted = [(case, pty) for case in CASES for pty in (False, True)]
        found = await asyncio.gather(*(_probed(case, pty) for case, pty in wanted))
        for (_, pty), (_, device) in zip(wanted, found, strict=True):
            # function 3 and nothing else has reached a Modbus device
            assert all(request[1 if pty else 7] == 3 for request in getattr(device, "asked", []))
            assert (getattr(device, "zero_mg", 0), getattr(device, "tare_mg", 0)) == (0, 0)
        return {(case.name, pty): probed for (case, pty), (probed, _) in zip(wanted, found, strict=True)}

    for (name, pty), probed in asyncio.run(main()).items():
        case = next(one for one in CASES if one.name == name)
        assert probed.found is not None, (name, pty, probed)
        assert (probed.found.driver, probed.found.map) == (case.driver, case.map), (name, pty)
        assert probed.found.heard == (name == "sbi_autoprint")
        assert ("mass_unit" in probed.found.missing) == (case.mass_unit is not None)
        assert ("decimals" in probed.found.missing) == (case.decimals is not None)
        assert probed.found.proven == (name != "rs485_low_word_first")
        if case.scheme == "tcp":
            assert probed.sent and all(" function 3 read " in one for one in probed.sent)
        else:
            assert set(probed.sent) <= HARMLESS
            assert (probed.sent == ()) == (name == "sbi_autoprint")


@pytest.fixture(scope="module")
def bench() -> Iterator[RunningBench]:
    with running_bench(pty=True) as running:
        yield running


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["devices", "probe", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_the_command_finds_a_scale_and_says_what_to_write(bench: RunningBench) -> None:
    url = f"socket://127.0.0.1:{bench.scale_port}"
    code, told = _run(url, "--json")
    result = json.loads(told)
    assert (code, result["found"]["driver"], result["sent"]) == (0, "mt_sics", ["I4\\r\\n"])
    code, told = _run(url)
    assert code == 0 and 'driver = "mt_sics"' in told and "找到天平" in told and "a scale" in told


def test_listening_sends_nothing(bench: RunningBench) -> None:
    code, told = _run(f"socket://127.0.0.1:{bench.scale_port}", "--listen-only", "--json")
    result = json.loads(told)
    assert (code, result["found"], result["sent"]) == (1, None, [])


@pytest.mark.parametrize("scheme", ["tcp://", "rtu://", ""])
def test_a_pump_is_no_scale_and_does_not_move(bench: RunningBench, scheme: str) -> None:
    before = bench.do(lambda plant: [(one.dose_counter, one.state) for one in plant.channels.values()])
    url = f"{scheme}{f'127.0.0.1:{bench.pump_port}' if scheme == 'tcp://' else bench.pump_pty}"
    code, told = _run(url, "--json")
    result = json.loads(told)
    assert (code, result["found"]) == (1, None)
    assert bench.do(lambda plant: [(one.dose_counter, one.state) for one in plant.channels.values()]) == before
    if not scheme:
        assert set(result["sent"]) <= HARMLESS
        return
    assert "no scale known here" in result["en"] and all("function 3" in one for one in result["sent"])


@pytest.mark.parametrize(
    ("url", "words"),
    [("tcp://127.0.0.1:4002", "dispenser"), ("rtu://localhost:4002", "dispenser"), ("socket://10.0.0.9:9100", "print")],
)
def test_what_the_configuration_calls_a_dispenser_or_a_printer_is_left_alone(url: str, words: str) -> None:
    code, told = _run(url, "--config", str(CONFIG), "--json")
    result = json.loads(told)
    assert (code, result["found"], result["sent"]) == (1, None, [])
    assert words in result["en"] and "nothing was sent" in result["en"]


def test_nobody_there(unused_tcp_port: int) -> None:
    code, told = _run(f"socket://127.0.0.1:{unused_tcp_port}", "--json")
    result = json.loads(told)
    assert (code, result["found"], result["sent"]) == (1, None, []) and "连接" in result["zh"]
    code, told = _run(f"tcp://127.0.0.1:{unused_tcp_port}", "--json")
    assert code == 1 and json.loads(told)["found"] is None


def test_a_silent_line_gets_every_inquiry_once_and_the_till_scales_letter_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "LISTEN_S", 0.05)
    monkeypatch.setattr(probing, "ANSWER_S", 0.05)
    got = b""

    async def main() -> Probed:
        async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal got
            with contextlib.suppress(ConnectionError):
                while data := await reader.read(100):
                    got += data
            writer.close()

        server = await asyncio.start_server(deaf, "127.0.0.1", 0)
        async with server:
            return await probe(f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    probed = asyncio.run(main())
    assert (probed.found, probed.strange) == (None, ())
    assert got == b"I4\r\nIP\r\nQ\r\n\x1bx1_\r\nW"


def test_on_a_serial_line_every_setting_is_listened_to_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A pty stands for the line: it has no speed, so that the first setting that is asked is the one found.
    monkeypatch.setattr(probing, "is_pty", lambda url: False)
    monkeypatch.setattr(probing, "LISTEN_S", 0.05)
    tried: list[str] = []

    async def main() -> Probed:
        rig = Rig(CASES[0])
        path = await rig.port.open_pty()
        running = asyncio.create_task(rig.runner.run())
        try:
            return await probe(path, on_step=tried.append)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await rig.port.close()

    probed = asyncio.run(main())
    assert probed.found is not None
    assert (probed.found.driver, probed.found.framing, probed.sent) == ("mt_sics", "9600 8N1", ("I4\\r\\n",))
    assert tried == [*probing.SETTINGS, "9600 8N1"]


@pytest.mark.parametrize(
    ("line", "driver", "maybe"),
    [
        (b"S S     100.00 g", "mt_sics", []),
        (b"ST,+00123.45  g", "a_and_d", []),
        (b"N     +   123.56 g  ", "sbi", []),
        (b"    192.21 g", "ohaus", []),
        (b"-     0.05 g  ", "sbi", ["ohaus"]),  # sixteen columns of either
    ],
)
def test_a_line_that_came_unasked_names_its_language_or_both(line: bytes, driver: str, maybe: list[str]) -> None:
    got: list[bytes] = []

    async def main() -> Probed:
        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked = asyncio.ensure_future(reader.read(10))
            while not asked.done():  # again and again: whoever opens a port drops what came before
                writer.write(line + b"\r\n")
                await asyncio.wait([asked], timeout=0.05)
            got.append(asked.result())
            writer.close()

        # An address of its own: a shop of another test may be calling again at a port that its bench gave back.
        server = await asyncio.start_server(speak, "127.0.0.2", 0)
        async with server:
            return await probe(f"socket://127.0.0.2:{server.sockets[0].getsockname()[1]}")

    found = asyncio.run(main()).found
    assert found is not None and (found.driver, list(found.maybe), found.heard) == (driver, maybe, True)
    assert got in ([], [b""])  # nothing was asked


def test_an_address_that_is_no_line_is_refused() -> None:
    with pytest.raises(ValueError, match="a scale's port"):
        asyncio.run(probe("http://127.0.0.1:1"))


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        number: int = one.getsockname()[1]
        return number
