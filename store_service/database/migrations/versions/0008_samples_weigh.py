"""What a container still holds is counted without the samples, and is its residue once that was weighed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"


def upgrade() -> None:
    _take(-1)
    container, flow = _tables()
    mine = (flow.c.store_id == container.c.store_id) & (flow.c.id == container.c.id)
    residue = sa.select(flow.c.residue_mg).where(mine, flow.c.residue_mg.is_not(None)).scalar_subquery()
    weighed = sa.exists().where(mine, flow.c.residue_mg.is_not(None))
    op.execute(container.update().where(weighed).values(remaining_mg=residue))


def downgrade() -> None:
    """What was typed when a pack was finished stays overwritten by what was weighed: `rebuild` brings it back."""
    _take(1)


def _take(sign: int) -> None:
    container, flow = _tables()
    mine = (flow.c.store_id == container.c.store_id) & (flow.c.id == container.c.id)
    sampled = sa.select(flow.c.sampled_mg).where(mine).scalar_subquery()
    op.execute(
        container.update()
        .where(container.c.state.not_in(("empty", "discarded")), sa.exists().where(mine))
        .values(remaining_mg=container.c.remaining_mg + sign * sampled)
    )


def _tables() -> tuple[sa.TableClause, sa.TableClause]:
    def table(name: str, *columns: str) -> sa.TableClause:
        return sa.table(name, *(sa.column(one) for one in ("store_id", "id", *columns)))

    return table("container", "state", "remaining_mg"), table("flow", "sampled_mg", "residue_mg")
