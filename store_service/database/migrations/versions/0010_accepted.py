"""What was accepted with a warning: which saying, and the values compared."""

import sqlalchemy as sa
from alembic import op

from store_service.database.types import Json

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("finding", sa.Column("saying", sa.Text(), nullable=True))
    op.add_column("finding", sa.Column("facts", Json(), nullable=True))


def downgrade() -> None:
    op.drop_column("finding", "facts")
    op.drop_column("finding", "saying")
