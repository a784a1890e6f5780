"""An authority's visit with all that it took and found (R-ANN-09), duties and their steps, corrections, exports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from store_service.privacy.commands import case_of
from store_service.privacy.vault import Vault
from store_service.records.desk import Actor, Desk, OutOfStep
from store_service.records.events.duties import (
    DutyOpened,
    DutyStepped,
    FindingClosed,
    InspectionClosed,
    InspectionNoted,
    InspectionOpened,
)
from store_service.records.events.privacy import DataSent, RecordCorrected
from store_service.rules.ahead import RENEWAL_WORKDAYS
from store_service.rules.dates import beijing_date
from store_service.rules.matters import Application, Correction, DutyMove, Sending

from . import queries
from .rounds import day_of, report_subject

NOTES = ("copy", "sample", "seal", "finding")
DUTIES = (
    "annual_report", "self_inspection", "pilot_report", "pilot_application", "major_issue", "change_report",
    "change_of_name", "licence_renewal", "restart_check", "recall_drill",
)  # fmt: skip
REPORTED_WITHIN = {"change_report": 10, "change_of_name": 30, "restart_check": 10}
"""Working days: head of quality or contact; name, address or legal person; what a shop found before its restart."""
STEPS = ("prepared", "submitted", "assessed", "findings", "corrected", "published", "reported", "done")
RECIPIENTS = ("authority", "filer", "processor", "controller", "person")


def open_inspection(
    desk: Desk, vault: Vault, actor: Actor, authority: str, persons: Sequence[str], *, ids_shown: bool, scope: str
) -> str:
    """The authority is here; returns the visit's id. The names of its people are sealed in the vault.

    Fewer than two persons or no ID shown is noted, never a reason to refuse: the shop cooperates (R-SYN-05).
    """
    names = [one.strip() for one in persons if one.strip()]
    if not authority.strip() or not names:
        raise ValueError("authority: and the persons are needed")
    inspection_id = desk.new_id("i")
    with desk.act(actor.staff_id, {"inspection": inspection_id}) as act:
        act.record(
            InspectionOpened(
                inspection_id=inspection_id,
                authority=authority.strip(),
                persons=len(names),
                ids_shown=ids_shown,
                scope=scope.strip(),
                told=vault.put("inspectors", inspection_id, {"names": names}, desk.now()),
                by=actor.staff_id,
            )
        )
    return inspection_id


def note(
    desk: Desk, actor: Actor, inspection_id: str, kind: str, ref: str, detail: str, due: date | None = None
) -> str:
    """What was copied, sampled, sealed or found; returns the note's id. A sample or a seal names its receipt."""
    if kind not in NOTES:
        raise ValueError("kind: is not offered")
    if kind in ("sample", "seal") and not ref.strip():
        raise ValueError("ref: the receipt's number is needed")
    note_id = desk.new_id("n")
    with desk.act(actor.staff_id, {"inspection": inspection_id}) as act:
        found = queries.find_inspection(act.connection, desk.site_id, inspection_id)
        if not found.open:
            raise OutOfStep("closed", "open")
        act.record(
            InspectionNoted(
                inspection_id=inspection_id,
                note_id=note_id,
                kind=kind,
                ref=ref.strip(),
                detail=detail.strip(),
                due=due,
                by=actor.staff_id,
            )
        )
    return note_id


def close_finding(desk: Desk, actor: Actor, note_id: str, measure: str) -> None:
    """What was done about a finding. Raises OutOfStep for what is no open finding."""
    if not measure.strip():
        raise ValueError("measure: is needed")
    with desk.act(actor.staff_id, {"note": note_id}) as act:
        found = queries.find_note(act.connection, desk.site_id, note_id)
        if not found.open:
            raise OutOfStep("closed", "open finding")
        act.record(
            FindingClosed(
                inspection_id=found.inspection_id, note_id=note_id, measure=measure.strip(), by=actor.staff_id
            )
        )


def close_inspection(desk: Desk, actor: Actor, inspection_id: str, conclusion: str) -> None:
    """The visit is over; its findings may stay open. Raises OutOfStep."""
    with desk.act(actor.staff_id, {"inspection": inspection_id}) as act:
        found = queries.find_inspection(act.connection, desk.site_id, inspection_id)
        if not found.open:
            raise OutOfStep("closed", "open")
        act.record(InspectionClosed(inspection_id=inspection_id, conclusion=conclusion.strip(), by=actor.staff_id))


