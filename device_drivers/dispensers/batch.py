"""A metering pump that doses a volume when it is triggered and stops when nobody asks any more (ProMinent DULCO flex).

- connect: stop, then the pattern register decides word order and addresses, then the time-out set at the pump is read:
  off, or longer than the map allows, and the pump is not used;
- the trigger is sent once, proven by what is metered and what is left; the counter of metered volume is cleared before;
- a start is refused while a rest of an earlier batch is left, because activating the pump would give it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from device_drivers.dispensers.base import STOPPED_BY_ITSELF, ChannelState, ChannelStatus, Started
from device_drivers.dispensers.kept import KeptPumps, Run, begun, until_answered
from device_drivers.dispensers.modbus_bus import ModbusBus
from device_drivers.dispensers.pump_maps import BatchMap
from device_drivers.dispensers.registers import Kind, Register, get, put
from device_drivers.errors import (
    DeviceBusy,
    DeviceError,
    NotConfirmed,
    Rejected,
    WrongModel,
)
from device_drivers.identity import Identity
from device_drivers.transport import LineSettings

FULL_BP = 10_000
_NOTHING_UL = 0.5


class BatchPump(KeptPumps):
    """A `Dispenser` without suck-back. `units` maps channel to Modbus unit."""

    suck_back_most_ms = 0

    def __init__(
        self,
        address: str,
        registers: BatchMap,
        settings: LineSettings | None = None,
        units: Mapping[int, int] | None = None,
    ) -> None:
        super().__init__(units or {1: registers.unit}, registers.confirm_polls)
        self._map = registers
        self._bus = ModbusBus(address, settings or LineSettings.parse(registers.framing), registers.answer_s)

    @property
    def ends_by_itself(self) -> tuple[str, ...]:
        return self._map.ends_by_itself

    async def connect(self) -> Identity:
        self._runs.clear()
        await self._bus.open()
        try:
            await self.stop(None)
            for channel in self.channels:
                await self._check(channel)
        except Rejected as error:
            self._bus.close()
            raise WrongModel(f"{self._map.name}: the device does not know our registers: {error.detail}") from error
        except DeviceError:
            self._bus.close()
            raise
        return Identity(model=self._map.model, serial="", firmware="")

    async def start(self, channel: int, speed_bp: int, bound_ul: int) -> Started:
        m = self._map
        if not 0 < speed_bp <= FULL_BP or bound_ul <= 0:
            raise ValueError(f"speed {speed_bp} bp or bound {bound_ul} µL out of range")
        if await self._moves(channel):
            raise DeviceBusy(f"channel {channel} is running")
        await self._put(channel, m.start_stop_at, m.stopped)
        await self._put(channel, m.mode_at, m.mode_halt)
        await self._put(channel, m.delivered_at, 0.0, "f32")
        if (rest := await self._volume(channel, m.remaining_at)) > _NOTHING_UL:
            raise NotConfirmed(f"channel {channel}: {rest:.0f} µL of an earlier batch are left")
        await self._put(channel, m.mode_at, m.mode_batch)
        await self.set_speed(channel, speed_bp)
        await self._put(channel, m.volume_at, bound_ul / m.ul_per_unit, "f32")
        back = await self._volume(channel, m.volume_at)
        if abs(back - bound_ul) > max(_NOTHING_UL, 1e-4 * bound_ul):
            raise NotConfirmed(f"channel {channel} did not take the volume: {back:.0f} µL, not {bound_ul}")
        await self._put(channel, m.start_stop_at, m.active)
        await begun(
            f"start of channel {channel}",
            lambda: self._bus.write(m.trigger_at, [m.trigger], self._unit(channel)),
            lambda: self._metered(channel),
            lambda seen: "" if sum(seen) >= 0.5 * bound_ul else "it took the trigger and meters nothing",
            lambda: self._stop_quietly(channel),
        )
        run = self._runs[channel] = Run(self._next_counter(channel), bound_ul, 0.0, 0.0, 0.0)
        return Started(run.counter)

    async def set_speed(self, channel: int, speed_bp: int) -> None:
        if not 0 <= speed_bp <= FULL_BP:
            raise ValueError(f"speed {speed_bp} bp out of range")
        most = await self._get(channel, self._map.capacity_max_at, "f32")
        await self._put(channel, self._map.capacity_at, most * speed_bp / FULL_BP, "f32")

    async def suck_back(self, channel: int, ms: int) -> None:
        raise ValueError(f"{self._map.name} cannot suck back ({ms} ms asked)")

    async def status(self, channel: int) -> ChannelStatus:
        run, fault = self._runs.get(channel), await self._fault(channel)
        if run is None:
            moves = await self._moves(channel)
            idle = ChannelState.RUNNING if moves else ChannelState.IDLE
            state = ChannelState.FAULT if fault else idle
            return ChannelStatus(moves, state, 0, self._counters[channel], fault)
        metered, left = await self._metered(channel)
        moves = left > _NOTHING_UL and not await self._stopped(channel)
        if run.ended is None:
            run.delivered_ul = metered
            if fault is not None:
                run.end(ChannelState.FAULT, fault)
            elif left <= _NOTHING_UL and metered >= 0.5 * run.bound_ul:
                run.end(ChannelState.DONE)
            elif not moves and run.ending:
                run.end(ChannelState.STOPPED)
            elif not moves:
                run.end(ChannelState.FAULT, STOPPED_BY_ITSELF)
        state = run.ended or ChannelState.RUNNING
        return ChannelStatus(moves, state, round(run.delivered_ul), run.counter, run.fault)

    async def kick(self) -> None:
        """Any query refreshes a pump's time-out; only those that dose need it."""
        for channel, run in self._runs.items():
            if run.ended is None:
                await self._get(channel, self._map.start_stop_at)

    async def close(self) -> None:
        if self._bus.connected:
            with contextlib.suppress(DeviceError):
                await self.stop(None)
        self._bus.close()

    # --- one pump ---

    async def _check(self, channel: int) -> None:
        m = self._map
        if await self._get(channel, m.pattern_at, "u32") != m.pattern:
            raise WrongModel(f"{m.name}: channel {channel}: the pattern register tells another word order or address")
        timeout = await self._get(channel, m.timeout_at)
        if not 0 < timeout <= m.timeout_most_ms:
            wanted = f"set 1 to {m.timeout_most_ms} at the pump"
            raise WrongModel(f"{m.name}: channel {channel}: Modbus time-out {timeout:.0f} ms; {wanted}")
        if int(await self._get(channel, m.status_at, "u32")) >> m.status_bits["batch_memory"] & 1:
            raise WrongModel(f"{m.name}: channel {channel}: switch the batch memory off at the pump")
        if await self._fault(channel) is None:
            await self._put(channel, m.mode_at, m.mode_halt)

    async def _send_stop(self, channel: int) -> None:
        await self._put(channel, self._map.start_stop_at, self._map.stopped)

    async def _moves(self, channel: int) -> bool:
        left = await self._volume(channel, self._map.remaining_at)
        return left > _NOTHING_UL and not await self._stopped(channel)

    async def _stands(self, channel: int) -> None:
        run = self._runs.get(channel)
        if run is not None and run.ended is None:
            run.delivered_ul = await self._volume(channel, self._map.delivered_at)
        await super()._stands(channel)

    async def _stopped(self, channel: int) -> bool:
        status = int(await self._get(channel, self._map.status_at, "u32"))
        return bool(status >> self._map.status_bits["stopped"] & 1)

    async def _fault(self, channel: int) -> str | None:
        """The first error that the pump names, None without one."""
        m = self._map
        if not int(await self._get(channel, m.status_at, "u32")) >> m.status_bits["error"] & 1:
            return None
        flags = int(await self._get(channel, m.errors_at, "u32"))
        bits = [bit for bit in range(32) if flags >> bit & 1]
        return m.error_bits.get(bits[0], f"error_bit_{bits[0]}") if bits else "error"

    async def _metered(self, channel: int) -> tuple[float, float]:
        """What is metered and what is left, µL. The rest first: between the two reads it can only become metered."""
        left = await self._volume(channel, self._map.remaining_at)
        return await self._volume(channel, self._map.delivered_at), left

    async def _volume(self, channel: int, address: int) -> float:
        return await self._get(channel, address, "f32") * self._map.ul_per_unit

    async def _get(self, channel: int, address: int, kind: Kind = "u16") -> float:
        unit, register = self._unit(channel), Register("holding", address, kind)
        return await until_answered(lambda: get(self._bus, unit, register, self._map.word_order))

    async def _put(self, channel: int, address: int, value: float, kind: Kind = "u16") -> None:
        unit, register = self._unit(channel), Register("holding", address, kind)
        await until_answered(lambda: put(self._bus, unit, register, value, self._map.word_order))
