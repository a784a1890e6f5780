"""A unit's targets may change on record: what was ordered and written stays beside what is aimed at now (R-BLD-07)."""

import sqlalchemy as sa
from alembic import op

from store_service.database.types import Int, Json

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("unit", sa.Column("ordered_mg", Int, nullable=True))
    op.add_column("unit", sa.Column("reratios", Json(), nullable=True))
    op.add_column("component", sa.Column("written_bp", Int, nullable=True))
    op.add_column("component", sa.Column("written_mg", Int, nullable=True))


def downgrade() -> None:
    op.drop_column("component", "written_mg")
    op.drop_column("component", "written_bp")
    op.drop_column("unit", "reratios")
    op.drop_column("unit", "ordered_mg")
