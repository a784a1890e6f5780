"""A driver's error in the words of a bench."""

from __future__ import annotations

from device_drivers.dosing.faults import Fault
from device_drivers.errors import DeviceError, LineLost, NoAnswer, PrintUncertain
from device_drivers.reading import Reading, State

from .bench import DeviceTrouble

_FAULT_OF = {
    State.OVERLOAD: Fault.OVERLOAD,
    State.UNDERLOAD: Fault.UNDERLOAD,
    State.BUSY: Fault.NOT_STABLE,
    State.WRONG_UNIT: Fault.WRONG_UNIT,
}


def busy() -> DeviceTrouble:
    return DeviceTrouble("bench", "busy", "工位正在加料，请等它结束。", "The bench is dosing; wait for its end.")


def trouble(device: str, error: DeviceError) -> DeviceTrouble:
    fault = {LineLost: "lost", NoAnswer: "silent"}.get(type(error), type(error).__name__)
    unsure = isinstance(error, PrintUncertain)
    return DeviceTrouble(device, fault, error.words_zh, error.words_en, error.detail, uncertain=unsure)


def no_mass(reading: Reading) -> DeviceTrouble:
    """Of a reading that carries none."""
    fault = _FAULT_OF.get(reading.state, Fault.SCALE_FAULT)
    return DeviceTrouble("scale", fault.value, fault.words_zh, fault.words_en, reading.raw.decode("ascii", "replace"))
