"""What a duty takes beside its steps: an annual report's receipt, an application's parts, the decision of the head."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, select

from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.privacy.commands import case_of
from store_service.records.desk import Actor, Desk, OutOfStep
from store_service.records.events.duties import DutyDecided, DutyOpened, DutyPartAdded, DutyStepped
from store_service.records.projections.duties import duty
from store_service.rules.dates import beijing_date
from store_service.rules.matters import DutyMove
from store_service.rules.readiness import HERE
from store_service.rules.rounds import PACKAGE

from . import queries
from .rounds import day_of, report_subject

HEAD = ("R-PPL-01", "quality-safety-head")
"""The document of the readiness register whose owner is the head of quality."""


def report_annual(desk: Desk, actor: Actor, product_id: str, year: int, receipt: str, on: date | None = None) -> str:
    """A product's annual report went out, with its receipt; returns the duty's id, an open one where there is one. Gate
    `duty` (R-ANN-10). Raises ValueError for a product that is not in the register, a year that is not over or a day to
    come."""
    day = day_of(desk, on)
    with desk.act(actor.staff_id, {"report": f"{product_id}/{year}"}) as act:
        subject = report_subject(act.connection, desk, f"{product_id}/{year}")
        move = DutyMove("annual_report", "submitted", receipt, ends=True)
        desk.require(act, "duty", case_of(desk, act, actor.staff_id, move), subject)
        query = select(duty.c.id).where(
            duty.c.store_id == desk.site_id,
            duty.c.kind == "annual_report",
            duty.c.subject == subject,
            duty.c.open.is_(True),
        )
        duty_id = act.connection.execute(query.order_by(duty.c.id).limit(1)).scalar()
        if duty_id is None:
            duty_id = desk.new_id("y")
            act.record(
                DutyOpened(
                    duty_id=duty_id, kind="annual_report", subject=subject, detail="", due=None, by=actor.staff_id
                )
            )
        act.record(
            DutyStepped(
                duty_id=duty_id,
                step="submitted",
                ref=receipt.strip(),
                detail="",
                on=day,
                done=True,
                by=actor.staff_id,
            )
        )
    return str(duty_id)


def add_part(desk: Desk, actor: Actor, duty_id: str, part: str, ref: str) -> None:
    """A part of an application's package is there, under a document number (R-ANN-07). Raises OutOfStep for what is no
    open application, ValueError."""
    if part not in PACKAGE:
        raise ValueError("part: is not offered")
    if not ref.strip():
        raise ValueError("receipt: the document's number is needed")
    with desk.act(actor.staff_id, {"duty": duty_id}) as act:
        found = queries.find_duty(act.connection, desk.site_id, duty_id)
        if found.kind != "pilot_application" or not found.open:
            raise OutOfStep("other_duty" if found.open else "done", "open application")
        act.record(DutyPartAdded(duty_id=duty_id, part=part, ref=ref.strip(), by=actor.staff_id))


def heads(connection: Connection, desk: Desk) -> tuple[str, ...]:
    """The head of quality and the deputy, as the documents that are in force for this shop today name them; nobody
    where the readiness register is silent."""
    register, today = registers(connection, desk.site_id, LAST_KNOWN).readiness, beijing_date(desk.now())
    rows = [
        one
        for one in (register.documents if register else ())
        if (one.rule, one.document) == HEAD
        and (HERE in one.store_ids or desk.site_id in one.store_ids)
        and one.valid_from <= today <= one.valid_to
    ]
    return tuple(dict.fromkeys(one for row in rows for one in (row.owner, row.deputy) if one))


def decide(desk: Desk, actor: Actor, duty_id: str, decided_by: str, decision: str, ref: str) -> None:
    """What the head of quality decided of a major issue, with the number of the decision; entered by an officer or the
    manager. Gate `duty` (R-ANN-08). Raises OutOfStep for what is no open major issue."""
    with desk.act(actor.staff_id, {"duty": duty_id}) as act:
        found = queries.find_duty(act.connection, desk.site_id, duty_id)
        if found.kind != "major_issue" or not found.open:
            raise OutOfStep("other_duty" if found.open else "done", "open major issue")
        named = heads(act.connection, desk)
        move = DutyMove(found.kind, "decided", ref, ends=False, decided_by=decided_by, heads=named)
        desk.require(act, "duty", case_of(desk, act, actor.staff_id, move), duty_id)
        act.record(
            DutyDecided(
                duty_id=duty_id,
                decided_by=decided_by,
                decision=decision.strip(),
                ref=ref.strip(),
                on=beijing_date(desk.now()),
                by=actor.staff_id,
            )
        )
