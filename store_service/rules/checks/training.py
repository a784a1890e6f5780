"""R-PPL: what a person learned, and when it was proved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from store_service.rules.case import Case
from store_service.rules.checking import No, check, no
from store_service.rules.dates import beijing_date
from store_service.rules.params import Parameters

from .people import AT_THE_BENCH


@check("R-PPL-03", *AT_THE_BENCH)
def examined(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-03: the examination is passed and not too long ago; a certificate where the province asks for one."""
    staff = case.person.staff if case.person else None
    if staff is None:
        return
    today = beijing_date(case.now)
    if staff.exam_on is None or staff.exam_score is None:
        yield no("no_exam", staff_id=staff.staff_id, exam_on=None)
    elif staff.exam_score < params.exam_pass_score:
        yield no("failed", staff_id=staff.staff_id, exam_score=staff.exam_score, pass_score=params.exam_pass_score)
    elif today > staff.exam_on + timedelta(days=params.training_valid_days):
        valid_to = staff.exam_on + timedelta(days=params.training_valid_days)
        yield no("exam_old", staff_id=staff.staff_id, exam_on=staff.exam_on, valid_to=valid_to, today=today)
    needed = params.required_certificate
    if needed and needed not in staff.certificates:
        yield no("certificate", staff_id=staff.staff_id, needed_certificate=needed, certificates=staff.certificates)


@check("R-PPL-06", *AT_THE_BENCH)
def trained_this_year(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-06: a lesson within the year or no work; a required lesson that is missing is asked about once a shift."""
    staff = case.person.staff if case.person else None
    if staff is None:
        yield no("unknown", staff_id=case.person.staff_id if case.person else None)
        return
    since = beijing_date(case.now) - timedelta(days=params.training_valid_days)
    done = {one.lesson for one in staff.training if one.completed_on >= since}
    if not done:
        yield no("none", staff_id=staff.staff_id, since=since)
    elif missing := [lesson for lesson in params.required_lessons if lesson not in done]:
        yield no("incomplete", staff_id=staff.staff_id, lessons=missing, since=since)
