"""How the site stands: clock, shift; and what was refused or accepted against a warning."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Flag, Instant, Int, Json
from store_service.records.event import Event
from store_service.records.events.site import (
    ActRefused,
    ClockConfirmed,
    ClockStepped,
    SecondAnswered,
    SecondAsked,
    SecondGiven,
    SecondReceived,
    ServiceStarted,
    ShiftClosed,
    ShiftOpened,
    WarningAccepted,
)
from store_service.records.projection import Change, Projection, Row

from .columns import projected

SITE = "site"
SECOND_ASKED, SECOND_GIVEN = "second_asked", "second_given"
SECOND_DECLINED, SECOND_WITHOUT_EFFECT = "second_declined", "second_without_effect"
"""Kinds of finding beside "refusal" and "warning"."""
HEAD_OFFICE = "head_office"
"""Where somebody signed; None is the shop itself."""

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
    Column("zh", Text),
    Column("en", Text),
    Column("place", Text),
    Column("asked_idx", Int),
    Column("saying", Text),
    Column("facts", Json),
    Index("ix_finding_subject", "store_id", "subject"),
    Index("ix_finding_kind", "kind", "at"),
)
"""`zh`, `en`: the words of a request; `place`, `asked_idx`: where an answer was given, and to which request."""

second_answer = projected(
    "second_answer",
    Column("shop", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("asked_idx", Int, nullable=False),
    Column("asked_sha256", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("agreed", Flag, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_second_answer_shop", "store_id", "shop", "at"),
)
"""Head office's answers to its shops' requests, one for each request."""

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
    then=lambda row, p, e: {"shift_open": True, "shift_at": e.at, "officer_id": p.officer_id or None},
)
states.on(ShiftClosed, by=lambda p: SITE, then=lambda row, p, e: {"shift_open": False, "officer_id": None})

findings = Projection(finding, by_index=True)
Said = ActRefused | SecondAsked | SecondGiven | SecondReceived | WarningAccepted
KINDS: dict[type[Said], str] = {
    ActRefused: "refusal",
    WarningAccepted: "warning",
    SecondAsked: SECOND_ASKED,
    SecondGiven: SECOND_GIVEN,
    SecondReceived: SECOND_WITHOUT_EFFECT,
}
SETTLED = "settled"


def _kind(p: Said) -> str:
    if isinstance(p, SecondReceived) and p.effect == SETTLED:
        return SECOND_GIVEN if p.agreed else SECOND_DECLINED
    return KINDS[type(p)]


def _said(row: Row, p: Said, e: Event) -> Change:
    return {
        "idx": e.idx,
        "at": e.at,
        "gate": "" if isinstance(p, SecondGiven | SecondReceived) else p.gate,
        "subject": p.subject,
        "kind": _kind(p),
        "rules": list(p.rules) if isinstance(p, ActRefused) else [p.rule],
        "reason": p.reason if isinstance(p, SecondAsked | SecondReceived | WarningAccepted) else None,
        "actor": e.actor if isinstance(p, ActRefused) else p.by,
        "zh": p.zh if isinstance(p, SecondAsked) else None,
        "en": p.en if isinstance(p, SecondAsked) else None,
        "place": HEAD_OFFICE if isinstance(p, SecondReceived) else None,
        "asked_idx": p.asked_idx if isinstance(p, SecondReceived) else None,
        "saying": p.saying if isinstance(p, WarningAccepted) else None,
        "facts": dict(p.facts) if isinstance(p, WarningAccepted) else None,
    }


for _payload in KINDS:
    findings.on(_payload, by=lambda p: "", then=_said)

answers = Projection(second_answer)
answers.on(
    SecondAnswered,
    by=lambda p: f"{p.origin} {p.asked_idx}",
    then=lambda row, p, e: {
        "shop": p.store_id,
        "origin": p.origin,
        "asked_idx": p.asked_idx,
        "asked_sha256": p.asked_sha256,
        "subject": p.subject,
        "rule": p.rule,
        "agreed": p.agreed,
        "reason": p.reason,
        "by": p.by,
        "at": e.at,
    },
)
