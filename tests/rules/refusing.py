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
from .refusing_label import LISTS
from .refusing_made import MADE
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
    ("R-SCP-15", "shops", "start", {"roster.rows.0.max_shops": 0}),
    ("R-SCP-15", "batch", "verdict", {"roster.rows.0.max_batch_g": 29}),
    ("R-SCP-15", "benches", "start", {"roster.rows.0.max_benches": 1, "site.benches": 2}),
    ("R-SCP-16", "forbidden", "verdict", {"roster.rows.0.orders": (order(forbids=("ENV-D",)),)}),
    ("R-SCP-16", "due", "open_service", {"roster.rows.0.orders": (order(due=TODAY + timedelta(days=7)),)}),
    ("R-SCP-16", "overdue", "open_service", {"roster.rows.0.orders": (order(due=YESTERDAY),)}),
    (
        "R-SCP-17",
        "countdown",
        "open_service",
        {"params.extension_end": TODAY + timedelta(days=90), "params.extension_doc": "DOC-9"},
    ),
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
    ("R-SYN-03", "late", "start", {"sync": Sync(True, NOW - timedelta(minutes=60, seconds=1))}),
    ("R-REC-03", "unreachable", "hand_over", {"recall_by": None}),
]

EVERY: list[Row] = SCOPE + PEOPLE + LINE + CONSULTATION + PRODUCTS + PLANNING + BENCHES + DOSING + LABELS + WORDS
EVERY += MIXTURE + RECORDS + PRIVACY + AFTER + LISTS + MADE
