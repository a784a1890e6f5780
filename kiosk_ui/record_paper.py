"""A batch record on paper: what was sealed when the unit was released, for a person to read, sign off and file.

The page is drawn out of the sealed record alone, its date is the record's own, and the font comes with the package: the
same record gives the same bytes, today and in ten years. The footer carries the digest by which it is known.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import typst
from PIL import ImageFont
from pylopdf_fonts_zh_cn import sans_path

from store_service.rules.catalogue import Reason, RuleSet

from .formats import grams, percent, stamp, tenths

TEMPLATE = Path(__file__).parent / "templates" / "pdf" / "record.typ"
NOTHING, BOX, BREAK = "—", "□", "\u200b"
Term = Callable[[str], str]
_one = threading.Lock()


WORDS = {
    "pumped": "泵送 pumped",
    "poured": "倾倒 poured",
    "manual": "手工录入 typed",
    "done": "完成 done",
    "short": "不足 short",
    "over": "超量 over",
    "stopped": "停止 stopped",
    "fault": "故障 fault",
    "interrupted": "中断 interrupted",
    "label": "标签 label",
    "leaflet": "说明书 leaflet",
    "reserved": "正在打印 printing",
    "printed": "已打印 printed",
    "verified": "已回扫 scanned back",
    "applied": "已贴签 applied",
    "voided": "已作废 void",
    "warning": "提醒 warning",
    "refusal": "拒绝 refused",
    "second_asked": "请第二人签字 second person asked",
    "second_given": "第二人已签字 signed by a second person",
    "second_declined": "第二人不同意 declined by a second person",
    "second_without_effect": "签字无效 signed without effect",
    "reratio": "改比例 shares changed",
    "discarded": "作废 discarded",
    "released": "放行 released",
}
"""Codes of a record that the rules have no word for, or another one."""


def on_paper(record: Mapping[str, Any], digest: str, ruleset: RuleSet) -> bytes:
    """The PDF of a sealed record with its digest."""
    signed_at = datetime.fromisoformat(str(record["signed_at"])).replace(microsecond=0)  # all that a PDF's date holds
    return pdf(laid_out(record, digest, ruleset), signed_at)


def pdf(paper: Mapping[str, Any], at: datetime) -> bytes:
    """PDF/A-2b of what `paper` lays out, dated `at`. It takes tenths of a second of CPU: in a process of its own, one
    at a time, never beside the dosing loop (DESIGN §4.10), and gone afterwards with its memory."""
    with _one, ProcessPoolExecutor(1, get_context("spawn"), initializer=_deaf) as pool:
        return pool.submit(_draw, json.dumps(paper, ensure_ascii=False), at).result()


def _deaf() -> None:
    """Ctrl-C is the service's to hear, and the bench comes first."""
    os.nice(10)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _draw(paper: str, at: datetime, picture: bool = False) -> bytes:
    """As a PDF, or as a PNG to look at."""
    return typst.compile(
        str(TEMPLATE),
        format="png" if picture else "pdf",
        font_paths=[str(Path(sans_path()).parent)],
        ignore_system_fonts=True,
        sys_inputs={"record": _shown(paper)},
        timestamp=at,
        pdf_standards=None if picture else "a-2b",
    )


def _shown(text: str) -> str:
    """What the font has no glyph for as a box: PDF/A refuses it, and a person's own words may hold anything."""
    font = ImageFont.truetype(sans_path(), 16)
    none = bytes(font.getmask("\U0010ffff"))
    odd = (one for one in set(text) if one > "\x7f" and one != BREAK and bytes(font.getmask(one)) == none)
    return text.translate({ord(one): BOX for one in odd})


