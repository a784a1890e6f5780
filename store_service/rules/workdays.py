"""Working days by the table of public holidays (config/holidays.toml). Where the table ends nothing is known, and the
answer is the earlier day: a report that is early breaks nothing."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

DAY = timedelta(days=1)
HOLIDAYS_A_YEAR = 13
"""Statutory holidays of a year (全国年节及纪念日放假办法, 2025): as many as may lie in a span that no table covers."""


@dataclass(frozen=True, slots=True)
class Workdays:
    """`off` are holidays that fall on weekdays, `on` weekend days that are worked instead, of `first` to `last`."""

    first: date = date.max
    last: date = date.min
    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()
    source: str = ""

    def known(self, day: date) -> bool:
        return self.first <= day <= self.last

    def works(self, day: date) -> bool:
        """Whether a day of the table is worked."""
        return day in self.on or (day.weekday() < 5 and day not in self.off)

    def after(self, day: date, days: int) -> date:
        """So many working days later. A day beyond the table counts, whatever it is."""
        while days > 0:
            day += DAY
            days -= not self.known(day) or self.works(day)
        return day

    def before(self, day: date, days: int) -> date:
        """So many working days earlier; a year's holidays more where the way back leaves the table."""
        least = day
        for _ in range(days):
            least = self._earlier(least)
        if self.known(least) and self.known(day):
            return least
        for _ in range(HOLIDAYS_A_YEAR):
            least = self._earlier(least)
        return least

    def _earlier(self, day: date) -> date:
        day -= DAY
        while not (self.works(day) if self.known(day) else day.weekday() < 5):
            day -= DAY
        return day


def read_workdays(path: Path) -> Workdays:
    """The table of a file; none where there is no file. Raises ValueError for a day outside of its years."""
    if not path.exists():
        return Workdays()
    raw = tomllib.loads(path.read_text("utf-8"))
    off = frozenset(day for span in raw["off"] for day in _span(*span))
    found = Workdays(raw["first"], raw["last"], off, frozenset(raw["on"]), raw["source"])
    if strangers := sorted(day for day in found.off | found.on if not found.known(day)):
        raise ValueError(f"{path.name}: {strangers[0]} is outside of {found.first} to {found.last}")
    return found


def _span(first: date, last: date) -> list[date]:
    return [first + DAY * n for n in range((last - first).days + 1)]
