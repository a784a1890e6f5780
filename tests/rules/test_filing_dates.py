"""Annual reports, four-year statements and dates on papers, at both ends of each of their days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.dates import read_date
from store_service.rules.gates import ask
from store_service.rules.merge import add_months

from .cases import RULES, changed, passing

ONE = "units.0.sources.1.product."


def heard(rule: str, today: date, **product: object) -> list[tuple[str, bool]]:
    """What a rule says of one product at noon of a day: its message and whether it refuses."""
    at = datetime(today.year, today.month, today.day, 4, tzinfo=UTC)
    params = product.pop("params", {})
    assert isinstance(params, dict)
    changes: dict[str, object] = {f"{ONE}{name}": value for name, value in product.items()}
    changes |= {f"params.{name}": value for name, value in params.items()} | {"now": at}
    # The other product was filed and reported on beside every day that is asked.
    changes |= {f"units.{n}.sources.0.product.filed_on": today for n in (0, 1)}
    verdict = ask("verdict", changed(passing("verdict"), changes), RULES)
    told = [(one, True) for one in verdict.refusals] + [(one, False) for one in verdict.warnings]
    return [(one.message_en, refuses) for one, refuses in told if one.rule == rule]


@pytest.mark.parametrize(
    ("today", "filed", "reported", "missing"),
    [
        ("2027-03-31", "2025-03-31", "2026-02-01", False),
        ("2027-04-01", "2025-03-31", "2026-12-31", True),
        ("2027-04-01", "2025-03-31", "2027-01-01", False),
        ("2027-03-31", "2025-03-31", "2025-12-31", True),
        ("2026-04-01", "2025-03-31", None, True),
        ("2026-04-01", "2025-04-01", None, False),
        ("2026-03-31", "2025-03-31", None, False),
        ("2026-12-31", "2025-04-01", None, False),
        ("2027-03-31", "2025-04-01", None, False),
        ("2027-04-01", "2025-04-01", None, True),
        ("2026-04-01", None, None, True),
    ],
)
def test_an_annual_report_is_missed_after_the_last_day(
    today: str, filed: str | None, reported: str | None, missing: bool
) -> None:
    told = heard(
        "R-ADM-17",
        date.fromisoformat(today),
        filed_on=date.fromisoformat(filed) if filed else None,
        annual_report_on=date.fromisoformat(reported) if reported else None,
    )
    assert [refuses for _, refuses in told] == ([False] if missing else [])


@pytest.mark.parametrize(
    ("days", "refuses_after", "expected"),
    [(-121, False, []), (-120, False, [False]), (0, True, [False]), (1, False, [False]), (1, True, [True])],
)
@pytest.mark.parametrize("stated", [True, False])
def test_a_statement_warns_before_its_day_and_may_refuse_after(
    days: int, refuses_after: bool, expected: list[bool], stated: bool
) -> None:
    filed = date(2023, 2, 28)
    due = add_months(filed, 48)
    dated = {"statement_due": due} if stated else {"filed_on": filed}
    told = heard(
        "R-ADM-25",
        due + timedelta(days=days),
        filing_number="新G妆网备字2023999995",
        params={"statement_refuses": refuses_after},
        **dated,
    )
    assert [refuses for _, refuses in told] == expected


def test_a_filing_without_a_day_counts_from_the_first_day_of_its_number() -> None:
    def told(today: date) -> list[tuple[str, bool]]:
        return heard("R-ADM-25", today, filing_number="琼G妆网备字2023999995", filed_on=None)

    due = date(2027, 1, 1)
    assert told(due - timedelta(days=121)) == [] and len(told(due - timedelta(days=120))) == 1


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_a_date_reads_as_papers_write_it(day: date) -> None:
    for text in (
        day.isoformat(),
        f"{day.year:04d}/{day.month}/{day.day}",
        f"{day.year:04d}年{day.month}月{day.day}日",
        f" {day.year:04d}.{day.month:02d}.{day.day:02d} ",
        f"{day:%Y%m%d}".zfill(8),
    ):
        assert read_date(text) == day


@pytest.mark.parametrize("text", ["", "2026-02-30", "2026-13-01", "0000-01-01", "26-1-1", "2026", "明天", "2026-1-1x"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_date(text) is None
