"""What a device says that it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """Words of the device itself; an empty string where it does not tell."""

    model: str
    serial: str
    firmware: str
