"""Why a person set a container apart; what is there is taken over from the log."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

WANTED = "container.quarantined"
BY_ITSELF = "sync"


def upgrade() -> None:
    op.add_column("container", sa.Column("set_apart", sa.Text(), nullable=True))
    container = sa.table("container", sa.column("store_id"), sa.column("id"), sa.column("set_apart"))
    entry = sa.table("entry", sa.column("store_id"), sa.column("idx"), sa.column("body"))
    query = sa.select(entry.c.store_id, entry.c.body).order_by(entry.c.store_id, entry.c.idx)
    bind, found = op.get_bind(), dict[tuple[str, str], str]()
    for store_id, body in bind.execute(query, execution_options={"yield_per": 2_000}):
        if f'"{WANTED}"'.encode() in bytes(body):
            event = json.loads(bytes(body))
            if event["type"] == WANTED and event["actor"] != BY_ITSELF:
                found[store_id, event["data"]["container_id"]] = event["data"]["reason"]
    for (store_id, key), why in found.items():
        row = (container.c.store_id == store_id) & (container.c.id == key)
        bind.execute(container.update().where(row).values(set_apart=why))


def downgrade() -> None:
    op.drop_column("container", "set_apart")
