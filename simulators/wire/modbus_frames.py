"""Modbus frames as bytes, TCP and RTU, for servers of ours that must be able to send them late, torn or wrong.

Source: Modbus application protocol 1.1b3, Modbus over serial line 1.02, Modbus messaging on TCP/IP 1.0b.
"""

from __future__ import annotations

from dataclasses import dataclass

READ_HOLDING, READ_INPUT, WRITE_ONE, WRITE_MANY = 3, 4, 6, 16
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, BUSY = 1, 2, 3, 6
_LONGEST = 260


def crc16(data: bytes) -> bytes:
    """Polynomial 0xA001 reflected, low byte first."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class Request:
    """`values` of a write, empty for a read. `header`: what an answer begins with on this line."""

    unit: int
    function: int
    address: int
    count: int
    values: tuple[int, ...]
    transaction: bytes | None

    def answer(self, pdu: bytes) -> bytes:
        if self.transaction is None:
            frame = bytes([self.unit]) + pdu
            return frame + crc16(frame)
        return self.transaction + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + bytes([self.unit]) + pdu

    def registers(self, values: list[int]) -> bytes:
        data = b"".join(value.to_bytes(2, "big") for value in values)
        return self.answer(bytes([self.function, len(data)]) + data)

    def written(self) -> bytes:
        value = self.values[0] if self.function == WRITE_ONE else self.count
        return self.answer(bytes([self.function]) + self.address.to_bytes(2, "big") + value.to_bytes(2, "big"))

    def refused(self, code: int) -> bytes:
        return self.answer(bytes([self.function | 0x80, code]))


def parsed(frame: bytes, rtu: bool) -> Request | None:
    """One whole frame as `split` gives it."""
    if rtu:
        unit, pdu, transaction = frame[0], frame[1:-2], None
    else:
        unit, pdu, transaction = frame[6], frame[7:], frame[:2]
    if len(pdu) < 5:
        return Request(unit, pdu[0] if pdu else 0, 0, 0, (), transaction)
    function, address, third = pdu[0], int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big")
    if function == WRITE_ONE:
        return Request(unit, function, address, 1, (third,), transaction)
    data = pdu[6:] if function == WRITE_MANY else b""
    values = tuple(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    return Request(unit, function, address, third, values, transaction)


def split(buffer: bytes, rtu: bool) -> tuple[list[bytes], bytes]:
    """Whole frames and the incomplete rest. RTU frames that fail their CRC are dropped byte by byte."""
    frames: list[bytes] = []
    while True:
        length = _rtu_length(buffer) if rtu else _tcp_length(buffer)
        if length is None or len(buffer) < length:
            return frames, buffer[-_LONGEST:]
        frame = buffer[:length]
        if rtu and crc16(frame[:-2]) != frame[-2:]:
            buffer = buffer[1:]
            continue
        frames.append(frame)
        buffer = buffer[length:]


def _tcp_length(buffer: bytes) -> int | None:
    return 6 + int.from_bytes(buffer[4:6], "big") if len(buffer) >= 6 else None


def _rtu_length(buffer: bytes) -> int | None:
    if len(buffer) < 8:
        return None
    return 9 + buffer[6] if buffer[1] == WRITE_MANY else 8
