"""The sayings of R-REC, R-SMP, R-PRV, R-ADR and R-ANN: rows as in `refusing.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from store_service.rules.matters import CaseClosing, Disposal, DutyMove, HoldWord

from .cases import (
    NOW,
    NUMBERS,
    TODAY,
)

Row = tuple[str, str, str, dict[str, object]]

YESTERDAY = TODAY - timedelta(days=1)

RETURNED = Disposal("returned", "destroyed", "s-01", "s-09", weighed_mg=20_000)
WASTE = Disposal("waste", "destroyed", "s-01", "s-09", weighed_mg=20_000)
ISSUE = DutyMove("major_issue", "decided", "决定 1", ends=False, decided_by="hq-01", heads=("hq-01",))
REPORT = DutyMove("annual_report", "submitted", "", ends=True)
DONE = DutyMove("self_inspection", "done", "自查 1", ends=True)
OPEN_CASE = CaseClosing("serious", bottle=True, reported=True, selfchecked=False, conclusion="好转")
MARCH = {"now": NOW.replace(year=2027, month=3, day=1), "units.0.sources.1.product.annual_report_on": None}
RECORDS: list[Row] = [
    ("R-REC-01", "none", "print", {"progress.batch": None}),
    ("R-REC-01", "twice", "release", {"progress.batch_units": 2}),
    ("R-REC-02", "shape", "release", {"progress.batch": "SH0042-261121-0001X"}),
    ("R-REC-03", "missing", "release", {"record.pack.lot": ""}),
    ("R-REC-05", "no_reason", "correct", {"matter.reason": " "}),
    ("R-REC-04", "overdue", "open_service", {"done.drilled": date(2026, 5, 21)}),
    ("R-REC-05", "no_duty", "duty", {"matter": None}),
    ("R-REC-05", "duty_role", "duty", {"person.staff.roles": ("blender", "releaser")}),
    ("R-REC-05", "duty_receipt", "duty", {"matter": replace(DONE, ref=" ")}),
    ("R-BLD-18", "not_weighed", "dispose", {"matter": replace(WASTE, weighed_mg=None)}),
    ("R-BLD-18", "alone", "dispose", {"matter": replace(WASTE, second=None)}),
    ("R-BLD-18", "legal_hold", "dispose", {"matter": replace(WASTE, hold="h-1")}),
    ("R-SCP-08", "penalty_bars", "apply", {"site.filer.penalty_on": date(2023, 11, 22)}),
    (
        "R-SCP-08",
        "sampling_bars",
        "apply",
        {"params.also_no_failed_sampling": True, "site.filer.failed_sampling_on": date(2023, 11, 22)},
    ),
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
    ("R-SYN-06", "role", "legal_hold", {"person.staff.roles": ("blender", "releaser")}),
    ("R-SYN-06", "no_reason", "legal_hold", {"matter.reason": " "}),
    ("R-SYN-06", "alone", "legal_hold", {"matter.second": None}),
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
    ("R-ADR-02", "no_receipt", "submit", {"matter.receipt": " "}),
    ("R-ADR-02", "not_reported", "case_close", {"matter.reported": False}),
    ("R-ADR-03", "no_selfcheck", "case_close", {"matter": OPEN_CASE}),
    ("R-ADR-04", "unclassified", "case_close", {"matter.severity": "unclassified"}),
    ("R-ADR-04", "close_role", "case_close", {"person.staff.roles": ("blender",)}),
    ("R-ADR-04", "conclusion", "case_close", {"matter.conclusion": " "}),
    ("R-ADR-09", "role", "recall", {"person.staff.roles": ("blender",)}),
    ("R-ADR-09", "reason", "recall", {"matter.reason": " "}),
    ("R-ADR-09", "open_recall", "hold", {"matter": HoldWord((), "复检合格", "l-1")}),
    ("R-ADR-09", "undone", "recall_close", {"matter.undone": ("mpa_reported",)}),
    ("R-ANN-02", "overdue", "open_service", {"done.self_inspected": date(2025, 11, 21)}),
    ("R-ANN-07", "incomplete", "apply", {"matter.parts": frozenset({"form"})}),
    ("R-ANN-08", "head", "duty", {"matter": replace(ISSUE, decided_by="s-01")}),
    ("R-ANN-08", "undecided", "duty", {"matter.decided": False}),
    ("R-ANN-08", "receipt", "duty", {"matter.ref": " "}),
    (
        "R-ANN-09",
        "unvisited",
        "verdict",
        {
            "params.first_check_months": 3,
            "done.visited": date(2026, 7, 31),
            "units.0.sources.1.product.filed_on": date(2026, 8, 1),
        },
    ),
    ("R-ANN-10", "due", "verdict", MARCH),
    ("R-ANN-10", "receipt", "duty", {"matter": REPORT}),
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
