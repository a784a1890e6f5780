"""After the sale: reactions, complaints, returns, recalls, samples, requests, inspections and duties."""

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from store_service.database.types import Day, Flag, Instant, Int, Json

revision = "0003"
down_revision = "0002"

COUNTED = ("filled_mg", "dosed_mg", "purged_mg", "sampled_mg", "unknown_doses")


def upgrade() -> None:
    op.create_table(
        "breach",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("aware_at", Instant(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("open", Flag(), nullable=False),
        sa.Column("told", Json(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_breach")),
        sqlite_strict=True,
    )
    op.create_table(
        "complaint",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("open", Flag(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_complaint")),
        sqlite_strict=True,
    )
    op.create_table(
        "correction",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_correction")),
        sqlite_strict=True,
    )
    op.create_index("ix_correction_subject", "correction", ["store_id", "subject"], unique=False)
    op.create_table(
        "duty",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("due", Day(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("open", Flag(), nullable=False),
        sa.Column("steps", Json(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_duty")),
        sqlite_strict=True,
    )
    op.create_index("ix_duty_kind", "duty", ["store_id", "kind", "subject"], unique=False)
    op.create_table(
        "erasure",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kinds", Json(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_erasure")),
        sqlite_strict=True,
    )
    op.create_index("ix_erasure_subject", "erasure", ["store_id", "subject"], unique=False)
    op.create_table(
        "flow",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("filled_mg", Int, nullable=False),
        sa.Column("dosed_mg", Int, nullable=False),
        sa.Column("purged_mg", Int, nullable=False),
        sa.Column("sampled_mg", Int, nullable=False),
        sa.Column("unknown_doses", Int, nullable=False),
        sa.Column("residue_mg", Int, nullable=True),
        sa.Column("lost_mg", Int, nullable=True),
        sa.Column("allowed_mg", Int, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("struck_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_flow")),
        sqlite_strict=True,
    )
    op.create_table(
        "image",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("pia_ref", sa.Text(), nullable=False),
        sa.Column("keep_until", Day(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_image")),
        sqlite_strict=True,
    )
    op.create_table(
        "inspection",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("persons", Int, nullable=False),
        sa.Column("ids_shown", Flag(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("open", Flag(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_inspection")),
        sqlite_strict=True,
    )
    op.create_table(
        "inspection_note",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("due", Day(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("open", Flag(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_inspection_note")),
        sqlite_strict=True,
    )
    op.create_index("ix_inspection_note_inspection", "inspection_note", ["store_id", "inspection_id"], unique=False)
    op.create_table(
        "legal_hold",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("open", Flag(), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_legal_hold")),
        sqlite_strict=True,
    )
    op.create_index("ix_legal_hold_subject", "legal_hold", ["store_id", "subject"], unique=False)
    op.create_table(
        "reaction",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("aware_at", Instant(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("classified_by", sa.Text(), nullable=True),
        sa.Column("contact_left", Flag(), nullable=False),
        sa.Column("submissions", Json(), nullable=False),
        sa.Column("reported_at", Instant(), nullable=True),
        sa.Column("open", Flag(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_reaction")),
        sqlite_strict=True,
    )
    op.create_index("ix_reaction_open", "reaction", ["store_id", "open"], unique=False)
    op.create_index("ix_reaction_unit", "reaction", ["store_id", "unit_id"], unique=False)
    op.create_table(
        "recall",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("lot_no", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("drill", Flag(), nullable=False),
        sa.Column("units", Int, nullable=False),
        sa.Column("consumers", Int, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("open", Flag(), nullable=False),
        sa.Column("calls", Json(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_recall")),
        sqlite_strict=True,
    )
    op.create_table(
        "returned",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("gross_mg", Int, nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("destroyed_at", Instant(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("destroyed_by", sa.Text(), nullable=True),
        sa.Column("second", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_returned")),
        sqlite_strict=True,
    )
    op.create_index("ix_returned_unit", "returned", ["store_id", "unit_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.Column("envelope_id", sa.Text(), nullable=True),
        sa.Column("requested_at", Instant(), nullable=True),
        sa.Column("open", Flag(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("officer_id", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_review")),
        sqlite_strict=True,
    )
    op.create_table(
        "rights",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("consumer_ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("identified_by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("due", Day(), nullable=False),
        sa.Column("open", Flag(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("kept", Json(), nullable=True),
        sa.Column("kept_until", Day(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_rights")),
        sqlite_strict=True,
    )
    op.create_index("ix_rights_consumer", "rights", ["store_id", "consumer_ref"], unique=False)
    op.create_table(
        "sample",
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("lot_no", sa.Text(), nullable=False),
        sa.Column("envelope_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("mass_mg", Int, nullable=False),
        sa.Column("left_mg", Int, nullable=False),
        sa.Column("expiry", Day(), nullable=False),
        sa.Column("due", Day(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("temp_c10", Int, nullable=True),
        sa.Column("kept_at", Instant(), nullable=False),
        sa.Column("pulls", Json(), nullable=False),
        sa.Column("disposed_at", Instant(), nullable=True),
        sa.Column("disposed_by", sa.Text(), nullable=True),
        sa.Column("second", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_sample")),
        sqlite_strict=True,
    )
    op.create_index("ix_sample_envelope", "sample", ["store_id", "envelope_id", "kept_at"], unique=False)
    op.create_index("ix_sample_unit", "sample", ["store_id", "unit_id"], unique=False)
    _replay_flows()


def _replay_flows() -> None:
    """Where the contents of containers went that were registered before this table was there, out of the log."""
    entry = sa.table("entry", sa.column("store_id"), sa.column("idx"), sa.column("body"))
    flow = sa.table("flow", *(sa.column(name) for name in ("store_id", "id", *COUNTED)))
    rows: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    bind = op.get_bind()
    query = sa.select(entry.c.store_id, entry.c.body).order_by(entry.c.store_id, entry.c.idx)
    for store_id, body in bind.execute(query, execution_options={"yield_per": 2_000}):
        text = bytes(body)
        if not any(kind in text for kind in (b'"container.registered"', b'"container.mounted"', b'"dose.ended"')):
            continue
        event = json.loads(text)
        data, kind = event["data"], event["type"]
        if kind == "container.registered":
            rows[store_id, data["container_id"]] |= dict.fromkeys(COUNTED, 0) | {"filled_mg": data["net_mg"]}
        elif kind == "container.mounted":
            rows[store_id, data["container_id"]]["purged_mg"] += data["purged_mg"]
        elif kind == "dose.ended":
            rows[store_id, data["container_id"]]["dosed_mg"] += data["landed_mg"] or 0
            rows[store_id, data["container_id"]]["unknown_doses"] += data["landed_mg"] is None
    if rows:
        bind.execute(flow.insert(), [{"store_id": store_id, "id": key, **row} for (store_id, key), row in rows.items()])


def downgrade() -> None:
    op.drop_table("sample")
    op.drop_table("rights")
    op.drop_table("review")
    op.drop_table("returned")
    op.drop_table("recall")
    op.drop_table("reaction")
    op.drop_table("legal_hold")
    op.drop_table("inspection_note")
    op.drop_table("inspection")
    op.drop_table("image")
    op.drop_table("flow")
    op.drop_table("erasure")
    op.drop_table("duty")
    op.drop_table("correction")
    op.drop_table("complaint")
    op.drop_table("breach")
