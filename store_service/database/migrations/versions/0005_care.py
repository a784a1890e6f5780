"""Care of the bench: each line as it stands, and every look at the scale. What the log already tells is taken over."""

import json
from datetime import datetime

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
    _take_over()


def _take_over() -> None:
    """Check weighings that were recorded before this table was there."""
    entry = sa.table("entry", sa.column("store_id"), sa.column("idx"), sa.column("body"))
    into = sa.table(
        "scale_check",
        *(sa.column(name) for name in ("store_id", "id", "bench_id", "scale_id", "kind")),
        sa.column("readings", Json()),
        sa.column("limit_mg"),
        sa.column("passed", Flag()),
        sa.column("at", Instant()),
    )
    bind, rows = op.get_bind(), []
    query = sa.select(entry.c.store_id, entry.c.idx, entry.c.body)
    for store_id, idx, body in bind.execute(query, execution_options={"yield_per": 2_000}):
        if b'"scale.checked"' not in bytes(body):
            continue
        event = json.loads(bytes(body))
        if event["type"] != "scale.checked":
            continue
        data = event["data"]
        rows.append(
            {
                "store_id": store_id,
                "id": f"{idx:010d}",
                "bench_id": data["bench_id"],
                "scale_id": data["scale_id"],
                "kind": "points",
                "readings": [[one["nominal_mg"], one["reading_mg"]] for one in data["points"]],
                "limit_mg": data["limit_mg"],
                "passed": data["passed"],
                "at": datetime.fromisoformat(event["at"]),
            }
        )
    if rows:
        bind.execute(into.insert(), rows)


def downgrade() -> None:
    op.drop_table("scale_check")
    op.drop_table("bench_line")
