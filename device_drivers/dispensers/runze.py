"""Runze syringe pumps on their binary line. A dose is a move of the plunger to a position: it ends there by itself,
and the same move said twice is one dose.

A reply does not tell which command it answers, and some firmware answers a move only when it has ended. So nothing is
concluded from the reply to a move: the motor's status and the position decide, and a position counts when two agree.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from device_drivers.dispensers import runze_frames as frames
from device_drivers.dispensers.base import LINE_EMPTY, STOPPED_BY_ITSELF, ChannelState, ChannelStatus, Started
from device_drivers.dispensers.kept import Clock, KeptPumps, Run, Sleep, begun, pass_what_is_owed, until_answered
from device_drivers.dispensers.pump_maps import RunzeMap
from device_drivers.dispensers.runze_frames import Reply
from device_drivers.errors import BadFrame, DeviceBusy, DeviceError, DeviceFault, NotConfirmed, Rejected
from device_drivers.identity import Identity
from device_drivers.transport import Port

FULL_BP = 10_000
_POLL_S = 0.03
_SOURCE, _OUTLET = 1, 2


@dataclass(frozen=True, slots=True)
class _Stroke:
    """From where to where the plunger of one start goes, steps."""

    begin: int
    target: int


class RunzeSyringe(KeptPumps):
    """A `Dispenser`. `port` cuts with `RunzeSplitter`; `addresses` maps channel to address.

    With a valve the syringe fills itself from port 1 before a dose that it does not hold and doses through port 2; a
    bound above the syringe is Rejected. Without one, a syringe that holds too little is `LINE_EMPTY`.
    """

    def __init__(
        self,
        port: Port,
        model: RunzeMap,
        addresses: Mapping[int, int] | None = None,
        clock: Clock = monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(addresses or {1: model.unit}, model.confirm_polls)
        self._port, self._model = port, model
        self._clock, self._sleep = clock, sleep
        self._line = asyncio.Lock()
        self._strokes: dict[int, _Stroke] = {}
        self._open = False
        self._owed = False

    @property
    def ends_by_itself(self) -> tuple[str, ...]:
        return self._model.ends_by_itself

    @property
    def suck_back_most_ms(self) -> int:
        return self._model.reverse_max_ms

    async def connect(self) -> Identity:
        self._runs.clear()
        await self._port.open()
        self._open, self._owed = True, False
        try:
            await self.stop(None)
            for channel in self.channels:
                await self._position(channel)
        except DeviceError:
            self._open = False
            await self._port.close()
            raise
        return Identity(model=self._model.model, serial="", firmware="")

    async def start(self, channel: int, speed_bp: int, bound_ul: int) -> Started:
        m, steps = self._model, self._steps(bound_ul)
        if not 0 < speed_bp <= FULL_BP or bound_ul <= 0:
            raise ValueError(f"speed {speed_bp} bp or bound {bound_ul} µL out of range")
        if steps > m.max_steps:
            raise Rejected("syringe", f"{bound_ul} µL are more than one syringe of {m.syringe_ul} µL")
        if await self._moves(channel):
            raise DeviceBusy(f"channel {channel} is running")
        if await self._position(channel) < steps:
            await self.fill(channel)
        else:
            # A fill that broke off, in this process or the last, left it open towards the container.
            await self._turn_valve(channel, _OUTLET)
        await self._set(channel, m.speed, self._rpm(speed_bp))
        begin = await self._position(channel)
        run = Run(0, bound_ul, self._flow(speed_bp), self._clock(), self._clock())
        await self._go(channel, begin, begin - steps)
        run.counter = self._next_counter(channel)
        self._runs[channel], self._strokes[channel] = run, _Stroke(begin, begin - steps)
        return Started(run.counter)

    async def fill(self, channel: int) -> None:
        """Draw the syringe full through the valve. DeviceFault(LINE_EMPTY) without a valve."""
        m = self._model
        if m.valve is None:
            raise DeviceFault(LINE_EMPTY, f"channel {channel}: the syringe holds too little and has no valve")
        await self._turn_valve(channel, _SOURCE)
        await self._set(channel, m.speed, m.max_rpm)
        try:
            await self._go(channel, await self._position(channel), m.max_steps)
            await self._stood(channel, m.max_steps)
        finally:
            await asyncio.shield(asyncio.create_task(self.stop(channel)))
        await self._turn_valve(channel, _OUTLET)

    async def set_speed(self, channel: int, speed_bp: int) -> None:
        if not 0 <= speed_bp <= FULL_BP:
            raise ValueError(f"speed {speed_bp} bp out of range")
        await self._set(channel, self._model.speed, self._rpm(speed_bp))
        run = self._runs.get(channel)
        if run is not None:
            run.count(self._clock())
            run.flow_ul_s = self._flow(speed_bp)

    async def suck_back(self, channel: int, ms: int) -> None:
        m = self._model
        if not 0 < ms <= m.reverse_max_ms:
            raise ValueError(f"suck-back {ms} ms out of range")
        if await self._moves(channel):
            raise DeviceBusy(f"channel {channel} is running")
        begin = await self._position(channel)
        target = min(begin + self._steps(self._flow(FULL_BP) * ms / 1000), m.max_steps)
        if target == begin:
            return  # a full syringe has nothing to draw into
        await self._go(channel, begin, target)
        await self._stood(channel, target)

    async def status(self, channel: int) -> ChannelStatus:
        run, fault = self._runs.get(channel), None
        try:
            moves = await self._moves(channel)
        except DeviceFault as error:
            moves, fault = False, error.code
        if run is None or (moves and run.ended is not None):
            state = ChannelState.FAULT if fault else ChannelState.RUNNING if moves else ChannelState.IDLE
            return ChannelStatus(moves, state, round(run.delivered_ul) if run else 0, self._counters[channel], fault)
        if moves:
            run.count(self._clock())
        elif run.ended is None:
            await self._account(channel, run, fault)
        delivered = min(round(run.delivered_ul), run.bound_ul)
        return ChannelStatus(moves, run.ended or ChannelState.RUNNING, delivered, run.counter, run.fault)

    async def kick(self) -> None:
        """The pump has no watchdog: its move is bounded."""

    async def close(self) -> None:
        if self._open:
            with contextlib.suppress(DeviceError):
                await self.stop(None)
        self._open = False
        await self._port.close()

    # --- one pump ---

    async def _go(self, channel: int, begin: int, target: int) -> None:
        """A move, proven by the motor or the plunger; else halted and NotConfirmed."""

        async def moved() -> bool:
            return await self._moves(channel) or await self._position(channel) != begin

        await begun(
            f"move of channel {channel}",
            lambda: self._ask(channel, self._model.move, target),
            moved,
            lambda began: "" if began else "it took the move and stands",
            lambda: self._stop_quietly(channel),
        )

    async def _stood(self, channel: int, target: int) -> None:
        give_up = self._clock() + self._model.refill_s
        while await self._moves(channel) and self._clock() < give_up:
            await self._sleep(_POLL_S)
        if (where := await self._position(channel)) != target:
            raise NotConfirmed(f"channel {channel} stands at {where}, not {target}")

    async def _account(self, channel: int, run: Run, fault: str | None) -> None:
        """What a plunger that stands has given."""
        stroke, where = self._strokes[channel], None
        with contextlib.suppress(DeviceFault):
            where = await self._position(channel)
        if where is not None:
            run.delivered_ul = (stroke.begin - where) * self._model.syringe_ul / self._model.max_steps
        if fault is not None:
            run.end(ChannelState.FAULT, fault)
        elif where is not None and where <= stroke.target:
            run.end(ChannelState.DONE)
        elif run.ending:
            run.end(ChannelState.STOPPED)
        else:
            run.end(ChannelState.FAULT, STOPPED_BY_ITSELF)

    async def _turn_valve(self, channel: int, port: int) -> None:
        if self._model.valve is not None:
            await self._set(channel, self._model.valve, port)
            give_up = self._clock() + self._model.refill_s
            while await self._moves(channel) and self._clock() < give_up:
                await self._sleep(_POLL_S)

    async def _send_stop(self, channel: int) -> None:
        await self._set(channel, self._model.halt, 0)

    async def _before_next_look(self, channel: int) -> None:
        await self._sleep(_POLL_S)  # the plunger slows down

    async def _moves(self, channel: int) -> bool:
        """DeviceFault when the motor reports one."""
        reply = await until_answered(lambda: self._ask(channel, self._model.motor, 0, busy_is_fine=True))
        return reply.status in (frames.BUSY, frames.EXECUTING)

    async def _stands(self, channel: int) -> None:
        run = self._runs.get(channel)
        if run is not None and run.ended is None:
            await self._account(channel, run, None)
        await super()._stands(channel)

    async def _position(self, channel: int) -> int:
        """Steps, two reads in agreement. NotConfirmed when they never agree."""
        last: int | None = None
        for _ in range(5):
            where = (await until_answered(lambda: self._ask(channel, self._model.position))).value
            if where == last:
                return where
            last = where
        raise NotConfirmed(f"channel {channel}: the position does not hold still")

    async def _set(self, channel: int, function: int, value: int) -> None:
        await until_answered(lambda: self._ask(channel, function, value))

    async def _ask(self, channel: int, function: int, value: int = 0, *, busy_is_fine: bool = False) -> Reply:
        unit = self._unit(channel)
        async with self._line:
            owed = self._owed
            if owed and function != self._model.halt:  # a halt does not wait; what answers it is not believed later
                await pass_what_is_owed(self._port, self._model.answer_s)
                owed = False
            self._port.discard()
            self._owed = True
            await self._port.write(frames.request(unit, function, value))
            reply = frames.parse_reply((await self._port.read_frame(self._model.answer_s)).raw)
            self._owed = owed
        if reply.address != unit:
            raise BadFrame(f"address {reply.address:#04x} answered for {unit:#04x}")
        error = frames.error_of(reply)
        if error is not None and not (busy_is_fine and isinstance(error, DeviceBusy)):
            raise error
        return reply

    # --- figures ---

    def _steps(self, ul: float) -> int:
        return max(round(ul * self._model.max_steps / self._model.syringe_ul), 1)

    def _rpm(self, speed_bp: int) -> int:
        return max(round(self._model.max_rpm * speed_bp / FULL_BP), 1)

    def _flow(self, speed_bp: int) -> float:
        return self._rpm(speed_bp) / 60 * self._model.ul_per_rev
