"""What the simulated scales put on the wire, byte for byte as their manuals say; and the bench speaks each of them."""

from __future__ import annotations

import asyncio
import socket

import pytest

from simulators.bench import main, running_bench
from simulators.faults import FaultBoard
from simulators.plant import Plant, ScaleSpec
from simulators.runner import Runner
from simulators.wire.a_and_d import AandD
from simulators.wire.languages import LANGUAGES, MODBUS
from simulators.wire.line import LineTime
from simulators.wire.modbus_frames import crc16, parsed, split
from simulators.wire.modbus_indicator import ModbusIndicator
from simulators.wire.ohaus import Ohaus
from simulators.wire.sbi import Sbi
from simulators.wire.toledo_8217 import Toledo8217
from simulators.wire.weigher import Look


def parts(d_mg: int = 10) -> tuple[Runner, FaultBoard]:
    plant = Plant(seed=1, scale=ScaleSpec(d_mg=d_mg, sigma_mg=0.0))
    runner = Runner(plant, clock=lambda: 0.0)
    return runner, FaultBoard(plant)


def shown(mg: int, stable: bool = True, state: str = "ok") -> Look:
    return Look(state, mg, mg, stable)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("device", "look", "frame"),
    [
        (Sbi(*parts()), shown(123_560), b"N     +   123.56 g  \r\n"),
        (Sbi(*parts()), shown(123_560, stable=False), b"N     +   123.56    \r\n"),
        (Sbi(*parts()), shown(-50), b"N     -     0.05 g  \r\n"),
        (Sbi(*parts(), bracketed=True), shown(123_560), b"N     + 123.5[6] g  \r\n"),
        (Sbi(*parts(), columns=16), shown(123_560), b"+   123.56 g  \r\n"),
        (Sbi(*parts()), shown(0, state="over"), b"Stat      High      \r\n"),
        (Sbi(*parts(), columns=16), shown(0, state="under"), b"      Low     \r\n"),
        (AandD(*parts()), shown(123_450), b"ST,+00123.45  g\r\n"),
        (AandD(*parts()), shown(-50, stable=False), b"US,-00000.05  g\r\n"),
        (AandD(*parts()), shown(0, state="over"), b"OL,+9999999E+19\r\n"),
        (Ohaus(*parts()), shown(192_210), b"    192.21 g\r\n"),
        (Ohaus(*parts()), shown(10, stable=False), b"      0.01 g     ?\r\n"),
        (Toledo8217(*parts()), shown(1_234_000), b"\x0201.234\r"),
        (Toledo8217(*parts()), shown(1_234_000, stable=False), b"\x02?A\r"),
        (Toledo8217(*parts()), shown(0, state="over"), b"\x02?B\r"),
        (Toledo8217(*parts()), shown(-5_000), b"\x02?D\r"),
    ],
    ids=lambda value: repr(value)[:30] if isinstance(value, bytes) else None,
)
def test_frames(device: Sbi | AandD | Ohaus | Toledo8217, look: Look, frame: bytes) -> None:
    assert device.frame(look) == frame


def test_the_till_scales_status_byte() -> None:
    assert Toledo8217(*parts()).status(shown(0)) == b"\x02?P\r"  # 0x50: at rest at the centre of zero
    assert Toledo8217(*parts()).status(shown(250_000)) == b"\x02?@\r"  # bit 6 alone


@pytest.mark.parametrize(
    ("layout", "look", "block"),
    [
        ("laumas", shown(123_450), [0x0800, 0, 12_345, 0, 12_345, 0, 12_345, 0x010C]),
        ("laumas", shown(-50, stable=False), [0x0180, 0, 5, 0, 5, 0, 5, 0x010C]),
        ("tuna_id551", shown(1_500), [0x3FC0, 0, 0x3FC0, 0, 0xA000]),
        ("rs485_low_word_first", shown(7_600), [0x02F8, 0]),
        ("rs485_low_word_first", shown(-10), [0xFFFF, 0xFFFF]),
    ],
)
def test_registers(layout: str, look: Look, block: list[int]) -> None:
    held = ModbusIndicator(*parts(), layout).registers(look)  # type: ignore[arg-type]
    first = 6 if layout == "laumas" else 0
    assert held[first : first + len(block)] == block


def test_modbus_frames_are_cut_where_they_end_and_noise_is_passed_over() -> None:
    read = bytes.fromhex("010300000002C40B")
    assert split(b"\xff\x00" + read + read[:3], rtu=True) == ([read], read[:3])
    tcp = bytes.fromhex("000100000006010300060008")
    assert split(tcp + tcp[:5], rtu=False) == ([tcp], tcp[:5])
    asked = parsed(tcp, rtu=False)
    assert asked is not None and (asked.function, asked.address, asked.count) == (3, 6, 8)
    assert asked.refused(6) == bytes.fromhex("000100000003018306")
    write = parsed(bytes.fromhex("010600011388") + crc16(bytes.fromhex("010600011388")), rtu=True)
    assert write is not None and write.refused(6)[:3] == bytes.fromhex("018606")
    assert parsed(read, rtu=True).refused(6) == bytes.fromhex("018306") + crc16(bytes.fromhex("018306"))  # type: ignore[union-attr]


def test_sbi_requests_come_with_or_without_cr_lf_and_in_pieces() -> None:
    device = Sbi(*parts())
    assert device.requests(b"\x1bP\x1bV\r\n\x1bx1_\r\n", "tcp") == ([b"P", b"V", b"x1"], b"")
    assert device.requests(b"noise\x1bx1", "tcp") == ([], b"\x1bx1")
    assert device.requests(b"\x1b", "tcp") == ([], b"\x1b")


def test_automatic_output_is_switched_off_by_the_request_that_would_print() -> None:
    device = Sbi(*parts(), autoprint=True)
    device.runner.plant.advance(1.0)
    sample = device.runner.plant.balance.sample(1.0)
    assert device.spontaneous(sample, "tcp")
    device.runner.latest = sample
    assert asyncio.run(device.serve(b"P", "tcp")) == []
    assert device.spontaneous(sample, "tcp") is None


ASK = {"sbi": b"\x1bP\r\n", "a_and_d": b"Q\r\n", "ohaus": b"IP\r\n", "toledo_8217": b"W", "mt_sics": b"SI\r\n"}


@pytest.mark.parametrize("language", ["a_and_d", "laumas"])
def test_the_bench_speaks_the_language_that_it_is_told(language: str) -> None:
    with (
        running_bench(scale_language=language) as bench,
        socket.create_connection(("127.0.0.1", bench.scale_port), timeout=5) as line,
    ):
        line.sendall(bytes.fromhex("000100000006010300060008") if language in MODBUS else ASK[language])
        assert line.recv(100)[:2] in (b"ST", b"US", b"\x00\x01")


def test_the_option_names_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert all(name in told for name in LANGUAGES) and "--scale-language" in told


def test_line_time_is_that_of_the_bytes() -> None:
    assert LineTime(9600).seconds(18) == pytest.approx(0.01875)  # one line of MT-SICS, as in the notes
