"""The log's own tables. Projections declare theirs in `projections/`, on the same metadata."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, Text

from store_service.database.types import Bytes, Instant, Int, Json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

STRICT: dict[str, Any] = {"sqlite_strict": True}

entry = Table(
    "entry",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("idx", Int, primary_key=True, autoincrement=False),
    Column("body", Bytes, nullable=False),
    Column("leaf", Bytes, nullable=False),
    **STRICT,
)

head = Table(
    "head",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("size", Int, nullable=False),
    Column("peaks", Bytes, nullable=False),
    Column("last_at", Instant),
    **STRICT,
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("size", Int, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    **STRICT,
)

cosignature = Table(
    "cosignature",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("size", Int, primary_key=True, autoincrement=False),
    Column("signer", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("line", Text, nullable=False),
    **STRICT,
)

blob = Table(
    "blob",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("media", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Bytes, nullable=False),
    **STRICT,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("store_id", Text, primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("status", Int, nullable=False),
    Column("first_idx", Int, nullable=False),
    Column("last_idx", Int, nullable=False),
    Column("subject", Json),
    Column("at", Instant, nullable=False),
    Index("ix_idempotency_at", "store_id", "at"),
    **STRICT,
)
