"""The dispenser's frames and rules: golden Modbus TCP and RTU bytes from a bare socket, no client library between."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator

import pytest

from simulators.bench import RunningBench, running_bench
from simulators.plant import ChannelState

SPEED = 10.0


@pytest.fixture
def bench() -> Iterator[RunningBench]:
    with running_bench(seed=1, speed=SPEED, pump_baud=0) as running:
        yield running


@pytest.fixture(scope="module")
def untouched() -> Iterator[RunningBench]:
    """A bench for tests that change nothing."""
    with running_bench(seed=1, pump_baud=0) as running:
        yield running


def crc(frame: bytes) -> bytes:
    """CRC-16/MODBUS as the specification's own bitwise procedure gives it."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


class Line:
    """A bare Modbus TCP line: `ask` sends one PDU to unit 1 and gives the PDU of the answer, b"" for none."""

    def __init__(self, port: int, timeout: float = 5.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.number = 0

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, pdu: str) -> str:
        self.number += 1
        body = bytes.fromhex(pdu)
        self.socket.sendall(struct.pack(">HHHB", self.number, 0, len(body) + 1, 1) + body)
        try:
            head = self.socket.recv(7, socket.MSG_WAITALL)
        except TimeoutError:
            return ""
        number, protocol, length, unit = struct.unpack(">HHHB", head)
        assert (number, protocol, unit) == (self.number, 0, 1)
        return self.socket.recv(length - 1, socket.MSG_WAITALL).hex(" ")

    def read(self, address: int, count: int = 1) -> list[int]:
        answer = bytes.fromhex(self.ask(f"03 {address:04x} {count:04x}"))
        assert answer[:2] == bytes([3, 2 * count])
        return list(struct.unpack(f">{count}H", answer[2:]))

    def write(self, address: int, value: int) -> str:
        return self.ask(f"06 {address:04x} {value:04x}")


def test_identity_registers_byte_by_byte(untouched: RunningBench) -> None:
    with Line(untouched.pump_port) as line:
        assert line.ask("03 00 00 00 05") == "03 0a 51 44 01 00 01 f4 00 00 00 00"
        assert line.ask("03 01 00 00 0c") == "03 18 00 00 00 00 00 00 27 10" + " 00" * 16


def test_writes_echo_and_read_back(bench: RunningBench) -> None:
    with Line(bench.pump_port) as line:
        assert line.ask("06 02 03 13 88") == "06 02 03 13 88"
        assert line.ask("10 02 04 00 02 04 00 01 86 a0") == "10 02 04 00 02"
        assert line.ask("03 02 03 00 03") == "03 06 13 88 00 01 86 a0"
        assert line.ask("06 02 0b 00 0b") == "06 02 0b 00 0b"
        assert line.ask("06 00 02 03 e8") == "06 00 02 03 e8"
        assert line.ask("03 00 02 00 02") == "03 04 03 e8 00 00"


@pytest.mark.parametrize(
    ("pdu", "exception"),
    [
        ("06 02 00 00 01", "86 03"),  # a start without a bound
        ("06 02 00 00 09", "86 03"),  # no such command
        ("06 02 03 27 11", "86 03"),  # above full speed
        ("06 02 0b 00 c9", "86 03"),  # reverse above 200 ms
        ("06 02 01 00 01", "86 02"),  # the state is read-only
        ("06 00 00 00 01", "86 02"),  # so is the model
        ("03 00 05 00 01", "83 02"),  # no such register
        ("03 05 00 00 01", "83 02"),  # no fifth channel
        ("03 01 00 00 0d", "83 02"),  # beyond the channel
    ],
)
def test_exceptions(untouched: RunningBench, pdu: str, exception: str) -> None:
    with Line(untouched.pump_port) as line:
        assert line.ask(pdu) == exception


def test_a_refused_write_changes_nothing(bench: RunningBench) -> None:
    with Line(bench.pump_port) as line:
        assert line.ask("10 02 03 00 03 06 ff ff 00 00 03 e8") == "90 03"
        assert line.read(0x0203, 3) == [10_000, 0, 0]


def test_a_dose_ends_by_itself_and_is_counted(bench: RunningBench) -> None:
    bench.do(lambda plant: plant.cup_on(18_000.0))
    with Line(bench.pump_port) as line:
        line.write(0x0002, 0)
        line.ask("10 02 04 00 02 04 00 01 86 a0")
        assert line.write(0x0200, 1) == "06 02 00 00 01"
        assert line.write(0x0200, 1) == "86 06"
        assert line.write(0x0200, 2) == "86 06"
        bench.do(lambda plant: plant.advance(60.0))
        assert line.read(0x0201, 2) == [ChannelState.DONE, 0]
        assert line.read(0x0206, 3) == [1, 0x86A0, 1]
        assert line.read(0x020A) == [0]
    assert bench.plant.cup is not None
    assert bench.plant.cup.content_mg > 500.0


def test_a_stop_is_told_at_once_and_speed_may_change_while_running(bench: RunningBench) -> None:
    with Line(bench.pump_port) as line:
        line.write(0x0002, 0)
        line.ask("10 01 04 00 02 04 00 10 00 00")
        line.write(0x0100, 1)
        assert line.write(0x0103, 2500) == "06 01 03 09 c4"
        while line.read(0x010A) != [2500]:
            pass
        assert line.write(0x0100, 0) == "06 01 00 00 00"
        assert line.read(0x0101) == [ChannelState.STOPPED]


