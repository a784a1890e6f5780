"""What was destroyed; what a recall was reported with, a complaint told, an application made of."""

import sqlalchemy as sa
from alembic import op

from store_service.database.types import Flag, Instant, Int, Json

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "waste",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("lot_no", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("mass_mg", Int, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_waste")),
        sqlite_strict=True,
    )
    op.create_index("ix_waste_subject", "waste", ["store_id", "kind", "subject"])
    op.add_column("recall", sa.Column("told", Json(), nullable=True))
    op.add_column("duty", sa.Column("parts", Json(), nullable=True))
    for name in ("told", "contact_left", "photo"):
        op.add_column("complaint", sa.Column(name, Flag(), nullable=True))


def downgrade() -> None:
    for name in ("photo", "contact_left", "told"):
        op.drop_column("complaint", name)
    op.drop_column("duty", "parts")
    op.drop_column("recall", "told")
    op.drop_index("ix_waste_subject", "waste")
    op.drop_table("waste")
