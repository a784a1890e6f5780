"""What left the shop as an export: when, by whom, for which inspection; what the log already tells is taken over. And
the envelopes that a shop holds itself.
"""

import json
from datetime import date, datetime

import sqlalchemy as sa
from alembic import op

from store_service.database.types import Day, Flag, Instant

revision = "0013"
down_revision = "0012"

TEXTS = ("recipient", "country", "request_ref", "sha256", "by")


def upgrade() -> None:
    table = op.create_table(
        "sending",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("personal", Flag(), nullable=False),
        sa.Column("request_ref", sa.Text(), nullable=False),
        sa.Column("day_from", Day(), nullable=False),
        sa.Column("day_to", Day(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_sending")),
        sqlite_strict=True,
    )
    op.create_index("ix_sending_at", "sending", ["store_id", "at"])
    op.create_table(
        "envelope_hold",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("held", Flag(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_envelope_hold")),
        sqlite_strict=True,
    )
    entry = sa.table("entry", sa.column("store_id"), sa.column("idx"), sa.column("body"))
    query = sa.select(entry.c.store_id, entry.c.body).order_by(entry.c.store_id, entry.c.idx)
    bind, rows = op.get_bind(), []
    for store_id, body in bind.execute(query, execution_options={"yield_per": 2_000}):
        if b'"data.sent"' not in bytes(body):
            continue
        event = json.loads(bytes(body))
        if event["type"] != "data.sent":
            continue
        data = event["data"]
        rows.append(
            {
                "store_id": store_id,
                "id": data["sending_id"],
                "inspection_id": data.get("inspection_id", ""),
                "personal": data["personal"],
                "day_from": date.fromisoformat(data["day_from"]),
                "day_to": date.fromisoformat(data["day_to"]),
                "at": datetime.fromisoformat(event["at"]),
                **{name: data[name] for name in TEXTS},
            }
        )
    if rows:
        bind.execute(table.insert(), rows)


def downgrade() -> None:
    op.drop_table("envelope_hold")
    op.drop_index("ix_sending_at", "sending")
    op.drop_table("sending")
