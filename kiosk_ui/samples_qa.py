"""Sample view models of the consumer's page and of head office's face."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from .models import Words
from .models.qa import (
    QaDose,
    QaEntry,
    QaFilters,
    QaPair,
    QaRow,
    QaUnit,
    QaUnits,
    Recall,
    TraceDose,
    TraceIngredient,
    TraceList,
    TraceUnit,
)

AT = datetime(2026, 11, 22, 6, 2, 11, tzinfo=UTC)
BATCH = "沪-261122-310001-0017-K"
BLEND = Words("专属保湿乳液", "Personal moisturising lotion")
PARTS = (Words("基底乳液", "Base lotion"), Words("保湿精华", "Hydration booster"), Words("舒缓精华", "Calming serum"))
FILINGS = ("沪G妆网备字2026999991", "沪G妆网备字2026999992", "沪G妆网备字2026999993")
INGREDIENTS = (
    ("水", "AQUA"),
    ("甘油", "GLYCERIN"),
    ("丁二醇", "BUTYLENE GLYCOL"),
    ("角鲨烷", "SQUALANE"),
    ("泛醇", "PANTHENOL"),
    ("透明质酸钠", "SODIUM HYALURONATE"),
    ("苯氧乙醇", "PHENOXYETHANOL"),
)

INTACT = TraceUnit(
    "intact",
    "400-000-0000",
    name=BLEND,
    batch=BATCH,
    content="20.0 g",
    blended=date(2026, 11, 22),
    use_by=date(2027, 2, 20),
    bound="in_use",
    shop=Words("示例美妆 · 静安店", "Sample Beauty · Jing'an"),
    filer="示例化妆品有限公司",
    filer_address="上海市示例区示例路 1 号",
    filing_numbers=FILINGS,
    directions=Words("取适量均匀涂于面部，避开眼周。", "Apply evenly to the face, keep clear of the eyes."),
    warnings=(
        Words("首次使用请先在耳后试用，观察 24 小时。", "Before first use, try behind the ear for 24 hours."),
        Words("如有不适，立即停用并就医。", "If your skin reacts, stop and see a doctor."),
    ),
    lists=(TraceList(tuple(TraceIngredient(zh, inci) for zh, inci in INGREDIENTS)),),
    doses=tuple(
        TraceDose(name, number, (lot,), mass, True)
        for name, number, lot, mass in zip(
            PARTS, FILINGS, ("L260088", "L260233", "L260190"), (12_004, 5_004, 3_008), strict=True
        )
    ),
    sealed_at=AT,
    key_id="shop-310001+7b1f…e2",
    record_url="/01/09520000000103/21/310001-7q2m9xk4t0zb3.record",
    proof_url="/01/09520000000103/21/310001-7q2m9xk4t0zb3.tlog-proof",
)
TRACES = {
    "intact": INTACT,
    "abroad": replace(
        INTACT,
        filer="示例海外化妆品公司（Exemplar Beauté）",
        filer_address="示例国示例市示例街 5 号",
        responsible="示例化妆品有限公司",
        responsible_address="上海市示例区示例路 1 号",
        lists=tuple(replace(INTACT.lists[0], of=dose.name) for dose in INTACT.doses),
    ),
    "past": replace(INTACT, verdict="past_use_by"),
    "voided": replace(INTACT, verdict="voided"),
    "recalled": replace(
        INTACT,
        verdict="recalled",
        reaction_url="/01/09520000000103/21/310001-7q2m9xk4t0zb3/reaction",
        recall=Recall(
            Words("保湿精华 L260233", "Hydration booster L260233"),
            Words("微生物复检不合格。", "failed a repeated microbial test."),
            date(2026, 12, 1),
            Words("请将产品退回任一门店，全额退款。", "Return it to any shop for a full refund."),
        ),
    ),
    "missing": TraceUnit("not_found", "400-000-0000"),
}

UNITS = QaUnits(
    QaFilters(lot="L260233", exceptions=True),
    ("stopped", "parked", "released", "handed_over", "discarded", "recalled"),
    (
        QaRow(
            BATCH,
            "/qa/units/17",
            BLEND,
            "blend",
            "handed_over",
            AT,
            20_016,
            ("L260088", "L260233", "L260190"),
            "E01",
            ("resumed",),
        ),
        QaRow(
            "沪-261122-310001-0018-3", "/qa/units/18", PARTS[0], "decant", "released", AT, 15_002, ("L260088",), "E01"
        ),
        QaRow(
            "沪-261122-310001-0019-W",
            "/qa/units/19",
            BLEND,
            "blend",
            "stopped",
            AT,
            None,
            ("L260088", "L260233"),
            "E02",
            ("deviation", "two_lots"),
        ),
    ),
    128,
    "/qa/units.csv?lot=L260233",
    "/qa/units.jsonl?lot=L260233",
    "/qa/units?lot=L260233&after=128",
)


def _dose(n: int, target: int, actual: int, before: int) -> QaDose:
    started = AT + timedelta(seconds=20 * n)
    return QaDose(
        PARTS[n],
        ("L260088", "L260233", "L260190")[n],
        f"C{n + 1:03d}",
        target,
        actual,
        60,
        before,
        before + actual,
        started,
        started + timedelta(seconds=14),
        False,
        f"S S {(before + actual) / 1000:10.3f} g",
    )


def _pairs(**values: str) -> tuple[QaPair, ...]:
    return tuple(QaPair(label, value) for label, value in values.items())


UNIT = QaUnit(
    BATCH,
    BLEND,
    "blend",
    "handed_over",
    ("resumed",),
    _pairs(
        serial="310001-7Q2M9XK4T0ZB3",
        gtin="09520000000103",
        envelope="E3 v2",
        net_content="20.01 g",
        blended="2026-11-22",
        use_by="2027-02-20",
        store="310001",
    ),
    _pairs(blender="E01", releaser="E02", officer="E03"),
    _pairs(consumer_ref="c-5e0b…41", notice="N3", consents="service, health", verdict="41 / 41"),
    (_dose(0, 12_000, 12_004, 18_972), _dose(1, 5_000, 5_004, 30_976), _dose(2, 3_000, 3_008, 35_980)),
    _pairs(
        tare="18.972 g", gross="38.986 g", net="20.014 g", difference="−0.002 g", appearance="✓ ✓ ✓", pack_lot="PK2610"
    ),
    _pairs(
        printed="2026-11-22 14:06:40", scanned_back="2026-11-22 14:07:02", handed_over="2026-11-22 14:11:30", voided="—"
    ),
    tuple(
        (rule, "verdict", True)
        for rule in (
            "R-SCP-01",
            "R-SCP-06",
            "R-ADM-01",
            "R-PPL-02",
            "R-CON-08",
            "R-BLD-01",
            "R-BLD-10",
            "R-LAB-02",
            "R-LAB-18",
        )
    ),
    tuple(
        QaEntry(4_120 + n, AT + timedelta(seconds=8 * n), kind, actor, "1c9e…d0")
        for n, (kind, actor) in enumerate(
            (
                ("unit.started", "E01"),
                ("cup.weighed", "scale-1"),
                ("dose.started", "pump-1"),
                ("dose.ended", "scale-1"),
                ("unit.signed", "E02"),
                ("unit.released", "E02"),
            )
        )
    ),
    "7d2a9b6c1f0e4c58a3b1d2e3f4a5968778695a4b3c2d1e0f9f3c71ab00112233",
    "0b1c2d3e4f5061728394a5b6c7d8e9f00112233445566778899aabbccddeeff0",
    4_126,
    AT + timedelta(seconds=70),
    "/qa/units/17.json",
)
