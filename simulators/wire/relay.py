"""A relay module with "flash on", as Waveshare's: output n closes for a time that the module counts, then opens.

Function 05 at 0x0200 + n with the time in 100 ms, at n with 0xFF00 or 0x0000 for on and off; function 01 reads. Only
output 0 is wired: it stands in the motors' supply of the plant. The module counts real time, the plant its own.
"""

from __future__ import annotations

from collections.abc import Callable

from simulators.faults import FaultBoard
from simulators.runner import Runner

from .modbus_server import ILLEGAL_ADDRESS, ILLEGAL_VALUE, Refused

OUTPUTS, FLASH_ON, UNIT_S, FOR_EVER_S = 8, 0x0200, 0.1, 1e9


class RelayModule:
    """`restarts` False: a module whose running time a second flash-on does not restart."""

    def __init__(
        self, runner: Runner, faults: FaultBoard, *, clock: Callable[[], float] | None = None, restarts: bool = True
    ) -> None:
        self._runner, self._faults, self._clock, self._restarts = runner, faults, clock or runner.clock, restarts
        self._until = [0.0] * OUTPUTS
        self._wire(0.0)

    def deaf(self) -> bool:
        return False

    def asked(self) -> None:
        return

    def closed(self, output: int) -> bool:
        welded = output == 0 and self._faults.is_on("relay_welded")
        return welded or self._clock() < self._until[output]

    def read(self, table: str, address: int) -> int:
        if table != "coil" or address >= OUTPUTS:
            raise Refused(ILLEGAL_ADDRESS)
        return int(self.closed(address))

    def write(self, table: str, address: int, values: list[int]) -> None:
        flash = address >= FLASH_ON
        output = address - FLASH_ON if flash else address
        if table != "coil" or not 0 <= output < OUTPUTS:
            raise Refused(ILLEGAL_ADDRESS)
        if flash:
            if self._restarts or not self.closed(output):
                self._set(output, values[0] * UNIT_S)
        elif values[0] in (0xFF00, 0x0000):
            self._set(output, FOR_EVER_S if values[0] else 0.0)
        else:
            raise Refused(ILLEGAL_VALUE)

    def is_stop(self, table: str, address: int, values: list[int]) -> bool:
        return False

    def is_start(self, table: str, address: int, values: list[int]) -> bool:
        return False

    def _set(self, output: int, seconds: float) -> None:
        self._until[output] = self._clock() + seconds
        if output == 0:
            self._wire(FOR_EVER_S if self._faults.is_on("relay_welded") else seconds)

    def _wire(self, seconds: float) -> None:
        self._runner.plant.hold_supply(seconds * self._runner.speed)
