"""A second signature may come from head office: what was asked, where it was answered, and head office's answers."""

import sqlalchemy as sa
from alembic import op

from store_service.database.types import Flag, Instant, Int

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    for name, kind in (("zh", sa.Text()), ("en", sa.Text()), ("place", sa.Text()), ("asked_idx", Int)):
        op.add_column("finding", sa.Column(name, kind, nullable=True))
    op.create_index("ix_finding_kind", "finding", ["kind", "at"], unique=False)
    op.create_table(
        "second_answer",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("asked_idx", Int, nullable=False),
        sa.Column("asked_sha256", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("agreed", Flag(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_second_answer")),
        sqlite_strict=True,
    )
    op.create_index("ix_second_answer_shop", "second_answer", ["store_id", "shop", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_second_answer_shop", table_name="second_answer")
    op.drop_table("second_answer")
    op.drop_index("ix_finding_kind", table_name="finding")
    for name in ("asked_idx", "place", "en", "zh"):
        op.drop_column("finding", name)
