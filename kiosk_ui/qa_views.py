"""From what `quality` reads to the models of head office's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from store_service.quality.queries import Page, UnitRow

from .formats import content, grams, stamp
from .models import Words
from .models.qa import QaDose, QaEntry, QaFilters, QaPair, QaRow, QaUnit, QaUnits

WORDS = {
    "title": Words("质量查询", "Quality records"),
    "token": Words("访问令牌", "Access token"),
    "enter": Words("进入", "Enter"),
    "wrong": Words("令牌不对。", "That token is not right."),
    "where": Words(
        "令牌在本店数据文件夹的 qa.token 中，只能读取。",
        "The token is in qa.token in the shop's data folder; it only reads.",
    ),
    "deviations": Words("偏差", "Deviations"),
    "none": Words("无", "None"),
    "accepted": Words("说明理由后继续的提醒", "Warnings that were gone past"),
    "pictures": Words("打印的标签", "Labels as printed"),
    "picture": Words("标签", "Label"),
    "sources": Words("原料产品的进货记录", "Where the source lots came from"),
}  # fmt: skip
LABEL_STATES = {
    "reserved": Words("正在打印", "being printed"),
    "printed": Words("已打印", "printed"),
    "verified": Words("已回扫", "scanned back"),
    "applied": Words("已贴签放行", "on the released pack"),
    "voided": Words("已作废", "void"),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A printed label, its bitmap by digest."""

    serial: str
    state: Words
    sha256: str
    url: str


def units_view(page: Page, total: int, typed: QaFilters, query: Mapping[str, str], states: tuple[str, ...]) -> QaUnits:
    """The list. `query` is the query string as it came, so that every table of it is one link away."""
    kept = {name: value for name, value in query.items() if value and name not in ("after", "lang")}
    tail = f"?{urlencode(kept)}" if kept else ""
    further = f"/qa?{urlencode({**kept, 'after': page.next})}" if page.next is not None else None
    return QaUnits(
        typed, states, tuple(map(_row, page.rows)), total, f"/qa/units.csv{tail}", f"/qa/units.jsonl{tail}", further
    )


def _row(row: UnitRow) -> QaRow:
    started = row.started_at
    if row.batch is None or started is None:
        raise ValueError(f"{row.unit_id} was never started: the list holds started units only")
    return QaRow(
        row.batch,
        f"/qa/units/{row.batch}",
        Words(row.name_zh, row.name_zh),
        "decant" if row.kind == "decant" else "blend",
        row.state,
        started,
        row.net_mg,
        row.lots,
        row.blender_id or "",
        row.exceptions,
    )


def typed_filters(query: Mapping[str, str]) -> QaFilters:
    """The query string as typed, to be shown again."""
    named = {name: query.get(name, "") for name in ("batch", "product", "lot", "staff", "state")}
    return QaFilters(
        **named,
        day_from=query.get("from", ""),
        day_to=query.get("to", ""),
        exceptions=query.get("exceptions") == "1",
    )


def unit_view(file: Mapping[str, Any], row: UnitRow) -> QaUnit:
    """One unit's file as its page."""
    unit, service, seal = file["unit"], file["service"], file["seal"]
    return QaUnit(
        batch=unit["batch"],
        name=Words(unit["name_zh"], unit["name_zh"]),
        kind="decant" if unit["kind"] == "decant" else "blend",
        state=unit["state"],
        exceptions=row.exceptions,
        identity=_identity(file),
        people=_people(file),
        consultation=_consultation(service),
        doses=tuple(_dose(file, one) for one in file["doses"] if one["ended_at"]),
        weigh=_weigh(unit),
        labels=_labels(file),
        rules=_rules(service["verdict"]),
        entries=tuple(
            QaEntry(one["idx"], _at(one["at"]), one["type"], one["actor"], one["leaf"]) for one in file["entries"]
        ),
        record_sha256=unit["record_sha256"] or "—",
        public_sha256=unit["public_sha256"] or "—",
        checkpoint_size=seal["checkpoint_size"] if seal else 0,
        cosigned_at=_at(seal["cosigned_at"]) if seal and seal["cosigned_at"] else None,
        json_url=f"/qa/units/{unit['batch']}.json",
        pdf_url=f"/qa/units/{unit['batch']}.pdf" if file["record"] is not None else None,
    )


def pictures(file: Mapping[str, Any]) -> list[Picture]:
    return [
        Picture(one["serial"], LABEL_STATES[one["state"]], one["bitmap_sha256"], f"/qa/labels/{one['bitmap_sha256']}")
        for one in file["labels"]
    ]


def deviations(file: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**one, "at": _at(one["at"])} for one in file["deviations"]]


