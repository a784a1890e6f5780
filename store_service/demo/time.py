"""The demo's clock: one file in the data folder that shop and hub read, so that both live in the same moment."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from store_service.clock import Clock
from store_service.rules.dates import BEIJING, beijing_date

FILE = "clock.json"
LAST_DAY = date(2027, 9, 30)


@dataclass(frozen=True, slots=True)
class Setting:
    """`offset_s` shifts the machine's clock; `moved_s` is what was added by hand; `stands_at` stops it."""

    offset_s: int = 0
    moved_s: int = 0
    last: str | None = None
    stands_at: str | None = None


class SharedWall:
    """Seconds since the epoch before the offset. The file is looked at every time, so that a move counts everywhere."""

    def __init__(self, place: Path, wall: Callable[[], float]) -> None:
        self._place, self._wall = place, wall
        self._stamp = -1
        self._setting = Setting()

    def __call__(self) -> float:
        setting = self.setting
        stands = setting.stands_at
        base = self._wall() if stands is None else datetime.fromisoformat(stands).timestamp()
        return base + setting.moved_s

    @property
    def setting(self) -> Setting:
        stamp = self._place.stat().st_mtime_ns
        if stamp != self._stamp:
            self._setting, self._stamp = _read(self._place), stamp
        return self._setting


def demo_clock(data: Path, wall: Callable[[], float] = time.time, stands_at: datetime | None = None) -> Clock:
    """The clock of a demo that begins: the machine's own until the pilot's window closes, then shifted into it.

    It never moves backwards between two runs in the same `data`. `stands_at` stops it at an instant instead.
    """
    place = data / FILE
    kept = _read(place) if place.exists() else Setting()
    data.mkdir(parents=True, exist_ok=True)
    if stands_at is not None:
        _write(place, Setting(stands_at=stands_at.isoformat()))
        return join_clock(data, wall)
    now = datetime.fromtimestamp(wall() + kept.moved_s, UTC)
    offset = timedelta(seconds=kept.offset_s)
    if kept.last is None and beijing_date(now) > LAST_DAY:
        noon = datetime.combine(LAST_DAY - timedelta(days=180), datetime.min.time(), BEIJING) + timedelta(hours=10)
        offset = timedelta(seconds=int((noon - now).total_seconds()))
    if kept.last is not None:
        offset += max(datetime.fromisoformat(kept.last) - (now + offset), timedelta())
    seconds = int(offset.total_seconds())
    _write(place, Setting(seconds, kept.moved_s, (now + offset).isoformat()))
    return join_clock(data, wall)


def join_clock(data: Path, wall: Callable[[], float] = time.time) -> Clock:
    """The clock of a demo that runs already, as its other processes see it."""
    shared = SharedWall(data / FILE, wall)
    return Clock(offset=timedelta(seconds=shared.setting.offset_s), wall=shared)


def move_clock(data: Path, minutes: int) -> None:
    """Let time pass in every process of the demo."""
    kept = _read(data / FILE)
    moved = Setting(kept.offset_s, kept.moved_s + minutes * 60, kept.last, kept.stands_at)
    _write(data / FILE, moved)


def shifted(clock: Clock) -> bool:
    """Whether the clock shows another time than the machine's; every screen then says so."""
    moved = isinstance(clock.wall, SharedWall) and clock.wall.setting
    return clock.offset != timedelta() or bool(moved and (moved.moved_s or moved.stands_at))


def _read(place: Path) -> Setting:
    return Setting(**json.loads(place.read_text("utf-8")))


def _write(place: Path, setting: Setting) -> None:
    """Whole or not at all: another process may be reading."""
    fresh = place.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(setting)), "utf-8")
    fresh.replace(place)
