"""One row a visit. No personal data."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Flag, Instant, Int, Json
from store_service.records.events.consultation import (
    AllergyDecided,
    ConsentRecorded,
    ConsultationChanged,
    ConsultationRecorded,
    NoticeShown,
    ServiceCancelled,
    ServiceExplained,
    ServiceHandedOver,
    ServiceOpened,
    VerdictGiven,
)
from store_service.records.events.privacy import ConsentWithdrawn
from store_service.records.projection import Projection

from .columns import projected

service = projected(
    "service",
    Column("consumer_ref", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("notice_version", Text),
    Column("consents", Json, nullable=False),
    Column("consulted_at", Instant),
    Column("consultation_version", Text),
    Column("commitment", Text),
    Column("guardian_consent", Flag),
    Column("decisions", Json, nullable=False),
    Column("verdict_at", Instant),
    Column("verdict_idx", Int),
    Column("allowed", Flag),
    Column("verdict", Json),
    Column("explained_at", Instant),
    Column("explained", Json),
    Column("handed_over_at", Instant),
    Column("contact_left", Flag),
    Column("recall_card", Flag),
    Index("ix_service_state", "store_id", "state", "opened_at"),
)

services = Projection(service)
services.on(
    ServiceOpened,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {
        "consumer_ref": p.consumer_ref,
        "state": "open",
        "opened_at": e.at,
        "opened_by": e.actor,
        "consents": {},
        "decisions": {},
    },
)
services.on(NoticeShown, by=lambda p: p.service_id, then=lambda row, p, e: {"notice_version": p.version})
services.on(
    ConsentRecorded,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {"consents": {**row["consents"], p.purpose: {"version": p.version, "given": p.given}}},
)
services.on(
    ConsentWithdrawn,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {
        "consents": {
            **row["consents"],
            p.purpose: {**row["consents"].get(p.purpose, {}), "given": False, "withdrawn": True},
        },
        # What was allowed before does not allow what has not begun yet.
        "allowed": None if row["state"] == "open" else row["allowed"],
        "verdict_at": None if row["state"] == "open" else row["verdict_at"],
    },
)
services.on(
    ConsultationRecorded,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {
        "consulted_at": e.at,
        "consultation_version": p.version,
        "commitment": p.commitment,
        "guardian_consent": p.guardian_consent,
        "allowed": None,
        "verdict_at": None,
    },
)
services.on(
    ConsultationChanged, by=lambda p: p.service_id, then=lambda row, p, e: {"allowed": None, "verdict_at": None}
)
services.on(
    AllergyDecided,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {"decisions": {**row["decisions"], p.allergen: p.decision}},
)
services.on(
    VerdictGiven,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {
        "verdict_at": e.at,
        "verdict_idx": e.idx,
        "allowed": p.allowed,
        "verdict": p.model_dump(mode="json"),
    },
)
services.on(
    ServiceExplained,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {"explained_at": e.at, "explained": {"by": p.by, "items": list(p.items)}},
)
services.on(
    ServiceHandedOver,
    by=lambda p: p.service_id,
    then=lambda row, p, e: {
        "state": "handed_over",
        "handed_over_at": e.at,
        "contact_left": p.contact_left,
        "recall_card": p.recall_card,
    },
)
services.on(ServiceCancelled, by=lambda p: p.service_id, then=lambda row, p, e: {"state": "cancelled"})
