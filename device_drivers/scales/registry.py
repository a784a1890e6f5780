"""From the words of a configuration to a driver: the one list of the languages that a scale may speak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from device_drivers.scales.a_and_d import a_and_d
from device_drivers.scales.base import Scale
from device_drivers.scales.indicator_map import load_indicator_map
from device_drivers.scales.modbus_indicator import ModbusIndicator
from device_drivers.scales.mt_sics import MtSics
from device_drivers.scales.ohaus import ohaus
from device_drivers.scales.sbi import sbi
from device_drivers.scales.text_scale import Dialect, TextScale
from device_drivers.scales.toledo_8217 import toledo_8217
from device_drivers.transport import LineSettings, SerialPort


@dataclass(frozen=True, slots=True)
class ScaleSetup:
    """`map` and `device_id` belong to modbus_indicator; `mass_unit` and `decimals` say what a wire does not tell."""

    driver: str
    port: str
    framing: str = "9600 8N1"
    map: str | None = None
    device_id: int = 1
    mass_unit: str | None = None
    decimals: int | None = None
    answer_s: float = 1.0
    """How long an immediate answer may take; a Modbus map has its own."""


def make_scale(setup: ScaleSetup) -> Scale:
    """The driver, not yet connected. Raises ValueError in plain words for anything that the setup lacks."""
    make = DRIVERS.get(setup.driver)
    if make is None:
        raise ValueError(f"no scale driver {setup.driver!r}; known: {', '.join(sorted(DRIVERS))}")
    if setup.driver != "modbus_indicator" and "://" in setup.port and setup.port.partition("://")[0] in ("tcp", "rtu"):
        raise ValueError(f"a {setup.driver} scale's port is /dev/…, socket://… or rfc2217://…, not {setup.port!r}")
    return make(setup)


def _text(dialect: Dialect, setup: ScaleSetup) -> Scale:
    return TextScale(
        SerialPort(setup.port, LineSettings.parse(setup.framing), dialect.terminator), dialect, setup.answer_s
    )


def _mt_sics(setup: ScaleSetup) -> Scale:
    return MtSics(SerialPort(setup.port, LineSettings.parse(setup.framing)), setup.answer_s)


def _toledo(setup: ScaleSetup) -> Scale:
    if setup.mass_unit is None:
        raise ValueError("toledo_8217: the unit is not on the wire, mass_unit must say what the scale shows")
    return _text(toledo_8217(setup.mass_unit), setup)


def _modbus(setup: ScaleSetup) -> Scale:
    if setup.map is None:
        raise ValueError("modbus_indicator: map must name the indicator's register map")
    made, line = load_indicator_map(setup.map), LineSettings.parse(setup.framing)
    return ModbusIndicator(setup.port, made, line, setup.device_id, setup.mass_unit, setup.decimals)


DRIVERS: dict[str, Callable[[ScaleSetup], Scale]] = {
    "mt_sics": _mt_sics,
    "sbi": lambda setup: _text(sbi(), setup),
    "a_and_d": lambda setup: _text(a_and_d(), setup),
    "ohaus": lambda setup: _text(ohaus(), setup),
    "toledo_8217": _toledo,
    "modbus_indicator": _modbus,
}
