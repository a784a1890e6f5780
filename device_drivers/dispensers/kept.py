"""Pumps that keep no dose counter: the driver keeps the account of a dose, and the stop is the same for all of them."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from device_drivers.dispensers.base import ChannelState
from device_drivers.errors import BadFrame, DeviceBusy, DeviceError, DeviceFault, LineLost, NoAnswer, NotConfirmed
from device_drivers.transport import Port

_T = TypeVar("_T")
_ATTEMPTS = 3
_UNANSWERED = (NoAnswer, DeviceBusy, BadFrame)
_MOST_OWED = 8

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


async def until_answered(act: Callable[[], Awaitable[_T]]) -> _T:
    """Repeat what may be repeated: a look, or a write that only sets a state. Never a trigger."""
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(*_UNANSWERED):
            return await act()
    return await act()


async def sent_once(send: Callable[[], Awaitable[object]]) -> DeviceError | None:
    """A trigger: exactly one frame. No answer, another's, a busy or a faulty one is handed back, since the device may
    have begun all the same: only a look at it tells."""
    try:
        await send()
    except (NoAnswer, DeviceBusy, DeviceFault, BadFrame) as error:
        return error
    return None


async def begun(
    what: str,
    send: Callable[[], Awaitable[object]],
    look: Callable[[], Awaitable[_T]],
    lacks: Callable[[_T], str],
    stop: Callable[[], Awaitable[None]],
) -> _T:
    """Trigger, then look: what was seen. `lacks` says in words what a look shows instead of a beginning, empty when it
    shows one. Without it the device is stopped, and the trigger's own error is raised, or NotConfirmed."""
    unanswered = await sent_once(send)
    try:
        seen = await look()
    except DeviceFault:
        await stop()
        raise
    except DeviceError as error:
        await stop()
        raise NotConfirmed(f"{what}: no look at it: {error.detail}") from error
    if missing := lacks(seen):
        await stop()
        raise unanswered or NotConfirmed(f"{what}: {missing}")
    return seen


async def pass_what_is_owed(port: Port, quiet_s: float) -> None:
    """Let late answers come and go. Where answers carry no number, a late one would answer the next question."""
    for _ in range(_MOST_OWED):
        try:
            await port.read_frame(quiet_s)
        except NoAnswer:
            return


@dataclass(slots=True)
class Run:
    """One start as the driver keeps it. `ending`: we have told the pump to stop; `ended`: how it came to stand."""

    counter: int
    bound_ul: int
    flow_ul_s: float
    began: float
    counted_to: float
    delivered_ul: float = 0.0
    at_stop_ul: float | None = None
    ending: bool = False
    ended: ChannelState | None = None
    fault: str | None = None

    def count(self, now: float) -> None:
        """Add what the flow has brought since the last look."""
        if self.ended is None:
            self.delivered_ul += self.flow_ul_s * max(now - self.counted_to, 0.0)
            self.counted_to = now

    def left_s(self, now: float) -> float:
        """Seconds until the bound at this flow; endless while it stands."""
        self.count(now)
        return (self.bound_ul - self.delivered_ul) / self.flow_ul_s if self.flow_ul_s > 0 else float("inf")

    def told(self, now: float) -> None:
        """A stop was answered now: if it is the one that ends the run, nothing later counts."""
        self.count(now)
        self.at_stop_ul = self.delivered_ul

    def end(self, how: ChannelState, fault: str | None = None) -> None:
        """The first end stays."""
        if self.ended is None:
            self.ended, self.fault = how, fault
            if self.at_stop_ul is not None:
                self.delivered_ul = self.at_stop_ul


class KeptPumps(ABC):
    """`units`: the address on the line of each channel, 1…n."""

    def __init__(self, units: Mapping[int, int], confirm_polls: int) -> None:
        if not units:
            raise ValueError("a dispenser has at least one channel")
        self._units = dict(units)
        self._confirm_polls = confirm_polls
        self._runs: dict[int, Run] = {}
        self._counters = dict.fromkeys(units, 0)

    @property
    def channels(self) -> tuple[int, ...]:
        return tuple(self._units)

    def _unit(self, channel: int) -> int:
        """Raises ValueError for a channel that is not there."""
        if channel not in self._units:
            raise ValueError(f"channels are {', '.join(map(str, self._units))}, not {channel}")
        return self._units[channel]

    def _next_counter(self, channel: int) -> int:
        self._counters[channel] = (self._counters[channel] + 1) & 0xFFFF
        return self._counters[channel]

    async def stop(self, channel: int | None = None) -> None:
        """Every pump is told before any is asked; one that fails does not keep the others running. One that is seen
        to stand stands, also when the answer to the telling was lost."""
        if channel is not None:
            self._unit(channel)
        failures: list[DeviceError] = []
        chosen = self.channels if channel is None else (channel,)
        for act in (self._told, self._confirm_stopped):
            for each in chosen:
                try:
                    await act(each)
                except LineLost:
                    raise
                except DeviceError as error:
                    if act == self._confirm_stopped or not isinstance(error, _UNANSWERED):
                        failures.append(error)
        if failures:
            raise failures[0]

    async def _told(self, channel: int) -> None:
        run = self._runs.get(channel)
        if run is not None and run.ended is None:
            run.ending = True
        await self._send_stop(channel)

    async def _confirm_stopped(self, channel: int) -> None:
        for look in range(self._confirm_polls):
            if look:
                await self._before_next_look(channel)
            if not await self._moves(channel):
                await self._stands(channel)
                return
        raise NotConfirmed(f"channel {channel} still moves after stop")

    async def _stop_quietly(self, channel: int) -> None:
        with contextlib.suppress(DeviceError):
            await self.stop(channel)

    async def _stands(self, channel: int) -> None:
        """Called once a stop is confirmed."""
        run = self._runs.get(channel)
        if run is not None:
            run.end(ChannelState.STOPPED)

    async def _before_next_look(self, channel: int) -> None:
        """Between two looks whether a told pump has stopped."""
        return

    @abstractmethod
    async def _send_stop(self, channel: int) -> None:
        """Put the stop onto the wire; repeated until it is answered, where it has an answer."""

    @abstractmethod
    async def _moves(self, channel: int) -> bool:
        """Whether the device says that it moves."""
