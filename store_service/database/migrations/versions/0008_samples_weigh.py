"""What a container still holds is counted without the samples, and is its residue once that was weighed: no column
changes, what stands in them is replayed (`upkeep.bring_up`)."""

revision = "0008"
down_revision = "0006"


def upgrade() -> None: ...


def downgrade() -> None: ...
