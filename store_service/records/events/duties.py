"""Inspections, and what comes round every year. Inspectors' names stay in the vault."""

from datetime import date

from store_service.records.event import Payload


class InspectionOpened(Payload, type="inspection.opened"):
    """The authority is here. `persons` showed an ID; their names are sealed, `told` is the commitment."""

    inspection_id: str
    authority: str
    persons: int
    ids_shown: bool
    scope: str
    told: str
    by: str


class InspectionNoted(Payload, type="inspection.noted"):
    """`kind`: copy, sample, seal or finding. `ref` is the receipt or document number; a finding may have a due date."""

    inspection_id: str
    note_id: str
    kind: str
    ref: str
    detail: str
    due: date | None
    by: str


class FindingClosed(Payload, type="inspection.finding_closed"):
    inspection_id: str
    note_id: str
    measure: str
    by: str


class InspectionClosed(Payload, type="inspection.closed"):
    inspection_id: str
    conclusion: str
    by: str


class DutyOpened(Payload, type="duty.opened"):
    """Something to be done by a day. `kind`: annual_report, self_inspection, pilot_report, pilot_application,
    major_issue, change_report, change_of_name, licence_renewal, restart_check, recall_drill; `subject` a product, year
    or document."""

    duty_id: str
    kind: str
    subject: str
    detail: str
    due: date | None
    by: str


class DutyStepped(Payload, type="duty.stepped"):
    """One step on its way: submitted, assessed, findings, published, reported, done …; `done` ends it."""

    duty_id: str
    step: str
    ref: str
    detail: str
    on: date
    done: bool
    by: str


class DutyPartAdded(Payload, type="duty.part_added"):
    """A part of an application's package is there (R-ANN-07): form, plan, product_list, system_documents, officer_cvs
    or authorisation; `ref` is its document number."""

    duty_id: str
    part: str
    ref: str
    by: str


class DutyDecided(Payload, type="duty.decided"):
    """The head of quality, or the deputy, decided a major issue (R-ANN-08); `ref` is the decision's number, `by` who
    entered it."""

    duty_id: str
    decided_by: str
    decision: str
    ref: str
    on: date
    by: str
