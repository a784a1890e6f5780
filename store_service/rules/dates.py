"""Dates are Beijing dates, instants are UTC (DESIGN.md §2)."""

from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "CST")


def beijing_date(at: datetime) -> date:
    """The Beijing calendar date of an aware instant. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant without a zone cannot be dated")
    return at.astimezone(BEIJING).date()
