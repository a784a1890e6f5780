"""The watch over one dose: reads the scale, keeps the pump's watchdog fed, and stops the pump when anything is wrong.

Three tasks beside the one that doses: readings come in; the supervisor is asked twenty times a second; the pump is
kicked and asked how it is. Whoever finds a fault calls `trip`; the stop is then sent from here, whatever the dosing
task is waiting for, and is repeated, over a new connection if need be, until the pump confirms it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

from device_drivers.dispensers.base import LINE_EMPTY, ChannelState, ChannelStatus, Dispenser
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.supervisor import Supervisor
from device_drivers.dosing.track import Track
from device_drivers.errors import DeviceError, LineLost
from device_drivers.reading import Reading
from device_drivers.scales.base import Scale

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

STABLE_WITHIN_S = 8.0
_CHECK_S = 0.05
_KICK_S = 0.15
_CLEAR_OF_STOP_S = 0.08
_RETRY_S = 0.2
_PATIENCE_S = 3.0
_SILENT_S = 0.75
"""A pump that moves and has told nothing for so long is lost. One lost answer, repeated at 9600 baud, takes less."""


class Tripped(Exception):
    """The dose is broken off; `Guard.fault` and `Guard.detail` say why (None: the clerk's own stop)."""


class Guard:
    """Use as `async with guard.watching():`; inside, `wait` returns on a new reading or at a time, and raises Tripped.

    `on_reading` must be quick and must not raise. Without a dispenser (a pour) only the scale is watched.
    """

    def __init__(
        self,
        scale: Scale,
        dispenser: Dispenser | None,
        channel: int,
        supervisor: Supervisor,
        clock: Clock,
        sleep: Sleep,
        on_reading: Callable[[Reading], None],
        cancel: asyncio.Event | None,
    ) -> None:
        self._scale = scale
        self._dispenser = dispenser
        self._channel = channel
        self.supervisor = supervisor
        self._clock = clock
        self._sleep = sleep
        self._on_reading = on_reading
        self._cancel = cancel
        self._news = asyncio.Event()
        self._tripped = asyncio.Event()
        self._halted = asyncio.Event()
        self.moving = False
        self._heard_at = 0.0
        self.stop_due: float | None = None
        self.counter: int | None = None
        self.status: ChannelStatus | None = None
        self.latest: Reading | None = None
        self.scale_lives = True
        self.fault: Fault | None = None
        self.detail = ""
        self.stop_confirmed = True

    @property
    def tripped(self) -> bool:
        return self._tripped.is_set()

    def started(self, counter: int) -> None:
        """The device has confirmed a start; from now on it is listened to."""
        self.counter, self._heard_at = counter, self._clock()

    def trip(self, fault: Fault | None, detail: str = "") -> None:
        """Break the dose off. The first reason stays."""
        if not self.tripped:
            self.fault, self.detail = fault, detail
            self._tripped.set()
            self._news.set()

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        jobs: list[Coroutine[Any, Any, None]] = [self._read(), self._supervise()]
        if self._dispenser is not None:
            jobs.append(self._keep_alive(self._dispenser))
        if self._cancel is not None:
            jobs.append(self._heed(self._cancel))
        tasks = [asyncio.create_task(self._guarded(job)) for job in jobs]
        try:
            yield
        finally:
            try:
                if self.moving:  # left by an exception or a cancellation: nothing may run on
                    self.trip(Fault.INTERNAL, "the dose was left while the pump was moving")
                    await asyncio.shield(asyncio.create_task(self._halted.wait()))
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def wait(self, until: float | None = None) -> None:
        """Until something new is known or the time has come. Raises Tripped once the pump has been dealt with."""
        if not self.tripped:
            await self._first(self._news.wait(), until)
            self._news.clear()
        if self.tripped:
            await self.halted()
            raise Tripped

    async def halted(self) -> None:
        """After `trip`: until the pump has confirmed its stop, or all that could be tried has been."""
        await self._halted.wait()

    async def stable(self, track: Track, since: float, within_s: float, agreeing: int = 3) -> Reading | None:
        """The scale's own stable flag on a reading not older than `since`, with its neighbours in agreement: so many
        readings together.

        None when that does not come within `within_s` after `since`. Raises Tripped like `wait`; once the dose has
        been broken off it may be called again, to weigh what lies in the cup.
        """
        broken_off = self.tripped
        give_up = max(since, self._clock()) + within_s
        while self.scale_lives and self._clock() < give_up:
            reading = self.latest
            if reading is not None and reading.at >= since and track.supports(reading, agreeing):
                return reading
            if broken_off:
                await self._first(self._news.wait(), give_up)
                self._news.clear()
            else:
                await self.wait(give_up)
        return None

    async def _first(self, event: Coroutine[Any, Any, Any], until: float | None) -> None:
        waiting = [asyncio.ensure_future(event)]
        if until is not None:
            waiting.append(asyncio.ensure_future(self._sleep(max(until - self._clock(), 0.0))))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for future in waiting:
                future.cancel()

    async def _guarded(self, job: Coroutine[Any, Any, None]) -> None:
        try:
            await job
        except Exception as error:
            self.trip(Fault.INTERNAL, f"{type(error).__name__}: {error}")

    async def _heed(self, cancel: asyncio.Event) -> None:
        await cancel.wait()
        self.trip(None, "stopped by the clerk")

    async def _read(self) -> None:
        try:
            async with contextlib.aclosing(self._scale.stream()) as readings:
                async for reading in readings:
                    fault = self.supervisor.see(reading, self._clock())
                    self.latest = reading
                    self._on_reading(reading)
                    if fault is not None:
                        self.trip(fault, repr(reading.raw))
                    self._news.set()
        except LineLost as error:
            self.trip(Fault.SCALE_LOST, error.detail)
        except DeviceError as error:
            self.trip(Fault.SCALE_FAULT, error.detail)
        finally:
            self.scale_lives = False
            self._news.set()

    async def _supervise(self) -> None:
        try:
            while not self.tripped:
                fault = self.supervisor.check(self._clock())
                if fault is not None:
                    self.trip(fault)
                elif self._pump_is_silent():
                    self.trip(Fault.PUMP_LOST, f"nothing heard from the pump for {_SILENT_S:g} s")
                else:
                    await self._first(self._tripped.wait(), self._clock() + _CHECK_S)
        except Exception as error:
            self.trip(Fault.INTERNAL, f"{type(error).__name__}: {error}")
        try:
            await self._halt()
        finally:
            self._halted.set()  # whoever waits for the end must not wait for ever

    async def _keep_alive(self, dispenser: Dispenser) -> None:
        failures = 0
        while not self.tripped:
            if self.moving and not self._stop_is_near():
                try:
                    # The look first: a pump that does not answer is not kept going either.
                    self.look(await dispenser.status(self._channel))
                    await dispenser.kick()
                    failures, self._heard_at = 0, self._clock()
                except LineLost as error:
                    self.trip(Fault.PUMP_LOST, error.detail)
                except DeviceError as error:
                    failures += 1
                    if failures >= 2:
                        self.trip(Fault.PUMP_LOST, error.detail)
            await self._first(self._tripped.wait(), self._clock() + _KICK_S)

    def _pump_is_silent(self) -> bool:
        listening = self.moving and self.counter is not None and not self._stop_is_near()
        return listening and self._clock() - self._heard_at > _SILENT_S

    def _stop_is_near(self) -> bool:
        """A bus cycle of ours must not stand in the way of the stop; the watchdog can wait that long."""
        due = self.stop_due
        return due is not None and -_CLEAR_OF_STOP_S < due - self._clock() < _CLEAR_OF_STOP_S

    def look(self, status: ChannelStatus) -> None:
        """What the pump says of the start under way; a start that a fault ended breaks the dose off."""
        if not self.moving or status.counter != self.counter:
            return  # a look at an earlier dose, or one that was under way while the dosing task stopped the pump
        self.status = status
        if status.state is ChannelState.FAULT:
            empty = status.fault == LINE_EMPTY
            self.trip(Fault.CONTAINER_EMPTY if empty else Fault.PUMP_FAULT, status.fault or "")
        elif status.state is ChannelState.WATCHDOG:
            self.trip(Fault.WATCHDOG)
        else:
            self._news.set()

    async def _halt(self) -> None:
        """Stop, and keep trying. Gives up after a while: then the device's own bound and watchdog have ended it."""
        dispenser = self._dispenser
        if dispenser is None or not self.moving:
            return
        self.stop_confirmed = False
        give_up = self._clock() + _PATIENCE_S
        while not self.stop_confirmed and self._clock() < give_up:
            # A stop; else a look, since a device that ended the dose by itself has stopped too; else a new connection,
            # which begins with stop to every channel.
            for act in (self._stop, self._look_stopped, self._reconnect):
                with contextlib.suppress(DeviceError):
                    self.stop_confirmed = await act(dispenser)
                if self.stop_confirmed:
                    break
            else:
                await self._sleep(_RETRY_S)
        self.moving = False
        self.supervisor.pump(0.0, self._clock())
        if not self.stop_confirmed:
            bounds = ", ".join(dispenser.ends_by_itself)
            self.detail += f"; stop not confirmed, the device ends by itself: {bounds}"

    async def _stop(self, dispenser: Dispenser) -> bool:
        await dispenser.stop(self._channel)
        return True

    async def _reconnect(self, dispenser: Dispenser) -> bool:
        await dispenser.connect()
        return True

    async def _look_stopped(self, dispenser: Dispenser) -> bool:
        return not (await dispenser.status(self._channel)).running