def laid_out(record: Mapping[str, Any], digest: str, ruleset: RuleSet) -> dict[str, Any]:
    """What stands where, in words; a part that an older record does not have is a dash, never a guess."""

    def term(code: str) -> str:
        zh, en = ruleset.terms.term(code, "zh"), ruleset.terms.term(code, "en")
        return WORDS.get(code) or (zh if zh == en else f"{zh} {en}")

    look = _looker(record)
    names = {one["product"]: one["name"] for one in record.get("components", ())}
    return {
        "title": f"批记录 Batch record  {look('batch')}",
        "note": "由封存的记录生成，与之一致；核对以记录为准。 Drawn from the sealed record; the record is what counts.",
        "digest": f"SHA-256 (RFC 8785)  {digest}",
        "facts": [
            _section("产品 Product", _product(look, term)),
            _section("人员与现场 People and room", _people(look, term)),
            _section("检查 Checks", _checks(look)),
            _section("顾客与判定 Service and verdict", _service(look, record, term)),
        ],
        "tables": [
            _components(record),
            _doses(record, names, term),
            _labels(record, term),
            _deviations(record, term),
            _findings(record, ruleset.reasons, term),
        ],
    }


def _product(look: Term, term: Term) -> list[tuple[str, str]]:
    return [
        ("名称 Name", look("name")),
        ("种类 Kind", term(look("kind"))),
        ("GTIN", look("gtin")),
        ("净含量 Net content", look("label_net_mg")),
        ("使用期限 Use by", f"{look('use_by')}（{term(look('bounded_by'))}）"),
        ("方案 Envelope", f"{look('envelope.id')} v{look('envelope.version')} {look('envelope.approval')}"),
        ("工艺 Step", term(look("envelope.mixing_step"))),
        ("包装 Pack", f"{look('pack.sku')} {look('pack.lot')}，洁净 clean：{_yes(look('pack.clean'))}"),
    ]


def _people(look: Term, term: Term) -> list[tuple[str, str]]:
    return [
        ("门店 Shop", f"{look('store.name')} {look('store.id')} {look('store.bench')}"),
        ("试点名单 Roster", look("store.roster")),
        ("调配 Blender", look("people.blender")),
        ("放行 Releaser", look("people.releaser")),
        ("质量安全员 Officers", look("people.officers")),
        ("健康声明 Fit on", look("people.fit_on")),
        ("清场 Line cleared", f"{look('clearance.by')} {look('clearance.at')}"),
        ("温湿度 Room", f"{look('started.temp_c10')} °C  {look('started.rh_pct10')} %"),
    ]


def _checks(look: Term) -> list[tuple[str, str]]:
    return [
        ("秤 Scale", f"{look('started.scale_id')} {look('started.certificate_no')}"),
        ("砝码核查 Check weigh", look("started.checked_at")),
        ("清洁 Cleaned", look("started.cleaned_at")),
        ("空瓶 Empty", look("pack.empty_mg")),
        ("复称 Check weigh", f"{look('check_weigh.net_mg')} · {look('yield_bp')}"),
        ("混匀 Mixed", _yes(look("inspection.mixed"))),
        ("外观 Appearance", _yes(look("inspection.appearance_ok"))),
        ("气味 Odour", _yes(look("inspection.odour_ok"))),
        ("均匀 Homogeneous", _yes(look("inspection.homogeneous_ok"))),
    ]


def _service(look: Term, record: Mapping[str, Any], term: Term) -> list[tuple[str, str]]:
    given = (record.get("service") or {}).get("consents") or {}
    return [
        ("服务 Service", look("service.id")),
        ("代号 Reference", look("service.consumer")),
        ("告知 Notice", look("service.notice")),
        ("同意 Consents", "，".join(f"{term(one)} {_yes(str(told.get('given')))}" for one, told in given.items())),
        ("咨询 Consulted", look("service.consulted_at")),
        ("开始 Started", look("started_at")),
        ("结束 Ended", look("ended_at")),
        ("签字 Signed", look("signed_at")),
        ("规则 Rules", f"{look('rules.version')} {look('rules.sha256')[:16]}…"),
    ]


def _components(record: Mapping[str, Any]) -> dict[str, Any]:
    rows = []
    for one in record.get("components", ()):
        from_ = [_looker(each) for each in one.get("from", ())]
        look = _looker(one)
        rows.append(
            [look("name"), look("filing_number"), "\n".join(f"{each('lot')} · {each('container')}" for each in from_),
             "\n".join(each("expiry") for each in from_), look("share_bp"), look("target_mg"), look("actual_mg")]
        )  # fmt: skip
    head = ["原料 Source", "备案号 Filing no.", "批号·容器 Lot · container", "期限 Expiry", "比例 Share", "目标 Target",
            "实际 Actual"]  # fmt: skip
    return _table("成分 Components", head, (5, 4, 3, 2, 2, 2, 2), rows)


