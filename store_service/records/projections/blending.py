"""Units, their components and their doses: genealogy is one indexed join, recorded and never inferred."""

from sqlalchemy import Column, Index, Text

from store_service.database.types import Day, Flag, Instant, Int, Json
from store_service.records.event import Event, rfc3339
from store_service.records.events.after import UnitReturned
from store_service.records.events.blending import (
    ContainerScanned,
    CupPlaced,
    DoseEnded,
    DoseStarted,
    LineCleared,
    UnitDiscarded,
    UnitDosed,
    UnitDropped,
    UnitInspected,
    UnitNamed,
    UnitParked,
    UnitPlanned,
    UnitReleased,
    UnitReratioed,
    UnitResumed,
    UnitSigned,
    UnitStarted,
    UnitStopped,
    UnitUnparked,
    UnitWeighed,
)
from store_service.records.events.consultation import ServiceHandedOver
from store_service.records.events.labelling import LabelFailed, LabelPrinted, LabelReserved, LabelVerified, LabelVoided
from store_service.records.events.quality import DeviationClosed, DeviationRecorded
from store_service.records.projection import Change, Projection, Row

from .columns import projected

unit = projected(
    "unit",
    Column("service_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("envelope_id", Text, nullable=False),
    Column("envelope_version", Int, nullable=False),
    Column("gtin", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("target_mg", Int, nullable=False),
    Column("ordered_mg", Int),
    Column("pack_sku", Text, nullable=False),
    Column("shares", Json, nullable=False),
    Column("reratios", Json),
    Column("pack_name", Text),
    Column("batch", Text),
    Column("seq", Int),
    Column("bench_id", Text),
    Column("blender_id", Text),
    Column("started_at", Instant),
    Column("started", Json),
    Column("clearance", Json),
    Column("pack_lot", Text),
    Column("pack_clean", Flag),
    Column("empty_mg", Int),
    Column("gross_mg", Int),
    Column("net_mg", Int),
    Column("sum_mg", Int),
    Column("weighed_at", Instant),
    Column("inspection", Json),
    Column("inspected_at", Instant),
    Column("stopped_at", Instant),
    Column("stop_reason", Text),
    Column("resumes", Int),
    Column("tag", Text),
    Column("releaser_id", Text),
    Column("signed_at", Instant),
    Column("use_by", Day),
    Column("bounded_by", Text),
    Column("label_net_mg", Int),
    Column("serial", Text),
    Column("prints", Int),
    Column("verified_at", Instant),
    Column("released_at", Instant),
    Column("released_idx", Int),
    Column("record_sha256", Text),
    Column("public_sha256", Text),
    Column("handed_over_at", Instant),
    Column("open_deviations", Int),
    Column("deviations", Int),
    Column("planned_idx", Int),
    Index("ix_unit_service", "store_id", "service_id"),
    Index("ix_unit_state", "store_id", "state"),
    Index("ix_unit_batch", "batch"),
    Index("ix_unit_serial", "serial"),
)

component = projected(
    "component",
    Column("unit_id", Text, nullable=False),
    Column("position", Int, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("share_bp", Int, nullable=False),
    Column("target_mg", Int, nullable=False),
    Column("written_bp", Int),
    Column("written_mg", Int),
    Column("abs_tol_mg", Int, nullable=False),
    Column("rel_tol_bp", Int, nullable=False),
    Column("one_sided", Flag, nullable=False),
    Column("dose_by", Text, nullable=False),
    Column("actual_mg", Int, nullable=False),
    Column("container_id", Text),
    Column("lot_no", Text),
    Column("containers", Json, nullable=False),
    Column("lots", Json, nullable=False),
    Column("manual", Flag, nullable=False),
    Column("state", Text, nullable=False),
    Index("ix_component_unit", "store_id", "unit_id"),
)

dose = projected(
    "dose",
    Column("unit_id", Text, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("lot_no", Text, nullable=False),
    Column("container_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Int),
    Column("target_mg", Int, nullable=False),
    Column("bound_ul", Int, nullable=False),
    Column("gross_before_mg", Int, nullable=False),
    Column("gross_after_mg", Int),
    Column("landed_mg", Int),
    Column("outcome", Text),
    Column("fault", Text),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("trace_sha256", Text),
    Column("duration_ms", Int),
    Column("starts", Int),
    Index("ix_dose_unit", "store_id", "unit_id"),
    Index("ix_dose_lot", "product_id", "lot_no"),
)

batch_counter = projected("batch_counter", Column("last_seq", Int, nullable=False))

units = Projection(unit)


def _planned(row: Row, p: UnitPlanned, e: Event) -> Change:
    return {
        "service_id": p.service_id,
        "kind": p.kind,
        "state": "planned",
        "envelope_id": p.envelope_id,
        "envelope_version": p.envelope_version,
        "gtin": p.gtin,
        "name_zh": p.name_zh,
        "target_mg": p.target_mg,
        "ordered_mg": p.target_mg,
        "pack_sku": p.pack_sku,
        "shares": [share.model_dump() for share in p.shares],
        "resumes": 0,
        "prints": 0,
        "open_deviations": 0,
        "deviations": 0,
        "planned_idx": e.idx,
    }


def _started(row: Row, p: UnitStarted, e: Event) -> Change:
    return {
        "state": "started",
        "batch": p.batch,
        "seq": p.seq,
        "bench_id": p.bench_id,
        "blender_id": p.blender_id,
        "started_at": e.at,
        "started": p.model_dump(mode="json", exclude={"unit_id", "batch", "seq"}),
    }


units.on(UnitPlanned, by=lambda p: p.unit_id, then=_planned)
units.on(UnitDropped, by=lambda p: p.unit_id, then=lambda row, p, e: {"state": "dropped"})
units.on(UnitNamed, by=lambda p: p.unit_id, then=lambda row, p, e: {"pack_name": p.commitment})
units.on(
    LineCleared,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {"clearance": {"by": e.actor, "at": rfc3339(e.at), "items": list(p.items)}},
)
units.on(UnitStarted, by=lambda p: p.unit_id, then=_started)
units.on(
    CupPlaced,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {
        "state": "cup",
        "pack_lot": p.pack_lot,
        "pack_clean": p.visual_ok,
        "empty_mg": p.gross_mg,
        "gross_mg": p.gross_mg,
    },
)
units.on(DoseStarted, by=lambda p: p.unit_id, then=lambda row, p, e: {"state": "dosing"})
units.on(
    DoseEnded,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {"gross_mg": row["gross_mg"] if p.gross_after_mg is None else p.gross_after_mg},
)
units.on(
    UnitStopped,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {"state": "stopped", "stopped_at": e.at, "stop_reason": p.reason},
)
units.on(
    UnitResumed,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {"state": "dosing", "gross_mg": p.gross_mg, "resumes": row["resumes"] + 1},
)


def _reratioed(row: Row, p: UnitReratioed, e: Event) -> Change:
    told = {"at": rfc3339(e.at), **p.model_dump(mode="json", exclude={"unit_id"})}
    return {"target_mg": p.new_fill_mg, "reratios": [*(row["reratios"] or []), told]}


units.on(UnitReratioed, by=lambda p: p.unit_id, then=_reratioed)
units.on(UnitDosed, by=lambda p: p.unit_id, then=lambda row, p, e: {"state": "dosed"})
units.on(
    UnitWeighed,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {"gross_mg": p.gross_mg, "net_mg": p.net_mg, "sum_mg": p.sum_mg, "weighed_at": e.at},
)
units.on(
    UnitInspected,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {
        "state": "checked",
        "inspection": p.model_dump(exclude={"unit_id"}),
        "inspected_at": e.at,
    },
)
units.on(
    UnitSigned,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {
        "state": "signed",
        "releaser_id": p.releaser_id,
        "signed_at": e.at,
        "use_by": p.use_by,
        "bounded_by": p.bounded_by,
        "label_net_mg": p.label_net_mg,
    },
)
units.on(
    LabelReserved,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {"serial": p.serial, "prints": row["prints"] + 1},
)
units.on(
    LabelPrinted,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {
        "state": "printed",
        "serial": p.serial,
        "prints": row["prints"] + (row["serial"] != p.serial),  # else it was counted when it was reserved
    },
)


def _unlabelled(row: Row, p: LabelFailed | LabelVoided, e: Event) -> Change:
    """Its label is void: signed again, unless the unit has gone another way meanwhile."""
    live = row["serial"] == p.serial and row["state"] in ("printed", "verified")
    return {"state": "signed", "verified_at": None} if live else None


units.on(LabelFailed, by=lambda p: p.unit_id, then=_unlabelled)
units.on(LabelVoided, by=lambda p: p.unit_id, then=_unlabelled)
units.on(
    LabelVerified,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {"state": "verified", "verified_at": e.at} if p.complete else None,
)
units.on(UnitParked, by=lambda p: p.unit_id, then=lambda row, p, e: {"tag": p.tag})
units.on(UnitUnparked, by=lambda p: p.unit_id, then=lambda row, p, e: {"tag": None})
units.on(
    UnitReleased,
    by=lambda p: p.unit_id,
    then=lambda row, p, e: {
        "state": "released",
        "released_at": e.at,
        "released_idx": e.idx,
        "record_sha256": p.record_sha256,
        "public_sha256": p.public_sha256,
    },
)
units.on(UnitDiscarded, by=lambda p: p.unit_id, then=lambda row, p, e: {"state": "discarded", "stop_reason": p.reason})
units.on(
    ServiceHandedOver,
    by=lambda p: p.units,
    then=lambda row, p, e: {"state": "handed_over", "handed_over_at": e.at},
)
units.on(UnitReturned, by=lambda p: p.unit_id, then=lambda row, p, e: {"state": "returned"})
units.on(
    DeviationRecorded,
    by=lambda p: p.subject if p.subject.startswith("u-") else (),
    then=lambda row, p, e: {"open_deviations": row["open_deviations"] + 1, "deviations": row["deviations"] + 1},
)
units.on(
    DeviationClosed,
    by=lambda p: p.subject if p.subject.startswith("u-") else (),
    then=lambda row, p, e: {"open_deviations": row["open_deviations"] - 1},
)

components = Projection(component)


def _component(row: Row, p: UnitPlanned, e: Event) -> Change:
    product = row["id"].partition("/")[2]
    position, share = next((n, s) for n, s in enumerate(p.shares) if s.product_id == product)
    return {
        "unit_id": p.unit_id,
        "position": position,
        **share.model_dump(),
        "written_bp": share.share_bp,
        "written_mg": share.target_mg,
        "actual_mg": 0,
        "containers": [],
        "lots": [],
        "manual": False,
        "state": "waiting",
    }


def _component_dosed(row: Row, p: DoseEnded, e: Event) -> Change:
    if not p.landed_mg:
        return {"state": p.outcome}
    return {
        "actual_mg": row["actual_mg"] + p.landed_mg,
        "containers": row["containers"] + [c for c in (p.container_id,) if c not in row["containers"]],
        "lots": row["lots"] + [lot for lot in (p.lot_no,) if lot not in row["lots"]],
        "state": p.outcome,
    }


def _retargeted(row: Row, p: UnitReratioed, e: Event) -> Change:
    part = next(one for one in p.parts if one.product_id == row["product_id"])
    state = {"state": "done"} if part.product_id == p.product_id else {}
    return {"target_mg": part.new_target_mg, "share_bp": part.new_share_bp, **state}


components.on(UnitPlanned, by=lambda p: [f"{p.unit_id}/{share.product_id}" for share in p.shares], then=_component)
components.on(
    ContainerScanned,
    by=lambda p: f"{p.unit_id}/{p.product_id}",
    then=lambda row, p, e: {
        "container_id": p.container_id,
        "lot_no": p.lot_no,
        "manual": bool(row["manual"]) or p.manual,
    },
)
components.on(DoseStarted, by=lambda p: f"{p.unit_id}/{p.product_id}", then=lambda row, p, e: {"state": "dosing"})
components.on(DoseEnded, by=lambda p: f"{p.unit_id}/{p.product_id}", then=_component_dosed)
components.on(UnitReratioed, by=lambda p: [f"{p.unit_id}/{part.product_id}" for part in p.parts], then=_retargeted)

doses = Projection(dose)
doses.on(
    DoseStarted,
    by=lambda p: p.dose_id,
    then=lambda row, p, e: {
        "unit_id": p.unit_id,
        "product_id": p.product_id,
        "lot_no": p.lot_no,
        "container_id": p.container_id,
        "kind": p.kind,
        "channel": p.channel,
        "target_mg": p.target_mg,
        "bound_ul": p.bound_ul,
        "gross_before_mg": p.gross_mg,
        "started_at": e.at,
    },
)
doses.on(
    DoseEnded,
    by=lambda p: p.dose_id,
    then=lambda row, p, e: {
        "gross_after_mg": p.gross_after_mg,
        "landed_mg": p.landed_mg,
        "outcome": p.outcome,
        "fault": p.fault,
        "ended_at": e.at,
        "trace_sha256": p.trace_sha256,
        "duration_ms": p.duration_ms,
        "starts": p.starts,
    },
)

batch_counters = Projection(batch_counter)
batch_counters.on(
    UnitStarted,
    by=lambda p: p.batch.split("-")[1],
    then=lambda row, p, e: {"last_seq": max(row["last_seq"] or 0, p.seq)},
)
