"""A Modbus dispenser: RTU or TCP, any model that a map in `maps/` describes.

Rules of the house, each from an incident (reference: pumps that doubled a dose because a lost answer was retried, pumps
that "automatically start up" when queries resume):

- the first thing sent on every connect is stop, then speed 0;
- writes that set a state (stop, speed, bound, watchdog) are repeated, a trigger (start, suck-back) is sent once;
- a start is proven by the device's dose counter, then speed and run state are read back;
- a stop is proven by the state within two bus cycles, else NotConfirmed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from device_drivers.dispensers.base import ChannelState, ChannelStatus, Started
from device_drivers.dispensers.kept import begun, sent_once
from device_drivers.dispensers.maps import DispenserMap
from device_drivers.dispensers.modbus_bus import ModbusBus
from device_drivers.errors import (
    DeviceBusy,
    DeviceError,
    DeviceFault,
    LineLost,
    NoAnswer,
    NotConfirmed,
    Rejected,
    WrongModel,
)
from device_drivers.identity import Identity
from device_drivers.transport import LineSettings

_ATTEMPTS = 3
_BEGUN = (ChannelState.RUNNING, ChannelState.DONE, ChannelState.FAULT)  # a small bound may be reached by now


class ModbusDispenser:
    """A `Dispenser`. `address` is `tcp://host:port` or `rtu:///dev/…`; `settings` counts for RTU only."""

    def __init__(
        self,
        address: str,
        registers: DispenserMap,
        settings: LineSettings | None = None,
        device_id: int = 1,
    ) -> None:
        self._map = registers
        self._bus = ModbusBus(address, settings or LineSettings(), registers.answer_s, device_id)
        self._kicks = 0

    @property
    def ends_by_itself(self) -> tuple[str, ...]:
        return self._map.ends_by_itself

    @property
    def suck_back_most_ms(self) -> int:
        return self._map.reverse_max_ms

    async def connect(self) -> Identity:
        m = self._map
        await self._bus.open()
        try:
            # Stop before asking who it is: the address was configured as this model, and a 0 written to a wrong
            # device does less harm than a pump that runs on while it is being questioned.
            await self._stop_all()
            for channel in range(1, m.channels + 1):
                await self._set(m.base(channel) + m.channel.at["speed"], [0])
            (model,) = await self._get(m.model_at, 1)
            if model != m.model_expect:
                raise WrongModel(f"{m.name}: model register is {model:#06x}, not {m.model_expect:#06x}")
            (firmware,) = await self._get(m.firmware_at, 1)
            await self._set(m.watchdog_at, [m.watchdog_ms])
            if await self._get(m.watchdog_at, 1) != [m.watchdog_ms]:
                raise NotConfirmed(f"{m.name}: the watchdog did not take {m.watchdog_ms} ms")
        except Rejected as error:
            self._bus.close()
            raise WrongModel(f"{m.name}: the device does not know our registers: {error.detail}") from error
        except DeviceError:
            self._bus.close()
            raise
        return Identity(model=m.model, serial="", firmware=f"{firmware >> 8}.{firmware & 0xFF}")

    async def start(self, channel: int, speed_bp: int, bound_ul: int) -> Started:
        at = self._map.channel.at
        base = self._map.base(channel)
        if not 0 < speed_bp <= self._map.speed_max_bp or not 0 < bound_ul < 1 << 32:
            raise ValueError(f"speed {speed_bp} bp or bound {bound_ul} µL out of range")
        before = await self.status(channel)
        if before.running:
            raise DeviceBusy(f"channel {channel} is {before.state.value}")
        await self._set(base + at["speed"], [speed_bp])
        await self._set(base + at["bound"], self._pair(bound_ul))
        block = await self._get(base, self._map.channel.length)
        if block[at["speed"]] != speed_bp or self._value(block[at["bound"] : at["bound"] + 2]) != bound_ul:
            raise NotConfirmed(f"channel {channel} did not take speed and bound")
        await self.kick()

        def lacks(after: ChannelStatus) -> str:
            counted = after.counter == (before.counter + 1) & 0xFFFF
            if counted and after.state in _BEGUN:
                return ""
            return f"counter {before.counter} → {after.counter}, {after.state.value}"

        after = await begun(
            f"start of channel {channel}",
            lambda: self._bus.write(base + at["command"], [self._map.channel.commands["start"]]),
            lambda: self.status(channel),
            lacks,
            lambda: self._stop_quietly(channel),
        )
        if after.state is ChannelState.FAULT:
            raise DeviceFault(after.fault or "fault", f"channel {channel}")
        return Started(after.counter)

    async def set_speed(self, channel: int, speed_bp: int) -> None:
        if not 0 <= speed_bp <= self._map.speed_max_bp:
            raise ValueError(f"speed {speed_bp} bp out of range")
        await self._set(self._map.base(channel) + self._map.channel.at["speed"], [speed_bp])

    async def suck_back(self, channel: int, ms: int) -> None:
        at = self._map.channel.at
        base = self._map.base(channel)
        if not 0 < ms <= self._map.reverse_max_ms:
            raise ValueError(f"suck-back {ms} ms out of range")
        if (await self.status(channel)).running:
            raise DeviceBusy(f"channel {channel} is running")
        await self._set(base + at["reverse_ms"], [ms])
        reverse = self._map.channel.commands["reverse"]
        unanswered = await sent_once(lambda: self._bus.write(base + at["command"], [reverse]))
        if isinstance(unanswered, DeviceBusy | DeviceFault):
            raise unanswered

    async def stop(self, channel: int | None = None) -> None:
        if channel is None:
            await self._stop_all()
            return
        await self._send_stop(channel)
        await self._confirm_stopped(channel)

    async def status(self, channel: int) -> ChannelStatus:
        at = self._map.channel.at
        block = await self._get(self._map.base(channel), self._map.channel.length)
        state = self._map.channel.states.get(block[at["state"]])
        if state is None:
            raise WrongModel(f"channel {channel}: state {block[at['state']]} is not in the map")
        code = block[at["fault"]]
        return ChannelStatus(
            running=state.moves,
            state=state,
            delivered_ul=self._value(block[at["delivered"] : at["delivered"] + 2]),
            counter=block[at["counter"]],
            fault=self._map.channel.faults.get(code, f"code_{code}") if code else None,
            speed_bp=block[at["actual_speed"]],
        )

    async def kick(self) -> None:
        self._kicks = (self._kicks + 1) & 0xFFFF
        await self._bus.write(self._map.kick_at, [self._kicks])

    async def close(self) -> None:
        if self._bus.connected:
            with contextlib.suppress(DeviceError):
                await self._stop_all()
        self._bus.close()

    async def _stop_all(self) -> None:
        """Every channel is told before any is asked; one that refuses does not keep the others running."""
        channels = range(1, self._map.channels + 1)
        failures: list[DeviceError] = []
        for act in (self._send_stop, self._confirm_stopped):
            for channel in channels:
                try:
                    await act(channel)
                except (LineLost, NoAnswer):
                    raise  # nobody there: asking for the other channels would only take longer
                except DeviceError as error:
                    failures.append(error)
        if failures:
            raise failures[0]

    async def _send_stop(self, channel: int) -> None:
        command = self._map.base(channel) + self._map.channel.at["command"]
        await self._set(command, [self._map.channel.commands["stop"]])

    async def _confirm_stopped(self, channel: int) -> None:
        for _ in range(self._map.confirm_polls):
            if not (await self.status(channel)).running:
                return
        raise NotConfirmed(f"channel {channel} still moves after stop")

    async def _stop_quietly(self, channel: int) -> None:
        with contextlib.suppress(DeviceError):
            await self.stop(channel)

    async def _set(self, address: int, values: Sequence[int]) -> None:
        """A write that only sets a state may be repeated."""
        for attempt in range(_ATTEMPTS):
            try:
                return await self._bus.write(address, values)
            except (NoAnswer, DeviceBusy):
                if attempt == _ATTEMPTS - 1:
                    raise
        return None

    async def _get(self, address: int, count: int) -> list[int]:
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(NoAnswer, DeviceBusy):
                return await self._bus.read(address, count)
        return await self._bus.read(address, count)

    def _pair(self, value: int) -> list[int]:
        words = [value >> 16, value & 0xFFFF]
        return words if self._map.word_order == "big" else words[::-1]

    def _value(self, words: Sequence[int]) -> int:
        high, low = words if self._map.word_order == "big" else words[::-1]
        return high << 16 | low
