"""Pumps that run until they are told to stop, each in its own registers. None of them has a watchdog or a volume.

Kamoer drive boards: coils 0x1001 run, 0x1003 reverse, 0x1004 RS-485 control (before it nothing else is answered);
holding 0x3001-2 set rpm, 0x3005-6 actual rpm (FLOAT32, high word first). Longer L100-1S-2: holding 1 speed in 0.01 rpm,
4 status word (bit 0 run, bit 4 reverse). Longer L100 drive board: the same speed, 4 = 0 stop, 1 run, 2 full speed, 2-3
flow in nL/min (taken, not used). JBT-B/C: coils 999 run, 1000 forward, holding 999 speed, input 999 feedback.
Sources: those of the maps in device_drivers/dispensers/maps, written here anew.
"""

from __future__ import annotations

import struct

from simulators.faults import FaultBoard
from simulators.runner import Runner

from .modbus_server import ILLEGAL_ADDRESS, ILLEGAL_VALUE, Refused, Silent
from .motor import Motor

ON, OFF = 0xFF00, 0x0000


class _Continuous:
    """What the four have in common: a motor, a local key, direction kept apart from running."""

    full_rpm = 100.0

    def __init__(self, runner: Runner, faults: FaultBoard, number: int) -> None:
        self.motor = Motor(runner, number, self.full_rpm)
        self.faults = faults
        self.backwards = False

    def deaf(self) -> bool:
        if self.faults.is_on("pump_local_key"):
            self.motor.stop()
        return False

    def asked(self) -> None:
        return

    def run(self, on: bool) -> None:
        if not on:
            self.motor.stop()
        elif not self.faults.is_on("pump_local_key"):
            self.motor.run_back() if self.backwards else self.motor.run()


class Kamoer(_Continuous):
    full_rpm = 300.0
    RUN, DRAIN, REVERSE, ENABLE, SET, ACTUAL = 0x1001, 0x1002, 0x1003, 0x1004, 0x3001, 0x3005

    def __init__(self, runner: Runner, faults: FaultBoard, number: int) -> None:
        super().__init__(runner, faults, number)
        self.enabled = False
        self._set = 0.0

    def read(self, table: str, address: int) -> int:
        self._need_enabled()
        match table, address:
            case "coil", self.RUN:
                return int(self.motor.told_to_run)
            case "coil", self.REVERSE:
                return int(self.backwards)
            case "coil", self.DRAIN:
                return 0
            case "coil", self.ENABLE:
                return 1
            case "holding", self.SET | 0x3002:
                return _float_words(self._set)[address - self.SET]
            case "holding", self.ACTUAL | 0x3006:
                return _float_words(self.motor.actual_rpm)[address - self.ACTUAL]
        raise Refused(ILLEGAL_ADDRESS)

    def write(self, table: str, address: int, values: list[int]) -> None:
        if (table, address) == ("coil", self.ENABLE):
            self.enabled = values[0] == ON and not self.faults.is_on("pump_rs485_off")
            self._need_enabled()
            return
        self._need_enabled()
        match table, address, len(values):
            case "coil", self.RUN, 1:
                self.run(values[0] == ON)
            case "coil", self.REVERSE, 1:
                self.backwards = values[0] == ON
            case "holding", self.SET, 2:
                (rpm,) = struct.unpack(">f", struct.pack(">HH", *values))
                if not 0.0 <= rpm <= self.full_rpm:
                    raise Refused(ILLEGAL_VALUE)
                self._set = rpm
                self.motor.set_rpm(rpm)
            case _:
                raise Refused(ILLEGAL_ADDRESS)

    def is_stop(self, table: str, address: int, values: list[int]) -> bool:
        return (table, address, values) == ("coil", self.RUN, [OFF])

    def is_start(self, table: str, address: int, values: list[int]) -> bool:
        return (table, address, values) == ("coil", self.RUN, [ON])

    def _need_enabled(self) -> None:
        if self.faults.is_on("pump_rs485_off"):
            self.enabled = False
        if not self.enabled:
            raise Silent


