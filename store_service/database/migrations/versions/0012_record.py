"""What a batch record and a hand-over must hold: who cleared the line and when, the pack's look, the end of the making,
what was explained, and how the consumer hears of a recall.
"""

import sqlalchemy as sa
from alembic import op

from store_service.database.types import Flag, Instant, Json

revision = "0012"
down_revision = "0011"

WANTED = ("line.cleared", "cup.placed", "unit.inspected", "service.explained", "service.handed_over")


def upgrade() -> None:
    op.add_column("unit", sa.Column("clearance", Json(), nullable=True))
    op.add_column("unit", sa.Column("pack_clean", Flag(), nullable=True))
    op.add_column("unit", sa.Column("inspected_at", Instant(), nullable=True))
    op.drop_column("unit", "cleared")
    op.add_column("service", sa.Column("explained", Json(), nullable=True))
    op.add_column("service", sa.Column("contact_left", Flag(), nullable=True))
    op.add_column("service", sa.Column("recall_card", Flag(), nullable=True))


def downgrade() -> None:
    op.drop_column("service", "recall_card")
    op.drop_column("service", "contact_left")
    op.drop_column("service", "explained")
    op.add_column("unit", sa.Column("cleared", Flag(), nullable=True))
    op.drop_column("unit", "inspected_at")
    op.drop_column("unit", "pack_clean")
    op.drop_column("unit", "clearance")
