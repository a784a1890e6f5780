"""Golden frames: what goes onto the wire, byte for byte, from manuals and recorded lines; and what is read from it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers.dispensers import runze_frames, watson_marlow_frames
from device_drivers.dispensers.continuous import ContinuousPump
from device_drivers.dispensers.maps import load_map
from device_drivers.dispensers.registers import value_of, words_of
from device_drivers.dispensers.relays import TimedRelay, load_relay
from device_drivers.dispensers.runze_frames import RunzeSplitter
from device_drivers.dispensers.watson_marlow import WatsonMarlow
from device_drivers.errors import BadFrame, DeviceBusy, DeviceFault, Rejected
from device_drivers.framing import Frame


def on_the_wire(act: Callable[[str], Awaitable[None]], answers: list[str]) -> list[str]:
    """The frames that `act` sends to a recorded line, which answers each request with the next of `answers`."""

    async def main() -> list[str]:
        sent: list[str] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            waiting = list(answers)
            while data := await reader.read(64):
                sent.append(data.hex(" "))
                if waiting:
                    writer.write(bytes.fromhex(waiting.pop(0)))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        try:
            await act(f"rtu://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        finally:
            server.close()
            await asyncio.sleep(0.02)
        return sent

    return asyncio.run(main())


LONGER_CONNECT = [
    "01 06 00 04 00 00 c8 0b",  # stop
    "01 03 00 04 00 01 c5 cb",  # does it stand?
    "01 06 00 01 00 00 d8 0a",  # speed 0
]


def test_longer_frames_as_recorded() -> None:
    """reround/Lab pump.py: 50.00 rpm, run and stop with their CRCs."""

    async def use(address: str) -> None:
        pump = ContinuousPump(address, load_map("longer_l100_board"))  # type: ignore[arg-type]
        try:
            await pump.connect()
            await pump.start(1, 5_000, 100_000)
            await pump.stop(1)
        finally:
            await pump.close()

    stopped, runs = "01 03 02 00 00 b8 44", "01 03 02 00 01 79 84"
    speed, run, stop = "01 06 00 01 13 88 d5 5c", "01 06 00 04 00 01 09 cb", "01 06 00 04 00 00 c8 0b"
    asked, read_speed = "01 03 00 04 00 01 c5 cb", "01 03 00 01 00 01 d5 ca"
    answers = [*LONGER_CONNECT[:1], stopped, LONGER_CONNECT[2]]
    answers += [stopped, speed, "01 03 02 13 88 b5 12", run, runs, stop, stopped, stop, stopped]
    assert on_the_wire(use, answers) == [
        *LONGER_CONNECT,
        *[asked, speed, read_speed, run, asked],
        *[stop, asked],
        *[stop, asked],  # close stops again
    ]


def test_kamoer_speed_goes_out_as_a_float_with_the_high_word_first() -> None:
    async def use(address: str) -> None:
        pump = ContinuousPump(address, load_map("kamoer"))  # type: ignore[arg-type]
        await pump._bus.open()
        await pump.set_speed(1, 3_333)  # of 300 rpm: 99.99
        pump._bus.close()

    assert on_the_wire(use, ["c0 10 30 01 00 02 0f d9"])[0].startswith("c0 10 30 01 00 02 04 42 c7 fa e1")


def test_the_relay_takes_its_time_in_function_05() -> None:
    """Waveshare's own example: output 0 on for 700 ms."""

    async def use(address: str) -> None:
        relay = TimedRelay(address, load_relay("waveshare_flash"))
        await relay._bus.open()
        await relay.hold()
        relay._bus.close()

    assert on_the_wire(use, ["01 05 02 00 00 07 8d b0"]) == ["01 05 02 00 00 07 8d b0"]


@pytest.mark.parametrize(
    ("value", "kind", "order", "words"),
    [
        (36_000_000, "u32", "big", [0x0225, 0x5100]),  # 36 mL/min in nL/min, as the board's comment has it
        (36_000_000, "u32", "little", [0x5100, 0x0225]),
        (100.0, "f32", "big", [0x42C8, 0x0000]),
        (0xAABBCCDD, "u32", "big", [0xAABB, 0xCCDD]),
        (5_000, "u16", "big", [0x1388]),
    ],
)
def test_words(value: float, kind: str, order: str, words: list[int]) -> None:
    assert words_of(value, kind, order) == words  # type: ignore[arg-type]
    assert value_of(words, kind, order) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(("value", "kind"), [(65_536, "u16"), (-1, "u16"), (1 << 32, "u32"), (1e39, "f32")])
