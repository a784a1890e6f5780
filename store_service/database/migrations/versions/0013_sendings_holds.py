"""What left the shop as an export: when, by whom, for which inspection; the envelopes that a shop holds itself."""

import sqlalchemy as sa
from alembic import op

from store_service.database.types import Day, Flag, Instant

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
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


def downgrade() -> None:
    op.drop_table("envelope_hold")
    op.drop_index("ix_sending_at", "sending")
    op.drop_table("sending")
