"""What a dose needs of a scale."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from device_drivers.identity import Identity
from device_drivers.reading import Reading


class Scale(Protocol):
    """Errors are those of `device_drivers.errors`: LineLost, PortBusy, NoAnswer, BadFrame, DeviceBusy, Rejected.

    A driver never zeroes, tares or resets by itself: from the empty cup to the check weigh every mass is a difference
    of gross readings.
    """

    async def connect(self) -> Identity:
        """(Re)open the line and ask who is there; where the protocol knows no such question, for one weight.

        Nothing else is sent.
        """

    async def weigh(self, stable: bool, timeout_s: float) -> Reading:
        """One reading: now, or once the scale calls it stable. BUSY when it gave up waiting, NoAnswer when silent."""

    def stream(self) -> AsyncGenerator[Reading, None]:
        """Readings as fast as the scale sends them, until the generator is closed (`contextlib.aclosing`).

        Readings that cannot be dated are left out. While it runs, other commands are refused with PortBusy.
        """

    async def zero(self) -> None:
        """Set the zero point. DeviceBusy when not steady, Rejected outside the zero range."""

    async def tare(self) -> Reading:
        """Take the present mass as tare and return it; readings are net from then on."""

    async def close(self) -> None:
        """Release the line. Idempotent."""
