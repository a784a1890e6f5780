"""Head office's own tables, on the log's metadata: who is enrolled, how far each log is held, what went wrong."""

from sqlalchemy import Column, Index, Table, Text

from store_service.database.types import Bytes, Instant, Int, Json
from store_service.records.tables import STRICT, metadata

enrolment = Table(
    "enrolment",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("origin", Text, nullable=False, unique=True),
    Column("log_keys", Json, nullable=False),
    Column("token_sha256", Text, nullable=False, unique=True),
    Column("enrolled_at", Instant, nullable=False),
    Column("seen_at", Instant),
    **STRICT,
)

mirror = Table(
    "mirror",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("pending_size", Int, nullable=False),
    Column("pending_note", Text),
    Column("size", Int, nullable=False),
    Column("note", Text),
    Column("peaks", Bytes, nullable=False),
    Column("acked_at", Instant),
    Column("frozen_at", Instant),
    Column("frozen_why", Text),
    **STRICT,
)
"""`peaks`: the head over all entries held; `size`, `note`: what is cosigned; `pending_*`: the last checkpoint taken."""

incident = Table(
    "incident",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("detail", Text, nullable=False),
    Column("ours", Bytes, nullable=False),
    Column("theirs", Bytes, nullable=False),
    Column("lifted_at", Instant),
    Column("lifted_by", Text),
    Column("second", Text),
    **STRICT,
)
"""An alarm with both sides as they came: kind `fork` freezes the shop, `proof-fails` does not."""

parked = Table(
    "parked",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("idx", Int, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    **STRICT,
)

cursor = Table(
    "cursor",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("next", Int, nullable=False),
    **STRICT,
)

feed = Table(
    "feed",
    metadata,
    Column("hub_seq", Int, primary_key=True, autoincrement=False),
    Column("store_id", Text, nullable=False),
    Column("first", Int, nullable=False),
    Column("after", Int, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_feed_store", "store_id"),
    **STRICT,
)
"""Entries [first, after) of a shop entered head office's tables; `hub_seq` rises in the order of commits."""

issue = Table(
    "issue",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("version", Int, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant, nullable=False),
    Column("note", Text, nullable=False),
    **STRICT,
)