class LongerL100(_Continuous):
    SPEED, WORD = 1, 4
    RUN_BIT, REVERSE_BIT = 0x01, 0x10

    def __init__(self, runner: Runner, faults: FaultBoard, number: int) -> None:
        super().__init__(runner, faults, number)
        self._speed = 0
        self._word = 0

    def read(self, table: str, address: int) -> int:
        match table, address:
            case "holding", self.SPEED:
                return self._speed
            case "holding", self.WORD:
                return self._word & ~self.RUN_BIT | int(self.motor.told_to_run)
        raise Refused(ILLEGAL_ADDRESS)

    def write(self, table: str, address: int, values: list[int]) -> None:
        match table, address, values:
            case "holding", self.SPEED, [speed]:
                if speed > self.full_rpm * 100:
                    raise Refused(ILLEGAL_VALUE)
                self._speed = speed
                self.motor.set_rpm(speed / 100)
            case "holding", self.WORD, [word]:
                self._word = word
                self.backwards = bool(word & self.REVERSE_BIT)
                self.run(bool(word & self.RUN_BIT))
            case _:
                raise Refused(ILLEGAL_ADDRESS)

    def is_stop(self, table: str, address: int, values: list[int]) -> bool:
        return (table, address) == ("holding", self.WORD) and not values[0] & self.RUN_BIT

    def is_start(self, table: str, address: int, values: list[int]) -> bool:
        return (table, address) == ("holding", self.WORD) and bool(values[0] & self.RUN_BIT)


class LongerBoard(_Continuous):
    SPEED, FLOW, RUN = 1, 2, 4

    def __init__(self, runner: Runner, faults: FaultBoard, number: int) -> None:
        super().__init__(runner, faults, number)
        self._speed, self._run = 0, 0
        self._flow = [0, 0]

    def read(self, table: str, address: int) -> int:
        match table, address:
            case "holding", self.SPEED:
                return self._speed
            case "holding", self.FLOW | 3:
                return self._flow[address - self.FLOW]
            case "holding", self.RUN:
                return self._run if self.motor.told_to_run else 0
        raise Refused(ILLEGAL_ADDRESS)

    def write(self, table: str, address: int, values: list[int]) -> None:
        match table, address, values:
            case "holding", self.SPEED, [speed]:
                if speed > self.full_rpm * 100:
                    raise Refused(ILLEGAL_VALUE)
                self._speed = speed
                self.motor.set_rpm(speed / 100)
            case "holding", self.FLOW, [high, low]:
                self._flow = [high, low]
            case "holding", self.RUN, [0 | 1 | 2 as run]:
                self._run = run
                self.motor.set_rpm(self.full_rpm if run == 2 else self._speed / 100)
                self.run(run != 0)
            case "holding", self.RUN, [_]:
                raise Refused(ILLEGAL_VALUE)
            case _:
                raise Refused(ILLEGAL_ADDRESS)

    def is_stop(self, table: str, address: int, values: list[int]) -> bool:
        return (table, address, values) == ("holding", self.RUN, [0])

    def is_start(self, table: str, address: int, values: list[int]) -> bool:
        return (table, address) == ("holding", self.RUN) and values[0] != 0


class Jbt(_Continuous):
    full_rpm = 600.0
    AT, DIRECTION = 999, 1000

    def __init__(self, runner: Runner, faults: FaultBoard, number: int) -> None:
        super().__init__(runner, faults, number)
        self._speed = 0

    def read(self, table: str, address: int) -> int:
        match table, address:
            case "coil", self.AT:
                return int(self.motor.told_to_run)
            case "coil", self.DIRECTION:
                return int(not self.backwards)
            case "holding", self.AT:
                return self._speed
            case "input", self.AT:
                return round(self.motor.actual_rpm)
        raise Refused(ILLEGAL_ADDRESS)

    def write(self, table: str, address: int, values: list[int]) -> None:
        match table, address, values:
            case "coil", self.AT, [value]:
                self.run(value == ON)
            case "coil", self.DIRECTION, [value]:
                self.backwards = value != ON
            case "holding", self.AT, [speed]:
                if speed > self.full_rpm:
                    raise Refused(ILLEGAL_VALUE)
                self._speed = speed
                self.motor.set_rpm(speed)
            case _:
                raise Refused(ILLEGAL_ADDRESS)

    def is_stop(self, table: str, address: int, values: list[int]) -> bool:
        return (table, address, values) == ("coil", self.AT, [OFF])

    def is_start(self, table: str, address: int, values: list[int]) -> bool:
        return (table, address, values) == ("coil", self.AT, [ON])


def _float_words(value: float) -> tuple[int, int]:
    high, low = struct.unpack(">HH", struct.pack(">f", value))
    return high, low
