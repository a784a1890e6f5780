"""Samples of head office's second signatures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from .models import Words
from .models.seconds import OfficeAnswer, OfficeDeviation, OfficePart, OfficeQueue, OfficeRequest

AT = datetime(2026, 11, 22, 6, 2, 11, tzinfo=UTC)
TYPED = OfficeRequest(
    href="/gallery/office-second",
    store_id="SH0042",
    entry=85,
    sha256="794c60c91c36d1e3232ede5c4b0a9c09cc7f038cf87bd78f2418c9a209d626cb",
    at=AT,
    by="s-01",
    rule="R-PPL-07",
    title=Words("调配与放行分开", "Duties apart"),
    said=Words(
        "单元有手工录入的质量（手工录入：是），调配人 s-01 以外须有第二人确认。",
        "A mass was typed by hand (typed: yes); a second person besides s-01 must confirm.",
    ),
    why=None,
    what="SH0042-261122-0001K",
    product="专属保湿乳液",
    net_mg=30_010,
    blender="s-01",
    parts=(
        OfficePart(Words("基底乳液", "Base lotion"), ("B2609A",), ("C-102",), 25_500, 25_509, True),
        OfficePart(Words("保湿精华", "Hydration booster"), ("H2609A", "H2610B"), ("C-107",), 4_500, 4_502, False),
    ),
    deviations=(OfficeDeviation(AT, "reratio", "H2609A: 4500 → 4502 mg", "s-01", True),),
    refused_before=("请先复核批号。",),
)
ORDER = replace(
    TYPED,
    entry=91,
    rule="R-SCP-16",
    title=Words("整改", "Orders"),
    said=Words("整改通知 ORD-7 已逾期。", "Order ORD-7 is overdue."),
    why=Words("已安排办理", "Being dealt with"),
    what="shift 2026-11-22",
    product="",
    parts=(),
    deviations=(),
    refused_before=(),
)
SIGNED = OfficeAnswer(AT, "SH0042", "u-1", "R-PPL-07", True, "", "hq-01", "settled")
QUEUE = OfficeQueue(
    (ORDER, TYPED),
    (
        replace(SIGNED, at=AT + timedelta(minutes=1), effect="on_the_way"),
        replace(SIGNED, agreed=False, reason="重量不符", by="hq-02"),
        replace(SIGNED, effect="without"),
    ),
    "/gallery/still",
)
PEOPLE = {"hq-01": Words("总部质量甲", "Quality A"), "hq-02": Words("总部质量乙", "Quality B")}
WRONG = Words("令牌不是所选人的，或此人不能签。", "The token is not that person's, or that person may not sign.")
