"""Deviations, open and closed."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Flag, Instant
from store_service.records.events.quality import DeviationClosed, DeviationRecorded
from store_service.records.projection import Projection

from .columns import projected

deviation = projected(
    "deviation",
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("open", Flag, nullable=False),
    Column("decision", Text),
    Column("closed_by", Text),
    Column("second", Text),
    Column("closed_at", Instant),
    Index("ix_deviation_subject", "store_id", "subject"),
)

deviations = Projection(deviation)
deviations.on(
    DeviationRecorded,
    by=lambda p: p.deviation_id,
    then=lambda row, p, e: {
        "subject": p.subject,
        "kind": p.kind,
        "detail": p.detail,
        "by": p.by,
        "at": e.at,
        "open": True,
    },
)
deviations.on(
    DeviationClosed,
    by=lambda p: p.deviation_id,
    then=lambda row, p, e: {
        "open": False,
        "decision": p.decision,
        "closed_by": p.by,
        "second": p.second,
        "closed_at": e.at,
    },
)
