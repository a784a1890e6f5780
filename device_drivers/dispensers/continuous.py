"""A pump that runs at a speed until it is told to stop: no dose volume, no counter, no watchdog.

The driver ends a dose at its bound by the clock. That bound dies with this process, so `ends_by_itself` is empty and
such a pump is used behind a dead-man relay only (`guarded.py`).

- connect: enable the bus where the model asks for it, then stop, then forward and speed 0;
- a start is one frame, proven by the run state; speed and direction are read back before it;
- a pump that does not answer, or that outlives its bound, makes `kick` fail, so that a relay is no longer refreshed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from time import monotonic

from device_drivers.dispensers.base import STOPPED_BY_ITSELF, ChannelState, ChannelStatus, Started
from device_drivers.dispensers.kept import Clock, KeptPumps, Run, Sleep, begun, until_answered
from device_drivers.dispensers.modbus_bus import ModbusBus
from device_drivers.dispensers.pump_maps import ContinuousMap
from device_drivers.dispensers.registers import Register, get, put
from device_drivers.errors import DeviceBusy, DeviceError, NotConfirmed, Rejected, WrongModel
from device_drivers.identity import Identity
from device_drivers.transport import LineSettings

FULL_BP = 10_000
_STEP_S = 0.02
_REVERSE_SPAN_MS = 100
_GRACE_S = 1.0


class ContinuousPump(KeptPumps):
    """A `Dispenser`. `units` maps channel to Modbus unit; `ul_per_rev` of head and tube replaces the map's."""

    def __init__(
        self,
        address: str,
        registers: ContinuousMap,
        settings: LineSettings | None = None,
        units: Mapping[int, int] | None = None,
        ul_per_rev: int | None = None,
        clock: Clock = monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(units or {1: registers.unit}, registers.confirm_polls)
        self._map = replace(registers, ul_per_rev=ul_per_rev or registers.ul_per_rev)
        self._bus = ModbusBus(address, settings or LineSettings.parse(registers.framing), registers.answer_s)
        self._clock, self._sleep = clock, sleep
        self._enders: dict[int, asyncio.Task[None]] = {}
        self._reversing: set[int] = set()
        # A bound's stop that is being repeated must not meet the next start.
        self._turn = {channel: asyncio.Lock() for channel in self.channels}

    @property
    def ends_by_itself(self) -> tuple[str, ...]:
        return self._map.ends_by_itself

    @property
    def suck_back_most_ms(self) -> int:
        return self._map.reverse_max_ms

    async def connect(self) -> Identity:
        self._forget()
        await self._bus.open()
        try:
            for channel in self.channels:
                await self._enable(channel)
            await self.stop(None)
            for channel in self.channels:
                await self._turn_to(channel, reverse=False)
                await self._put(channel, self._map.speed, 0)
        except Rejected as error:
            self._bus.close()
            raise WrongModel(f"{self._map.name}: the device does not know our registers: {error.detail}") from error
        except DeviceError:
            self._bus.close()
            raise
        return Identity(model=self._map.model, serial="", firmware="")

    async def start(self, channel: int, speed_bp: int, bound_ul: int) -> Started:
        if not 0 < speed_bp <= FULL_BP or bound_ul <= 0:
            raise ValueError(f"speed {speed_bp} bp or bound {bound_ul} µL out of range")
        self._unit(channel)
        async with self._turn[channel]:
            return await self._start(channel, speed_bp, bound_ul)

    async def _start(self, channel: int, speed_bp: int, bound_ul: int) -> Started:
        if await self._moves(channel):
            raise DeviceBusy(f"channel {channel} is running")
        await self._turn_to(channel, reverse=False)
        await self._set_rpm(channel, self._rpm(speed_bp))
        # The clock of the bound starts before the frame does: late, it would let more pass than was asked.
        run = Run(0, bound_ul, self._flow(speed_bp), self._clock(), self._clock())
        await self._run(channel, self._map.run_forward)
        run.counter = self._next_counter(channel)
        self._runs[channel] = run
        self._enders[channel] = asyncio.create_task(self._end_at_bound(channel, run))
        return Started(run.counter)

    async def set_speed(self, channel: int, speed_bp: int) -> None:
        if not 0 <= speed_bp <= FULL_BP:
            raise ValueError(f"speed {speed_bp} bp out of range")
        await self._put(channel, self._map.speed, self._speed_value(self._rpm(speed_bp)))
        run = self._runs.get(channel)
        if run is not None:
            run.count(self._clock())
            run.flow_ul_s = self._flow(speed_bp)

    async def suck_back(self, channel: int, ms: int) -> None:
        """The volume that `ms` of full flow would be, drawn back more slowly: a bus cycle is too long for the clock."""
        m = self._map
        if m.run_reverse is None or not 0 < ms <= m.reverse_max_ms:
            raise ValueError(f"suck-back {ms} ms out of range")
        self._unit(channel)
        async with self._turn[channel]:
            await self._suck_back(channel, ms, m.run_reverse)

    async def _suck_back(self, channel: int, ms: int, reverse: int) -> None:
        m = self._map
        if await self._moves(channel):
            raise DeviceBusy(f"channel {channel} is running")
        span_ms = max(ms, _REVERSE_SPAN_MS)
        await self._turn_to(channel, reverse=True)
        await self._set_rpm(channel, m.max_rpm * ms / span_ms)
        ends = self._clock() + span_ms / 1000
        self._reversing.add(channel)
        try:
            await self._run(channel, reverse)
            await self._sleep(max(ends - self._clock(), 0.0))
        finally:
            await asyncio.shield(asyncio.create_task(self.stop(channel)))
            self._reversing.discard(channel)
        await self._turn_to(channel, reverse=False)

    async def status(self, channel: int) -> ChannelStatus:
        moves = await self._moves(channel)
        actual = await self._actual_rpm(channel) if moves else 0.0
        run, now = self._runs.get(channel), self._clock()
        if run is None or (moves and run.ended is not None):
            # It moves and we did not start it: a suck-back of ours, or somebody's hand on the pump's own key.
            moving = ChannelState.REVERSING if channel in self._reversing else ChannelState.RUNNING
            state, delivered = moving if moves else ChannelState.IDLE, 0 if run is None else round(run.delivered_ul)
            return ChannelStatus(moves, state, delivered, self._counters[channel], None, self._share(actual))
        run.count(now)
        if not moves and run.ended is None:
            if run.ending:
                run.end(ChannelState.DONE if run.left_s(now) <= 0.0 else ChannelState.STOPPED)
            else:
                run.end(ChannelState.FAULT, STOPPED_BY_ITSELF)
        stalled = moves and self._stalled(run, actual, now)
        state = run.ended or ChannelState.RUNNING
        return ChannelStatus(
            running=moves,
            state=ChannelState.FAULT if stalled else state,
            delivered_ul=round(run.delivered_ul),
            counter=run.counter,
            fault="motor_stalled" if stalled else run.fault,
            speed_bp=self._share(actual),
        )

    async def kick(self) -> None:
        """Nothing to refresh in the pump, but a relay is held only if this returns: the pump must answer, and
        NotConfirmed tells of a dose that has outlived its bound. One look without repeats; the next kick is the repeat.
        """
        for channel, run in self._runs.items():
            if run.ended is not None:
                continue
            if run.left_s(self._clock()) < -_GRACE_S:
                raise NotConfirmed(f"channel {channel} did not stop at its bound")
            await get(self._bus, self._unit(channel), self._map.run, self._map.word_order)

    async def close(self) -> None:
        if self._bus.connected:
            with contextlib.suppress(DeviceError):
                await self.stop(None)
        self._forget()
        self._bus.close()

    # --- one pump ---

    async def _run(self, channel: int, value: int) -> None:
        """The trigger, once; then the pump must show that it runs, else it is stopped."""
        m, unit = self._map, self._unit(channel)
        await begun(
            f"start of channel {channel}",
            lambda: put(self._bus, unit, m.run, value, m.word_order),
            lambda: self._moves(channel),
            lambda runs: "" if runs else "it accepted the start and stands",
            lambda: self._stop_quietly(channel),
        )

    async def _end_at_bound(self, channel: int, run: Run) -> None:
        while run.ended is None:
            left = run.left_s(self._clock())
            if left <= 0.0:
                await self._end_now(channel, run)
            if not self._bus.connected:
                return  # the next connect begins with stop
            await self._sleep(min(left, _STEP_S) if left > 0.0 else _STEP_S)

    async def _end_now(self, channel: int, run: Run) -> None:
        async with self._turn[channel]:
            if run.ended is not None:
                return
            run.ending = True
            with contextlib.suppress(DeviceError):  # tried again; `kick` tells when it takes too long
                await self._send_stop(channel)
                if not await self._moves(channel):
                    run.end(ChannelState.DONE)

    async def _enable(self, channel: int) -> None:
        if self._map.enable is not None:
            await self._put(channel, self._map.enable, 1)

    async def _send_stop(self, channel: int) -> None:
        await self._put(channel, self._map.run, self._map.run_stop)
        run = self._runs.get(channel)
        if run is not None:
            run.told(self._clock())

    async def _stands(self, channel: int) -> None:
        run = self._runs.get(channel)
        if run is not None:
            run.count(self._clock())
        await super()._stands(channel)

    async def _moves(self, channel: int) -> bool:
        m, unit = self._map, self._unit(channel)
        value = await until_answered(lambda: get(self._bus, unit, m.run, m.word_order))
        return int(value) & m.run_mask != m.run_stop & m.run_mask

    async def _actual_rpm(self, channel: int) -> float:
        m, unit = self._map, self._unit(channel)
        register, per_rpm = (m.actual, m.actual_per_rpm) if m.actual else (m.speed, m.speed_per_rpm)
        return await until_answered(lambda: get(self._bus, unit, register, m.word_order)) / per_rpm

    async def _turn_to(self, channel: int, *, reverse: bool) -> None:
        """Where the direction has a register of its own; else the run value carries it."""
        m, unit = self._map, self._unit(channel)
        if m.direction is None:
            return
        way, register = m.direction_reverse if reverse else m.direction_forward, m.direction
        await self._put(channel, register, way)
        if int(await until_answered(lambda: get(self._bus, unit, register, m.word_order))) != way:
            raise NotConfirmed(f"channel {channel} did not take the direction")

    async def _set_rpm(self, channel: int, rpm: float) -> None:
        m, unit, value = self._map, self._unit(channel), self._speed_value(rpm)
        await self._put(channel, m.speed, value)
        back = await until_answered(lambda: get(self._bus, unit, m.speed, m.word_order))
        if abs(back - value) > 1e-3 * max(value, 1.0):
            raise NotConfirmed(f"channel {channel} did not take the speed: {back:g}, not {value:g}")

    async def _put(self, channel: int, register: Register, value: float) -> None:
        unit = self._unit(channel)
        await until_answered(lambda: put(self._bus, unit, register, value, self._map.word_order))

    # --- figures ---

    def _rpm(self, speed_bp: int) -> float:
        return self._map.max_rpm * speed_bp / FULL_BP

    def _speed_value(self, rpm: float) -> float:
        value = rpm * self._map.speed_per_rpm
        return value if self._map.speed.kind == "f32" else round(value)

    def _flow(self, speed_bp: int) -> float:
        return self._rpm(speed_bp) / 60 * self._map.ul_per_rev

    def _share(self, rpm: float) -> int:
        return round(rpm / self._map.max_rpm * FULL_BP)

    def _stalled(self, run: Run, actual_rpm: float, now: float) -> bool:
        m = self._map
        asked = run.flow_ul_s > 0
        return bool(m.actual and asked and now - run.began > m.stall_after_s and actual_rpm < 0.02 * m.max_rpm)

    def _forget(self) -> None:
        for ender in self._enders.values():
            ender.cancel()
        self._enders.clear()
        self._runs.clear()
