"""What a batch record and a hand-over must hold: who cleared the line and when, the pack's look, the end of the making,
what was explained, and how the consumer hears of a recall. What the log already tells is taken over.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

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
    _take_over()


def _take_over() -> None:
    unit = sa.table(
        "unit", sa.column("store_id"), sa.column("id"), sa.column("clearance", Json()), sa.column("started", Json()),
        sa.column("pack_clean", Flag()), sa.column("inspected_at", Instant()),
    )  # fmt: skip
    service = sa.table(
        "service", sa.column("store_id"), sa.column("id"), sa.column("explained", Json()),
        sa.column("contact_left", Flag()), sa.column("recall_card", Flag()),
    )  # fmt: skip
    bind, changes = op.get_bind(), dict[tuple[str, str, str], dict[str, Any]]()
    for store_id, event in _events(bind):
        name, key, change = _change(event)
        changes.setdefault((name, store_id, key), {}).update(change)
    for (name, store_id, key), change in changes.items():
        into = unit if name == "unit" else service
        bind.execute(into.update().where(into.c.store_id == store_id, into.c.id == key).values(**change))
    begun = sa.select(unit.c.store_id, unit.c.id, unit.c.started).where(unit.c.started.is_not(None))
    for store_id, key, started in bind.execute(begun).all():
        whole = {**started, "officers": [], "fit_on": None}
        bind.execute(unit.update().where(unit.c.store_id == store_id, unit.c.id == key).values(started=whole))


def _events(bind: sa.Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    entry = sa.table("entry", sa.column("store_id"), sa.column("idx"), sa.column("body"))
    query = sa.select(entry.c.store_id, entry.c.body).order_by(entry.c.store_id, entry.c.idx)
    marks = [f'"{name}"'.encode() for name in WANTED]
    for store_id, body in bind.execute(query, execution_options={"yield_per": 2_000}):
        if any(mark in bytes(body) for mark in marks):
            event = json.loads(bytes(body))
            if event["type"] in WANTED:
                yield store_id, event


def _change(event: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Table, id and columns that one old event tells."""
    data, at = event["data"], event["at"]
    match event["type"]:
        case "line.cleared":
            return "unit", data["unit_id"], {"clearance": {"by": event["actor"], "at": at, "items": data["items"]}}
        case "cup.placed":
            return "unit", data["unit_id"], {"pack_clean": data["visual_ok"]}
        case "unit.inspected":
            return "unit", data["unit_id"], {"inspected_at": datetime.fromisoformat(at)}
        case "service.explained":
            return "service", data["service_id"], {"explained": {"by": data["by"], "items": data.get("items", [])}}
        case _:
            told = {"contact_left": data["contact_left"], "recall_card": data.get("recall_card", False)}
            return "service", data["service_id"], told


def downgrade() -> None:
    op.drop_column("service", "recall_card")
    op.drop_column("service", "contact_left")
    op.drop_column("service", "explained")
    op.add_column("unit", sa.Column("cleared", Flag(), nullable=True))
    op.drop_column("unit", "inspected_at")
    op.drop_column("unit", "pack_clean")
    op.drop_column("unit", "clearance")
