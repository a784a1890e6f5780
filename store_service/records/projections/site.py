"""How the site stands: clock, shift; and what was refused or accepted against a warning."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Flag, Instant, Int, Json
from store_service.records.events.site import (
    ActRefused,
    ClockConfirmed,
    ClockStepped,
    SecondAsked,
    SecondGiven,
    ServiceStarted,
    ShiftClosed,
    ShiftOpened,
    WarningAccepted,
)
from store_service.records.projection import Projection

from .columns import projected

SITE = "site"
SECOND_ASKED, SECOND_GIVEN = "second_asked", "second_given"
"""Kinds of finding beside "refusal" and "warning"."""

site_state = projected(
    "site_state",
    Column("clock_ok", Flag),
    Column("behind_ms", Int),
    Column("shift_open", Flag),
    Column("shift_at", Instant),
    Column("officer_id", Text),
    Column("ruleset_sha256", Text),
    Column("build", Text),
)

finding = projected(
    "finding",
    Column("idx", Int, nullable=False),
    Column("at", Instant, nullable=False),
    Column("gate", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("rules", Json, nullable=False),
    Column("reason", Text),
    Column("actor", Text, nullable=False),
    Index("ix_finding_subject", "store_id", "subject"),
)

states = Projection(site_state)
states.on(
    ServiceStarted,
    by=lambda p: SITE,
    then=lambda row, p, e: {
        "ruleset_sha256": p.ruleset_sha256,
        "build": p.build,
        "clock_ok": row["clock_ok"] is not False,
        "shift_open": bool(row["shift_open"]),
    },
)
states.on(ClockStepped, by=lambda p: SITE, then=lambda row, p, e: {"clock_ok": False, "behind_ms": p.behind_ms})
states.on(ClockConfirmed, by=lambda p: SITE, then=lambda row, p, e: {"clock_ok": True, "behind_ms": None})
states.on(
    ShiftOpened,
    by=lambda p: SITE,
    then=lambda row, p, e: {"shift_open": True, "shift_at": e.at, "officer_id": p.officer_id},
)
states.on(ShiftClosed, by=lambda p: SITE, then=lambda row, p, e: {"shift_open": False, "officer_id": None})

findings = Projection(finding, by_index=True)
findings.on(
    ActRefused,
    by=lambda p: "",
    then=lambda row, p, e: {
        "idx": e.idx,
        "at": e.at,
        "gate": p.gate,
        "subject": p.subject,
        "kind": "refusal",
        "rules": list(p.rules),
        "actor": e.actor,
    },
)
findings.on(
    WarningAccepted,
    by=lambda p: "",
    then=lambda row, p, e: {
        "idx": e.idx,
        "at": e.at,
        "gate": p.gate,
        "subject": p.subject,
        "kind": "warning",
        "rules": [p.rule],
        "reason": p.reason,
        "actor": p.by,
    },
)
findings.on(
    SecondAsked,
    by=lambda p: "",
    then=lambda row, p, e: {
        "idx": e.idx,
        "at": e.at,
        "gate": p.gate,
        "subject": p.subject,
        "kind": SECOND_ASKED,
        "rules": [p.rule],
        "reason": p.reason,
        "actor": p.by,
    },
)
findings.on(
    SecondGiven,
    by=lambda p: "",
    then=lambda row, p, e: {
        "idx": e.idx,
        "at": e.at,
        "gate": "",
        "subject": p.subject,
        "kind": SECOND_GIVEN,
        "rules": [p.rule],
        "actor": p.by,
    },
)
