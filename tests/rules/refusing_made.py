"""The sayings about what is in a bottle already, and about who stands at it: rows as in `refusing.py`."""

from __future__ import annotations

from datetime import timedelta

from .cases import NOW, SOURCES, TODAY

Row = tuple[str, str, str, dict[str, object]]

YESTERDAY = TODAY - timedelta(days=1)
MADE: list[Row] = [
    ("R-ADR-09", "unknown", "sign", {"unit.sources.1.lot": None}),
    ("R-ADR-09", "held", "dose", {"unit.used": SOURCES[1:], "unit.used.0.lot.hold": "R-77"}),
    ("R-ADR-09", "dead", "print", {"unit.sources.1.lot.expiry": YESTERDAY}),
    ("R-ADR-09", "kept_unknown", "hand_over", {"units.1.sources.0.lot": None}),
    ("R-ADR-09", "kept_held", "hand_over", {"units.0.sources.1.lot.hold": "R-77"}),
    ("R-ADR-09", "kept_dead", "hand_over", {"units.0.sources.1.lot.status": "recalled"}),
    ("R-ADM-01", "kept", "hand_over", {"units.0.sources.1.product.filing_status": "revoked"}),
    ("R-BLD-05", "set_apart", "sign", {"unit.used": SOURCES[1:], "unit.used.0.container.set_apart": "异味"}),
    (
        "R-BLD-05",
        "kept_set_apart",
        "hand_over",
        {"units.0.used": SOURCES, "units.0.used.1.container.set_apart": "A"},
    ),
    ("R-CON-08", "kept", "hand_over", {"consumer.allergies": ("2-苯氧乙醇",)}),
    ("R-BLD-06", "kept", "hand_over", {"units.1.use_by": TODAY}),
    ("R-BLD-01", "gone", "release", {"unit.envelope": None}),
    ("R-BLD-01", "stopped", "dose", {"unit.envelope.status": "withdrawn"}),
    ("R-BLD-17", "not_mixed", "sign", {"progress.mixed": False}),
    ("R-CON-01", "judged_before", "start", {"consumer.judged_at": NOW - timedelta(minutes=21)}),
    ("R-PPL-04", "unfit", "sign_in", {"person.staff.health_result": "unfit"}),
    ("R-PPL-04", "no_result", "open_service", {"person.staff.health_result": None}),
]
