"""Facts as a clerk reads them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.wording import scaled

from .cases import RULES


@pytest.mark.parametrize(
    ("key", "value", "zh", "en"),
    [
        ("actual_mg", 24_241, "24.241 g", "24.241 g"),
        ("error_mg", -50, "-0.05 g", "-0.05 g"),
        ("target_mg", 30_000, "30 g", "30 g"),
        ("share_bp", 1_250, "12.5 %", "12.5 %"),
        ("total_ppm", 999_999, "99.9999 %", "99.9999 %"),
        ("temp_c10", 301, "30.1 °C", "30.1 °C"),
        ("rh_pct10", 755, "75.5 %", "75.5 %"),
        ("height_mm_x100", 199, "1.99 mm", "1.99 mm"),
        ("age_days", 8, "8", "8"),
        ("now_at", "2026-11-22T12:00:00+08:00", "2026-11-22 12:00", "2026-11-22 12:00"),
        ("today", "2026-11-22", "2026-11-22", "2026-11-22"),
        ("fit", False, "否", "no"),
        ("passed", True, "是", "yes"),
        ("lot_status", "recalled", "已召回", "recalled"),
        ("province", "SH", "上海", "Shanghai"),
        ("age", "unknown", "未知", "unknown"),
        ("missing", ["appearance", "odour"], "外观、气味", "appearance, odour"),
        ("missing", [], "无", "none"),
        ("lot_no", "L260233", "L260233", "L260233"),
        ("opened_at", "unknown", "未知", "unknown"),
    ],
)
def test_a_fact_is_told_with_its_unit_or_its_word(key: str, value: object, zh: str, en: str) -> None:
    assert (RULES.terms.render(key, value, "zh"), RULES.terms.render(key, value, "en")) == (zh, en)


@given(st.integers(-(10**9), 10**9), st.sampled_from([10, 100, 1_000, 10_000]))
def test_scaling_is_exact_and_has_no_idle_zeros(value: int, per: int) -> None:
    text = scaled(value, per, "")
    assert Fraction(text) * per == value
    assert "." not in text or not text.endswith(("0", "."))


def test_a_template_that_names_no_fact_is_an_error() -> None:
    with pytest.raises(KeyError):
        RULES.terms.say("{nothing}", {}, "en")


def test_every_term_is_there_in_both_languages() -> None:
    assert all(zh and en for zh, en in RULES.terms.words.values())


def test_every_code_that_a_parameter_lists_has_a_word() -> None:
    params = RULES.fill({})
    listed = {*params.receipt_fields, *params.mandatory_items, *params.label_extra_items, *params.linted_items}
    assert listed | set(params.barred_forms) <= RULES.terms.words.keys()
