"""Why a person set a container apart."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("container", sa.Column("set_apart", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("container", "set_apart")
