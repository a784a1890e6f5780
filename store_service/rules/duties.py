"""Dates and sums that the law attaches to what was made, kept and reported. Pure: Beijing dates, integer mg."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from .amounts import WHOLE_BP
from .dates import beijing_date
from .merge import add_months
from .params import Parameters

Severity = Literal["unclassified", "general", "serious", "social"]
SEVERITIES: tuple[Severity, ...] = ("unclassified", "general", "serious", "social")
REACTION_YEARS = 3
RECORD_YEARS, SHORT_LIFE_YEARS = 1, 2


def years_on(day: date, years: int) -> date:
    """The same day so many years on; 1 March where a year has no 29 February: a duty never ends a day early."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def keep_until(made: date, use_by: date, expiries: Iterable[date] = ()) -> date:
    """The last day of the record's statutory life (R-REC-08): a year past the latest end of use of the unit and of
    every source, and never less than two years from the making."""
    return max(years_on(max(use_by, *expiries, use_by), RECORD_YEARS), years_on(made, SHORT_LIFE_YEARS))


def reaction_due(aware_at: datetime, severity: Severity, params: Parameters) -> date:
    """The last Beijing day for the report, in calendar days from the earliest awareness (R-ADR-02); a case that nobody
    has classified runs on the serious clock (R-ADR-04)."""
    days = {
        "general": params.reaction_days_general,
        "social": params.reaction_days_social,
    }.get(severity, params.reaction_days_serious)
    return beijing_date(aware_at) + timedelta(days=days)


def selfcheck_due(aware_at: datetime, severity: Severity, params: Parameters) -> date | None:
    """The last Beijing day for the filer's self-check report (R-ADR-03); None for a general case."""
    if severity == "general":
        return None
    days = params.selfcheck_days_social if severity == "social" else params.selfcheck_days_serious
    return beijing_date(aware_at) + timedelta(days=days)


def sample_due(expiry: date, params: Parameters) -> date:
    """The first day on which a retained sample may be disposed of lies after this one (R-SMP-03)."""
    return add_months(expiry, params.sample_months_after_expiry)


@dataclass(frozen=True, slots=True)
class Balance:
    """Where a container's contents went, in mg. `unknown` doses ended without a reading."""

    filled_mg: int
    dosed_mg: int
    purged_mg: int
    sampled_mg: int
    residue_mg: int
    unknown: int = 0

    @property
    def lost_mg(self) -> int:
        """What nobody can account for; negative when more came out than was in."""
        return self.filled_mg - self.dosed_mg - self.purged_mg - self.sampled_mg - self.residue_mg

    def allowed(self, tolerance_bp: int, floor_mg: int) -> int:
        """How much may be lost or gained, in mg."""
        return max(floor_mg, self.filled_mg * tolerance_bp // WHOLE_BP)

    def outcome(self, tolerance_bp: int, floor_mg: int) -> Literal["balanced", "loss", "gain"]:
        """R-REC-06 as amended: a gain holds the lot, a loss is a deviation; so is a dose that nobody weighed."""
        allowed = self.allowed(tolerance_bp, floor_mg)
        if self.lost_mg < -allowed:
            return "gain"
        return "loss" if self.lost_mg > allowed or self.unknown else "balanced"


ReportStanding = Literal["not_asked", "not_yet", "due", "submitted", "overdue"]


def report_standing(
    year: int,
    today: date,
    submitted: bool,
    *,
    filed: date | None = None,
    reported: date | None = None,
    last_day: str = "03-31",
) -> ReportStanding:
    """How a product's annual report of `year` stands: from 1 January to the last day, month-day, of the next (R-ANN-01,
    R-ANN-10, R-ADM-17). `submitted`: its receipt is kept here; `reported`: when the register says that the last one
    went out. None is asked of a product that by then was not `filed` for a full year; an unknown day asks."""
    last = date.fromisoformat(f"{year + 1}-{last_day}")
    if submitted or (reported is not None and reported.year > year):
        return "submitted"
    if filed is not None and add_months(filed, 12) > last:
        return "not_asked"
    if today < date(year + 1, 1, 1):
        return "not_yet"
    return "due" if today <= last else "overdue"
