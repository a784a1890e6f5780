"""The sayings of R-REC, R-SMP, R-PRV, R-ADR and R-ANN: rows as in `refusing.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from store_service.rules.matters import Disposal

from .cases import (
    NOW,
    NUMBERS,
    TODAY,
)

Row = tuple[str, str, str, dict[str, object]]

YESTERDAY = TODAY - timedelta(days=1)

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
    ("R-CON-10", "doubtful", "consult", {"told.reason 1": "消炎"}),
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
    ("R-ADR-02", "unknown", "reaction", {"matter": None}),
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
    ("R-ADR-14", "legal_hold", "dispose", {"matter": replace(RETURNED, hold="h-1")}),
]
