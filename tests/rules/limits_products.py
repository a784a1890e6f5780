"""Just inside and just outside the limits of R-ADM."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from store_service.rules.dossier import Ingredient, StatusSince

from .cases import BASE, DECANT_ENVELOPE, TODAY, container

DAY = timedelta(days=1)
ONE = "units.0.sources.1.product."
BOTH = ("units.0.sources.0.product.", "units.0.sources.1.product.")


def watched(*history: tuple[date, str], status: str = "used") -> Ingredient:
    since = tuple(StatusSince.model_validate({"since": day, "status": one}) for day, one in history)
    return Ingredient.model_validate(
        {"inci": "X", "cn_name": "某原料", "ppm": 850_000, "status": status, "history": since}
    )


def both(**changes: Any) -> dict[str, Any]:
    return {f"{path}{name}": value for path in BOTH for name, value in changes.items()}


def receipt(**fields: str) -> dict[str, object]:
    return {f"receipt.fields.{name}": value for name, value in fields.items()}


PACK = container(BASE, "C-NEW", "L1")
PRODUCTS_INSIDE: list[tuple[str, dict[str, object]]] = [
    ("verdict", {f"{ONE}ingredients.0": watched((TODAY, "used"), (TODAY - DAY, "new"))}),
    ("verdict", {f"{ONE}ingredients.0": watched((TODAY - DAY, "used"), (TODAY + DAY, "cancelled"))}),
    ("verdict", {f"{ONE}ingredients.0": watched((TODAY, "used"), status="new")}),
    ("verdict", both(class_code="11-05/07-03-01-02")),
    ("verdict", {f"{ONE}class_code": "11-05/08-03-01-02"}),
    ("verdict", {f"{ONE}class_code": "11-05-03-01-01/02"}),
    (
        "verdict",
        {
            **both(class_code="11-05-03-01-01", use="rinse_off"),
            "units.1.sources.0.product.class_code": "11-05-03-01-01",
            "units.1.sources.0.product.use": "rinse_off",
        },
    ),
    ("receive", {"receipt.product.class_code": "26-10-03-08-02"}),
    ("receive", {"receipt.product.class_code": "06-01-03-00-02"}),
    ("receive", {"receipt.expiry": None}),
    ("receive", receipt(purchase_date="2026年11月2日")),
    ("receive", receipt(purchase_date=" 20261122 ")),
    ("receive", {"receipt.containers": ()}),
    ("receive", {"receipt.containers": (replace(PACK, kind="retail_pack", filled_on=None),)}),
    ("receive", {"receipt.containers": (replace(PACK, state="closed", opened_at=None, filled_on=TODAY),)}),
    ("scan", {"source.container.filled_on": date(2026, 1, 10)}),
    ("scan", {"source.container.filled_on": TODAY - 10 * DAY}),
    ("scan", {"source.container.kind": "retail_pack", "source.container.filled_on": None}),
    ("verdict", {f"{ONE}ph_min_x100": 350, "units.0.envelope.ph_min_x100": 351}),
    ("verdict", {f"{ONE}ethanol_ppm": 30_000, f"{ONE}warnings": (*BASE.warnings, "含酒精。")}),
    (
        "verdict",
        {
            **both(ethanol_ppm=750_000, warnings=("含乙醇，远离火源。",)),
            "label.items.warnings": "含乙醇，远离火源。" + "".join(BASE.warnings),
        },
    ),
    ("verdict", {f"{ONE}annual_report_on": date(2026, 1, 1)}),
    ("verdict", {f"{ONE}annual_report_on": None, f"{ONE}filed_on": date(2025, 4, 1)}),
    ("verdict", {"units.0.sources.1.product.filing_number": "新G妆网备字2025999995"}),
    ("verdict", {f"{ONE}summary_due": TODAY}),
    ("verdict", {f"{ONE}summary_due": TODAY - DAY, f"{ONE}summary_on": TODAY}),
    ("dose", {"unit.envelope": DECANT_ENVELOPE, "source.product.formula_version": "F1"}),
    ("verdict", {f"{ONE}filing_number": "琼G妆网备字2025999995", f"{ONE}statement_due": TODAY + 121 * DAY}),
    ("verdict", {f"{ONE}filing_number": "琼G妆网备字2025999995", f"{ONE}filed_on": date(2023, 3, 23)}),
    ("verdict", {f"{ONE}statement_due": TODAY - DAY}),
]

PRODUCTS_OUTSIDE: list[tuple[str, str, dict[str, object]]] = [
    ("R-ADM-05", "verdict", {f"{ONE}name_zh": "甲增白乳"}),
    ("R-ADM-05", "verdict", {f"{ONE}name_en": "Whitening lotion"}),
    ("R-ADM-06", "receive", {"receipt.product.claims": ("带小金盾",)}),
    ("R-ADM-08", "verdict", {f"{ONE}ingredients.0": watched((TODAY, "new"), (TODAY - DAY, "used"))}),
    ("R-ADM-08", "verdict", {f"{ONE}ingredients.0": watched((TODAY, "cancelled"), (TODAY - DAY, "used"))}),
    ("R-ADM-08", "scan", {"source.product.ingredients.0": watched((TODAY + DAY, "used"))}),
    ("R-ADM-09", "verdict", {"units.0.sources.0.product.class_code": "11-07-03-01-02"}),
    ("R-ADM-10", "verdict", {"units.0.sources.0.product.class_code": "11-05-03-01-01"}),
    ("R-ADM-11", "receive", {"receipt.product.class_code": "11-05-03-12-02"}),
    ("R-ADM-11", "receive", {"receipt.product.class_code": "00-05-03-01-02"}),
    ("R-ADM-13", "receive", receipt(purchase_date="2026-11-23")),
    ("R-ADM-13", "receive", receipt(purchase_date="昨天")),
    ("R-ADM-13", "receive", {"receipt.lot.expiry": TODAY}),
    ("R-ADM-15", "receive", {"receipt.containers": (replace(PACK, filled_on=None),)}),
    ("R-ADM-15", "receive", {"receipt.containers": (replace(PACK, opened_at=None),)}),
    ("R-ADM-15", "receive", {"receipt.containers": (PACK,), "receipt.lot": None}),
    ("R-ADM-15", "scan", {"source.container.filled_on": date(2026, 1, 9)}),
    ("R-ADM-15", "dose", {"source.container.filled_on": TODAY - 9 * DAY}),
    ("R-ADM-15", "dose", {"source.container.opened_at": None}),
    ("R-ADM-15", "verdict", {"units.0.sources.0.container.kind": "pail"}),
    ("R-ADM-16", "verdict", {f"{ONE}ph_min_x100": 350, "units.0.envelope": None}),
    ("R-ADM-16", "verdict", {f"{ONE}ph_min_x100": 350, "units.0.envelope.ph_max_x100": None}),
    ("R-ADM-18", "verdict", {"units.0.sources.1.product.formula_version": "F2"}),
    ("R-ADM-18", "scan", {"source.product.changed_since_filing": ("name",)}),
    ("R-ADM-19", "receive", {"receipt.product.filing_number": "苏G妆网备字2026999997", "roster": None}),
    (
        "R-ADM-19",
        "receive",
        {"receipt.product.filing_number": "苏G妆网备字2026999997", "roster.rows.0.approved_products": None},
    ),
    ("R-ADM-20", "receive", {"receipt.product.class_code": "11-05-03-09-02"}),
    ("R-ADM-20", "receive", {"receipt.product.class_code": "11-05-03-01/10-02"}),
    ("R-ADM-21", "receive", {"receipt.product.summary_due": TODAY - DAY, "receipt.product.summary_on": TODAY + DAY}),
    ("R-ADM-22", "verdict", {f"{ONE}kit_part": True}),
    ("R-ADM-23", "verdict", {f"{ONE}filing_status": "revoked"}),
    ("R-ADM-23", "scan", {"source.product.filing_status": "deregistered", "source.lot": None}),
    ("R-ADM-24", "verdict", {f"{ONE}filing_number": "国妆原备字20210001"}),
]
