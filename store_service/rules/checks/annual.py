"""R-ANN: what comes back after a long stop, what comes round, what is decided, applied for and reported upward."""

from __future__ import annotations

from collections.abc import Iterator

from store_service.rules.case import Case
from store_service.rules.checking import No, check, no
from store_service.rules.dates import beijing_date
from store_service.rules.duties import years_on
from store_service.rules.matters import Application, DutyMove
from store_service.rules.params import Parameters
from store_service.rules.rounds import of_the_shop, package_of

ENDS_IT = ("officer", "manager")
"""Roles that may say that a duty is done or has gone out."""
RECEIPTED = ("submitted", "decided", "published", "reported", "done")
"""Steps that name a receipt, or the number of a document."""


@check("R-ANN-03", "open_service")
def checked_before_the_restart(case: Case, params: Parameters) -> Iterator[No]:
    """R-ANN-03: a shop that has not blended for a year checks itself first; the check is later than the last unit."""
    last, checked = case.last_blend_on, case.restart_checked_on
    if last is None or beijing_date(case.now) < years_on(last, 1):
        return
    if checked is None or checked <= last:
        yield no("stopped", last_on=last, today=beijing_date(case.now))


def _overdue(rule: str, case: Case, params: Parameters) -> Iterator[No]:
    today = beijing_date(case.now)
    for one in of_the_shop(case.done, params):
        if one.rule == rule and today > one.due:
            yield no("overdue", due_on=one.due, today=today)


@check("R-ANN-02", "open_service")
def inspected_itself(case: Case, params: Parameters) -> Iterator[No]:
    """R-ANN-02: the yearly self-inspection has been done."""
    yield from _overdue("R-ANN-02", case, params)


@check("R-REC-04", "open_service")
def drilled_lately(case: Case, params: Parameters) -> Iterator[No]:
    """R-REC-04: a recall was drilled, or carried out, within half a year."""
    yield from _overdue("R-REC-04", case, params)


@check("R-REC-05", "duty")
def truly_done(case: Case, params: Parameters) -> Iterator[No]:
    """R-REC-05: that something was sent or done, an officer or the manager says, with its receipt or number."""
    matter, staff = case.matter, case.person.staff if case.person else None
    if not isinstance(matter, DutyMove):
        yield no("no_duty", kind=None)
        return
    if (matter.ends or matter.step == "decided") and (staff is None or not set(ENDS_IT) & set(staff.roles)):
        yield no("duty_role", staff_id=case.person.staff_id if case.person else None, kind=matter.kind)
    if matter.kind not in ("major_issue", "annual_report") and matter.step in RECEIPTED and not matter.ref.strip():
        yield no("duty_receipt", kind=matter.kind, step=matter.step)


@check("R-ANN-08", "duty")
def decided_by_the_head(case: Case, params: Parameters) -> Iterator[No]:
    """R-ANN-08: the head of quality or the deputy decides a major issue; then it is reported, its receipt kept."""
    matter = case.matter
    if not isinstance(matter, DutyMove) or matter.kind != "major_issue":
        return
    if matter.step == "decided" and matter.decided_by not in matter.heads:
        yield no("head", decided_by=matter.decided_by or None, heads=matter.heads)
    if matter.ends and not matter.decided:
        yield no("undecided", step=matter.step)
    if matter.step in RECEIPTED and not matter.ref.strip():
        yield no("receipt", step=matter.step)


@check("R-ANN-10", "duty")
def submitted_with_receipt(case: Case, params: Parameters) -> Iterator[No]:
    """R-ANN-10: an annual report is in when its receipt is kept."""
    matter = case.matter
    if not isinstance(matter, DutyMove) or matter.kind != "annual_report":
        return
    if matter.step in RECEIPTED and not matter.ref.strip():
        yield no("receipt", step=matter.step)


@check("R-ANN-07", "apply")
def package_complete(case: Case, params: Parameters) -> Iterator[No]:
    """R-ANN-07: every part of the package is there before it is sent."""
    matter = case.matter
    if not isinstance(matter, Application) or case.site is None:
        yield no("incomplete", missing=None)
        return
    missing = [one for one in package_of(case.site.filer.kind) if one not in matter.parts]
    if matter.sending and missing:
        yield no("incomplete", missing=missing)
