"""R-ANN: what comes back after a long stop."""

from __future__ import annotations

from collections.abc import Iterator

from store_service.rules.case import Case
from store_service.rules.checking import No, check, no
from store_service.rules.dates import beijing_date
from store_service.rules.duties import years_on
from store_service.rules.params import Parameters


@check("R-ANN-03", "open_service")
def checked_before_the_restart(case: Case, params: Parameters) -> Iterator[No]:
    """R-ANN-03: a shop that has not blended for a year checks itself first; the check is later than the last unit."""
    last, checked = case.last_blend_on, case.restart_checked_on
    if last is None or beijing_date(case.now) < years_on(last, 1):
        return
    if checked is None or checked <= last:
        yield no("stopped", last_on=last, today=beijing_date(case.now))
