"""For every saying of every rule: a gate, and what to change in its passing case so that exactly this is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from store_service.rules.case import Sync
from store_service.rules.dossier import Authorisation, Lesson, Order

from .cases import (
    BASE,
    CONSUMER,
    NOW,
    TODAY,
)
from .refusing_after import AFTER, PRIVACY, RECORDS
from .refusing_making import BENCHES, DOSING, LABELS, PLANNING, PRODUCTS, WORDS
from .refusing_mixture import MIXTURE

Row = tuple[str, str, str, dict[str, object]]

YESTERDAY = TODAY - timedelta(days=1)


def order(due: date | None = None, forbids: tuple[str, ...] = (), closed_on: date | None = None) -> Order:
    """A rectification order of ten days ago, due in thirty days unless said otherwise."""
    issued, due = TODAY - timedelta(days=10), due or TODAY + timedelta(days=30)
    return Order(doc_no="ORD-1", findings=("台账",), issued=issued, due=due, forbids=forbids, closed_on=closed_on)


def authorised(valid_to: date) -> Authorisation:
    return Authorisation(overseas_filer="OVERSEAS", number="AUTH-1", valid_to=valid_to)


def lesson(name: str, day: date) -> Lesson:
    return Lesson(lesson=name, completed_on=day)


SCOPE: list[Row] = [
    ("R-SCP-01", "unknown", "open_service", {"site": None}),
    ("R-SCP-01", "outside", "verdict", {"params.in_pilot": False}),
    ("R-SCP-02", "outside", "start", {"now": datetime(2027, 9, 30, 16, 0, tzinfo=UTC)}),
    ("R-SCP-02", "clock", "open_service", {"clock_ok": None}),
    ("R-SCP-03", "unknown", "open_service", {"roster": None}),
    ("R-SCP-03", "old", "verdict", {"roster.fetched_at": NOW - timedelta(days=8)}),
    ("R-SCP-03", "too_old", "dose", {"roster.fetched_at": NOW - timedelta(days=31)}),
    ("R-SCP-03", "absent", "open_service", {"roster.rows": ()}),
    ("R-SCP-03", "expired", "open_service", {"roster.rows.0.valid_to": YESTERDAY}),
    ("R-SCP-03", "forbidden", "verdict", {"roster.rows.0.status": "rectifying", "roster.rows.0.forbids": ("decant",)}),
    ("R-SCP-03", "future", "open_service", {"roster.fetched_at": NOW + timedelta(hours=1)}),
    ("R-SCP-03", "no_number", "start", {"roster.rows.0.doc_no": " "}),
    ("R-SCP-04", "unknown", "start", {"site": None}),
    ("R-SCP-04", "other", "open_service", {"site.ownership": "franchise"}),
    ("R-SCP-05", "unknown", "start", {"person.staff": None}),
    ("R-SCP-05", "contracted", "dose", {"person.staff.employer_id": "OTHER"}),
    ("R-SCP-05", "bench", "start", {"roster.rows.0.benches": ("scale-2",)}),
    ("R-SCP-06", "too_few", "verdict", {"units.0.sources.1.product": BASE}),
    ("R-SCP-06", "too_large", "verdict", {"units.0.target_mg": 200_001}),
    ("R-SCP-07", "step", "verdict", {"units.0.envelope.mixing_step": "heat"}),
    ("R-SCP-07", "warm", "verdict", {"units.0.envelope.mixing_temp_c10": 401}),
    ("R-SCP-08", "penalty", "open_service", {"site.filer.penalty_on": date(2023, 11, 22)}),
    (
        "R-SCP-08",
        "sampling",
        "open_service",
        {"site.filer.failed_sampling_on": YESTERDAY, "params.also_no_failed_sampling": True},
    ),
    ("R-SCP-09", "unknown", "dose", {"site": None}),
    ("R-SCP-09", "form", "open_service", {"site.filer.licence.number": "沪妆2025999"}),
    ("R-SCP-09", "lapsed", "dose", {"site.filer.licence.valid_to": YESTERDAY}),
    ("R-SCP-09", "unit", "verdict", {"site.filer.licence.units": ("一般液态单元",)}),
    ("R-SCP-10", "absent", "open_service", {"site.licence_number": None}),
    ("R-SCP-10", "lapsed", "start", {"site.licence_valid_to": YESTERDAY}),
    ("R-SCP-11", "absent", "open_service", {"site.filer.kind": "responsible_person"}),
    (
        "R-SCP-11",
        "lapsed",
        "open_service",
        {"site.filer.kind": "responsible_person", "site.filer.authorisation": authorised(YESTERDAY)},
    ),
    ("R-SCP-12", "unknown", "release", {"roster": None}),
    ("R-SCP-13", "no_list", "verdict", {"roster.rows.0.approved_products": None}),
    ("R-SCP-13", "not_listed", "dose", {"roster.rows.0.approved_products": ("ACTIVE",)}),
    ("R-SCP-15", "units", "start", {"roster.rows.0.max_units_per_day": 3}),
    ("R-SCP-15", "batch", "verdict", {"roster.rows.0.max_batch_g": 29}),
    ("R-SCP-15", "benches", "start", {"roster.rows.0.max_benches": 1, "site.benches": 2}),
    ("R-SCP-16", "forbidden", "verdict", {"roster.rows.0.orders": (order(forbids=("ENV-D",)),)}),
    ("R-SCP-16", "due", "open_service", {"roster.rows.0.orders": (order(due=TODAY + timedelta(days=7)),)}),
    ("R-SCP-16", "overdue", "open_service", {"roster.rows.0.orders": (order(due=YESTERDAY),)}),
    ("R-SCP-17", "countdown", "open_service", {"params.extension_end": TODAY + timedelta(days=90)}),
    ("R-SCP-12", "stopped", "dose", {"roster.rows.0.status": "suspended"}),
]
PEOPLE: list[Row] = [
    ("R-PPL-02", "unknown", "open_service", {"officers_on_duty": None}),
    ("R-PPL-02", "none", "verdict", {"officers_on_duty": ()}),
    ("R-PPL-03", "unknown", "sign_in", {"person.staff": None}),
    ("R-PPL-03", "employer", "sign_in", {"person.staff.employer_id": "OTHER"}),
    ("R-PPL-03", "other_store", "sign_in", {"person.staff.store_ids": ("SH0043",)}),
    ("R-PPL-03", "lapsed", "sign_in", {"person.staff.authorised_to": YESTERDAY}),
    ("R-PPL-03", "role", "open_service", {"person.staff.roles": ("officer",)}),
    ("R-PPL-03", "envelope", "verdict", {"person.staff.envelopes": ("ENV-D",)}),
    ("R-PPL-03", "device", "start", {"person.staff.devices": ()}),
    ("R-PPL-03", "no_exam", "start", {"person.staff.exam_score": None}),
    ("R-PPL-03", "failed", "open_service", {"person.staff.exam_score": 79}),
    ("R-PPL-03", "exam_old", "verdict", {"person.staff.exam_on": TODAY - timedelta(days=366)}),
    ("R-PPL-03", "certificate", "start", {"params.required_certificate": "CERT-X"}),
    ("R-PPL-04", "unknown", "sign_in", {"person": None}),
    ("R-PPL-04", "lapsed", "sign_in", {"person.staff.health_checked": TODAY - timedelta(days=366)}),
    ("R-PPL-05", "unknown", "start", {"person.fit": None}),
    ("R-PPL-05", "unfit", "open_service", {"person.fit": False}),
    ("R-PPL-06", "unknown", "start", {"person": None}),
    ("R-PPL-06", "none", "start", {"person.staff.training": (lesson("hygiene", TODAY - timedelta(days=366)),)}),
    ("R-PPL-06", "incomplete", "open_service", {"person.staff.training": (lesson("hygiene", TODAY),)}),
    ("R-PPL-07", "unknown", "sign", {"progress.blender_id": None}),
    ("R-PPL-07", "role", "sign", {"person.staff.roles": ("blender",)}),
    ("R-PPL-07", "manual", "sign", {"progress.blender_id": "s-01", "progress.manual_mass": True}),
    ("R-PPL-07", "same_person", "sign", {"progress.blender_id": "s-01", "params.four_eyes_above_mg": 10_000}),
    ("R-PPL-07", "same_person_small", "sign", {"progress.blender_id": "s-01"}),
    ("R-PPL-08", "banned", "sign_in", {"person.staff.banned": True}),
    ("R-PPL-09", "expired", "sign_in", {"person.staff.account_to": YESTERDAY}),
]
LINE: list[Row] = [
    ("R-SYN-03", "unknown", "open_service", {"sync": None}),
    ("R-SYN-03", "long", "verdict", {"sync": Sync(True, NOW - timedelta(hours=24, seconds=1))}),
    ("R-SYN-03", "too_long", "start", {"sync": Sync(True, NOW - timedelta(hours=72, seconds=1))}),
    ("R-SYN-04", "unread", "start", {"sync": Sync(True, unread_since=NOW - timedelta(minutes=15, seconds=1))}),
]
CONSULTATION: list[Row] = [
    ("R-CON-01", "none", "verdict", {"consumer.consulted_at": None}),
    ("R-CON-01", "other_day", "verdict", {"consumer.consulted_at": NOW - timedelta(hours=13)}),
    ("R-CON-02", "not_shown", "consult", {"consumer.notice_version": None}),
    ("R-CON-03", "missing", "consult", {"consumer.consents": frozenset()}),
    ("R-CON-03", "bundled", "consult", {"consumer.bundled_consent": True}),
    ("R-CON-05", "unknown", "consult", {"consumer.age": None}),
    ("R-CON-05", "too_young", "consult", {"consumer.age": 17}),
    ("R-CON-05", "guardian", "consult", {"consumer.age": 16, "params.min_age": 14}),
    ("R-CON-08", "unknown", "verdict", {"consumer": None}),
    ("R-CON-08", "condition", "verdict", {"consumer.conditions": frozenset({"broken_skin"})}),
    ("R-CON-08", "care", "verdict", {"consumer.conditions": frozenset({"pregnant"})}),
    ("R-CON-08", "contained", "verdict", {"consumer.allergies": ("2-苯氧乙醇",)}),
    ("R-CON-08", "undecided", "verdict", {"consumer.allergies": ("虚构果",)}),
    (
        "R-CON-08",
        "officer_refused",
        "verdict",
        {"consumer": replace(CONSUMER, allergies=("虚构果",), officer_decisions={"虚构果": "refuse"})},
    ),
    ("R-CON-09", "not_explained", "hand_over", {"explained": None}),
]
HAINAN = {"units.0.sources.1.product.filing_number": "琼G妆网备字2025999995"}
PRODUCTS: list[Row] = [
    ("R-ADM-01", "unknown_product", "verdict", {"units.0.sources.0.product": None}),
    ("R-ADM-01", "number", "receive", {"receipt.product.filing_number": "国妆网备字20260001"}),
    ("R-ADM-01", "status", "dose", {"source.product.filing_status": "revoked"}),
    ("R-ADM-01", "not_attested", "scan", {"source.register_attested_at": None}),
    ("R-ADM-01", "stale", "receive", {"receipt.register_attested_at": NOW - timedelta(days=7, seconds=1)}),
    ("R-ADM-02", "unknown", "receive", {"receipt.product": None}),
    ("R-ADM-02", "other_filer", "scan", {"source.product.filer_id": "OTHER"}),
    ("R-ADM-03", "special", "receive", {"receipt.product.class_code": "04/11-05-03-01-02"}),
    ("R-ADM-04", "legacy", "verdict", {"units.0.sources.1.product.legacy_type": "育发"}),
    ("R-ADM-06", "children", "verdict", {"units.0.sources.1.product.class_code": "11-05-02/03-01-02"}),
    ("R-ADM-07", "eye", "verdict", {"units.0.sources.1.product.class_code": "11-05/06-03-01-02"}),
    ("R-ADM-08", "new", "verdict", {"units.0.sources.1.product.ingredients.2.status": "new"}),
    ("R-ADM-11", "malformed", "receive", {"receipt.product.class_code": "11-05-03-01"}),
    ("R-ADM-11", "letter", "receive", {"receipt.product.class_code": "A-05-03-01-02"}),
    ("R-ADM-13", "unknown", "receive", {"receipt": None}),
    ("R-ADM-13", "missing", "receive", {"receipt.fields.supplier_contact": " "}),
    ("R-ADM-13", "other_number", "receive", {"receipt.fields.filing_number": "沪G妆网备字2025999992"}),
    ("R-ADM-14", "expired", "scan", {"source.lot.expiry": YESTERDAY}),
    ("R-ADM-14", "dead", "receive", {"receipt.lot.status": "recalled"}),
    ("R-ADM-20", "form", "verdict", {"units.0.sources.1.product.form": "aerosol"}),
    ("R-ADM-20", "barred", "verdict", {"units.0.sources.1.product.blendable": False}),
    ("R-ADM-05", "whitening", "receive", {"receipt.product.claims": ("美白", "仅具物理遮盖作用")}),
    ("R-ADM-09", "mixed", "verdict", {"units.0.sources.1.product.class_code": "11-05/07-03-01-02"}),
    ("R-ADM-10", "mixed", "verdict", {"units.0.sources.1.product.class_code": "11-05-03-01-01"}),
    ("R-ADM-10", "disagrees", "verdict", {"units.0.sources.1.product.use": "rinse_off"}),
    ("R-ADM-11", "beyond_annex", "receive", {"receipt.product.class_code": "11-05-04-01-02"}),
    ("R-ADM-12", "empty", "verdict", {"units.0.sources.1.product.class_code": "11-08-03-01-02"}),
    ("R-ADM-13", "date", "receive", {"receipt.fields.purchase_date": "2026-02-30"}),
    ("R-ADM-13", "other_expiry", "receive", {"receipt.expiry": date(2028, 1, 10)}),
    ("R-ADM-15", "bulk", "receive", {"receipt.containers": (replace(container(BASE, "C-1", "L1"), kind="bulk"),)}),
    ("R-ADM-15", "missing", "scan", {"source.container.filled_on": None}),
    ("R-ADM-15", "filled", "verdict", {"units.0.sources.1.container.filled_on": TODAY + timedelta(days=1)}),
    (
        "R-ADM-16",
        "ph_unknown",
        "verdict",
        {"units.0.sources.1.product.ph_min_x100": 350, "units.0.envelope.ph_min_x100": None},
    ),
    (
        "R-ADM-16",
        "ph_low",
        "verdict",
        {"units.0.sources.1.product.ph_min_x100": 340, "units.0.envelope.ph_min_x100": 350},
    ),
    ("R-ADM-16", "ethanol", "verdict", {f"units.0.sources.{n}.product.ethanol_ppm": 750_000 for n in (0, 1)}),
    ("R-ADM-16", "no_warning", "verdict", {"units.0.sources.1.product.ethanol_ppm": 1}),
    ("R-ADM-17", "missing", "verdict", {"units.0.sources.1.product.annual_report_on": date(2025, 3, 1)}),
    ("R-ADM-18", "formula", "dose", {"source.product.formula_version": "F2"}),
    ("R-ADM-18", "unfiled", "verdict", {"units.0.sources.1.product.changed_since_filing": ("process",)}),
    (
        "R-ADM-19",
        "not_approved",
        "verdict",
        {
            "units.0.sources.1.product.filing_number": "新G妆网备字2025999995",
            "roster.rows.0.approved_products": ("BASE",),
        },
    ),
    ("R-ADM-21", "missing", "receive", {"receipt.product.summary_due": YESTERDAY}),
    ("R-ADM-22", "part", "scan", {"source.product.kit_part": True}),
    ("R-ADM-23", "deregistered", "dose", {"source.product.filing_status": "deregistered"}),
    ("R-ADM-23", "revoked", "receive", {"receipt.product.filing_status": "revoked"}),
    ("R-ADM-24", "other_document", "receive", {"receipt.fields.filing_number": "预备案号 沪2025999991"}),
    ("R-ADM-25", "due", "verdict", {**HAINAN, "units.0.sources.1.product.statement_due": TODAY + timedelta(days=120)}),
    ("R-ADM-25", "overdue", "verdict", {**HAINAN, "units.0.sources.1.product.statement_due": YESTERDAY}),
    (
        "R-ADM-25",
        "missed",
        "verdict",
        {**HAINAN, "units.0.sources.1.product.statement_due": YESTERDAY, "params.statement_refuses": True},
    ),
]
PLANNING: list[Row] = [
    ("R-BLD-01", "unknown", "verdict", {"units.0.envelope": None}),
    ("R-BLD-01", "withdrawn", "verdict", {"units.0.envelope.status": "withdrawn"}),
    ("R-BLD-01", "kind", "verdict", {"units.0.envelope.kind": "decant"}),
    ("R-BLD-01", "products", "verdict", {"units.0.sources": (SOURCES[0], replace(SOURCES[1], product_id="OTHER"))}),
    ("R-BLD-01", "fill", "verdict", {"units.0.target_mg": 29_999}),
    ("R-BLD-01", "pack", "verdict", {"units.0.pack.sku": "PK-50"}),
    ("R-BLD-01", "capacity", "verdict", {"units.0.pack.capacity_mg": 29_000}),
    ("R-BLD-01", "not_in_formula", "scan", {"source.product_id": "OTHER"}),
    ("R-BLD-03", "sum", "verdict", {"units.0.sources.0.share_bp": 8_001}),
    ("R-BLD-03", "limits", "verdict", {"units.0.sources.0.share_bp": 9_100, "units.0.sources.1.share_bp": 900}),
    ("R-BLD-04", "unknown", "dose", {"source.lot": None}),
    ("R-BLD-04", "mismatch", "scan", {"source.container": container(ACTIVE, "C-ACTIVE", "L2")}),
    ("R-BLD-04", "dead", "dose", {"source.lot.status": "quarantined"}),
    ("R-BLD-04", "held", "dose", {"source.lot.hold": "H-1"}),
    ("R-BLD-05", "state", "scan", {"source.container.state": "discarded"}),
    ("R-BLD-05", "no_period", "dose", {"source.product.pao_months": None, "unit.envelope": None}),
    ("R-BLD-05", "opened_unknown", "scan", {"source.container.opened_at": None}),
    ("R-BLD-05", "past", "dose", {"source.container.opened_at": NOW - timedelta(days=181)}),
    ("R-BLD-06", "unknown", "print", {"progress.use_by": None}),
    ("R-BLD-06", "past", "print", {"progress.use_by": TODAY}),
    ("R-BLD-06", "extended", "sign", {"progress.use_by": USE_BY + timedelta(days=1)}),
    ("R-BLD-06", "over", "verdict", {"units.0.sources.1.lot.expiry": TODAY}),
    ("R-BLD-06", "short", "verdict", {"units.0.sources.1.lot.expiry": TODAY + timedelta(days=29)}),
    ("R-BLD-20", "sources", "verdict", {"units.1.sources.0.share_bp": 9_000}),
    ("R-BLD-20", "pack", "verdict", {"units.1.pack": None}),
    ("R-BLD-20", "capacity", "verdict", {"units.1.pack.capacity_mg": 29_999}),
    (
        "R-BLD-21",
        "first_not_empty",
        "scan",
        {
            "progress.dosed": PROGRESS.dosed,
            "source": replace(source(BASE, 8_000, "L9"), before=container(BASE, "C-BASE", "L1", 5_001)),
        },
    ),
    (
        "R-BLD-21",
        "too_many",
        "scan",
        {
            "progress.dosed": PROGRESS.dosed,
            "source": source(BASE, 8_000, "L9"),
            "params.max_lots_per_component": 1,
        },
    ),
    ("R-BLD-24", "none", "start", {"unit.sources.0.container": None}),
    ("R-BLD-24", "short", "verdict", {"units.0.sources.0.container.remaining_mg": 28_999}),
]
BENCHES: list[Row] = [
    ("R-BLD-10", "no_certificate", "start", {"bench": None}),
    ("R-BLD-10", "lapsed", "dose", {"bench.verified_to": YESTERDAY}),
    ("R-BLD-10", "not_checked", "start", {"bench.checked_at": NOW - timedelta(hours=13)}),
    ("R-BLD-10", "check_failed", "weigh", {"bench.check_passed": False}),
    ("R-BLD-12", "not_cleared", "start", {"bench.cleared_for": "u-0"}),
    ("R-BLD-13", "not_clean", "start", {"bench.cleaned_at": NOW - timedelta(hours=12, seconds=1)}),
    ("R-BLD-14", "unknown", "start", {"bench": replace(BENCH, temp_c10=None)}),
    ("R-BLD-14", "too_hot", "start", {"bench.temp_c10": 301}),
    ("R-BLD-14", "too_damp", "start", {"bench.rh_pct10": 751}),
    ("R-BLD-14", "range", "start", {"bench.temp_c10": 149}),
    ("R-BLD-15", "own", "cup", {"cup.own_container": True}),
    ("R-BLD-15", "no_lot", "cup", {"cup.pack_received": None}),
    ("R-BLD-15", "other_pack", "cup", {"cup.pack_sku": "PK-50"}),
    ("R-BLD-15", "not_clean", "cup", {"cup.visual_ok": None}),
    ("R-BLD-15", "not_empty", "cup", {"cup.gross_mg": 19_501}),
]
DOSING: list[Row] = [
    ("R-BLD-07", "unknown", "weigh", {"progress.dosed": ()}),
    ("R-BLD-07", "over", "dose", {"progress.dosed": (replace(PROGRESS.dosed[0], actual_mg=24_241),)}),
    ("R-BLD-07", "outside", "weigh", {"progress.dosed.0.actual_mg": 24_241}),
    ("R-BLD-07", "no_envelope", "weigh", {"unit.envelope": None}),
    ("R-BLD-07", "share", "weigh", {"unit.envelope.components.0.max_bp": 8_000}),
    ("R-BLD-08", "unknown", "weigh", {"progress.net_mg": None}),
    ("R-BLD-08", "short", "weigh", {"progress.net_mg": 27_299}),
    ("R-BLD-08", "above", "print", {"progress.net_mg": 29_999}),
    ("R-BLD-17", "unjudged", "sign", {"progress.odour_ok": None}),
    ("R-BLD-17", "failed", "sign", {"progress.homogeneous_ok": False}),
    ("R-BLD-17", "unsigned", "release", {"progress.signed_at": None}),
    ("R-BLD-17", "deviations", "release", {"progress.open_deviations": 1}),
    ("R-BLD-22", "unknown", "resume", {"progress.stopped_at": None}),
    ("R-BLD-22", "stopped", "dose", {"progress.state": "stopped"}),
    ("R-BLD-22", "too_old", "resume", {"progress.stopped_at": NOW - timedelta(minutes=60, seconds=1)}),
    ("R-BLD-22", "other_cup", "resume", {"progress.cup_scanned": "P-2"}),
    ("R-BLD-22", "other_mass", "resume", {"progress.gross_now_mg": 41_949}),
]
LABELS: list[Row] = [
    ("R-LAB-01", "none", "release", {"label.parts": ()}),
    ("R-LAB-01", "not_printed", "release", {"label.parts.0.printed_at": None}),
    ("R-LAB-01", "not_scanned", "release", {"label.parts.0.scanned_back_at": None}),
    ("R-LAB-02", "missing", "print", {"label.items.standard": " "}),
    ("R-LAB-04", "not_on_pack", "print", {"label.on_pack": frozenset({"name"})}),
    (
        "R-LAB-04",
        "no_leaflet",
        "print",
        {"label.net_mg": 15_000, "label.on_pack": frozenset({"name", "filer", "net_content", "use_by"})},
    ),
    ("R-LAB-05", "date", "print", {"label.items.use_by": "见瓶底"}),
    ("R-LAB-06", "incomplete", "verdict", {"units.0.sources.1.product.ingredients": ()}),
    ("R-LAB-06", "differs", "print", {"label.items.ingredients": "甘油、水"}),
    ("R-LAB-07", "unknown", "print", {"progress.net_mg": None}),
    ("R-LAB-07", "too_low", "print", {"label.net_numeral_mm_x100": 199}),
    ("R-LAB-07", "form", "print", {"label.items.net_content": "30 毫升"}),
    ("R-LAB-07", "other_figure", "print", {"label.items.net_content": "30.1 g"}),
    ("R-LAB-07", "digits", "print", {"label.items.net_content": "30.00 g"}),
    ("R-LAB-11", "too_early", "print", {"progress.signed_at": None}),
    ("R-LAB-13", "conflict", "verdict", {"units.0.sources.1.product.use": "rinse_off"}),
    ("R-LAB-13", "missing", "print", {"label.items.warnings": "仅供外用，避免接触眼睛。"}),
    ("R-LAB-18", "does_not_fit", "verdict", {"label": None}),
]
WORDS: list[Row] = [
    ("R-WORD-01", "refuse", "verdict", {"texts.nickname": "最佳乳液"}),
    ("R-WORD-01", "human", "verdict", {"texts.nickname": "强效乳液"}),
    ("R-WORD-02", "refuse", "print", {"label.items.directions": "用于治疗皮肤问题"}),
    ("R-WORD-02", "human", "print", {"label.items.directions": "本品不具有治疗作用"}),
    ("R-WORD-03", "refuse", "print", {"label.free_text": ("美·白",)}),
    ("R-WORD-03", "human", "print", {"label.free_text": ("使用期间请注意防晒",)}),
    ("R-WORD-04", "refuse", "verdict", {"texts.note": "白皙动人"}),
    ("R-WORD-04", "human", "verdict", {"texts.note": "亮白"}),
    ("R-WORD-06", "human", "print", {"label.free_text": ("七天瘦脸",)}),
    ("R-WORD-05", "refuse", "verdict", {"texts.note": "健美"}),
    ("R-WORD-05", "human", "verdict", {"texts.note": "并非育发产品"}),
]

RETURNED = Disposal("returned", "destroyed", "s-01", "s-09", weighed_mg=20_000)
RECORDS: list[Row] = [
    ("R-REC-01", "none", "print", {"progress.batch": None}),
    ("R-REC-01", "twice", "release", {"progress.batch_units": 2}),
    ("R-REC-02", "shape", "release", {"progress.batch": "SH0042-261121-0001X"}),
    ("R-REC-03", "missing", "release", {"record.pack.lot": ""}),
    ("R-REC-05", "no_reason", "correct", {"matter.reason": " "}),
    ("R-SMP-01", "none", "receive", {"receipt.lot.sample_ref": None}),
    ("R-SMP-02", "none", "release", {"params.blend_sample_mode": "full"}),
    ("R-SMP-03", "early", "dispose", {"matter.due": TODAY}),
    ("R-SMP-03", "legal_hold", "dispose", {"matter.hold": "h-1"}),
    ("R-SMP-04", "alone", "dispose", {"matter.second": "s-01"}),
]
PRIVACY: list[Row] = [
    ("R-CON-04", "forced", "consult", {"consumer.needed_consents": frozenset({"contact"})}),
    ("R-CON-06", "withdrawn", "verdict", {"consumer.withdrawn": frozenset({"allergy"})}),
    ("R-CON-07", "review_open", "verdict", {"consumer.review_open": True}),
    ("R-CON-10", "medical", "consult", {"told.reason 1": "可以治疗湿疹"}),
    ("R-CON-11", "no_consent", "image", {"matter.consent": False}),
    ("R-CON-12", "template", "image", {"matter.template": True}),
    ("R-PRV-02", "no_pia", "image", {"params.pia_valid_to": YESTERDAY}),
    ("R-PRV-03", "role", "rights", {"person.staff.roles": ("blender", "releaser")}),
    ("R-PRV-04", "unknown", "send", {"matter": None}),
    ("R-PRV-04", "no_consent", "send", {"matter.recipient": "controller"}),
    ("R-PRV-04", "no_contract", "send", {"matter.recipient": "processor"}),
    ("R-PRV-05", "abroad", "send", {"matter.country": "FR"}),
    ("R-PRV-06", "not_identified", "rights", {"matter.identified": False}),
    ("R-PRV-06", "no_reason", "rights", {"matter.outcome": "partly"}),
    ("R-PRV-06", "legal_hold", "rights", {"matter.hold": "h-1"}),
    ("R-PRV-07", "missing", "breach_close", {"matter.told": {"kinds": "电话"}}),
    ("R-PRV-08", "unasked", "send", {"matter.request_ref": ""}),
    ("R-ADR-10", "kept", "rights", {"matter.kept": {"answers": TODAY}}),
]
AFTER: list[Row] = [
    ("R-ADR-01", "unknown", "reaction", {"matter": None}),
    ("R-ADR-01", "late", "reaction", {"matter.aware_at": NOW - timedelta(hours=24, seconds=1)}),
    ("R-ADR-02", "future", "reaction", {"matter.aware_at": NOW + timedelta(seconds=1)}),
    ("R-ADR-02", "later", "reaction", {"matter.known_at": NOW - timedelta(hours=2)}),
    ("R-ADR-04", "unknown", "classify", {"matter.severity": "mild"}),
    ("R-ADR-04", "role", "classify", {"person.staff.roles": ("blender",)}),
    ("R-ANN-03", "stopped", "open_service", {"last_blend_on": TODAY.replace(year=2025)}),
    ("R-ADR-04", "reason", "classify", {"matter.reason": ""}),
    ("R-ADR-05", "unknown", "submit", {"matter.all_lots": None}),
    ("R-ADR-05", "missing", "submit", {"matter.filing_numbers": frozenset({min(NUMBERS)})}),
    ("R-ADR-08", "role", "hold", {"person": None}),
    ("R-ADR-08", "no_ground", "hold", {"matter.cases": ()}),
    ("R-ADR-11", "unknown", "recall_close", {"matter.uncalled": None}),
    ("R-ADR-11", "uncalled", "recall_close", {"matter.uncalled": ("c-1",)}),
    ("R-ADR-11", "one_channel", "recall_close", {"matter.one_channel": ("c-1",)}),
    ("R-ADR-12", "restocked", "dispose", {"matter": replace(RETURNED, outcome="restocked")}),
    ("R-ADR-14", "not_weighed", "dispose", {"matter": replace(RETURNED, weighed_mg=None)}),
    ("R-ADR-14", "alone", "dispose", {"matter": replace(RETURNED, second=None)}),
]

EVERY: list[Row] = SCOPE + PEOPLE + LINE + CONSULTATION + PRODUCTS + PLANNING + BENCHES + DOSING + LABELS + WORDS
EVERY += MIXTURE + RECORDS + PRIVACY + AFTER
