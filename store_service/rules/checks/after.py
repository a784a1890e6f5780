"""R-ADR, R-SMP, R-REC, R-PRV: what is asked after the sale, and before anything personal leaves or goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from store_service.rules.case import Case
from store_service.rules.checking import No, check, no
from store_service.rules.dates import beijing_date
from store_service.rules.duties import SEVERITIES
from store_service.rules.matters import (
    PULLED,
    BreachClosing,
    CaseClosing,
    Classification,
    Correction,
    Disposal,
    HoldWord,
    ReactionCase,
    RecallStand,
    RecallWord,
    Submission,
)
from store_service.rules.params import Parameters

GRAVE = ("serious", "social")


@check("R-ADR-01", "reaction")
def opened_in_time(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-01: a case is opened on suspicion, within `case_open_hours` of the first word."""
    matter = case.matter
    if not isinstance(matter, ReactionCase) or matter.aware_at is None:
        return  # R-ADR-02 refuses it
    if case.now - matter.aware_at > timedelta(hours=params.case_open_hours):
        yield no("late", aware_at=matter.aware_at, now_at=case.now, case_open_hours=params.case_open_hours)


@check("R-ADR-02", "reaction")
def first_awareness(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-02: the clock starts at the earliest awareness by anyone; it never starts later than it did."""
    matter = case.matter
    if not isinstance(matter, ReactionCase) or matter.aware_at is None:
        yield no("unknown", aware_at=None)
        return
    if matter.aware_at > case.now:
        yield no("future", aware_at=matter.aware_at, now_at=case.now)
    if matter.known_at is not None and matter.aware_at > matter.known_at:
        yield no("later", aware_at=matter.aware_at, known_at=matter.known_at)


@check("R-ADR-04", "classify")
def classified_by_an_officer(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-04: how grave a case is, a qualified person says, with a reason."""
    matter, staff = case.matter, case.person.staff if case.person else None
    if not isinstance(matter, Classification) or matter.severity not in SEVERITIES[1:]:
        yield no("unknown", severity=matter.severity if isinstance(matter, Classification) else None)
        return
    if staff is None or "officer" not in staff.roles:
        yield no("role", staff_id=case.person.staff_id if case.person else None)
    if not matter.reason.strip():
        yield no("reason", severity=matter.severity, before=matter.before)


@check("R-ADR-04", "submit")
def classified_before_it_goes_out(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-04: a report says how grave the case is; an officer has said so before."""
    matter = case.matter
    if not isinstance(matter, Submission) or matter.severity not in SEVERITIES[1:]:
        yield no("unclassified", severity=matter.severity if isinstance(matter, Submission) else None)


@check("R-ADR-02", "submit")
def receipted(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-02: a report is in when its receipt is there."""
    matter = case.matter
    if not isinstance(matter, Submission) or not matter.receipt.strip():
        yield no("no_receipt", batch=matter.batch if isinstance(matter, Submission) else None)


@check("R-ADR-04", "case_close")
def closed_by_an_officer(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-04: an officer closes a case that somebody has classified, and says why."""
    matter, staff = case.matter, case.person.staff if case.person else None
    if not isinstance(matter, CaseClosing) or matter.severity not in SEVERITIES[1:]:
        yield no("unclassified", severity=matter.severity if isinstance(matter, CaseClosing) else None)
    if staff is None or "officer" not in staff.roles:
        yield no("close_role", staff_id=case.person.staff_id if case.person else None)
    if isinstance(matter, CaseClosing) and not matter.conclusion.strip():
        yield no("conclusion", severity=matter.severity)


@check("R-ADR-02", "case_close")
def reported_before_it_is_closed(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-02: the report went out; a case whose bottle nobody found has nothing to be reported against."""
    matter = case.matter
    if isinstance(matter, CaseClosing) and matter.bottle and not matter.reported:
        yield no("not_reported", severity=matter.severity)


@check("R-ADR-03", "case_close")
def selfchecked_when_grave(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-03: a serious case, or one of large social impact, ends with the filer's self-check report."""
    matter = case.matter
    if isinstance(matter, CaseClosing) and matter.bottle and matter.severity in GRAVE and not matter.selfchecked:
        yield no("no_selfcheck", severity=matter.severity)


@check("R-ADR-05", "submit")
def every_source_named(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-05: against every source's filing number and lot, and the batch of the unit."""
    matter = case.matter
    if not isinstance(matter, Submission) or matter.all_filing_numbers is None or matter.all_lots is None:
        yield no("unknown", batch=None)
        return
    left_out = (matter.all_filing_numbers - matter.filing_numbers) | (matter.all_lots - matter.lots)
    if left_out or not matter.batch:
        yield no("missing", left_out=left_out, batch=matter.batch)


@check("R-ADR-08", "hold")
def held_on_a_persons_word(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-08 as amended: a signal proposes a hold, a person makes it."""
    matter, staff = case.matter, case.person.staff if case.person else None
    if staff is None or "officer" not in staff.roles:
        yield no("role", staff_id=case.person.staff_id if case.person else None)
    if not isinstance(matter, HoldWord) or not (matter.cases or matter.reason.strip()):
        yield no("no_ground", cases=matter.cases if isinstance(matter, HoldWord) else [])


@check("R-ADR-09", "hold")
def held_while_recalled(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-09: a lot under an open recall stays held."""
    matter = case.matter
    if isinstance(matter, HoldWord) and matter.recall:
        yield no("open_recall", recall=matter.recall)


@check("R-ADR-09", "recall")
def recalled_by_an_officer(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-09: an officer opens a real recall and says why: it stops the lot in the same act. Anybody may drill."""
    matter, staff = case.matter, case.person.staff if case.person else None
    if isinstance(matter, RecallWord) and matter.drill:
        return
    if staff is None or "officer" not in staff.roles:
        yield no("role", staff_id=case.person.staff_id if case.person else None)
    if not isinstance(matter, RecallWord) or not matter.reason.strip():
        yield no("reason", reason=None)


@check("R-ADR-09", "recall_close")
def recall_reported(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-09: the filer was told, its provincial MPA has the report, what came back was dealt with; an officer closes
    it."""
    matter, staff = case.matter, case.person.staff if case.person else None
    if not isinstance(matter, RecallStand) or matter.drill:
        return
    if staff is None or "officer" not in staff.roles:
        yield no("role", staff_id=case.person.staff_id if case.person else None)
    if matter.undone:
        yield no("undone", missing=matter.undone)


@check("R-ADR-11", "recall_close")
def everybody_tried(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-11: whoever did not answer is tried through a second channel."""
    matter = case.matter
    if not isinstance(matter, RecallStand) or matter.uncalled is None:
        yield no("unknown", uncalled=None)
        return
    if matter.uncalled:
        yield no("uncalled", uncalled=matter.uncalled, count=len(matter.uncalled))
    if matter.one_channel:
        yield no("one_channel", one_channel=matter.one_channel)


@check("R-ADR-12", "dispose")
def never_back_to_stock(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-12: a unit that came back is destroyed."""
    matter = case.matter
    if not isinstance(matter, Disposal) or (matter.what == "returned" and matter.outcome != "destroyed"):
        yield no("restocked", outcome=matter.outcome if isinstance(matter, Disposal) else None)


@check("R-ADR-14", "dispose")
def returned_by_two(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-14: what came back was weighed, and two persons see it destroyed."""
    yield from _seen_off(case, "returned")


@check("R-BLD-18", "dispose")
def destroyed_with_record(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-18: what failed or may not be used is weighed, and two persons see it destroyed; no evidence goes."""
    yield from _seen_off(case, "waste")


def _seen_off(case: Case, what: str) -> Iterator[No]:
    """What is destroyed was weighed, two persons see it, and no legal hold keeps it."""
    matter = case.matter
    if not isinstance(matter, Disposal) or matter.what != what:
        return
    if matter.weighed_mg is None:
        yield no("not_weighed", weighed_mg=None)
    if matter.second is None or matter.second == matter.by:
        yield no("alone", by=matter.by, second=matter.second)
    if matter.hold:
        yield no("legal_hold", hold=matter.hold)


@check("R-SMP-03", "dispose")
def kept_long_enough(case: Case, params: Parameters) -> Iterator[No]:
    """R-SMP-03: a retained sample stays until so many months after the expiry; a legal hold keeps all of it longer."""
    matter = case.matter
    if not isinstance(matter, Disposal) or matter.what != "sample":
        return
    today = beijing_date(case.now)
    if matter.outcome != PULLED and (matter.due is None or today <= matter.due):
        yield no("early", due_on=matter.due, today=today)
    if matter.hold:
        yield no("legal_hold", hold=matter.hold)


@check("R-SMP-04", "dispose")
def sample_by_two(case: Case, params: Parameters) -> Iterator[No]:
    """R-SMP-04: two persons dispose of a sample."""
    matter = case.matter
    if not isinstance(matter, Disposal) or matter.what != "sample" or matter.outcome == PULLED:
        return
    if matter.second in (None, matter.by):
        yield no("alone", by=matter.by, second=matter.second)


@check("R-REC-05", "correct")
def reasoned(case: Case, params: Parameters) -> Iterator[No]:
    """R-REC-05: nothing is edited; a correction is a new entry that says what, why and by whom."""
    matter = case.matter
    if not isinstance(matter, Correction):
        yield no("no_reason", subject=None, missing=["reason"])
        return
    told = {"subject": matter.subject, "field": matter.field, "value": matter.value, "reason": matter.reason}
    if missing := [key for key, text in told.items() if not text.strip()]:
        yield no("no_reason", subject=matter.subject, missing=missing)


@check("R-PRV-07", "breach_close")
def breach_told(case: Case, params: Parameters) -> Iterator[No]:
    """R-PRV-07: authority and persons are told the kinds, the cause, the harm, the measures and whom to ask."""
    matter = case.matter
    told = matter.told if isinstance(matter, BreachClosing) else {}
    if missing := [key for key in params.breach_fields if not told.get(key, "").strip()]:
        yield no("missing", missing=missing)
