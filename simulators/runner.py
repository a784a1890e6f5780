"""Real time for a plant: an injected clock drives virtual time, and samples go out to whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from simulators.plant import Plant, Sample

TICK_S = 0.005
MOST_AT_ONCE_S = 5.0
"""After a suspended machine the plant moves on by no more than this."""


class Runner:
    """`speed` is plant seconds per second of `clock`. Scale rates and pump flows scale with it; lines stay real."""

    def __init__(self, plant: Plant, *, speed: float = 1.0, clock: Callable[[], float] = monotonic) -> None:
        self.plant = plant
        self._speed = speed
        self.clock = clock
        self._last = clock()
        self.latest: Sample | None = None
        self._listeners: list[asyncio.Event] = []

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        self.catch_up()
        self._speed = value

    def catch_up(self) -> None:
        """Bring the plant to the clock's now. A command calls this first, so that it acts at its own instant."""
        now = self.clock()
        elapsed, self._last = min(now - self._last, MOST_AT_ONCE_S), now
        if elapsed <= 0.0:
            return
        samples = self.plant.advance(elapsed * self._speed)
        if samples:
            self.latest = samples[-1]
            for listener in self._listeners:
                listener.set()

    async def next_sample(self) -> Sample:
        """Wait for a sample newer than the latest."""
        event = asyncio.Event()
        self._listeners.append(event)
        try:
            await event.wait()
        finally:
            self._listeners.remove(event)
        assert self.latest is not None
        return self.latest

    async def run(self) -> None:
        """Drive the plant until cancelled."""
        while True:
            self.catch_up()
            await asyncio.sleep(TICK_S)
