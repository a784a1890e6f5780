"""Frames of Runze syringe pumps and valves: `CC addr func p_lo p_hi DD sum_lo sum_hi`, replies with a status for func.

Source: the maker's SY-01B manual 2.3 (little-endian, sum of the six bytes before it in two bytes) and public code that
names the status codes.
"""

from __future__ import annotations

from dataclasses import dataclass

from device_drivers.errors import BadFrame, DeviceBusy, DeviceError, DeviceFault, Rejected
from device_drivers.framing import Frame

LENGTH = 8
_START, _END = 0xCC, 0xDD
OK, BUSY, EXECUTING = 0x00, 0x04, 0xFE


@dataclass(frozen=True, slots=True)
class Reply:
    address: int
    status: int
    value: int


def request(address: int, function: int, value: int = 0) -> bytes:
    """ValueError when a field does not fit."""
    if not (0 <= address <= 0xFF and 0 <= function <= 0xFF and 0 <= value <= 0xFFFF):
        raise ValueError(f"cannot be written: address {address}, function {function}, value {value}")
    head = bytes([_START, address, function, value & 0xFF, value >> 8, _END])
    return head + sum(head).to_bytes(2, "little")


def is_frame(raw: bytes) -> bool:
    """Eight bytes with the right marks and sum."""
    marks = len(raw) == LENGTH and raw[0] == _START and raw[5] == _END
    return marks and sum(raw[:6]) == int.from_bytes(raw[6:], "little")


def parse_reply(raw: bytes) -> Reply:
    """Raises BadFrame."""
    if not is_frame(raw):
        raise BadFrame(f"not a frame: {raw.hex(' ')}")
    return Reply(raw[1], raw[2], raw[3] | raw[4] << 8)


def error_of(reply: Reply) -> DeviceError | None:
    """What a status says, None for done and for executing."""
    text = f"address {reply.address:#04x}: status {reply.status:#04x}"
    match reply.status:
        case 0x00 | 0xFE:
            return None
        case 0x01:
            return BadFrame(f"{text}: the pump could not read our frame")
        case 0x02 | 0x07 | 0x08:
            return Rejected(f"{reply.status:02x}", text)
        case 0x04:
            return DeviceBusy(text)
        case 0x03:
            return DeviceFault("optocoupler", text)
        case 0x05:
            return DeviceFault("motor_stalled", text)
        case 0x06:
            return DeviceFault("position_unknown", text)
        case _:
            return DeviceFault("unknown", text)


class RunzeSplitter:
    """Finds frames in a stream of bytes; whatever is none is passed over byte by byte."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes, at: float) -> list[Frame]:
        """Frames completed by `chunk`, oldest first."""
        data, found, i = self._rest + chunk, [], 0
        while i + LENGTH <= len(data):
            raw = data[i : i + LENGTH]
            if is_frame(raw):
                found.append(raw)
                i += LENGTH
            else:
                i += 1
        self._rest = data[i:]
        return [Frame(raw, at, newest=n == len(found) - 1) for n, raw in enumerate(found)]
