"""What a line has received and nobody has read yet, and whether the line still stands."""

from __future__ import annotations

import asyncio

from device_drivers.errors import LineLost, NoAnswer
from device_drivers.framing import Frame


class FrameQueue:
    """One for each time a line is opened; filled and read on one event loop. `lost` says why nothing more will come."""

    def __init__(self, url: str, lost: LineLost | None = None) -> None:
        self.url = url
        self.lost = lost
        self._frames: asyncio.Queue[Frame | LineLost] = asyncio.Queue()

    def put(self, frame: Frame) -> None:
        self._frames.put_nowait(frame)

    def fail(self, lost: LineLost) -> None:
        """The line is gone: a waiting reader wakes; what came before can still be read. The first reason stays."""
        if self.lost is None:
            self.lost = lost
            self._frames.put_nowait(lost)

    async def read(self, timeout_s: float) -> Frame:
        """The oldest unread frame. Raises NoAnswer after `timeout_s`, LineLost as soon as the line is gone."""
        if self.lost is not None and self._frames.empty():
            raise self.lost
        try:
            # Not wait_for: in Python 3.11 it loses a cancellation that meets an arriving frame, and a stream runs on.
            async with asyncio.timeout(timeout_s):
                item = await self._frames.get()
        except TimeoutError:
            raise NoAnswer(f"{self.url}: nothing within {timeout_s:g} s") from None
        if isinstance(item, LineLost):
            raise item
        return item

    def discard(self) -> int:
        """Drop everything unread; returns how many frames."""
        dropped = 0
        while not self._frames.empty():
            dropped += isinstance(self._frames.get_nowait(), Frame)
        return dropped