def _doses(record: Mapping[str, Any], names: Mapping[str, str], term: Term) -> dict[str, Any]:
    rows = [
        [names.get(one["product"], one["product"]), f"{look('lot')} · {look('container')}", look("gross_before_mg"),
         look("gross_after_mg"), look("landed_mg"), f"{term(look('how'))} {term(look('outcome'))}", look("ended_at")]
        for one in record.get("doses", ())
        for look in (_looker(one),)
    ]  # fmt: skip
    head = [
        "原料 Source",
        "批号·容器 Lot · container",
        "前 Before",
        "后 After",
        "落料 Landed",
        "方式 How",
        "结束 Ended",
    ]
    return _table("加料 Doses", head, (5, 3, 2, 2, 2, 3, 3), rows)


def _labels(record: Mapping[str, Any], term: Term) -> dict[str, Any]:
    rows = [
        [look("serial"), term(look("medium")), term(look("state")), look("printed_at"), _broken(look("bitmap_sha256"))]
        for look in map(_looker, record.get("labels", ()))
    ]
    head = ["序列号 Serial", "介质 Medium", "状态 State", "打印 Printed", "图像 Bitmap SHA-256"]
    return _table("标签 Labels", head, (4, 2, 3, 4, 6), rows)


def _deviations(record: Mapping[str, Any], term: Term) -> dict[str, Any]:
    rows = [
        [
            term(str(one.get("kind", NOTHING))),
            str(one.get("detail") or NOTHING),
            term(str(one.get("decision") or NOTHING)),
        ]
        for one in record.get("deviations", ())
    ]
    return _table("偏差 Deviations", ["种类 Kind", "说明 Detail", "处理 Decision"], (2, 5, 3), rows or [[NOTHING] * 3])


def _findings(record: Mapping[str, Any], reasons: Mapping[str, Reason], term: Term) -> dict[str, Any]:
    """Warnings that somebody answered for, refusals, second signatures."""
    rows = [
        [
            look("rules"),
            term(look("kind")),
            _reason(reasons, look("reason")),
            look("by"),
            look("at"),
        ]
        for one in record.get("findings", ())
        for look in (_looker(one),)
    ]
    head = ["规则 Rule", "种类 Kind", "理由 Reason", "经办 By", "时间 At"]
    return _table("提醒与签字 Warnings and signatures", head, (3, 3, 4, 2, 3), rows or [[NOTHING] * 5])


def _reason(reasons: Mapping[str, Reason], code: str) -> str:
    return f"{reasons[code].zh} {reasons[code].en}" if code in reasons else code


def _broken(digest: str) -> str:
    """A digest that may be broken in the middle."""
    return f"{digest[:32]}{BREAK}{digest[32:]}"


def _section(title: str, rows: list[tuple[str, str]]) -> dict[str, Any]:
    return {"title": title, "rows": rows}


def _table(title: str, head: list[str], columns: Sequence[int], rows: list[list[str]]) -> dict[str, Any]:
    return {"title": title, "head": head, "columns": list(columns), "rows": rows}


def _yes(word: str) -> str:
    return {"True": "是 yes", "False": "否 no"}.get(word, word)


def _looker(inside: Mapping[str, Any]) -> Term:
    """The value at a dotted path as a person reads it: grams, percent, Beijing time."""

    def look(path: str) -> str:
        found: Any = inside
        for key in path.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        if found in (None, "", []):
            return NOTHING
        if isinstance(found, list):
            return "、".join(map(str, found))
        if path.endswith("_mg"):
            return grams(found)
        if path.endswith("_bp"):
            return percent(found)
        if path.endswith(("_c10", "_pct10")):
            return tenths(found)
        if isinstance(found, str) and (path.endswith("_at") or path in ("at", "clearance.at")):
            return stamp(datetime.fromisoformat(found))
        return str(found)

    return look
