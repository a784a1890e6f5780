"""Watson-Marlow drives (505 to 720 families) on their ASCII line: every dose is bounded by the drive's own `DO`.

Commands have no answer, so nothing is believed but the status: a start by "runs, or the tacho has moved", a stop by
"stands", speed and direction by what the status repeats. At least 10 ms lie between two commands.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from time import monotonic

from device_drivers.dispensers import watson_marlow_frames as frames
from device_drivers.dispensers.base import STOPPED_BY_ITSELF, ChannelState, ChannelStatus, Started
from device_drivers.dispensers.kept import Clock, KeptPumps, Run, Sleep, begun, pass_what_is_owed, until_answered
from device_drivers.dispensers.pump_maps import WatsonMarlowMap
from device_drivers.dispensers.watson_marlow_frames import DriveStatus
from device_drivers.errors import BadFrame, DeviceBusy, DeviceError, NotConfirmed, WrongModel
from device_drivers.identity import Identity
from device_drivers.transport import LineSettings, Port

FULL_BP = 10_000
_LEAST_RPM = 0.1
_POLL_S = 0.02


class WatsonMarlow(KeptPumps):
    """A `Dispenser`. `port` cuts at `!`; `numbers`: channel to pump number; `ul_per_rev` replaces the drive's own."""

    def __init__(
        self,
        port: Port,
        drive: WatsonMarlowMap,
        numbers: Mapping[int, int] | None = None,
        ul_per_rev: int | None = None,
        settings: LineSettings | None = None,
        clock: Clock = monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(numbers or {1: drive.unit}, drive.confirm_polls)
        line = settings or LineSettings.parse(drive.framing)
        self._port, self._drive, self._ul_per_rev = port, drive, ul_per_rev
        self._char_s = (1 + line.bytesize + line.stopbits + (line.parity != "N")) / line.baudrate
        self._clock, self._sleep = clock, sleep
        self._line = asyncio.Lock()
        self._owed = False
        self._free_at = 0.0
        self._tacho_at_start: dict[int, int] = {}
        self._pulses: dict[int, int] = {}
        self._open = False

    @property
    def ends_by_itself(self) -> tuple[str, ...]:
        return self._drive.ends_by_itself

    @property
    def suck_back_most_ms(self) -> int:
        return self._drive.reverse_max_ms

    async def connect(self) -> Identity:
        self._runs.clear()
        await self._port.open()
        self._owed = False
        self._open = True
        try:
            await self.stop(None)
        except BadFrame as error:
            self._open = False
            await self._port.close()
            raise WrongModel(f"{self._drive.name}: no drive that we know: {error.detail}") from error
        except DeviceError:
            self._open = False
            await self._port.close()
            raise
        return Identity(model=self._drive.model, serial="", firmware="")

    async def start(self, channel: int, speed_bp: int, bound_ul: int) -> Started:
        if not 0 < speed_bp <= FULL_BP or bound_ul <= 0:
            raise ValueError(f"speed {speed_bp} bp or bound {bound_ul} µL out of range")
        before = await self._ready(channel, self._rpm(speed_bp), clockwise=True)
        pulses = max(round(bound_ul / self._ul_per_pulse(before)), 1)
        self._pulses[channel], self._tacho_at_start[channel] = pulses, before.tacho
        await self._dose(channel, pulses, before)
        run = Run(self._next_counter(channel), bound_ul, 0.0, 0.0, 0.0)
        self._runs[channel] = run
        return Started(run.counter)

    async def set_speed(self, channel: int, speed_bp: int) -> None:
        if not 0 <= speed_bp <= FULL_BP:
            raise ValueError(f"speed {speed_bp} bp out of range")
        await self._tell(frames.speed(self._unit(channel), self._rpm(speed_bp)))

    async def suck_back(self, channel: int, ms: int) -> None:
        """A dose of its own in the other direction: the drive bounds it too."""
        if not 0 < ms <= self._drive.reverse_max_ms:
            raise ValueError(f"suck-back {ms} ms out of range")
        before = await self._ready(channel, self._drive.max_rpm, clockwise=False)
        pulses = max(round(self._drive.max_rpm / 60 * ms / 1000 * self._drive.pulses_per_rev), 1)
        try:
            await self._dose(channel, pulses, before)
            give_up = self._clock() + ms / 1000 + 1.0
            while await self._moves(channel) and self._clock() < give_up:
                await self._sleep(_POLL_S)
        finally:
            await asyncio.shield(asyncio.create_task(self.stop(channel)))
        await self._tell(frames.direction(self._unit(channel), clockwise=True))

    async def status(self, channel: int) -> ChannelStatus:
        seen, run = await self._look(channel), self._runs.get(channel)
        speed_bp = round(seen.rpm / self._drive.max_rpm * FULL_BP) if seen.runs else 0
        if run is None or (seen.runs and run.ended is not None):
            moving = ChannelState.RUNNING if seen.clockwise else ChannelState.REVERSING
            state, delivered = moving if seen.runs else ChannelState.IDLE, round(run.delivered_ul) if run else 0
            return ChannelStatus(seen.runs, state, delivered, self._counters[channel], None, speed_bp)
        self._account(channel, run, seen)
        state = run.ended or ChannelState.RUNNING
        return ChannelStatus(seen.runs, state, round(run.delivered_ul), run.counter, run.fault, speed_bp)

    async def kick(self) -> None:
        """The drive has no watchdog: its dose is bounded."""

    async def close(self) -> None:
        if self._open:
            with contextlib.suppress(DeviceError):
                await self.stop(None)
        self._open = False
        await self._port.close()

    # --- one drive ---

    async def _ready(self, channel: int, rpm: float, *, clockwise: bool) -> DriveStatus:
        """Speed and direction set and read back on a drive that stands."""
        unit = self._unit(channel)
        if await self._moves(channel):
            raise DeviceBusy(f"channel {channel} is running")
        rpm = max(rpm, _LEAST_RPM)
        for _ in range(2):  # a command has no answer: what the status does not repeat is said once more
            await self._tell(frames.speed(unit, rpm))
            await self._tell(frames.direction(unit, clockwise=clockwise))
            seen = await self._look(channel)
            if abs(seen.rpm - rpm) <= 0.051 and seen.clockwise == clockwise and not seen.runs:
                return seen
        raise NotConfirmed(f"channel {channel} did not take {rpm:.1f} rpm: {seen.rpm} rpm, clockwise {seen.clockwise}")

    async def _dose(self, channel: int, pulses: int, before: DriveStatus) -> None:
        """The trigger, once; then the drive must run or have moved, else it is stopped."""
        await begun(
            f"start of channel {channel}",
            lambda: self._tell(frames.dose(self._unit(channel), pulses)),
            lambda: self._look(channel),
            lambda after: "" if after.runs or after.tacho != before.tacho else "it was told to dose and stands",
            lambda: self._stop_quietly(channel),
        )

    def _account(self, channel: int, run: Run, seen: DriveStatus) -> None:
        if run.ended is not None:
            return
        moved = max(seen.tacho - self._tacho_at_start[channel], 0)
        run.delivered_ul = moved * self._ul_per_pulse(seen)
        if seen.runs:
            return
        if moved >= 0.995 * self._pulses[channel] - 2:
            run.end(ChannelState.DONE)
        elif run.ending:
            run.end(ChannelState.STOPPED)
        else:
            run.end(ChannelState.FAULT, STOPPED_BY_ITSELF)

    async def _send_stop(self, channel: int) -> None:
        await self._tell(frames.stop(self._unit(channel)))

    async def _before_next_look(self, channel: int) -> None:
        await self._send_stop(channel)

    async def _moves(self, channel: int) -> bool:
        return (await self._look(channel)).runs

    async def _stands(self, channel: int) -> None:
        run = self._runs.get(channel)
        if run is not None:
            self._account(channel, run, await self._look(channel))
        await super()._stands(channel)

    async def _look(self, channel: int) -> DriveStatus:
        seen = await until_answered(lambda: self._ask(channel))
        if seen.number != self._unit(channel):
            raise WrongModel(f"channel {channel}: pump {seen.number} answered for {self._unit(channel)}")
        return seen

    async def _ask(self, channel: int) -> DriveStatus:
        async with self._line:
            if self._owed:
                await pass_what_is_owed(self._port, self._drive.answer_s)
            self._port.discard()
            self._owed = True
            await self._send(frames.status(self._unit(channel)))
            seen = frames.parse_status((await self._port.read_frame(self._drive.answer_s)).raw)
            self._owed = False
        if seen.type not in self._drive.types:  # the line has no check of its own: words are compared instead
            raise BadFrame(f"{seen.type} is none of {', '.join(self._drive.types)}")
        return seen

    async def _tell(self, command: bytes) -> None:
        async with self._line:
            await self._send(command)

    async def _send(self, command: bytes) -> None:
        """Wait out the gap, counted from when the last command had left the wire."""
        now = self._clock()
        if now < self._free_at:
            await self._sleep(self._free_at - now)
        await self._port.write(command)
        self._free_at = self._clock() + len(command) * self._char_s + self._drive.gap_s

    # --- figures ---

    def _rpm(self, speed_bp: int) -> float:
        return self._drive.max_rpm * speed_bp / FULL_BP

    def _ul_per_pulse(self, seen: DriveStatus) -> float:
        per_rev = self._ul_per_rev or seen.ml_per_rev * 1000
        if per_rev <= 0:
            raise WrongModel(f"pump {seen.number} holds no volume per revolution; set ul_per_rev")
        return per_rev / self._drive.pulses_per_rev
