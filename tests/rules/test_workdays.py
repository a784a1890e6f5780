"""Working days: exact inside the table, and never later than the truth beyond it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.workdays import HOLIDAYS_A_YEAR, Workdays, read_workdays

from .cases import ROOT, RULES

TABLE, DAY = RULES.workdays, timedelta(days=1)
INSIDE = st.dates(TABLE.first, TABLE.last)
ANY = st.dates(date(2024, 6, 1), date(2029, 12, 31))


def worked(day: date) -> bool:
    return TABLE.works(day)


@given(INSIDE, st.integers(0, 40))
def test_so_many_working_days_on(day: date, days: int) -> None:
    later = TABLE.after(day, days)
    span = [day + DAY * n for n in range(1, (later - day).days + 1)]
    if TABLE.known(later):
        assert sum(map(worked, span)) == days and (days == 0 or worked(later))
    beyond = [one for one in span if not TABLE.known(one)]
    assert sum(map(worked, (one for one in span if TABLE.known(one)))) + len(beyond) == days


@given(ANY, st.integers(0, 40))
def test_beyond_the_table_the_day_is_no_later_than_by_any_calendar(day: date, days: int) -> None:
    every_day_worked = day + DAY * days
    assert every_day_worked <= TABLE.after(day, days)
    if not TABLE.known(day + DAY) and day > TABLE.last:
        assert TABLE.after(day, days) == every_day_worked


@given(INSIDE, st.integers(1, 40))
def test_there_and_back(day: date, days: int) -> None:
    earlier = TABLE.before(day, days)
    if TABLE.known(earlier):
        assert sum(worked(earlier + DAY * n) for n in range((day - earlier).days)) == days and worked(earlier)


@given(ANY.filter(lambda day: day > date(2027, 3, 1)), st.integers(1, 40))
def test_the_way_back_leaves_room_for_holidays_that_nobody_knows_yet(day: date, days: int) -> None:
    weekdays = sum(
        (TABLE.before(day, days) + DAY * n).weekday() < 5 for n in range((day - TABLE.before(day, days)).days)
    )
    assert weekdays >= days + HOLIDAYS_A_YEAR or TABLE.known(TABLE.before(day, days))


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        (date(2026, 9, 24), 10, date(2026, 10, 15)),  # Mid-Autumn, National Day, and the worked 10 October
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # 14 February is worked, the Spring Festival is not
        (date(2026, 3, 2), 10, date(2026, 3, 16)),
        (date(2026, 12, 30), 10, date(2027, 1, 9)),  # 2027 is not known: every day counts
        (date(2026, 3, 7), 0, date(2026, 3, 7)),
    ],
)
def test_days_that_can_be_counted_by_hand(day: date, days: int, due: date) -> None:
    assert TABLE.after(day, days) == due


def test_before_in_the_table_and_beyond_it() -> None:
    assert TABLE.before(date(2026, 10, 15), 10) == date(2026, 9, 24)
    assert TABLE.before(date(2026, 3, 16), 1) == date(2026, 3, 13)
    assert Workdays().before(date(2026, 3, 16), 1) == date(2026, 2, 24), "13 weekdays more without a table"
    assert TABLE.before(date(2027, 1, 4), 1) == date(2026, 12, 15)


def test_the_table_names_its_source_and_a_slip_in_it_is_told(tmp_path: Path) -> None:
    assert read_workdays(ROOT / "config" / "holidays.toml") == TABLE and "国务院办公厅" in TABLE.source
    assert all(day.weekday() >= 5 for day in TABLE.on) and not TABLE.on & TABLE.off
    assert read_workdays(tmp_path / "none.toml") == Workdays()
    assert not Workdays().known(date(2026, 1, 1))
    file = tmp_path / "holidays.toml"
    file.write_text(
        'source = "x"\nfirst = 2026-01-01\nlast = 2026-12-31\noff = [[2026-12-31, 2027-01-02]]\non = []\n', "utf-8"
    )
    with pytest.raises(ValueError, match=r"holidays\.toml: 2027-01-01 is outside of 2026-01-01 to 2026-12-31"):
        read_workdays(file)
