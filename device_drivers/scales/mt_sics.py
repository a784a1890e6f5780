"""MT-SICS level 0/1: Mettler-Toledo, and the many scales that speak it (Ohaus after `PSI`, some indicators).

Source: see `sics_frames`. One command is in flight at any time; the manual warns that several may be lost or reordered.
Lines that answer nothing we asked (a stream's last line, a late answer) are skipped by their ID. Weights all have the
same ID: after an answer that did not come in time the next command is preceded by `I4`, an inquiry, because answers
come in the order of the commands and whatever came before the serial number is old.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from device_drivers.errors import BadFrame, DeviceBusy, DeviceError, NoAnswer, PortBusy, Rejected
from device_drivers.identity import Identity
from device_drivers.reading import Kind, Reading, State
from device_drivers.scales.sics_frames import REFUSALS, TRANSMISSION, Reply, parse, quoted, reading
from device_drivers.transport import Port

_GARBAGE_TOLERATED = 3
_QUIET_S = 0.25


class MtSics:
    """A `Scale`. `answer_s` is how long a command that does not wait for stability may take (line time included)."""

    def __init__(self, port: Port, answer_s: float = 1.0) -> None:
        self._port = port
        self._answer_s = answer_s
        self._lock = asyncio.Lock()
        self._seq = 0
        self._kind: Kind = "unknown"
        self._owed = False

    async def connect(self) -> Identity:
        await self._port.open()
        self._kind, self._owed = "unknown", False
        try:
            serial = await self._identify("I4")
            return Identity(model=await self._identify("I2"), serial=serial, firmware=await self._identify("I3"))
        except DeviceError:
            await self._port.close()
            raise

    async def weigh(self, stable: bool, timeout_s: float) -> Reading:
        async with self._command("S" if stable else "SI", timeout_s):
            while True:
                reply, at = await self._answer("S")
                taken = self._reading(reply, at)
                if not (stable and taken.state is State.MOVING):  # a stream's last line cannot answer `S`
                    return taken

    async def stream(self) -> AsyncGenerator[Reading, None]:
        await self._acquire(self._answer_s)
        try:
            self._port.discard()
            try:
                async with asyncio.timeout(self._answer_s * 5):
                    await self._pass_what_is_owed()
            except TimeoutError:
                raise NoAnswer("an earlier command is still unanswered") from None
            await self._port.write(b"SIR\r\n")
            while True:
                frame = await self._port.read_frame(self._answer_s * 2)
                reply = self._understood(frame.raw)
                if reply is not None and reply.ident == "S" and frame.newest:
                    yield self._reading(reply, frame.at)
        finally:
            try:
                with contextlib.suppress(DeviceError):
                    await self._end_stream()
            finally:
                self._lock.release()

    async def zero(self) -> None:
        async with self._command("Z", self._answer_s * 5):
            reply, _ = await self._answer("Z")
        _demand_done(reply)

    async def tare(self) -> Reading:
        async with self._command("T", self._answer_s * 5):
            reply, at = await self._answer("T")
        if reply.status not in ("S", "D"):
            _demand_done(reply)
        self._kind = "net"
        return self._reading(reply, at)

    async def clear_tare(self) -> None:
        """`TAC`: back to gross."""
        async with self._command("TAC", self._answer_s):
            reply, _ = await self._answer("TAC")
        _demand_done(reply)
        self._kind = "gross"

    async def tare_value(self) -> Reading:
        """`TA`, an inquiry that changes nothing: from then on readings know whether they are gross or net."""
        async with self._command("TA", self._answer_s):
            reply, at = await self._answer("TA")
        if reply.status != "A":
            _demand_done(reply)
        value = self._reading(reply, at)
        self._kind = "unknown" if value.mass_mg is None else "net" if value.mass_mg else "gross"
        return value

    async def close(self) -> None:
        await self._port.close()

    async def _identify(self, command: str) -> str:
        parts: list[str] = []
        async with self._command(command, self._answer_s):
            while True:
                reply, _ = await self._answer(command)
                if reply.status not in ("A", "B"):
                    _demand_done(reply)
                parts.append(quoted(reply.text))
                if reply.status == "A":
                    return " ".join(parts)

    @contextlib.asynccontextmanager
    async def _command(self, command: str, timeout_s: float) -> AsyncIterator[None]:
        await self._acquire(timeout_s)
        try:
            self._port.discard()
            async with asyncio.timeout(timeout_s):
                await self._pass_what_is_owed()
                self._owed = True  # until its answer is here, whatever leaves this block
                await self._port.write(command.encode("ascii") + b"\r\n")
                yield
                self._owed = False
        except Rejected:
            self._owed = False
            raise
        except TimeoutError:
            raise NoAnswer(f"no answer to {command} within {timeout_s:g} s") from None
        finally:
            self._lock.release()

    async def _acquire(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._lock.acquire()
        except TimeoutError:
            raise PortBusy("the scale is streaming or answering another command") from None

    async def _pass_what_is_owed(self) -> None:
        if self._owed:
            await self._port.write(b"I4\r\n")
            while (await self._answer("I4"))[0].status == "B":
                pass
            self._owed = False

    async def _answer(self, ident: str) -> tuple[Reply, float]:
        garbage = 0
        while True:
            frame = await self._port.read_frame(3600.0)  # the command's own time-out is around this
            reply = self._understood(frame.raw)
            if reply is None:
                garbage += 1
                if garbage > _GARBAGE_TOLERATED:
                    raise BadFrame(f"expected {ident}, got {frame.raw!r}")
            elif reply.ident == ident:
                return reply, frame.at

    def _understood(self, raw: bytes) -> Reply | None:
        """The reply, None for garbage. Raises what ES, ET and EL mean."""
        try:
            reply = parse(raw)
        except BadFrame:
            return None
        if reply.ident == TRANSMISSION:
            raise BadFrame("the scale received garbage (ET): check parity and speed")
        if reply.ident in REFUSALS:
            raise Rejected(reply.ident, f"the scale refused the command: {reply.ident}")
        return reply

    def _reading(self, reply: Reply, at: float) -> Reading:
        self._seq += 1
        return reading(reply, self._kind, at, self._seq)

    async def _end_stream(self) -> None:
        """`SI` ends `SIR` (never `@`, which would clear the tare); then wait until the last lines have passed."""
        self._owed = True
        await self._port.write(b"SI\r\n")
        with contextlib.suppress(NoAnswer):
            for _ in range(50):
                await self._port.read_frame(_QUIET_S)
                self._owed = False


def _demand_done(reply: Reply) -> None:
    if reply.status == "A":
        return
    if reply.status == "I":
        raise DeviceBusy(f"not executable now: {reply.raw!r}")
    raise Rejected(reply.status, f"the scale refused: {reply.raw!r}")
