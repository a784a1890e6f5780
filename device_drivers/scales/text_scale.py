"""Every text protocol that asks and answers line by line; what is special about one stands in its `Dialect`.

One request is in flight at any time. An answer that did not come in time is waited out before the next question, since
nothing in these protocols tells a late answer from a fresh one; one that is later than `answer_s` after that cannot be
told at all. MT-SICS, which numbers its answers by command, has a driver of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from device_drivers.errors import BadFrame, DeviceBusy, DeviceError, NoAnswer, PortBusy, Rejected
from device_drivers.framing import Frame
from device_drivers.identity import Identity
from device_drivers.reading import Kind, Reading, State
from device_drivers.scales.weight import Weight
from device_drivers.transport import Port

_GARBAGE_TOLERATED = 3
_QUIET_S = 0.25
_LISTEN_S = 0.35
_INQUIRY_S = 0.5
_DATED_WITHIN_S = 0.3
_NO_REST = (State.MOVING, State.BUSY)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The bytes of one protocol. `weight` takes a frame apart; it raises BadFrame for what is none of its frames.

    `stable`: a request that the scale answers once it is stable; without it the driver asks until it is. `stream` and
    `quiet` begin and end a stream; without them the driver asks every `period_s`. `asking_toggles`: a request would
    switch off the output of a scale that sends by itself, so such a scale is only listened to. `zero`, `tare`: None
    where the driver does not write. `acks` are answers without content. `identity`: model, serial, firmware. `forget`:
    what `weight` remembers of earlier frames, at each connect.
    """

    name: str
    now: bytes
    weight: Callable[[bytes], Weight]
    stable: bytes | None = None
    stream: bytes | None = None
    quiet: bytes | None = None
    zero: bytes | None = None
    tare: bytes | None = None
    identity: tuple[bytes, ...] = ()
    identity_text: Callable[[bytes], str] | None = None
    forget: Callable[[], None] | None = None
    acks: frozenset[bytes] = frozenset()
    asking_toggles: bool = False
    period_s: float = 0.1
    terminator: bytes = b"\r\n"


