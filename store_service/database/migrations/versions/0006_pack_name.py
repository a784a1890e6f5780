"""The name that a consumer asked for on the pack: its commitment."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("unit", sa.Column("pack_name", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("unit", "pack_name")
