"""Care of the bench: each line as it stands, and every look at the scale. What the log already tells is taken over."""

import sqlalchemy as sa
from alembic import op

from store_service.database.types import Flag, Instant, Int, Json

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "bench_line",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("bench_id", sa.Text(), nullable=False),
        sa.Column("channel", Int, nullable=False),
        sa.Column("flushed_at", Instant(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("moved_mg", Int, nullable=True),
        sa.Column("container_id", sa.Text(), nullable=True),
        sa.Column("tube_at", Instant(), nullable=True),
        sa.Column("calibrated_at", Instant(), nullable=True),
        sa.Column("ug_per_ul", Int, nullable=True),
        sa.Column("spread_bp", Int, nullable=True),
        sa.Column("ul_per_rev", Int, nullable=True),
        sa.Column("runs", Json(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_bench_line")),
        sqlite_strict=True,
    )
    op.create_table(
        "scale_check",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("bench_id", sa.Text(), nullable=False),
        sa.Column("scale_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("readings", Json(), nullable=False),
        sa.Column("limit_mg", Int, nullable=False),
        sa.Column("passed", Flag(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_scale_check")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("scale_check")
    op.drop_table("bench_line")