def test_what_does_not_fit_is_not_written(value: float, kind: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        words_of(value, kind, "big")  # type: ignore[arg-type]


@given(st.integers(0, 0xFFFFFFFF), st.sampled_from(["big", "little"]))
def test_words_come_back(value: int, order: str) -> None:
    assert value_of(words_of(value, "u32", order), "u32", order) == value  # type: ignore[arg-type]


def test_watson_marlow_commands_as_in_the_manual() -> None:
    assert watson_marlow_frames.speed(1, 220) == b"1SP220.0\r"
    assert watson_marlow_frames.dose(1, 10_982) == b"1DO10982\r"
    assert watson_marlow_frames.dose(2, 54_910, 255) == b"2DO54910,255\r"
    assert watson_marlow_frames.stop(16) == b"16ST\r" and watson_marlow_frames.status(1) == b"1RS\r"
    assert [watson_marlow_frames.direction(1, clockwise=way) for way in (True, False)] == [b"1RR\r", b"1RL\r"]
    for pulses, drip in ((0, 0), (1, 11_001), (-1, 0)):
        with pytest.raises(ValueError, match="cannot be written"):
            watson_marlow_frames.dose(1, pulses, drip)


def test_watson_marlow_status_of_the_manual() -> None:
    seen = watson_marlow_frames.parse_status(b"\r520Du 15.84 520R 9.6MM 220.0 CW P/N 1 123456789 1 ")
    assert (seen.type, seen.ml_per_rev, seen.rpm, seen.clockwise) == ("520Du", 15.84, 220.0, True)
    assert (seen.number, seen.tacho, seen.runs) == (1, 123_456_789, True)
    # The 505's manual has another type, a lower-case tube and a stopped pump.
    assert not watson_marlow_frames.parse_status(b"505Di 0.7 505l 1.6mm 53.5 CCW P/N 1 157810 0 ").runs
    for bad in (b"", b"520Du 15.84", b"520Du 15.84 520R 9.6MM 220.0 CW P/N 1 123456789 2 ", b"\xff" * 50):
        with pytest.raises(BadFrame):
            watson_marlow_frames.parse_status(bad)


def test_watson_marlow_waits_out_the_gap_between_commands() -> None:
    """The time that the bytes take on the line, and 10 ms, in the given clock."""

    class Line:
        def __init__(self) -> None:
            self.now, self.written = 0.0, list[tuple[float, bytes]]()

        async def open(self) -> None: ...

        async def close(self) -> None: ...

        def discard(self) -> int:
            return 0

        async def write(self, data: bytes) -> None:
            self.written.append((self.now, data))

        async def read_frame(self, timeout_s: float) -> Frame:
            self.now += 0.06
            return Frame(b"520Du 15.84 520R 9.6MM 220.0 CW P/N 1 0 0 ", self.now)

        async def sleep(self, seconds: float) -> None:
            self.now += seconds

    line = Line()

    async def main() -> None:
        pump = WatsonMarlow(line, load_map("watson_marlow_520"), clock=lambda: line.now, sleep=line.sleep)  # type: ignore[arg-type]
        await pump.connect()
        for speed in (1_000, 2_000, 3_000):
            await pump.set_speed(1, speed)

    asyncio.run(main())
    assert [data for _, data in line.written][:2] == [b"1ST\r", b"1RS\r"]
    char_s = 11 / 9600
    for (before, data), (after, _) in zip(line.written, line.written[1:], strict=False):
        assert after - before >= len(data) * char_s + 0.010 - 1e-9


def test_runze_frames() -> None:
    assert runze_frames.request(0x31, 0x49) == bytes.fromhex("cc 31 49 00 00 dd 23 02")
    assert runze_frames.request(0x00, 0x4E, 6_000) == bytes.fromhex("cc 00 4e 70 17 dd 7e 02")
    reply = runze_frames.parse_reply(bytes.fromhex("cc 31 fe 70 17 dd 5f 03"))
    assert (reply.address, reply.status, reply.value) == (0x31, 0xFE, 6_000)
    for bad in ("cc 31 00 00 00 dd da 02", "cd 31 00 00 00 dd db 01", "cc 31 00 00 00 dd"):
        with pytest.raises(BadFrame):
            runze_frames.parse_reply(bytes.fromhex(bad))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (0x00, None),
        (0xFE, None),
        (0x01, BadFrame),
        (0x02, Rejected),
        (0x03, DeviceFault),
        (0x04, DeviceBusy),
        (0x05, DeviceFault),
        (0x06, DeviceFault),
        (0x07, Rejected),
        (0xFF, DeviceFault),
    ],
)
def test_runze_status(status: int, error: type[Exception] | None) -> None:
    found = runze_frames.error_of(runze_frames.Reply(0x31, status, 0))
    assert (found is None) if error is None else isinstance(found, error)


@given(st.lists(st.binary(max_size=9)), st.data())
def test_frames_are_found_between_any_noise_however_split(noise: list[bytes], data: st.DataObject) -> None:
    frames = [runze_frames.request(0x31, 0x66, n) for n in range(len(noise))]
    clean = [bytes(b for b in one if b != 0xCC) for one in noise]
    stream = b"".join(part for pair in zip(clean, frames, strict=True) for part in pair)
    splitter, found = RunzeSplitter(), []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        found += [frame.raw for frame in splitter.feed(stream[:cut], 0.0)]
        stream = stream[cut:]
    assert found == frames
