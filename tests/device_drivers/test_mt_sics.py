"""The driver against a scripted line: what it sends, and what it makes of every answer."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from device_drivers.errors import BadFrame, DeviceBusy, LineLost, NoAnswer, PortBusy, Rejected
from device_drivers.framing import Frame
from device_drivers.reading import State
from device_drivers.scales.mt_sics import MtSics

IDENTITY = {b"I4": [b'I4 A "B1"'], b"I2": [b'I2 B "ML204"', b'I2 A "220 g"'], b"I3": [b'I3 A "1.10"']}


class ScriptedPort:
    """Answers each command with its lines; `lost` ends the line."""

    def __init__(self, answers: dict[bytes, list[bytes]]) -> None:
        self.answers = IDENTITY | answers
        self.sent: list[bytes] = []
        self.frames: asyncio.Queue[Frame | LineLost] = asyncio.Queue()
        self.opened = 0
        self.is_open = False

    def line(self, raw: bytes, newest: bool = True) -> None:
        self.frames.put_nowait(Frame(raw, 1.0, newest))

    async def open(self) -> None:
        self.opened += 1
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    async def write(self, data: bytes) -> None:
        assert data.endswith(b"\r\n") and data.count(b"\r\n") == 1
        self.sent.append(data[:-2])
        for raw in self.answers.get(data[:-2], []):
            self.line(raw)

    async def read_frame(self, timeout_s: float) -> Frame:
        try:
            async with asyncio.timeout(timeout_s):
                item = await self.frames.get()
        except TimeoutError:
            raise NoAnswer("silent") from None
        if isinstance(item, LineLost):
            raise item
        return item

    def discard(self) -> int:
        count = self.frames.qsize()
        while not self.frames.empty():
            self.frames.get_nowait()
        return count


def with_scale(
    answers: dict[bytes, list[bytes]], use: Callable[[MtSics, ScriptedPort], Coroutine[Any, Any, None]]
) -> ScriptedPort:
    async def main() -> ScriptedPort:
        port = ScriptedPort(answers)
        await use(MtSics(port, answer_s=0.05), port)
        return port

    return asyncio.run(main())


def test_connect_and_reconnect_ask_for_identity_only() -> None:
    async def use(scale: MtSics, port: ScriptedPort) -> None:
        for _ in range(2):
            identity = await scale.connect()
            assert (identity.model, identity.serial, identity.firmware) == ("ML204 220 g", "B1", "1.10")

    port = with_scale({}, use)
    assert port.sent == [b"I4", b"I2", b"I3"] * 2
    assert port.opened == 2


def test_a_scale_that_does_not_tell_who_it_is_is_not_connected() -> None:
    async def use(scale: MtSics, port: ScriptedPort) -> None:
        with pytest.raises(NoAnswer):
            await scale.connect()
        assert not port.is_open

    with_scale({b"I4": []}, use)


def test_weighing_now_and_stable() -> None:
    async def use(scale: MtSics, port: ScriptedPort) -> None:
        now = await scale.weigh(stable=False, timeout_s=0.05)
        assert (now.mass_mg, now.state, now.kind) == (12_340, State.MOVING, "unknown")
        stable = await scale.weigh(stable=True, timeout_s=0.05)
        assert (stable.mass_mg, stable.stable, stable.seq > now.seq) == (12_350, True, True)

    port = with_scale(
        {b"SI": [b"S D      12.34 g"], b"S": [b"S D      11.00 g", b'I4 A "late"', b"S S      12.35 g"]}, use
    )
    assert port.sent == [b"SI", b"S"]


@pytest.mark.parametrize(
    ("line", "state"),
    [(b"S I", State.BUSY), (b"S +", State.OVERLOAD), (b"S -", State.UNDERLOAD), (b"S S Error 10b", State.ERROR)],
)
def test_no_mass_is_a_state_and_never_a_number(line: bytes, state: State) -> None:
    async def use(scale: MtSics, port: ScriptedPort) -> None:
        got = await scale.weigh(stable=True, timeout_s=0.05)
        assert got.state is state and got.mass_mg is None

    with_scale({b"S": [line]}, use)


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([], NoAnswer),
        ([b"ES"], Rejected),
        ([b"EL"], Rejected),
        ([b"ET"], BadFrame),
        ([b"\xff"] * 5, BadFrame),
        ([b"Z A", b"I4 A x"], NoAnswer),
        ([b"S S 1.2.3 g"], BadFrame),
    ],
)
def test_errors_of_a_weighing(lines: list[bytes], error: type[Exception]) -> None:
    async def use(scale: MtSics, port: ScriptedPort) -> None:
        with pytest.raises(error):
            await scale.weigh(stable=True, timeout_s=0.05)
        port.answers[b"SI"] = [b"S S       1.00 g"]
        assert (await scale.weigh(stable=False, timeout_s=0.05)).mass_mg == 1000  # and the lock is free again

    with_scale({b"S": lines}, use)


def test_a_lost_line_is_told_at_once() -> None:
    async def use(scale: MtSics, port: ScriptedPort) -> None:
        waiting = asyncio.create_task(scale.weigh(stable=True, timeout_s=60))
        await asyncio.sleep(0)
        port.frames.put_nowait(LineLost("unplugged"))
        with pytest.raises(LineLost):
            await waiting

    with_scale({}, use)


def test_the_stream_leaves_out_what_cannot_be_dated_and_ends_with_si() -> None:
    async def use(scale: MtSics, port: ScriptedPort) -> None:
        got = []
        async with contextlib.aclosing(scale.stream()) as readings:
            port.line(b"S S      99.99 g")  # older than the stream: dropped
            first = asyncio.create_task(anext(readings))
            await asyncio.sleep(0)
            with pytest.raises(PortBusy):
                await scale.weigh(stable=False, timeout_s=0.01)
            port.line(b"S D       0.50 g", newest=False)
            port.line(b"\xff\xfe")
            port.line(b"S D       1.00 g")
            port.line(b"S I")
            got = [await first, await anext(readings)]
        assert [(r.mass_mg, r.state) for r in got] == [(1000, State.MOVING), (None, State.BUSY)]
        assert (await scale.weigh(stable=False, timeout_s=0.1)).mass_mg == 2000

    port = with_scale({b"SI": [b"S S       2.00 g"]}, use)
    assert port.sent == [b"SIR", b"SI", b"SI"]


def test_gross_or_net_is_known_once_the_tare_is() -> None:
    async def use(scale: MtSics, port: ScriptedPort) -> None:
        port.answers[b"TA"] = [b"TA A      0.00 g"]
        await scale.tare_value()
        assert (await scale.weigh(False, 0.05)).kind == "gross"
        assert (await scale.tare()).mass_mg == 45_000
        assert (await scale.weigh(False, 0.05)).kind == "net"
        await scale.clear_tare()
        assert (await scale.weigh(False, 0.05)).kind == "gross"
        await scale.zero()

    with_scale(
        {b"SI": [b"S S       2.00 g"], b"T": [b"T S      45.00 g"], b"TAC": [b"TAC A"], b"Z": [b"Z A"]},
        use,
    )


@pytest.mark.parametrize(("line", "error"), [(b"Z I", DeviceBusy), (b"Z +", Rejected), (b"Z -", Rejected)])
def test_zero_refused(line: bytes, error: type[Exception]) -> None:
    async def use(scale: MtSics, port: ScriptedPort) -> None:
        with pytest.raises(error):
            await scale.zero()

    with_scale({b"Z": [line]}, use)
