"""Stops that head office pushed down, and who read them (R-SYN-04)."""

import sqlalchemy as sa
from alembic import op

from store_service.database.types import Instant, Json

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "stop",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("items", Json(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("read_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_stop")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("stop")
