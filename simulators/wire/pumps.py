"""Every pump model that can stand in for the four-channel dispenser, on one line, in front of the shared plant.

Each channel of the plant is one pump; pump n has the model's factory address plus n - 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from simulators.faults import FaultBoard
from simulators.runner import Runner

from .continuous import Jbt, Kamoer, LongerBoard, LongerL100
from .dulco_flex import DulcoFlex
from .line import LineTime
from .modbus_server import ModbusServer
from .relay import RelayModule
from .runze import RunzeLine, Syringe
from .watson_marlow import Drive, WatsonMarlowLine


class PumpLine(Protocol):
    """A line with pumps on it."""

    async def listen(self, host: str, port: int, *, rtu: bool = False) -> int: ...

    async def open_pty(self) -> str: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Model:
    """`first_unit`, `line` and the framing's words are the factory's."""

    name: str
    words: str
    first_unit: int
    line: LineTime
    unit: Callable[[Runner, FaultBoard, int], Any]
    server: Callable[..., PumpLine] = ModbusServer
    needs_relay: bool = False
    full_rpm: float | None = None
    """Where the host reckons volume in turns: those that give full flow."""
    scheme: str = "tcp"


_SLOW, _EVEN = LineTime(9600, 10, 0.004), LineTime(9600, 11, 0.004)

MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            "kamoer",
            "Kamoer drive boards, Modbus 9600 8N1",
            192,
            _SLOW,
            Kamoer,
            needs_relay=True,
            full_rpm=Kamoer.full_rpm,
        ),
        Model(
            "longer_l100_1s2",
            "Longer L100-1S-2, Modbus 9600 8N1",
            1,
            _SLOW,
            LongerL100,
            needs_relay=True,
            full_rpm=LongerL100.full_rpm,
        ),
        Model(
            "longer_l100_board",
            "Longer L100 boards, Modbus 9600 8N1",
            1,
            _SLOW,
            LongerBoard,
            needs_relay=True,
            full_rpm=LongerBoard.full_rpm,
        ),
        Model("jbt", "JBT-B/C, Modbus 9600 8E1", 1, _EVEN, Jbt, needs_relay=True, full_rpm=Jbt.full_rpm),
        Model(
            "dulco_flex",
            "ProMinent DULCO flex, Modbus 19200 8E1",
            20,
            LineTime(19_200, 11, 0.004),
            DulcoFlex,
        ),
        Model(
            "watson_marlow_520",
            "Watson-Marlow 520Du, ASCII 9600 8N2",
            1,
            _EVEN,
            Drive,
            WatsonMarlowLine,
            scheme="socket",
        ),
        Model(
            "runze_sy01b", "Runze SY-01B syringes, binary 9600 8N1", 0x31, _SLOW, Syringe, RunzeLine, scheme="socket"
        ),
    )
}


def make_pumps(name: str, runner: Runner, faults: FaultBoard, line: LineTime | None = None) -> PumpLine:
    """KeyError for an unknown model."""
    model = MODELS[name]
    units = {model.first_unit + n - 1: model.unit(runner, faults, n) for n in runner.plant.channels}
    return model.server(units, runner, faults, line or model.line)


def make_relay(runner: Runner, faults: FaultBoard, line: LineTime | None = None) -> ModbusServer:
    """The dead-man relay in the motors' supply, unit 1, output 1. From now on the motors need it."""
    return ModbusServer({1: RelayModule(runner, faults)}, runner, faults, line or _SLOW, prefix="relay")
