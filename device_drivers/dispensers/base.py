"""What a dose needs of a dispenser."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from device_drivers.identity import Identity

LINE_EMPTY = "line_empty"
"""The one fault name that every map must use alike: the container is empty, and the clerk can help."""

BOUNDED_DOSE, WATCHDOG, DEAD_MAN_RELAY = "bounded_dose", "watchdog", "dead_man_relay"
BOUNDS = (BOUNDED_DOSE, WATCHDOG, DEAD_MAN_RELAY)
"""What ends a dose when the host is gone: the device doses a volume, misses the host, or loses its motor's supply."""

STOPPED_BY_ITSELF = "stopped_by_itself"
"""Fault of a pump that keeps no reason: it stands short of its bound and nobody here stopped it (key, stall, mains)."""


class ChannelState(Enum):
    """What one channel is doing, or how its last dose ended."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"  # the bound was reached
    STOPPED = "stopped"
    FAULT = "fault"
    WATCHDOG = "watchdog"  # the host fell silent and the device stopped by itself
    REVERSING = "reversing"

    @property
    def moves(self) -> bool:
        return self in (ChannelState.RUNNING, ChannelState.REVERSING)


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """One consistent look at a channel. `fault` is the map's name for it, or None.

    Where the device keeps a dose counter and a volume, all of it comes from one read and is the device's. Where it
    keeps none, `counter` counts this driver's starts and `delivered_ul` may be speed times time.
    """

    running: bool
    state: ChannelState
    delivered_ul: int
    counter: int
    fault: str | None
    speed_bp: int = 0


@dataclass(frozen=True, slots=True)
class Started:
    """A start that the device confirmed. `counter` is that of `ChannelStatus` after the start."""

    counter: int


class Dispenser(Protocol):
    """Errors are those of `device_drivers.errors`. Volumes µL, speeds basis points of full speed.

    A start is a trigger: it is sent once and proven by what the device shows then (its dose counter, else that it runs
    or has moved). Everything else sets a state and is repeated until the device answers.
    """

    @property
    def ends_by_itself(self) -> tuple[str, ...]:
        """What bounds a runaway when the host is gone, of `BOUNDS`; empty = nothing does."""

    @property
    def suck_back_most_ms(self) -> int:
        """The longest suck-back; 0 = this model cannot."""

    async def connect(self) -> Identity:
        """(Re)connect; the first thing sent is stop to every channel. WrongModel when it is another device."""

    async def start(self, channel: int, speed_bp: int, bound_ul: int) -> Started:
        """Start one dose that ends by itself after `bound_ul`. NotConfirmed when the device does not show it."""

    async def set_speed(self, channel: int, speed_bp: int) -> None:
        """Change the speed, also while running."""

    async def suck_back(self, channel: int, ms: int) -> None:
        """Reverse by what `ms` of full flow give, to pull the drop back. ValueError beyond `suck_back_most_ms`."""

    async def stop(self, channel: int | None = None) -> None:
        """Stop one or all channels; returns when the device shows it, else NotConfirmed."""

    async def status(self, channel: int) -> ChannelStatus:
        """One look."""

    async def kick(self) -> None:
        """Refresh the device's watchdog: the host lives and watches."""

    async def close(self) -> None:
        """Stop every channel if the line still lives, then release it. Idempotent."""
