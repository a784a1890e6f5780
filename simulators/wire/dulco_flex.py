"""ProMinent DULCO flex Control on Modbus: batches, a time-out that stops it, and the restart that its manual promises.

Registers used, by their printed numbers: 61 time-out ms (read only), 63 pattern 0xAABBCCDD, 1000 status (bits 2-4 mode,
5 error, 8 stopped, 14 batch memory), 1002 errors, 1020 largest capacity l/h, 1036 metered l (a write clears it), 1040
rest of the batch l, 1200 start/stop (bit 0 active, bit 1 stop on time-out), 1211 capacity l/h, 1215 batch l, 1229 mode,
1235 trigger 0x5555. After a time-out, "as soon as queries are resent, the pump automatically starts up".
"""

from __future__ import annotations

import struct

from simulators.faults import FaultBoard
from simulators.plant import ChannelState, FaultCode
from simulators.runner import Runner

from .modbus_server import ILLEGAL_ADDRESS, ILLEGAL_VALUE, Refused
from .motor import Motor

TIMEOUT, PATTERN, STATUS, ERRORS, CAPACITY_MOST = 61, 63, 1000, 1002, 1020
METERED, REST, START_STOP, CAPACITY, BATCH, MODE, TRIGGER = 1036, 1040, 1200, 1211, 1215, 1229, 1235
HALT, BATCH_MODE, FIRE = 0, 3, 0x5555
_ERROR_BIT = {FaultCode.STALLED: 30, FaultCode.LINE_EMPTY: 3}


class DulcoFlex:
    """One pump. `timeout_ms` is set at its menu; `batch_memory` is the setting that adds batches up."""

    def __init__(
        self, runner: Runner, faults: FaultBoard, number: int, *, timeout_ms: int = 500, batch_memory: bool = False
    ) -> None:
        self.motor = Motor(runner, number, 100.0, sensors=True)
        self.runner, self.faults = runner, faults
        self.timeout_ms, self.batch_memory = timeout_ms, batch_memory
        self._control, self._mode = 0, HALT
        self._capacity = 0.0
        self._batch_ul = 0.0
        self._before_ul = 0.0
        self._rest_ul = 0.0
        self._run_ul = 0.0

    def deaf(self) -> bool:
        if self.faults.is_on("pump_local_key"):
            self._halt()
        return False

    def asked(self) -> None:
        """Any query feeds the time-out, and wakes a pump that it had stopped."""
        self.runner.plant.kick()
        if self.motor.channel.state is ChannelState.WATCHDOG:
            self._take_stock()
            self._go()

    def read(self, table: str, address: int) -> int:
        if table != "holding":
            raise Refused(ILLEGAL_ADDRESS)
        self._settle()
        for at, pair in (
            (PATTERN, struct.pack(">I", 0xAABBCCDD)),
            (STATUS, struct.pack(">I", self._status())),
            (ERRORS, struct.pack(">I", self._errors())),
            (CAPACITY_MOST, _f32(self._most_l_h)),
            (METERED, _f32(self._metered_ul / 1e6)),
            (REST, _f32(self._left_ul / 1e6)),
            (CAPACITY, _f32(self._capacity)),
            (BATCH, _f32(self._batch_ul / 1e6)),
        ):
            if address in (at, at + 1):
                return int(struct.unpack(">HH", pair)[address - at])
        single = {TIMEOUT: self.timeout_ms, START_STOP: self._control, MODE: self._mode, TRIGGER: 0}
        if address not in single:
            raise Refused(ILLEGAL_ADDRESS)
        return single[address]

    def write(self, table: str, address: int, values: list[int]) -> None:
        self._settle()
        match address, values:
            case 1200, [control]:
                self._control = control
                self._go() if control & 1 else self._halt()
            case 1229, [mode] if mode <= 4:
                self._mode = mode
                if mode != BATCH_MODE:
                    self._halt()
                    self._rest_ul = 0.0
            case 1235, [0x5555]:
                self._fire()
            case 1211, [high, low]:
                self._capacity = _from_f32(high, low)
                self.motor.set_rpm(self._capacity / self._most_l_h * self.motor.full_rpm)
            case 1215, [high, low]:
                self._batch_ul = _from_f32(high, low) * 1e6
            case 1036, [_, _]:
                self._before_ul = -self._flowed_ul
            case ((1229 | 1235), [_]):
                raise Refused(ILLEGAL_VALUE)
            case _:
                raise Refused(ILLEGAL_ADDRESS)

    def is_stop(self, table: str, address: int, values: list[int]) -> bool:
        return address == START_STOP and not values[0] & 1

    def is_start(self, table: str, address: int, values: list[int]) -> bool:
        return address == TRIGGER

    # --- what goes on inside ---

    @property
    def _most_l_h(self) -> float:
        return self.motor.channel.full_ul_s * 3600 / 1e6

    @property
    def _flowed_ul(self) -> float:
        """Of the motor's present or last run."""
        return self.motor.channel.delivered_ul if self._run_ul else 0.0

    @property
    def _metered_ul(self) -> float:
        return self._before_ul + self._flowed_ul

    @property
    def _left_ul(self) -> float:
        running = self.motor.channel.state is ChannelState.RUNNING
        return max(self._run_ul - self._flowed_ul, 0.0) if running else self._rest_ul

    def _fire(self) -> None:
        if self._mode == BATCH_MODE and not self.faults.is_on("pump_local_key"):
            self._rest_ul = self._batch_ul + (self._left_ul if self.batch_memory else 0.0)
            self._go()

    def _go(self) -> None:
        """Meter the rest, if everything permits."""
        allowed = self._control & 1 and self._mode == BATCH_MODE and not self.faults.is_on("pump_local_key")
        if allowed and self._rest_ul > 0.5 and not self.motor.channel.turning:
            self._before_ul, self._run_ul = self._metered_ul, self._rest_ul
            plant = self.runner.plant
            plant.watchdog_s = self.timeout_ms / 1000.0 * self.runner.speed if self._control & 2 else 0.0
            self.motor.run(self._run_ul)

    def _halt(self) -> None:
        if self.motor.channel.state is ChannelState.RUNNING:
            self.motor.stop()
            self._take_stock()

    def _take_stock(self) -> None:
        """The motor was stopped short: what it has not given is the rest."""
        self._rest_ul = max(self._run_ul - self._flowed_ul, 0.0)

    def _settle(self) -> None:
        """A run that ended by itself leaves nothing."""
        if self.motor.channel.state is ChannelState.DONE:
            self._rest_ul = 0.0
        elif self.motor.channel.state is ChannelState.FAULT:
            self._take_stock()

    def _status(self) -> int:
        stopped = not self._control & 1 or self.faults.is_on("pump_local_key")
        error = self.motor.channel.state is ChannelState.FAULT
        return self._mode << 2 | error << 5 | stopped << 8 | self.batch_memory << 14

    def _errors(self) -> int:
        channel = self.motor.channel
        bit = _ERROR_BIT.get(channel.fault) if channel.state is ChannelState.FAULT else None
        return 0 if bit is None else 1 << bit


def _f32(value: float) -> bytes:
    return struct.pack(">f", value)


def _from_f32(high: int, low: int) -> float:
    value: float = struct.unpack(">f", struct.pack(">HH", high, low))[0]
    return value
