"""Requests, reviews, holds and breaches as they stand; what was erased, by index."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Day, Flag, Instant, Json
from store_service.records.events.privacy import (
    BreachClosed,
    BreachRecorded,
    DataSent,
    ImageKept,
    LegalHoldLifted,
    LegalHoldSet,
    PersonalErased,
    RecommendationMade,
    RecordCorrected,
    ReviewDecided,
    ReviewRequested,
    RightsAnswered,
    RightsRequested,
)
from store_service.records.projection import Projection

from .columns import projected

review = projected(
    "review",
    Column("model_version", Text),
    Column("envelope_id", Text),
    Column("requested_at", Instant),
    Column("open", Flag),
    Column("decision", Text),
    Column("officer_id", Text),
    Column("decided_at", Instant),
)
image = projected("image", Column("pia_ref", Text, nullable=False), Column("keep_until", Day, nullable=False))
rights = projected(
    "rights",
    Column("consumer_ref", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("identified_by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("due", Day, nullable=False),
    Column("open", Flag, nullable=False),
    Column("outcome", Text),
    Column("reason", Text),
    Column("kept", Json),
    Column("kept_until", Day),
    Column("answered_by", Text),
    Column("answered_at", Instant),
    Index("ix_rights_consumer", "store_id", "consumer_ref"),
)
legal_hold = projected(
    "legal_hold",
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("open", Flag, nullable=False),
    Index("ix_legal_hold_subject", "store_id", "subject"),
)
erasure = projected(
    "erasure",
    Column("subject", Text, nullable=False),
    Column("kinds", Json, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_erasure_subject", "store_id", "subject"),
)
breach = projected(
    "breach",
    Column("kinds", Text, nullable=False),
    Column("aware_at", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    Column("open", Flag, nullable=False),
    Column("told", Json),
    Column("closed_at", Instant),
)
correction = projected(
    "correction",
    Column("subject", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_correction_subject", "store_id", "subject"),
)
sending = projected(
    "sending",
    Column("inspection_id", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("personal", Flag, nullable=False),
    Column("request_ref", Text, nullable=False),
    Column("day_from", Day, nullable=False),
    Column("day_to", Day, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_sending_at", "store_id", "at"),
)

reviews = Projection(review)
reviews.on(
    RecommendationMade,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {"model_version": p.model_version, "envelope_id": p.envelope_id, "open": bool(row["open"])},
)
reviews.on(
    ReviewRequested,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {"requested_at": e.at, "open": True, "decision": None},
)
reviews.on(
    ReviewDecided,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {"open": False, "decision": p.decision, "officer_id": p.officer_id, "decided_at": e.at},
)

images = Projection(image)
images.on(
    ImageKept,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {"pia_ref": p.pia_ref, "keep_until": p.keep_until},
)

requests = Projection(rights)
requests.on(
    RightsRequested,
    by=lambda p: p.request_id,
    then=lambda row, p, e: {
        "consumer_ref": p.consumer_ref,
        "kind": p.kind,
        "identified_by": p.identified_by,
        "at": e.at,
        "due": p.due,
        "open": True,
    },
)
requests.on(
    RightsAnswered,
    by=lambda p: p.request_id,
    then=lambda row, p, e: {
        "open": False,
        "outcome": p.outcome,
        "reason": p.reason,
        "kept": list(p.kept),
        "kept_until": p.kept_until,
        "answered_by": p.by,
        "answered_at": e.at,
    },
)

legal_holds = Projection(legal_hold)
legal_holds.on(
    LegalHoldSet,
    by=lambda p: p.hold_id,
    then=lambda row, p, e: {"subject": p.subject, "reason": p.reason, "by": p.by, "at": e.at, "open": True},
)
legal_holds.on(LegalHoldLifted, by=lambda p: p.hold_id, then=lambda row, p, e: {"open": False})

erasures = Projection(erasure, by_index=True)
erasures.on(
    PersonalErased,
    by=lambda p: p.subject,
    then=lambda row, p, e: {"subject": p.subject, "kinds": list(p.kinds), "why": p.why, "at": e.at},
)

breaches = Projection(breach)
breaches.on(
    BreachRecorded,
    by=lambda p: p.breach_id,
    then=lambda row, p, e: {"kinds": p.kinds, "aware_at": p.aware_at, "at": e.at, "open": True},
)
breaches.on(
    BreachClosed,
    by=lambda p: p.breach_id,
    then=lambda row, p, e: {
        "open": False,
        "told": p.model_dump(mode="json", exclude={"breach_id", "by"}),
        "closed_at": e.at,
    },
)

corrections = Projection(correction, by_index=True)
corrections.on(
    RecordCorrected,
    by=lambda p: p.subject,
    then=lambda row, p, e: {
        "subject": p.subject,
        "field": p.field,
        "value": p.value,
        "reason": p.reason,
        "by": p.by,
        "at": e.at,
    },
)

sendings = Projection(sending)
sendings.on(
    DataSent,
    by=lambda p: p.sending_id,
    then=lambda row, p, e: {
        "inspection_id": p.inspection_id,
        "recipient": p.recipient,
        "country": p.country,
        "personal": p.personal,
        "request_ref": p.request_ref,
        "day_from": p.day_from,
        "day_to": p.day_to,
        "sha256": p.sha256,
        "by": p.by,
        "at": e.at,
    },
)
