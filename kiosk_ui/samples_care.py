"""Sample view models of the bench's care."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from .models import Item, Words
from .models.care import CareScreen, DriftRow, LineRow
from .samples_service import NOW

CLEANING = (
    Item("bench", Words("台面与秤盘已擦拭消毒", "Bench and pan wiped and disinfected")),
    Item("tools", Words("接触工具已清洗消毒", "Contact tools washed and disinfected")),
    Item("waste", Words("废弃物与旧标签已清出", "Waste and old labels removed")),
)
CARE = CareScreen(
    lines=(
        LineRow(
            1, Words("基础保湿乳", "Base lotion"), "C-101", NOW, "prime", 3_120, date(2026, 9, 1), 4_812_000, 310,
            date(2027, 1, 18), False, NOW, 1_004, 42, None, 0,
        ),
        LineRow(
            2, Words("玻尿酸精华", "Hyaluronic serum"), "C-102", NOW, "purge", 11_480, date(2026, 3, 2), 9_204_000,
            1_060, date(2026, 11, 12), True, NOW, 1_019, 85, 372, 0,
        ),
        LineRow(
            3, Words("舒缓精华", "Soothing serum"), "C-103", NOW, "calibrate", None, date(2026, 11, 20), 42_300, runs=2
        ),
        LineRow(4, None, None),
    ),
    chosen=2,
    scale_id="scale-1",
    certificate_no="沪检衡（虚构）2026-999942",
    verified_to=date(2027, 10, 31),
    lapsed=False,
    checked_at=NOW,
    drifts=(DriftRow(20_000, 20_003, 2, date(2026, 10, 24)), DriftRow(100_000, 100_009, 7, date(2026, 10, 24))),
    repeated_at=NOW,
    spread_mg=6,
    repeat_passed=True,
    repeat_limit_mg=12,
    readings=(100_001, 100_004),
    repeats=5,
    cleaned_at=NOW,
    cleaning=CLEANING,
    live_mg=100_002,
)  # fmt: skip
NEW = replace(
    CARE, lines=(), chosen=None, verified_to=None, certificate_no=None, lapsed=True, checked_at=None, drifts=(),
    repeated_at=None, spread_mg=None, repeat_passed=None, readings=(), cleaned_at=None, live_mg=None,
)  # fmt: skip
