"""Runze SY-01B syringe pumps on their binary line: `CC addr func p_lo p_hi DD sum_lo sum_hi`.

Functions known: 0x44 valve to port, 0x45 home, 0x49 halt, 0x4A motor status, 0x4B speed, 0x4E plunger to a position,
0x66 position. Replies carry a status for the function: 0 done, 2 parameter, 4 busy, 5 stalled, 7 rejected.
What is in the syringe counts as the container's still: drawing it in takes time and moves no mass in the plant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from simulators.faults import FaultBoard
from simulators.plant import ChannelState, FaultCode
from simulators.runner import Runner

from .byte_port import BytePort, Write
from .line import LineTime
from .motor import Motor

OK, PARAMETER, BUSY, STALLED, REJECTED = 0, 2, 4, 5, 7
VALVE, HOME, HALT, MOTOR, SPEED, MOVE, POSITION = 0x44, 0x45, 0x49, 0x4A, 0x4B, 0x4E, 0x66
LATE_S = 0.4
SOURCE, OUTLET = 1, 2


class Syringe:
    """`answers_at_end`: the firmware that answers a move when it has ended. `steps_s`: full speed of a refill."""

    max_steps = 6000

    def __init__(
        self, runner: Runner, faults: FaultBoard, number: int, *, syringe_ul: int = 5000, answers_at_end: bool = False
    ) -> None:
        self.motor = Motor(runner, number, 450.0, sensors=True)
        self.runner, self.faults = runner, faults
        self.ul_per_step = syringe_ul / self.max_steps
        self.answers_at_end = answers_at_end
        self.port = OUTLET
        self.motor.set_rpm(450.0)
        self._stands_at = self.max_steps  # it comes filled
        self._target = 0
        self._mode = "stand"  # stand | give | draw
        self._drawn_from = 0.0

    @property
    def position(self) -> int:
        self._settle()
        match self._mode:
            case "give":
                return self._stands_at - round(self.motor.channel.delivered_ul / self.ul_per_step)
            case "draw":
                return min(self._stands_at + int(self._drawn_steps), self._target)
            case _:
                return self._stands_at

    @property
    def moves(self) -> bool:
        self._settle()
        return self._mode != "stand"

    def serve(self, function: int, value: int) -> tuple[int, int]:
        """Status and value of the answer."""
        local = self.faults.is_on("pump_local_key")
        if local:
            self._halt()
        match function:
            case 0x4A:
                stalled = self.motor.channel.fault is FaultCode.STALLED
                return (BUSY if self.moves else STALLED if stalled else OK), 0
            case 0x66:
                return OK, self.position
            case 0x49:
                self._halt()
                return OK, 0
            case 0x4B:
                if not 0 < value <= self.motor.full_rpm:
                    return PARAMETER, 0
                self.motor.set_rpm(value)
                return OK, 0
            case 0x44:
                if self.moves or value not in (SOURCE, OUTLET):
                    return (BUSY if self.moves else PARAMETER), 0
                self.port = value
                return OK, 0
            case 0x4E:
                if value > self.max_steps:
                    return PARAMETER, 0
                if self.moves:
                    return BUSY, 0
                if not local:
                    self._move(value)
                return OK, 0
            case _:
                return REJECTED, 0

    def _move(self, target: int) -> None:
        self._target = target
        if target == self._stands_at:
            return
        if target < self._stands_at and self.port == OUTLET:
            self._mode = "give"
            self.motor.run((self._stands_at - target) * self.ul_per_step)
        elif target > self._stands_at:
            self._mode = "draw"
            self._drawn_from = self.runner.plant.now
            if self.port == OUTLET:
                ms = (target - self._stands_at) * self.ul_per_step / (self._ul_s or 1.0) * 1000
                self.motor.run_back(ms)
        else:
            self._stands_at = target  # pushed back into the source

    @property
    def _ul_s(self) -> float:
        return self.motor.ul_per_rev * self.motor.rpm / 60

    @property
    def _drawn_steps(self) -> float:
        return (self.runner.plant.now - self._drawn_from) * self._ul_s / self.ul_per_step

    def _settle(self) -> None:
        channel = self.motor.channel
        if self._mode == "give" and channel.state is not ChannelState.RUNNING and channel.actual == 0.0:
            self._stands_at -= round(channel.delivered_ul / self.ul_per_step)
            self._mode = "stand"
        elif self._mode == "draw" and self._stands_at + self._drawn_steps >= self._target:
            self._stands_at, self._mode = self._target, "stand"

    def _halt(self) -> None:
        if self._mode == "draw":
            self._stands_at, self._mode = self.position, "stand"
        self.motor.stop()
        self._settle()


class RunzeLine:
    """Syringes by address on one line."""

    def __init__(self, units: Mapping[int, Syringe], runner: Runner, faults: FaultBoard, line: LineTime) -> None:
        self.units, self.runner, self.faults, self.line = dict(units), runner, faults, line
        self._port = BytePort(lambda: faults.is_on("pump_unplugged"))
        self._late: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int, *, rtu: bool = False) -> int:
        """Serve the binary line; there is no other framing."""
        return await self._port.listen(host, port, self._talk)

    async def open_pty(self) -> str:
        return await self._port.open_pty(self._talk)

    async def close(self) -> None:
        for task in tuple(self._late):
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        await self._port.close()

    async def _talk(self, reader: asyncio.StreamReader, write: Write) -> None:
        while True:
            raw = await reader.readexactly(8)
            await asyncio.sleep(self.line.seconds(8) + self.line.latency_s)
            self.runner.catch_up()
            if raw[0] != 0xCC or raw[5] != 0xDD or sum(raw[:6]) != int.from_bytes(raw[6:], "little"):
                continue
            answer = self._serve(raw[1], raw[2], raw[3] | raw[4] << 8)
            if answer is None:
                continue
            unit = self.units[raw[1]]
            if unit.answers_at_end and unit.moves and raw[2] == MOVE:
                task = asyncio.create_task(self._when_it_stands(unit, answer, write))
                self._late.add(task)
                task.add_done_callback(self._late.discard)
                continue
            late = LATE_S if self.faults.is_on("pump_reply_late") else 0.0
            await asyncio.sleep(self.line.seconds(8) + late)
            write(answer)

    async def _when_it_stands(self, unit: Syringe, answer: bytes, write: Write) -> None:
        while True:
            await asyncio.sleep(0.01)
            self.runner.catch_up()
            if not unit.moves:
                write(answer)
                return

    def _serve(self, address: int, function: int, value: int) -> bytes | None:
        on, unit = self.faults.is_on, self.units.get(address)
        if unit is None or on("pump_requests_lost") or (on("pump_stop_lost") and function == HALT):
            return None
        was_standing = not unit.moves
        status, back = unit.serve(function, value)
        if on("pump_replies_lost") or (on("pump_start_reply_lost") and function == MOVE and was_standing):
            return None
        head = bytes([0xCC, address, status, back & 0xFF, back >> 8, 0xDD])
        frame = head + sum(head).to_bytes(2, "little")
        return frame[:3] + bytes([frame[3] ^ 0x10]) + frame[4:] if on("pump_noise") else frame
