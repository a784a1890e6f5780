"""Reactions, complaints, returns, recalls and samples as they stand; where a container's contents went."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Day, Flag, Instant, Int, Json
from store_service.records.events.after import (
    BalanceStruck,
    ComplaintClosed,
    ComplaintRecorded,
    ComplaintTold,
    ReactionAware,
    ReactionClassified,
    ReactionClosed,
    ReactionContactLeft,
    ReactionLinked,
    ReactionReported,
    ReactionSubmitted,
    ReactionSupplemented,
    RecallCalled,
    RecallClosed,
    RecallOpened,
    RecallTold,
    ReturnedDestroyed,
    SampleDisposed,
    SampleKept,
    SampleMoved,
    SamplePulled,
    UnitReturned,
    WasteDestroyed,
)
from store_service.records.events.blending import DoseEnded
from store_service.records.events.equipment import LineFlushed
from store_service.records.events.stock import ContainerMounted, ContainerRegistered
from store_service.records.projection import Projection, Row

from .columns import projected

reaction = projected(
    "reaction",
    Column("unit_id", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("aware_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("severity", Text, nullable=False),
    Column("classified_by", Text),
    Column("contact_left", Flag, nullable=False),
    Column("submissions", Json, nullable=False),
    Column("reported_at", Instant),
    Column("open", Flag, nullable=False),
    Column("conclusion", Text),
    Column("closed_at", Instant),
    Index("ix_reaction_unit", "store_id", "unit_id"),
    Index("ix_reaction_open", "store_id", "open"),
)
complaint = projected(
    "complaint",
    Column("unit_id", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("open", Flag, nullable=False),
    Column("outcome", Text),
    Column("told", Flag),
    Column("contact_left", Flag),
    Column("photo", Flag),
)
returned = projected(
    "returned",
    Column("unit_id", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("gross_mg", Int),
    Column("place", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("destroyed_at", Instant),
    Column("method", Text),
    Column("destroyed_by", Text),
    Column("second", Text),
    Index("ix_returned_unit", "store_id", "unit_id"),
)
recall = projected(
    "recall",
    Column("product_id", Text, nullable=False),
    Column("lot_no", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("drill", Flag, nullable=False),
    Column("units", Int, nullable=False),
    Column("consumers", Int, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("open", Flag, nullable=False),
    Column("calls", Json, nullable=False),
    Column("closed_at", Instant),
    Column("told", Json),
)
waste = projected(
    "waste",
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("lot_no", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("mass_mg", Int, nullable=False),
    Column("method", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("second", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_waste_subject", "store_id", "kind", "subject"),
)
sample = projected(
    "sample",
    Column("kind", Text, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("lot_no", Text, nullable=False),
    Column("envelope_id", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("mass_mg", Int, nullable=False),
    Column("left_mg", Int, nullable=False),
    Column("expiry", Day, nullable=False),
    Column("due", Day, nullable=False),
    Column("place", Text, nullable=False),
    Column("temp_c10", Int),
    Column("kept_at", Instant, nullable=False),
    Column("pulls", Json, nullable=False),
    Column("disposed_at", Instant),
    Column("disposed_by", Text),
    Column("second", Text),
    Index("ix_sample_unit", "store_id", "unit_id"),
    Index("ix_sample_envelope", "store_id", "envelope_id", "kept_at"),
)
flow = projected(
    "flow",
    Column("filled_mg", Int, nullable=False),
    Column("dosed_mg", Int, nullable=False),
    Column("purged_mg", Int, nullable=False),
    Column("sampled_mg", Int, nullable=False),
    Column("unknown_doses", Int, nullable=False),
    Column("residue_mg", Int),
    Column("lost_mg", Int),
    Column("allowed_mg", Int),
    Column("outcome", Text),
    Column("struck_at", Instant),
)

reactions = Projection(reaction)
reactions.on(
    ReactionReported,
    by=lambda p: p.case_id,
    then=lambda row, p, e: {
        "unit_id": p.unit_id,
        "batch": p.batch,
        "channel": p.channel,
        "aware_at": p.aware_at,
        "opened_at": e.at,
        "severity": "unclassified",
        "contact_left": p.contact_left,
        "submissions": [],
        "open": True,
    },
)
reactions.on(ReactionContactLeft, by=lambda p: p.case_id, then=lambda row, p, e: {"contact_left": True})
reactions.on(
    ReactionAware, by=lambda p: p.case_id, then=lambda row, p, e: {"aware_at": min(row["aware_at"], p.aware_at)}
)
reactions.on(
    ReactionClassified,
    by=lambda p: p.case_id,
    then=lambda row, p, e: {"severity": p.severity, "classified_by": p.by},
)
reactions.on(ReactionLinked, by=lambda p: p.case_id, then=lambda row, p, e: {"unit_id": p.unit_id, "batch": p.batch})
reactions.on(ReactionSupplemented, by=lambda p: p.case_id, then=lambda row, p, e: {"open": True})
reactions.on(
    ReactionSubmitted,
    by=lambda p: p.case_id,
    then=lambda row, p, e: {
        "submissions": [*row["submissions"], {"kind": p.kind, "receipt": p.receipt, "at": e.at.isoformat()}],
        "reported_at": row["reported_at"] or (e.at if p.kind == "report" else None),
    },
)
reactions.on(
    ReactionClosed,
    by=lambda p: p.case_id,
    then=lambda row, p, e: {"open": False, "conclusion": p.conclusion, "closed_at": e.at},
)

complaints = Projection(complaint)
complaints.on(
    ComplaintRecorded,
    by=lambda p: p.complaint_id,
    then=lambda row, p, e: {
        "unit_id": p.unit_id,
        "batch": p.batch,
        "kind": p.kind,
        "by": p.by,
        "at": e.at,
        "open": True,
    },
)
complaints.on(
    ComplaintTold,
    by=lambda p: p.complaint_id,
    then=lambda row, p, e: {"told": True, "contact_left": p.contact_left, "photo": p.photo},
)
complaints.on(
    ComplaintClosed, by=lambda p: p.complaint_id, then=lambda row, p, e: {"open": False, "outcome": p.outcome}
)

returns = Projection(returned)
returns.on(
    UnitReturned,
    by=lambda p: p.return_id,
    then=lambda row, p, e: {
        "unit_id": p.unit_id,
        "batch": p.batch,
        "reason": p.reason,
        "gross_mg": p.gross_mg,
        "place": p.place,
        "by": p.by,
        "at": e.at,
    },
)
returns.on(
    ReturnedDestroyed,
    by=lambda p: p.return_id,
    then=lambda row, p, e: {"destroyed_at": e.at, "method": p.method, "destroyed_by": p.by, "second": p.second},
)

recalls = Projection(recall)
recalls.on(
    RecallOpened,
    by=lambda p: p.recall_id,
    then=lambda row, p, e: {
        "product_id": p.product_id,
        "lot_no": p.lot_no,
        "reason": p.reason,
        "drill": p.drill,
        "units": p.units,
        "consumers": p.consumers,
        "by": p.by,
        "at": e.at,
        "open": True,
        "calls": [],
    },
)
recalls.on(
    RecallCalled,
    by=lambda p: p.recall_id,
    then=lambda row, p, e: {
        "calls": [
            *row["calls"],
            {"consumer_ref": p.consumer_ref, "channel": p.channel, "outcome": p.outcome, "at": e.at.isoformat()},
        ]
    },
)
recalls.on(
    RecallTold,
    by=lambda p: p.recall_id,
    then=lambda row, p, e: {
        "told": [
            *(row["told"] or []),
            {"step": p.step, "ref": p.ref, "detail": p.detail, "by": p.by, "at": e.at.isoformat()},
        ]
    },
)
recalls.on(RecallClosed, by=lambda p: p.recall_id, then=lambda row, p, e: {"open": False, "closed_at": e.at})

wastes = Projection(waste)
wastes.on(
    WasteDestroyed,
    by=lambda p: p.waste_id,
    then=lambda row, p, e: {
        "kind": p.kind,
        "subject": p.subject,
        "product_id": p.product_id,
        "lot_no": p.lot_no,
        "batch": p.batch,
        "mass_mg": p.mass_mg,
        "method": p.method,
        "by": p.by,
        "second": p.second,
        "at": e.at,
    },
)

samples = Projection(sample)
samples.on(
    SampleKept,
    by=lambda p: p.sample_id,
    then=lambda row, p, e: {
        "kind": p.kind,
        "product_id": p.product_id,
        "lot_no": p.lot_no,
        "envelope_id": p.envelope_id,
        "unit_id": p.unit_id,
        "mass_mg": p.mass_mg,
        "left_mg": p.mass_mg,
        "expiry": p.expiry,
        "due": p.due,
        "place": p.place,
        "temp_c10": p.temp_c10,
        "kept_at": e.at,
        "pulls": [],
    },
)
samples.on(
    SamplePulled,
    by=lambda p: p.sample_id,
    then=lambda row, p, e: {
        "left_mg": row["left_mg"] - p.mass_mg,
        "pulls": [
            *row["pulls"],
            {"mass_mg": p.mass_mg, "purpose": p.purpose, "receipt": p.receipt, "by": p.by, "at": e.at.isoformat()},
        ],
    },
)
samples.on(SampleMoved, by=lambda p: p.sample_id, then=lambda row, p, e: {"place": p.place, "temp_c10": p.temp_c10})
samples.on(
    SampleDisposed,
    by=lambda p: p.sample_id,
    then=lambda row, p, e: {"disposed_at": e.at, "disposed_by": p.by, "second": p.second, "left_mg": 0},
)

flows = Projection(flow)
flows.on(
    ContainerRegistered,
    by=lambda p: p.container_id,
    then=lambda row, p, e: {
        "filled_mg": p.net_mg,
        "dosed_mg": 0,
        "purged_mg": 0,
        "sampled_mg": 0,
        "unknown_doses": 0,
    },
)
flows.on(
    ContainerMounted,
    by=lambda p: p.container_id,
    then=lambda row, p, e: {"purged_mg": _of(row, "purged_mg") + p.purged_mg},
)
flows.on(
    LineFlushed,
    by=lambda p: p.container_id or (),
    then=lambda row, p, e: {"purged_mg": _of(row, "purged_mg") + (p.moved_mg or 0)},
)
flows.on(
    DoseEnded,
    by=lambda p: p.container_id,
    then=lambda row, p, e: {
        "dosed_mg": _of(row, "dosed_mg") + (p.landed_mg or 0),
        "unknown_doses": _of(row, "unknown_doses") + (p.landed_mg is None),
    },
)
flows.on(
    SampleKept,
    by=lambda p: p.container_id or (),
    then=lambda row, p, e: {"sampled_mg": _of(row, "sampled_mg") + p.mass_mg},
)
flows.on(
    BalanceStruck,
    by=lambda p: p.container_id,
    then=lambda row, p, e: {
        "residue_mg": p.residue_mg,
        "lost_mg": p.lost_mg,
        "allowed_mg": p.allowed_mg,
        "outcome": p.outcome,
        "struck_at": e.at,
    },
)


def _of(row: Row, name: str) -> int:
    return int(row[name] or 0)
