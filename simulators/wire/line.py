"""Line time: loopback is a thousand times faster than a serial line, so simulators wait as long as the bytes take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineTime:
    """`latency_s` is the device's own turnaround; `baud` 0 means no line time (for tests of logic)."""

    baud: int = 9600
    bits_per_char: int = 10
    latency_s: float = 0.0

    def seconds(self, count: int) -> float:
        """How long `count` bytes occupy the line."""
        return count * self.bits_per_char / self.baud if self.baud else 0.0


def lines(buffer: bytes) -> tuple[list[bytes], bytes]:
    """Requests that end with LF, CR optional, and what is still incomplete. An empty line is a request too."""
    *whole, rest = buffer.split(b"\n")
    return [one.rstrip(b"\r") for one in whole], rest
