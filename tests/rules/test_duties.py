"""Clocks and balances as laws: never a day early, never a milligram lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.dates import beijing_date
from store_service.rules.duties import (
    SEVERITIES,
    Balance,
    keep_until,
    reaction_due,
    report_standing,
    sample_due,
    selfcheck_due,
    years_on,
)

from .cases import RULES

PARAMS = RULES.fill({})
DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
MASSES = st.integers(0, 5_000_000)


@given(DAYS, st.integers(0, 10))
def test_so_many_years_on_is_never_a_day_early(day: date, years: int) -> None:
    later = years_on(day, years)
    assert (later.year, later.month, later.day) >= (day.year + years, day.month, day.day)
    assert later - date(day.year + years, day.month, min(day.day, 28)) <= timedelta(days=3)


def test_the_worked_example_of_the_rule() -> None:
    assert keep_until(date(2026, 11, 22), date(2027, 2, 20)) == date(2028, 11, 22)
    assert keep_until(date(2026, 11, 22), date(2027, 2, 20), [date(2029, 5, 1)]) == date(2030, 5, 1)
    assert years_on(date(2028, 2, 29), 1) == date(2029, 3, 1)


@given(DAYS, st.integers(0, 400), st.lists(st.integers(0, 2_000), max_size=6))
def test_a_record_outlives_the_unit_and_every_source(made: date, life: int, sources: list[int]) -> None:
    use_by, expiries = made + timedelta(days=life), [made + timedelta(days=n) for n in sources]
    until = keep_until(made, use_by, expiries)
    assert until >= years_on(made, 2) and all(until >= years_on(day, 1) for day in (use_by, *expiries))
    assert until in {years_on(made, 2), *(years_on(day, 1) for day in (use_by, *expiries))}
    assert keep_until(made, use_by, [*expiries, use_by]) == until
    assert keep_until(made, use_by) <= until


@given(TIMES, st.sampled_from(SEVERITIES))
def test_a_reaction_is_due_so_many_calendar_days_after_the_first_word(aware: datetime, severity: str) -> None:
    days = {"general": 30, "social": 3}.get(severity, 15)
    assert reaction_due(aware, severity, PARAMS) - beijing_date(aware) == timedelta(days=days)  # type: ignore[arg-type]  # sampled
    check = selfcheck_due(aware, severity, PARAMS)  # type: ignore[arg-type]  # sampled
    expected = {"general": None, "social": 10}.get(severity, 20)
    assert check == (None if expected is None else beijing_date(aware) + timedelta(days=expected))


@given(TIMES, st.timedeltas(timedelta(0), timedelta(days=60)), st.sampled_from(SEVERITIES))
def test_an_earlier_word_never_gives_more_time(aware: datetime, before: timedelta, severity: str) -> None:
    earlier = reaction_due(aware - before, severity, PARAMS)  # type: ignore[arg-type]  # sampled
    assert earlier <= reaction_due(aware, severity, PARAMS)  # type: ignore[arg-type]  # sampled
    assert reaction_due(aware, "unclassified", PARAMS) == reaction_due(aware, "serious", PARAMS)


@given(DAYS)
def test_a_sample_stays_its_months_past_the_expiry(expiry: date) -> None:
    due = sample_due(expiry, PARAMS)
    assert (due.year * 12 + due.month) - (expiry.year * 12 + expiry.month) == 12
    assert due.day <= expiry.day


@given(MASSES, MASSES, MASSES, MASSES, MASSES, st.integers(0, 10_000), st.integers(0, 5_000))
def test_what_went_in_is_what_came_out_and_what_is_missing(
    filled: int, dosed: int, purged: int, sampled: int, residue: int, tolerance: int, floor: int
) -> None:
    balance = Balance(filled, dosed, purged, sampled, residue)
    assert filled == dosed + purged + sampled + residue + balance.lost_mg
    allowed, outcome = balance.allowed(tolerance, floor), balance.outcome(tolerance, floor)
    assert allowed >= floor and allowed * 10_000 >= filled * tolerance - 9_999
    assert outcome == ("gain" if -balance.lost_mg > allowed else "loss" if balance.lost_mg > allowed else "balanced")
    unweighed = Balance(filled, dosed, purged, sampled, residue, unknown=1).outcome(tolerance, floor)
    assert unweighed == ("gain" if outcome == "gain" else "loss")


@pytest.mark.parametrize(
    ("today", "filed", "submitted", "standing"),
    [
        ("2026-12-31", "2020-01-01", False, "not_yet"),
        ("2027-01-01", "2020-01-01", False, "due"),
        ("2027-03-31", "2020-01-01", False, "due"),
        ("2027-04-01", "2020-01-01", False, "overdue"),
        ("2027-04-01", "2020-01-01", True, "submitted"),
        ("2027-04-01", "2026-03-31", False, "overdue"),
        ("2027-04-01", "2026-04-01", False, "not_asked"),
        ("2026-12-31", "2026-04-01", False, "not_asked"),
        ("2027-04-01", "2026-04-01", True, "submitted"),
        ("2027-04-01", None, False, "overdue"),
    ],
)
def test_the_annual_report_comes_due_and_is_missed(
    today: str, filed: str | None, submitted: bool, standing: str
) -> None:
    since = date.fromisoformat(filed) if filed else None
    assert report_standing(2026, date.fromisoformat(today), submitted, filed=since) == standing