class TextScale:
    """A `Scale`. `answer_s` is how long an immediate answer may take, line time included."""

    def __init__(
        self,
        port: Port,
        dialect: Dialect,
        answer_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._port = port
        self._dialect = dialect
        self._answer_s = answer_s
        self._clock = clock
        self._sleep = sleep
        self._lock = asyncio.Lock()
        self._seq = 0
        self._kind: Kind = "unknown"
        self._owed = 0
        self._sends_by_itself = False

    async def connect(self) -> Identity:
        await self._port.open()
        self._kind, self._sends_by_itself = "unknown", False  # what is owed may still come, on the new line too
        try:
            async with self._turn(self._answer_s):
                if self._dialect.forget is not None:
                    self._dialect.forget()
                if self._dialect.asking_toggles:
                    self._sends_by_itself = await self._hears_weights()
                # The weight first: whoever answers it in this dialect also understands the other questions alike.
                await self._one(False, self._answer_s)
                asked = () if self._sends_by_itself else self._dialect.identity
                told = [await self._inquire(inquiry) for inquiry in asked]
        except DeviceError:
            await self._port.close()
            raise
        model, serial, firmware = (*told, "", "", "")[:3]
        return Identity(model or self._dialect.name, serial, firmware)

    async def weigh(self, stable: bool, timeout_s: float) -> Reading:
        async with self._turn(timeout_s):
            last: Reading | None = None
            until = self._clock() + timeout_s
            while (left := until - self._clock()) > 0:
                began = self._clock()
                try:
                    last, _ = await self._one(stable, left)
                except NoAnswer:
                    if last is None:
                        raise
                    break
                if not stable or last.state not in _NO_REST:
                    return last
                await self._sleep(max(began + self._dialect.period_s - self._clock(), 0.0))
            raw = b"" if last is None else last.raw
            return Reading(None, State.BUSY, "", self._kind, self._clock(), self._next(), raw)

    async def stream(self) -> AsyncGenerator[Reading, None]:
        await self._acquire(self._answer_s)
        readings = self._listened() if self._sends_by_itself or self._dialect.stream else self._polled()
        try:
            await self._waited_out()
            async with contextlib.aclosing(readings):
                async for reading in readings:
                    yield reading
        finally:
            self._lock.release()

    async def zero(self) -> None:
        async with self._turn(self._answer_s * 8):
            await self._write_only(self._dialect.zero, "zero")
            await self._rests_at_zero("zero")

    async def tare(self) -> Reading:
        async with self._turn(self._answer_s * 8):
            if self._dialect.tare is None:
                raise Rejected("read-only", f"{self._dialect.name} is only read")
            before = await self._rest()
            await self._write_only(self._dialect.tare, "tare")
            await self._rests_at_zero("tare")
        self._kind = "net"
        return before

    async def close(self) -> None:
        await self._port.close()

    # --- one answer ---

    async def _one(self, stable: bool, timeout_s: float) -> tuple[Reading, Weight]:
        waits = self._dialect.stable if stable else None
        if self._sends_by_itself:
            self._port.discard()  # lines that nobody took: only one that is still to come is of now
            return await self._taken(timeout_s)
        if waits is None:
            return await self._ask(self._dialect.now, min(timeout_s, self._answer_s))
        return await self._ask(waits, timeout_s, moving_is_older=True)

    async def _ask(self, request: bytes, timeout_s: float, moving_is_older: bool = False) -> tuple[Reading, Weight]:
        await self._waited_out()
        self._port.discard()
        await self._port.write(request)
        self._owed += 1  # until its answer is here, whatever leaves this function
        try:
            found = await self._taken(timeout_s, moving_is_older)
        except Rejected:
            self._owed -= 1  # a refusal is the answer
            raise
        self._owed -= 1
        return found

    async def _taken(self, timeout_s: float, moving_is_older: bool = False) -> tuple[Reading, Weight]:
        """The next frame that is a weight. BadFrame after garbage and nothing else, NoAnswer after silence."""
        until, garbage = self._clock() + timeout_s, b""
        count = 0
        while True:
            try:
                frame = await self._port.read_frame(max(until - self._clock(), 0.0))
            except NoAnswer:
                if garbage:
                    raise BadFrame(f"{self._dialect.name}: got {garbage!r}") from None
                raise
            if frame.raw in self._dialect.acks:
                continue
            try:
                weight = self._dialect.weight(frame.raw)
            except BadFrame:
                garbage, count = frame.raw, count + 1
                if count > _GARBAGE_TOLERATED:
                    raise
                continue
            if moving_is_older and weight.state is State.MOVING:
                continue  # the last lines of a stream; this request is answered at rest
            return self._read(weight, frame), weight

    def _read(self, weight: Weight, frame: Frame) -> Reading:
        raw = frame.raw.rpartition(b"\x02")[2]  # STX frames a line as its terminator does: it is no content
        return weight.reading(raw, frame.at, self._next(), self._kind)

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    async def _waited_out(self) -> None:
        """Until every answer that is still owed has come, or none came for as long as one may take."""
        with contextlib.suppress(NoAnswer):
            while self._owed > 0:
                await self._port.read_frame(self._answer_s)
                self._owed -= 1
        self._owed = 0

    # --- streams ---

    async def _listened(self) -> AsyncGenerator[Reading, None]:
        dialect = self._dialect
        self._port.discard()
        try:
            if not self._sends_by_itself and dialect.stream is not None:
                await self._port.write(dialect.stream)
            while True:
                frame = await self._port.read_frame(self._answer_s * 2)
                if not frame.newest:
                    continue
                with contextlib.suppress(BadFrame):
                    yield self._read(dialect.weight(frame.raw), frame)
        finally:
            with contextlib.suppress(DeviceError):
                if not self._sends_by_itself and dialect.quiet is not None:
                    await self._port.write(dialect.quiet)
                    for _ in range(50):
                        await self._port.read_frame(_QUIET_S)

    async def _polled(self) -> AsyncGenerator[Reading, None]:
        bad = 0
        while True:
            asked = self._clock()
            try:
                reading, _ = await self._ask(self._dialect.now, self._answer_s)
                bad = 0
                if self._clock() - asked <= _DATED_WITHIN_S:  # else it may have been weighed any time since
                    yield reading
            except BadFrame:
                bad += 1
                if bad > _GARBAGE_TOLERATED:
                    raise
            await self._sleep(max(asked + self._dialect.period_s - self._clock(), 0.0))

    # --- zero, tare, identity ---

    async def _write_only(self, request: bytes | None, act: str) -> None:
        if request is None:
            raise Rejected("read-only", f"{self._dialect.name} is only read: {act} on the scale itself")
        await self._waited_out()
        await self._port.write(request)

    async def _rest(self) -> Reading:
        for _ in range(20):
            reading, _ = await self._one(False, self._answer_s)
            if reading.stable:
                return reading
            if reading.state not in _NO_REST:
                raise Rejected(reading.state.value, f"{reading.raw!r}")
            await self._sleep(self._dialect.period_s)
        raise DeviceBusy("the scale does not come to rest")

    async def _rests_at_zero(self, act: str) -> None:
        """None of these protocols confirms the act in a way that all models share: the reading itself must show it."""
        for _ in range(20):
            reading, weight = await self._one(False, self._answer_s)
            if reading.stable and abs(reading.mass_mg or 0) <= 5 * weight.step_mg:
                return
            if reading.state not in (State.STABLE, *_NO_REST):
                raise Rejected(reading.state.value, f"{act}: {reading.raw!r}")
            await self._sleep(self._dialect.period_s)
        raise Rejected(act, f"the scale does not show the {act}") if reading.stable else DeviceBusy(act)

    async def _hears_weights(self) -> bool:
        """Whether the scale sends without being asked. Nothing is written."""
        until = self._clock() + _LISTEN_S
        with contextlib.suppress(NoAnswer):
            while (left := until - self._clock()) > 0:
                frame = await self._port.read_frame(left)
                with contextlib.suppress(BadFrame):
                    self._dialect.weight(frame.raw)
                    return True
        return False

    async def _inquire(self, inquiry: bytes) -> str:
        """The text that answers, empty where the scale does not know the question."""
        self._port.discard()
        await self._port.write(inquiry)
        with contextlib.suppress(NoAnswer):
            for _ in range(10):
                frame = await self._port.read_frame(_INQUIRY_S)
                try:
                    self._dialect.weight(frame.raw)  # a line of a stream that somebody left running
                except BadFrame:
                    return self._dialect.identity_text(frame.raw) if self._dialect.identity_text else ""
                except (Rejected, DeviceBusy):
                    return ""
        return ""

    # --- whose turn ---

    async def _acquire(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._lock.acquire()
        except TimeoutError:
            raise PortBusy("the scale is streaming or answering another request") from None

    @contextlib.asynccontextmanager
    async def _turn(self, timeout_s: float) -> AsyncIterator[None]:
        await self._acquire(timeout_s)
        try:
            yield
        finally:
            self._lock.release()