def open_duty(desk: Desk, actor: Actor, kind: str, subject: str, detail: str = "", due: date | None = None) -> str:
    """Something to be done by a day (R-ANN-02 to 08); returns its id. Where no day is given it is the law's, by the
    table of working days, if the law has one. An annual report names product/year of the register (ValueError); an
    application asks gate `apply` (R-SCP-08)."""
    if kind not in DUTIES:
        raise ValueError("kind: is not offered")
    due = due or _due(desk, kind)
    duty_id = desk.new_id("y")
    with desk.act(actor.staff_id, {"duty": duty_id}) as act:
        if kind == "annual_report":
            subject = report_subject(act.connection, desk, subject.strip())
        if kind == "pilot_application":
            case = case_of(desk, act, actor.staff_id, Application(sending=False))
            desk.require(act, "apply", case, duty_id)
        act.record(
            DutyOpened(
                duty_id=duty_id, kind=kind, subject=subject.strip(), detail=detail.strip(), due=due, by=actor.staff_id
            )
        )
    return duty_id


def _due(desk: Desk, kind: str) -> date | None:
    """R-ANN-03, 04: so many working days from today; R-ANN-05: before the licence ends."""
    workdays = desk.ruleset.workdays
    if kind == "licence_renewal" and desk.site is not None:
        return workdays.before(desk.site.filer.licence.valid_to, RENEWAL_WORKDAYS)
    days = REPORTED_WITHIN.get(kind)
    return workdays.after(beijing_date(desk.now()), days) if days else None


def step_duty(
    desk: Desk,
    actor: Actor,
    duty_id: str,
    step: str,
    ref: str = "",
    detail: str = "",
    on: date | None = None,
) -> None:
    """One step on its way, with the receipt or document number; `published`, `reported` and `done` end it. Gate `duty`;
    an application is sent when its package is complete, gate `apply`. Raises ValueError for a day to come."""
    if step not in STEPS:
        raise ValueError("step: is not offered")
    day = day_of(desk, on)
    with desk.act(actor.staff_id, {"duty": duty_id}) as act:
        found = queries.find_duty(act.connection, desk.site_id, duty_id)
        if not found.open:
            raise OutOfStep("done", "open")
        ends = step in ("published", "reported", "done") or (step == "submitted" and found.kind == "annual_report")
        decided = any(one["step"] == "decided" for one in found.steps)
        move = DutyMove(found.kind, step, ref, ends or step == "submitted", decided)
        desk.require(act, "duty", case_of(desk, act, actor.staff_id, move), duty_id)
        if found.kind == "pilot_application" and (ends or step == "submitted"):
            package = Application(sending=True, parts=frozenset(found.parts or ()))
            desk.require(act, "apply", case_of(desk, act, actor.staff_id, package), duty_id)
        act.record(
            DutyStepped(
                duty_id=duty_id,
                step=step,
                ref=ref.strip(),
                detail=detail.strip(),
                on=day,
                done=ends,
                by=actor.staff_id,
            )
        )


def correct(desk: Desk, actor: Actor, subject: str, field: str, value: str, reason: str) -> None:
    """A correction beside what stands; nothing is edited (R-REC-05). Gate `correct`."""
    with desk.act(actor.staff_id, {"subject": subject}) as act:
        matter = Correction(subject, field, value, reason)
        desk.require(act, "correct", case_of(desk, act, actor.staff_id, matter), subject or "correction")
        act.record(
            RecordCorrected(
                subject=subject, field=field.strip(), value=value.strip(), reason=reason.strip(), by=actor.staff_id
            )
        )


def may_send(desk: Desk, actor: Actor, wish: Sending) -> None:
    """Gate `send`, before anything is gathered. Raises Refused, ValueError for a recipient that is not offered."""
    if wish.recipient not in RECIPIENTS:
        raise ValueError("recipient: is not offered")
    with desk.act(actor.staff_id, keyed=False) as act:
        desk.require(act, "send", case_of(desk, act, actor.staff_id, wish), "export")


def send(
    desk: Desk, actor: Actor, wish: Sending, day_from: date, day_to: date, sha256: str, inspection_id: str = ""
) -> str:
    """An export leaves the shop: asked before, on record after (R-PRV-04, 05, 08). Gate `send`. Raises Missing for an
    inspection that is none."""
    may_send(desk, actor, wish)
    sending_id = desk.new_id("e")
    with desk.act(actor.staff_id, {"sending": sending_id}) as act:
        if inspection_id:
            queries.find_inspection(act.connection, desk.site_id, inspection_id)
        act.record(
            DataSent(
                sending_id=sending_id,
                recipient=wish.recipient,
                country=wish.country,
                personal=wish.personal,
                request_ref=wish.request_ref.strip(),
                day_from=day_from,
                day_to=day_to,
                sha256=sha256,
                by=actor.staff_id,
                inspection_id=inspection_id,
            )
        )
    return sending_id
