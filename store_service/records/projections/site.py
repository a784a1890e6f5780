"""How the site stands: clock, shift; and what was refused or accepted against a warning."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Flag, Instant, Int, Json
from store_service.records.event import Event
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
from store_service.records.projection import Change, Projection, Row

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
    Column("saying", Text),
    Column("facts", Json),
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
Said = ActRefused | SecondAsked | SecondGiven | WarningAccepted
KINDS: dict[type[Said], str] = {
    ActRefused: "refusal",
    WarningAccepted: "warning",
    SecondAsked: SECOND_ASKED,
    SecondGiven: SECOND_GIVEN,
}


def _said(row: Row, p: Said, e: Event) -> Change:
    return {
        "idx": e.idx,
        "at": e.at,
        "gate": "" if isinstance(p, SecondGiven) else p.gate,
        "subject": p.subject,
        "kind": KINDS[type(p)],
        "rules": list(p.rules) if isinstance(p, ActRefused) else [p.rule],
        "reason": p.reason if isinstance(p, SecondAsked | WarningAccepted) else None,
        "actor": e.actor if isinstance(p, ActRefused) else p.by,
        "saying": p.saying if isinstance(p, WarningAccepted) else None,
        "facts": dict(p.facts) if isinstance(p, WarningAccepted) else None,
    }


for _kind in KINDS:
    findings.on(_kind, by=lambda p: "", then=_said)
