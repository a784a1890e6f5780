"""Inspections with their notes, and duties with their steps."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Day, Flag, Instant, Int, Json
from store_service.records.events.duties import (
    DutyDecided,
    DutyOpened,
    DutyPartAdded,
    DutyStepped,
    FindingClosed,
    InspectionClosed,
    InspectionNoted,
    InspectionOpened,
)
from store_service.records.projection import Projection

from .columns import projected

inspection = projected(
    "inspection",
    Column("authority", Text, nullable=False),
    Column("persons", Int, nullable=False),
    Column("ids_shown", Flag, nullable=False),
    Column("scope", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("open", Flag, nullable=False),
    Column("conclusion", Text),
    Column("closed_at", Instant),
)
inspection_note = projected(
    "inspection_note",
    Column("inspection_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("due", Day),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("open", Flag, nullable=False),
    Column("measure", Text),
    Index("ix_inspection_note_inspection", "store_id", "inspection_id"),
)
duty = projected(
    "duty",
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("due", Day),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("open", Flag, nullable=False),
    Column("steps", Json, nullable=False),
    Column("parts", Json),
    Index("ix_duty_kind", "store_id", "kind", "subject"),
)

inspections = Projection(inspection)
inspections.on(
    InspectionOpened,
    by=lambda p: p.inspection_id,
    then=lambda row, p, e: {
        "authority": p.authority,
        "persons": p.persons,
        "ids_shown": p.ids_shown,
        "scope": p.scope,
        "by": p.by,
        "at": e.at,
        "open": True,
    },
)
inspections.on(
    InspectionClosed,
    by=lambda p: p.inspection_id,
    then=lambda row, p, e: {"open": False, "conclusion": p.conclusion, "closed_at": e.at},
)

inspection_notes = Projection(inspection_note)
inspection_notes.on(
    InspectionNoted,
    by=lambda p: p.note_id,
    then=lambda row, p, e: {
        "inspection_id": p.inspection_id,
        "kind": p.kind,
        "ref": p.ref,
        "detail": p.detail,
        "due": p.due,
        "by": p.by,
        "at": e.at,
        "open": p.kind == "finding",
    },
)
inspection_notes.on(FindingClosed, by=lambda p: p.note_id, then=lambda row, p, e: {"open": False, "measure": p.measure})

duties = Projection(duty)
duties.on(
    DutyOpened,
    by=lambda p: p.duty_id,
    then=lambda row, p, e: {
        "kind": p.kind,
        "subject": p.subject,
        "detail": p.detail,
        "due": p.due,
        "by": p.by,
        "at": e.at,
        "open": True,
        "steps": [],
    },
)
duties.on(
    DutyStepped,
    by=lambda p: p.duty_id,
    then=lambda row, p, e: {
        "steps": [
            *row["steps"],
            {"step": p.step, "ref": p.ref, "detail": p.detail, "on": p.on.isoformat(), "by": p.by},
        ],
        "open": not p.done,
    },
)
duties.on(
    DutyPartAdded,
    by=lambda p: p.duty_id,
    then=lambda row, p, e: {"parts": (row["parts"] or {}) | {p.part: p.ref}},
)
duties.on(
    DutyDecided,
    by=lambda p: p.duty_id,
    then=lambda row, p, e: {
        "steps": [
            *row["steps"],
            {
                "step": "decided",
                "ref": p.ref,
                "detail": p.decision,
                "on": p.on.isoformat(),
                "by": p.by,
                "decided_by": p.decided_by,
            },
        ]
    },
)
