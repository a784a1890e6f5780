"""View model of the bench's care: its lines, its scale, its cleaning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from .frame import Item, Words


@dataclass(frozen=True, slots=True)
class LineRow:
    """One channel. `last` is what went through it last, `wear` in basis points, `runs` the weighed runs that wait."""

    channel: int
    product: Words | None
    container_id: str | None
    flushed_at: datetime | None = None
    purpose: str | None = None
    moved_mg: int | None = None
    tube_at: date | None = None
    pumped_mg: int = 0
    lost_bp: int | None = None
    change_on: date | None = None
    due: bool = False
    calibrated_at: datetime | None = None
    ug_per_ul: int | None = None
    spread_bp: int | None = None
    ul_per_rev: int | None = None
    runs: int = 0


@dataclass(frozen=True, slots=True)
class DriftRow:
    nominal_mg: int
    reading_mg: int
    moved_mg: int
    since: date


@dataclass(frozen=True, slots=True)
class CareScreen:
    """POST /kiosk/care/line {channel, do: load|prime|purge|calibrate|reckon|tube}; /kiosk/care/stop; /kiosk/care/repeat
    (reads the scale); /kiosk/care/cleaning {item…}. `readings` are those of the repeatability under way.
    """

    lines: tuple[LineRow, ...]
    chosen: int | None
    scale_id: str
    certificate_no: str | None
    verified_to: date | None
    lapsed: bool
    checked_at: datetime | None
    drifts: tuple[DriftRow, ...]
    repeated_at: datetime | None
    spread_mg: int | None
    repeat_passed: bool | None
    repeat_limit_mg: int
    readings: tuple[int, ...]
    repeats: int
    cleaned_at: datetime | None
    cleaning: tuple[Item, ...]
    live_url: str | None = "/kiosk/live/bench"
    live_mg: int | None = None
    runs_needed: int = 3