def accepted(file: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each warning that somebody answered for: which, what was compared, the reason, who and when."""
    return [{**one, "at": _at(one["at"])} for one in file["findings"] if one["kind"] == "warning"]


def sources(file: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each source lot of the unit with its receipt, so that a bottle leads to the purchase on one page."""
    return [
        {**one, "product": part["product_id"], "received_at": _at(one["received_at"])}
        for part in file["components"]
        for one in part["received"]
    ]


def _identity(file: Mapping[str, Any]) -> tuple[QaPair, ...]:
    unit = file["unit"]
    return _pairs(
        serial=unit["serial"],
        gtin=unit["gtin"],
        envelope=f"{unit['envelope_id']} v{unit['envelope_version']}",
        net_content=content(unit["label_net_mg"]) if unit["label_net_mg"] else None,
        blended=_stamp(unit["started_at"]),
        use_by=unit["use_by"],
        keep_until=file["keep_until"],
        store=file["store"],
    )


def _people(file: Mapping[str, Any]) -> tuple[QaPair, ...]:
    """Who was there, and what each answered for before the first dose (R-REC-03)."""
    unit, cleared = file["unit"], file["unit"]["clearance"]
    started = unit["started"] or {}
    return _pairs(
        officer=", ".join(started.get("officers", ())),
        blender=unit["blender_id"],
        fit_on=started.get("fit_on"),
        cleared=f"{cleared['by']} · {_stamp(cleared['at'])} · {', '.join(cleared['items'])}" if cleared else None,
        cleaned=_stamp(started.get("cleaned_at")),
        ended=_stamp(unit["inspected_at"]),
        releaser=unit["releaser_id"],
    )


def _consultation(service: Mapping[str, Any]) -> tuple[QaPair, ...]:
    given = [f"{purpose} {one['version']}" for purpose, one in sorted(service["consents"].items()) if one["given"]]
    verdict = service["verdict"]
    asked = len(verdict["asked"]) if verdict else 0
    passed = asked - len(verdict["refusals"]) if verdict else 0
    return _pairs(
        consumer_ref=service["consumer_ref"],
        notice=service["notice_version"],
        consents=", ".join(given),
        verdict=f"{passed} / {asked}" if verdict else None,
        explained=_explained(service),
        recall_by=_recall_by(service),
    )


def _explained(service: Mapping[str, Any]) -> str | None:
    told = service["explained"]
    return f"{told['by']} · {_stamp(service['explained_at'])} · {', '.join(told['items'])}" if told else None


def _recall_by(service: Mapping[str, Any]) -> str | None:
    """How the consumer hears of a recall: by the contact that was left, or by a card."""
    if service["contact_left"]:
        return "✓ contact"
    return "✓ card" if service["recall_card"] else None


def _dose(file: Mapping[str, Any], one: Mapping[str, Any]) -> QaDose:
    part = next(part for part in file["components"] if part["product_id"] == one["product_id"])
    before, after = one["gross_before_mg"], one["gross_after_mg"]
    named = (file["record"] or {}).get("components", [])
    name = next((own["name"] for own in named if own["product"] == one["product_id"]), None) or one["product_id"]
    return QaDose(
        Words(name, name),
        one["lot_no"],
        one["container_id"],
        one["target_mg"],
        one["landed_mg"] or 0,
        part["tolerance_mg"],
        before,
        before if after is None else after,
        _at(one["started_at"]),
        _at(one["ended_at"]),
        part["manual"],
        f"{one['raw_before'].strip()} → {one['raw_after'].strip()}",
        bool(part["one_sided"]),
    )


def _weigh(unit: Mapping[str, Any]) -> tuple[QaPair, ...]:
    seen = unit["inspection"] or {}
    marks = [seen.get(name) for name in ("mixed", "appearance_ok", "odour_ok", "homogeneous_ok")]
    net, doses = unit["net_mg"], unit["sum_mg"]
    return _pairs(
        tare=_grams(unit["empty_mg"]),
        gross=_grams(unit["gross_mg"]),
        net=_grams(net),
        difference=None if net is None or doses is None else grams(net - doses, sign=True),
        appearance=" ".join("—" if mark is None else "✓" if mark else "✕" for mark in marks),
        pack_lot=unit["pack_lot"],
    )


def _labels(file: Mapping[str, Any]) -> tuple[QaPair, ...]:
    labels = file["labels"]
    voided = [one["serial"] for one in labels if one["state"] == "voided"]
    return _pairs(
        printed=_stamp(max((one["printed_at"] for one in labels), default=None)),
        scanned_back=_stamp(file["unit"]["verified_at"]),
        handed_over=_stamp(file["unit"]["handed_over_at"]),
        voided=", ".join(voided),
    )


def _rules(verdict: Mapping[str, Any] | None) -> tuple[tuple[str, str, bool], ...]:
    if verdict is None:
        return ()
    return tuple((rule, "verdict", rule not in verdict["refusals"]) for rule in verdict["asked"])


def _pairs(**values: str | None) -> tuple[QaPair, ...]:
    return tuple(QaPair(label, value or "—") for label, value in values.items())


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _stamp(text: str | None) -> str | None:
    return stamp(_at(text)) if text else None


def _grams(mg: int | None) -> str | None:
    return None if mg is None else grams(mg)
