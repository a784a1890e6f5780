"""The balance's bytes: golden replies of the MT-SICS manuals, with a clock that the test turns."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.bench import RunningBench, running_bench
from simulators.faults import FaultBoard
from simulators.plant import Plant, ScaleSpec
from simulators.runner import Runner
from simulators.wire.line import LineTime
from simulators.wire.mt_sics import COMMANDS, MtSics, weight
from simulators.wire.scale_port import GARBAGE

T = TypeVar("T")


class Rig:
    """A balance without a port on a clock of its own; no noise, so that the bytes are exact."""

    def __init__(self, d_mg: int = 1) -> None:
        self.now = 0.0
        self.plant = Plant(seed=1, scale=ScaleSpec(d_mg=d_mg, sigma_mg=0.0))
        self.runner = Runner(self.plant, clock=lambda: self.now)
        self.faults = FaultBoard(self.plant)
        self.device = MtSics(self.runner, self.faults)
        self.wait(3.0)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.now += 0.05
            self.runner.catch_up()

    def ask(self, command: str) -> str | None:
        return self._while_time_passes(lambda: self.device.answer(command))

    def _while_time_passes(self, work: Callable[[], Awaitable[T]]) -> T:
        async def main() -> T:
            task = asyncio.ensure_future(work())
            while not task.done():
                await asyncio.sleep(0)
                if not task.done():
                    self.wait(0.05)
            return task.result()

        return asyncio.run(main())


@pytest.mark.parametrize(
    ("mg", "d", "text"),
    [
        (100_000, 10, "    100.00"),
        (12_345, 1, "    12.345"),
        (0, 1, "     0.000"),
        (-7, 1, "    -0.007"),
        (-1_230, 10, "     -1.23"),
        (520_000, 1, "   520.000"),
    ],
)
def test_a_weight_fills_ten_characters(mg: int, d: int, text: str) -> None:
    assert weight(mg, d) == text


def test_the_manuals_example_is_eighteen_bytes() -> None:
    rig = Rig(d_mg=10)
    rig.plant.cup_on(100_000.0)
    rig.wait(4.0)
    assert rig.ask("S") == "S S     100.00 g"
    assert len(f"{rig.ask('SI')}\r\n") == 18


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("@", 'I4 A "B999999001"'),
        ("I1", 'I1 A "01" "2.30" "2.20" "" ""'),
        ("I2", 'I2 A "SIM520 520.000 g"'),
        ("I3", 'I3 A "1.00 00.0.0.000.000"'),
        ("I4", 'I4 A "B999999001"'),
        ("SI", "S S      0.000 g"),
        ("S", "S S      0.000 g"),
        ("Z", "Z A"),
        ("ZI", "ZI S"),
        ("T", "T S      0.000 g"),
        ("TI", "TI S      0.000 g"),
        ("TA", "TA A      0.000 g"),
        ("TA 10.00 g", "TA A     10.000 g"),
        ("TA 10.00 kg", "TA L"),
        ("TA ten g", "TA L"),
        ("TA -1.0 g", "TA L"),
        ("TA 9999.0 g", "TA L"),
        ("TA ", "ES"),
        ("TAC", "TAC A"),
        ("si", "ES"),
        ("S ", "ES"),
        ("SI now", "ES"),
        ("", "ES"),
        ("Q", "ES"),
        ('D "hello"', "ES"),
    ],
)
def test_replies(command: str, reply: str) -> None:
    assert Rig().ask(command) == reply


def test_i0_is_answered_in_several_lines() -> None:
    lines = (Rig().ask("I0") or "").split("\r\n")
    assert lines[0] == 'I0 B 0 "@"'
    assert lines[-1] == 'I0 A 1 "TI"'
    assert all(line.startswith("I0 B ") for line in lines[:-1])
    assert 'I0 B 0 "SIR"' in lines


def test_a_moving_load_is_dynamic_and_s_waits_for_it() -> None:
    rig = Rig()
    rig.plant.cup_on(18_000.0)
    rig.wait(0.3)
    assert (rig.ask("SI") or "").startswith("S D ")
    before = rig.now
    assert rig.ask("S") == "S S     18.000 g"
    assert rig.now - before > 1.0


def test_s_gives_up_when_nothing_becomes_stable() -> None:
    rig = Rig()
    rig.faults.switch("vibration", True)
    rig.wait(1.0)
    assert rig.ask("S") == "S I"
    assert rig.ask("Z") == "Z I"
    assert rig.ask("T") == "T I"
    assert (rig.ask("TI") or "").startswith("TI D ")


def test_tare_net_preset_and_reset() -> None:
    rig = Rig()
    rig.plant.cup_on(18_000.0)
    rig.wait(4.0)
    assert rig.ask("T") == "T S     18.000 g"
    assert rig.ask("SI") == "S S      0.000 g"
    rig.ask("TA 10.00 g")
    assert rig.ask("SI") == "S S      8.000 g"
    rig.ask("@")
    assert rig.ask("SI") == "S S     18.000 g"


def test_zero_is_refused_outside_its_range_and_load_outside_the_scale() -> None:
    rig = Rig()
    rig.plant.cup_on(18_000.0)
    rig.wait(4.0)
    assert rig.ask("Z") == "Z +"
    rig.plant.cup_off()
    rig.plant.cup_on(521_000.0)
    rig.wait(4.0)
    assert rig.ask("SI") == "S +"
    assert rig.ask("S") == "S +"
    assert rig.ask("T") == "T +"
    rig.plant.cup_off()
    rig.plant.cup_on(-30_000.0)
    rig.wait(4.0)
    assert rig.ask("SI") == "S -"
    assert rig.ask("Z") == "Z -"
    assert rig.ask("TI") == "TI -"


@pytest.mark.parametrize(
    ("fault", "reply"),
    [("scale_overload", "S +"), ("scale_not_ready", "S I"), ("scale_wrong_unit", "S S    0.63493 oz")],
)
def test_faults_in_a_reading(fault: str, reply: str) -> None:
    rig = Rig()
    rig.plant.cup_on(18_000.0)
    rig.wait(4.0)
    rig.faults.switch(fault, True)
    assert rig.ask("SI") == reply
    rig.faults.switch(fault, False)
    assert rig.ask("SI") == "S S     18.000 g"


def test_a_frozen_scale_repeats_itself() -> None:
    rig = Rig()
    rig.faults.switch("scale_frozen", True)
    assert rig.ask("SI") == "S S      0.000 g"
    rig.plant.cup_on(18_000.0)
    rig.wait(4.0)
    assert rig.ask("SI") == "S S      0.000 g"
    rig.faults.switch("scale_frozen", False)
    assert rig.ask("SI") == "S S     18.000 g"


def test_sr_speaks_only_after_a_large_change() -> None:
    rig = Rig()
    assert rig.ask("SR") is None

    def heard(seconds: float) -> list[str]:
        lines = []
        for _ in range(round(seconds / 0.1)):
            rig.wait(0.1)
            assert rig.runner.latest is not None
            if (line := rig.device.streamed(rig.runner.latest)) is not None:
                lines.append(line)
        return lines

    assert heard(2.0) == ["S S      0.000 g"]
    rig.plant.cup_on(18_000.0)
    first, *_, last = heard(5.0)
    assert first.startswith("S D ")
    assert last == "S S     18.000 g"
    assert heard(2.0) == []


def test_line_time_is_ten_bits_a_character() -> None:
    assert LineTime(9600).seconds(18) == pytest.approx(0.01875)
    assert LineTime(0).seconds(18) == 0.0


# --- the port, on a real socket ---


@pytest.fixture(scope="module")
def bench() -> Iterator[RunningBench]:
    with running_bench(seed=1, speed=10.0, scale_baud=0, pty=True) as running:
        yield running


class Client:
    def __init__(self, bench: RunningBench) -> None:
        self.socket = socket.create_connection(("127.0.0.1", bench.scale_port), timeout=5)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> bytes:
        return self.file.readline()

    def ask(self, data: bytes) -> bytes:
        self.send(data)
        return self.line()


def until_served(bench: RunningBench) -> Client:
    """The port serves one client; the one before may still be leaving."""
    while True:
        client = Client(bench)
        try:
            if client.ask(b"@\r\n"):
                return client
        except ConnectionError:
            pass
        client.__exit__()


def test_bytes_on_the_socket(bench: RunningBench) -> None:
    with until_served(bench) as client:
        assert client.ask(b"@\r\n") == b'I4 A "B999999001"\r\n'
        assert client.ask(b"TA 1.5 g\r\n") == b"TA A      1.500 g\r\n"
        assert client.ask(b"\xff\xfe\r\n") == b"ES\r\n"
        client.send(b"TAC\r\nI4\r\n")
        assert [client.line(), client.line()] == [b"TAC A\r\n", b'I4 A "B999999001"\r\n']


def test_a_stream_runs_until_reset(bench: RunningBench) -> None:
    with until_served(bench) as client:
        client.send(b"SIR\r\n")
        lines = [client.line() for _ in range(5)]
        assert all(len(line) == 18 and line[:2] == b"S " for line in lines)
        client.send(b"@\r\n")
        while (line := client.line())[:2] == b"S ":
            pass
        assert line == b'I4 A "B999999001"\r\n'
        assert client.ask(b"I4\r\n") == b'I4 A "B999999001"\r\n'


def test_a_stream_goes_on_to_the_next_client(bench: RunningBench) -> None:
    with until_served(bench) as client:
        client.send(b"SIR\r\n")
        assert client.line()[:2] == b"S "
    while True:
        with Client(bench) as client:
            try:
                if line := client.line():
                    break
            except ConnectionError:
                continue
    assert line[:2] == b"S "
    until_served(bench).__exit__()


def test_reset_cancels_a_blocking_command(bench: RunningBench) -> None:
    with until_served(bench) as client:
        bench.fault("scale_not_ready")
        client.send(b"S\r\n@\r\n")
        reply = client.line()
        bench.fault("scale_not_ready", on=False)
        assert reply == b'I4 A "B999999001"\r\n'


def test_a_second_client_is_turned_away(bench: RunningBench) -> None:
    with until_served(bench) as first:
        with Client(bench) as second, contextlib.suppress(ConnectionError):
            assert second.ask(b"SI\r\n") == b""
        assert first.ask(b"I4\r\n") == b'I4 A "B999999001"\r\n'


def test_garbage_silence_and_a_pulled_cable(bench: RunningBench) -> None:
    with until_served(bench) as client:
        bench.fault("scale_garbage")
        assert client.ask(b"SI\r\n") == GARBAGE
        bench.fault("scale_garbage", on=False)
        bench.fault("scale_silent")
        client.send(b"SI\r\n")
        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
        bench.fault("scale_silent", on=False)
        bench.fault("scale_unplugged")
        client.socket.settimeout(5)
        with pytest.raises(ConnectionError):
            while client.socket.recv(100):
                pass
            raise ConnectionError
    with Client(bench) as again, pytest.raises(ConnectionError):
        if again.ask(b"SI\r\n") == b"":
            raise ConnectionError
    bench.fault("scale_unplugged", on=False)
    until_served(bench).__exit__()


def test_a_late_answer_still_comes_in_order(bench: RunningBench) -> None:
    with until_served(bench) as client:
        bench.fault("scale_late")
        client.send(b"I4\r\nTAC\r\n")
        first, second = client.line(), client.line()
        bench.fault("scale_late", on=False)
        assert (first, second) == (b'I4 A "B999999001"\r\n', b"TAC A\r\n")


def test_the_same_balance_on_a_pty(bench: RunningBench) -> None:
    assert bench.scale_pty is not None
    line = os.open(bench.scale_pty, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(line, b"I4\r\n")
        reply = b""
        while not reply.endswith(b"\n"):
            reply += os.read(line, 100)
        assert reply == b'I4 A "B999999001"\r\n'
    finally:
        os.close(line)


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=st.characters(codec="latin-1"), max_size=20))
def test_whatever_is_sent_is_answered_in_kind(text: str) -> None:
    reply = Rig().ask(text)
    name = text.split(" ")[0]
    assert reply == "ES" or reply is None or reply.startswith((name.rstrip("R"), "I4 A", "S "))
    assert reply == "ES" or any(name == known for _, known in COMMANDS)
