"""A dispenser behind a dead-man relay: the motor has its supply only while this host refreshes the relay.

Whatever keeps the relay closed goes through `kick`, which first asks the pump's driver: a pump that has outlived its
bound, or whose line is gone, loses its supply. A stop that is not confirmed opens the relay too. The relay is closed
only after every pump was seen to stand: a run bit left over from before would start with the supply.
"""

from __future__ import annotations

import asyncio
import contextlib

from device_drivers.dispensers.base import DEAD_MAN_RELAY, ChannelStatus, Dispenser, Started
from device_drivers.dispensers.kept import until_answered
from device_drivers.dispensers.relays import DeadManRelay
from device_drivers.errors import DeviceError
from device_drivers.identity import Identity

_HEALTHY_STOP_S = 0.15
"""Stop and confirmation at 9600 baud take about 60 ms."""


class GuardedDispenser:
    """A `Dispenser` around another one."""

    def __init__(self, pump: Dispenser, relay: DeadManRelay) -> None:
        self._pump, self._relay = pump, relay
        self._unsure = True  # whether every pump stands
        self._armed = False

    @property
    def ends_by_itself(self) -> tuple[str, ...]:
        return (*self._pump.ends_by_itself, DEAD_MAN_RELAY)

    @property
    def suck_back_most_ms(self) -> int:
        return self._pump.suck_back_most_ms

    async def connect(self) -> Identity:
        """The pump's stop goes out first: should the relay's contact be welded, the pump stands all the same."""
        self._unsure = True
        identity = await self._pump.connect()
        try:
            await self._relay.connect()
        except DeviceError:
            await self._pump.close()
            raise
        self._unsure = False
        return identity

    async def start(self, channel: int, speed_bp: int, bound_ul: int) -> Started:
        await self._supply()
        try:
            return await self._pump.start(channel, speed_bp, bound_ul)
        except BaseException:
            await self._cut()
            raise

    async def set_speed(self, channel: int, speed_bp: int) -> None:
        await self._pump.set_speed(channel, speed_bp)

    async def suck_back(self, channel: int, ms: int) -> None:
        await self._supply()
        try:
            await self._pump.suck_back(channel, ms)
        except BaseException:
            await self._cut()
            raise
        self._armed = False
        await self._relay.release()

    async def stop(self, channel: int | None = None) -> None:
        """The relay opens whatever the pump says, and at once when the pump's stop takes longer than a healthy one: a
        lost stop then costs a moment of flow, and a healthy one spares the contact. A bench doses from one channel at
        a time, so it opens for all.
        """
        self._armed = False
        telling = asyncio.ensure_future(self._pump.stop(channel))
        try:
            done, _ = await asyncio.wait({telling}, timeout=_HEALTHY_STOP_S)
            if not done:
                await self._cut()
            await telling
        except BaseException:
            telling.cancel()
            await self._cut()
            raise
        self._unsure = self._unsure and channel is not None
        await self._relay.release()

    async def status(self, channel: int) -> ChannelStatus:
        return await self._pump.status(channel)

    async def kick(self) -> None:
        await self._pump.kick()
        if self._armed:  # asked last: a stop may have come meanwhile, and what it opened stays open
            await self._relay.hold()

    async def close(self) -> None:
        try:
            await self._pump.close()
        finally:
            await self._relay.close()

    async def _supply(self) -> None:
        if self._unsure:
            await self.stop(None)
        self._armed = True
        await until_answered(self._relay.hold)

    async def _cut(self) -> None:
        self._armed, self._unsure = False, True
        with contextlib.suppress(DeviceError):  # it opens by itself
            await self._relay.release()