def test_a_suck_back_gives_the_liquid_back(bench: RunningBench) -> None:
    with Line(bench.pump_port) as line:
        line.write(0x010B, 100)
        assert line.write(0x0100, 2) == "06 01 00 00 02"
        while line.read(0x0101) == [ChannelState.REVERSING]:
            pass
        assert line.read(0x0101) == [ChannelState.IDLE]
    assert bench.do(lambda plant: plant.channels[1].container.lost_mg) == pytest.approx(-170.0)


def test_only_the_kick_register_keeps_the_watchdog_quiet(bench: RunningBench) -> None:
    with Line(bench.pump_port) as line:
        line.write(0x0002, 5000)
        line.ask("10 01 03 00 03 06 00 64 00 10 00 00")
        line.write(0x0100, 1)
        for _ in range(10):
            bench.do(lambda plant: plant.advance(0.6 * plant.watchdog_s))
            line.write(0x0003, 1)
        assert line.read(0x0101) == [ChannelState.RUNNING]
        for _ in range(2):
            bench.do(lambda plant: plant.advance(0.6 * plant.watchdog_s))
            line.write(0x0103, 200)
        assert line.read(0x0101) == [ChannelState.WATCHDOG]
        assert line.read(0x0004) == [1]
        line.write(0x0002, 0)
        assert line.write(0x0100, 1) == "06 01 00 00 01"
        assert line.read(0x0004) == [0]


def test_faults_that_the_device_answers(bench: RunningBench) -> None:
    with Line(bench.pump_port) as line:
        line.write(0x0002, 0)
        line.ask("10 01 04 00 02 04 00 10 00 00")
        bench.fault("pump_exception_4")
        assert line.ask("03 00 00 00 01") == "83 04"
        assert line.write(0x0100, 1) == "86 04"
        bench.fault("pump_exception_4", on=False)
        bench.fault("pump_exception_6")
        assert line.write(0x0100, 1) == "86 06"
        assert line.write(0x0100, 0) == "06 01 00 00 00"
        assert line.write(0x0003, 1) == "06 00 03 00 01"
        bench.fault("pump_exception_6", on=False)
        assert line.read(0x0108) == [0]
        bench.fault("pump_stalled", channel=1)
        line.write(0x0100, 1)
        while line.read(0x0101) == [ChannelState.RUNNING]:
            pass
        assert line.read(0x0101, 2) == [ChannelState.FAULT, 1]
        bench.fault("pump_stalled", on=False, channel=1)
        line.write(0x0100, 1)
        bench.fault("pump_stop_pressed")
        assert line.read(0x0101, 2) == [ChannelState.FAULT, 2]
        assert line.read(0x0004) == [2]
        assert line.write(0x0100, 1) == "86 04"


@pytest.mark.parametrize(
    ("fault", "started"),
    [("pump_requests_lost", 0), ("pump_replies_lost", 1), ("pump_start_reply_lost", 1)],
)
def test_lost_frames_around_a_start(bench: RunningBench, fault: str, started: int) -> None:
    with Line(bench.pump_port, timeout=0.3) as line:
        line.ask("10 01 04 00 02 04 00 00 00 64")
        bench.fault(fault)
        assert line.write(0x0100, 1) == ""
        bench.fault(fault, on=False)
    with Line(bench.pump_port) as line:
        assert line.read(0x0108) == [started]


def test_a_lost_stop_lets_the_bound_end_the_dose(bench: RunningBench) -> None:
    with Line(bench.pump_port, timeout=0.3) as line:
        line.write(0x0002, 0)
        line.ask("10 01 04 00 02 04 00 00 07 d0")
        line.write(0x0100, 1)
        bench.fault("pump_stop_lost")
        assert line.write(0x0100, 0) == ""
        while (state := line.read(0x0101)) == [ChannelState.RUNNING]:
            pass
        assert state == [ChannelState.DONE]
        assert line.read(0x0106, 2) == [0, 2000]


def test_rtu_frames_on_a_pty() -> None:
    with running_bench(seed=1, pump_baud=0, pty=True) as bench:
        assert bench.pump_pty is not None
        line = os.open(bench.pump_pty, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(line, bytes.fromhex("01 03 00 00 00 02 c4 0b"))
            reply = b""
            while len(reply) < 9:
                reply += os.read(line, 9 - len(reply))
        finally:
            os.close(line)
        assert reply == bytes.fromhex("01 03 04 51 44 01 00") + crc(reply[:-2])


def test_rtu_frames_on_a_socket() -> None:
    with (
        running_bench(seed=1, pump_baud=0, pump_rtu=True) as bench,
        socket.create_connection(("127.0.0.1", bench.pump_port), timeout=5) as line,
    ):
        line.sendall(bytes.fromhex("01 03 00 00 00 02 c4 0b"))
        reply = bytes.fromhex("01 03 04 51 44 01 00")
        assert line.recv(9, socket.MSG_WAITALL) == reply + crc(reply)
