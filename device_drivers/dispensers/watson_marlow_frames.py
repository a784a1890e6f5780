"""The ASCII commands of Watson-Marlow drives, as bytes.

Source: 520DuN, 620DuN and 720DuN manuals, command strings: `n` is the pump's number, a command ends with CR, `nRS`
answers `[type] [ml/rev] [head] [tube] [rpm] [CW/CCW] P/N [number] [tacho count] [0/1] !`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from device_drivers.errors import BadFrame

STATUS_END = b"!"
_STATUS = re.compile(
    r"(?P<type>\S+) (?P<ml>\d+(?:\.\d+)?) (?P<head>\S+) (?P<tube>\S+) (?P<rpm>\d+(?:\.\d+)?) (?P<way>CC?W) "
    r"P/N (?P<number>\d+) (?P<tacho>\d+) (?P<runs>[01])"
)
_MOST_PULSES, _MOST_DRIP = 9_999_999_999, 11_000


@dataclass(frozen=True, slots=True)
class DriveStatus:
    """One answer to RS. `ml_per_rev` is what the drive holds for its head and tube."""

    type: str
    ml_per_rev: float
    rpm: float
    clockwise: bool
    number: int
    tacho: int
    runs: bool


def stop(number: int) -> bytes:
    return f"{number}ST\r".encode()


def status(number: int) -> bytes:
    return f"{number}RS\r".encode()


def speed(number: int, rpm: float) -> bytes:
    """`nSPxxx.x`. ValueError outside 0 to 999.9."""
    if not 0 <= rpm < 1000:
        raise ValueError(f"{rpm} rpm cannot be written")
    return f"{number}SP{rpm:.1f}\r".encode()


def direction(number: int, *, clockwise: bool) -> bytes:
    return f"{number}{'RR' if clockwise else 'RL'}\r".encode()


def dose(number: int, pulses: int, drip: int = 0) -> bytes:
    """`nDO pulses,drip`: one dose that the drive ends by itself. ValueError out of the manual's ranges."""
    if not 0 < pulses <= _MOST_PULSES or not 0 <= drip <= _MOST_DRIP:
        raise ValueError(f"a dose of {pulses} pulses with a drip of {drip} cannot be written")
    return f"{number}DO{pulses}{f',{drip}' if drip else ''}\r".encode()


def parse_status(raw: bytes) -> DriveStatus:
    """The answer up to its `!`. Raises BadFrame."""
    match = _STATUS.fullmatch(" ".join(raw.decode("ascii", "replace").split()))
    if match is None:
        raise BadFrame(f"not a status: {raw!r}")
    return DriveStatus(
        type=match["type"],
        ml_per_rev=float(match["ml"]),
        rpm=float(match["rpm"]),
        clockwise=match["way"] == "CW",
        number=int(match["number"]),
        tacho=int(match["tacho"]),
        runs=match["runs"] == "1",
    )
