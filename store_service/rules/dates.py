"""Dates are Beijing dates, instants are UTC (DESIGN.md §2)."""

import re
from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "CST")


def beijing_date(at: datetime) -> date:
    """The Beijing calendar date of an aware instant. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant without a zone cannot be dated")
    return at.astimezone(BEIJING).date()


_WRITTEN = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")


def read_date(text: str) -> date | None:
    """A date as written on papers: 2026-11-02, 2026/11/2, 2026年11月2日, 20261102; None for what is no day."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups() if part is not None))
    except ValueError:
        return None
