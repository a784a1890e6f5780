"""Keeps one device's line: connects when it is not, remembers who answered and what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from device_drivers.errors import BadFrame, DeviceError, LineLost, NoAnswer, NotConfirmed, PortBusy, WrongModel
from device_drivers.identity import Identity

from .bench import DeviceHealth

LINE_ERRORS = (LineLost, NoAnswer, PortBusy, WrongModel, BadFrame, NotConfirmed)


class Keeper:
    """`keep` makes sure that the line is open; `lost` closes it, so that the next `keep` connects anew."""

    def __init__(
        self, device: str, connect: Callable[[], Awaitable[Identity]], close: Callable[[], Awaitable[None]]
    ) -> None:
        self.device, self._connect, self._close = device, connect, close
        self.identity: Identity | None = None
        self.fault: DeviceError | None = LineLost("not connected yet")
        self._open = self._retired = False
        self._turn = asyncio.Lock()

    async def keep(self) -> None:
        """Raises the driver's error when the device is not there."""
        async with self._turn:
            if not self._open and not self._retired:
                self.identity = await self._connect()
                self._open, self.fault = True, None
            if self._retired:
                raise LineLost("the bench is closing")

    async def lost(self, error: DeviceError) -> None:
        """Remember what went wrong; close the line if it was the line."""
        if not isinstance(error, LINE_ERRORS):
            self.fault = None
            return
        self.fault = error
        await self.shut()

    def retire(self) -> None:
        """From now on `keep` opens no line and nobody goes on with one that is open: LineLost."""
        self._retired = True

    async def shut(self) -> None:
        async with self._turn:
            self._open = False
            with suppress(DeviceError):
                await self._close()

    def health(self) -> DeviceHealth:
        named = self.identity
        words = " ".join(one for one in (named.model, named.serial) if one) if named else ""
        if self.fault is None:
            return DeviceHealth(self.device, True, words)
        return DeviceHealth(self.device, False, words, self.fault.words_zh, self.fault.words_en, self.fault.detail)
