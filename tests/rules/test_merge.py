"""What goes into one pack, and how long it may be used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.dossier import Ingredient, Product
from store_service.rules.merge import (
    UsePart,
    add_months,
    claims_in_common,
    conflicts,
    ethanol_ppm,
    ingredients_text,
    merged_ingredients,
    merged_warnings,
    use_by,
)

from .cases import ACTIVE, BASE, NOW, product

NAMES = ["WATER", "Glycerin", "GLYCERIN", "SQUALANE", "PARFUM", "EDTA"]


@st.composite
def products(draw: st.DrawFn) -> Product:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique_by=str.casefold))
    cuts = sorted(draw(st.lists(st.integers(0, 1_000_000), min_size=len(names) - 1, max_size=len(names) - 1)))
    edges = [0, *cuts, 1_000_000]
    parts = tuple(Ingredient(inci=n, cn_name=n, ppm=edges[i + 1] - edges[i]) for i, n in enumerate(names))
    return product("P", "999990", parts, ethanol_ppm=draw(st.integers(0, 1_000_000)))


@st.composite
def formulas(draw: st.DrawFn) -> list[tuple[Product, int]]:
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), max_size=3)))
    edges = [0, *cuts, 10_000]
    return [(draw(products()), b - a) for a, b in pairwise(edges)]


@given(formulas())
def test_the_merged_list_is_whole_ordered_and_within_one_ppm(formula: list[tuple[Product, int]]) -> None:
    merged = merged_ingredients(formula)
    assert sum(i.ppm for i in merged) == 1_000_000
    assert [i.ppm for i in merged] == sorted((i.ppm for i in merged), reverse=True)
    for one in merged:
        exact = sum(i.ppm * bp for p, bp in formula for i in p.ingredients if i.inci.casefold() == one.inci.casefold())
        assert abs(one.ppm * 10_000 - exact) < 10_000
    assert {i.inci.casefold() for i in merged} == {i.inci.casefold() for p, _ in formula for i in p.ingredients}


@given(formulas())
def test_the_order_of_the_sources_does_not_matter_to_the_contents(formula: list[tuple[Product, int]]) -> None:
    def contents(some: list[tuple[Product, int]]) -> dict[str, int]:
        return {i.inci.casefold(): i.ppm for i in merged_ingredients(some)}

    there, back = contents(formula), contents(formula[::-1])
    assert there.keys() == back.keys()
    assert all(abs(there[key] - back[key]) <= 1 for key in there)


@given(formulas())
def test_ethanol_is_a_weighted_mean_rounded_up(formula: list[tuple[Product, int]]) -> None:
    exact = sum(p.ethanol_ppm * bp for p, bp in formula)
    assert 0 <= ethanol_ppm(formula) * 10_000 - exact < 10_000


def test_a_blend_as_printed() -> None:
    formula = [(BASE, 8_000), (ACTIVE, 2_000)]
    assert [(i.inci, i.ppm) for i in merged_ingredients(formula)] == [
        ("WATER", 890_000),
        ("GLYCERIN", 76_000),
        ("NIACINAMIDE", 20_000),
        ("SQUALANE", 10_000),
        ("PHENOXYETHANOL", 3_600),
        ("EDTA", 400),
    ]
    assert ingredients_text(formula) == "水、甘油、烟酰胺、角鲨烷、苯氧乙醇；其他微量成分：EDTA 二钠"
    assert ingredients_text([(ACTIVE, 10_000)]) == "水、烟酰胺、角鲨烷"


@given(formulas(), st.integers(0, 400_000))
def test_no_ingredient_above_the_threshold_is_called_a_trace(formula: list[tuple[Product, int]], trace: int) -> None:
    exact: dict[str, Fraction] = {}
    names: dict[str, str] = {}
    for source, bp in formula:
        for one in source.ingredients:
            exact[one.inci.casefold()] = exact.get(one.inci.casefold(), Fraction()) + Fraction(one.ppm * bp, 10_000)
            names.setdefault(one.inci.casefold(), one.cn_name)
    main, _, traces = ingredients_text(formula, trace).partition("其他微量成分：")
    told = [name for name in main.rstrip("；").split("、") if name]
    assert sorted(told) == sorted(names[inci] for inci, ppm in exact.items() if ppm > trace)
    assert len(told) + len([name for name in traces.split("、") if name]) == len(exact)


def test_the_threshold_of_trace_ingredients_is_inclusive() -> None:
    def text(ppm: int) -> str:
        parts = (Ingredient(inci="A", cn_name="甲", ppm=1_000_000 - ppm), Ingredient(inci="B", cn_name="乙", ppm=ppm))
        return ingredients_text([(product("P", "999990", parts), 10_000)])

    assert text(1_000) == "甲；其他微量成分：乙"
    assert text(1_001) == "甲、乙"


def test_new_stays_new_when_merged() -> None:
    watched = ACTIVE.model_copy(
        update={"ingredients": (Ingredient(inci="water", cn_name="水", ppm=10**6, status="new"),)}
    )
    assert merged_ingredients([(BASE, 5_000), (watched, 5_000)])[0].status == "new"


def test_warnings_once_each_claims_in_common_and_conflicts() -> None:
    other = ACTIVE.model_copy(
        update={"warnings": (BASE.warnings[1], "含乙醇。"), "claims": ("控油",), "use": "rinse_off"}
    )
    formula = [(BASE, 5_000), (other, 5_000)]
    assert merged_warnings(formula) == (*BASE.warnings, "含乙醇。")
    assert claims_in_common(formula) == () and claims_in_common([(BASE, 10_000)]) == ("保湿",)
    assert claims_in_common([]) == ()
    (conflict,) = conflicts(formula)
    assert conflict.values == ("leave_on", "rinse_off") and conflict.product_ids == ("BASE", "ACTIVE")
    assert conflicts([(BASE, 5_000), (ACTIVE, 5_000)]) == ()


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (({"directions": "涂抹后免洗。"}, {"directions": "按摩后冲洗干净。"}), ["directions"]),
        (({"storage": "请冷藏保存。"}, {"storage": "置于阴凉处，勿冷藏。"}), ["storage"]),
        (({"storage": "请冷藏保存。"}, {"storage": "置于阴凉处。"}), []),
        (({"use": "rinse_off", "directions": "冲洗干净。"}, {"directions": "免洗。"}), ["use_class", "directions"]),
    ],
)
def test_statements_that_exclude_each_other(changes: tuple[dict[str, str], dict[str, str]], what: list[str]) -> None:
    formula = [(one.model_copy(update=change), 5_000) for one, change in zip((BASE, ACTIVE), changes, strict=True)]
    assert [one.what for one in conflicts(formula)] == what


def test_ethanol_is_the_larger_of_dossier_and_list() -> None:
    listed = product("P", "999990", (Ingredient(inci="Alcohol Denat.", cn_name="变性乙醇", ppm=300_001),))
    assert ethanol_ppm([(listed, 5_000), (BASE, 5_000)]) == 150_001
    assert ethanol_ppm([(listed.model_copy(update={"ethanol_ppm": 400_000}), 10_000)]) == 400_000


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 22), 12, date(2027, 11, 22)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 0, date(2026, 12, 1)),
    ],
)
def test_months_end_on_a_day_that_exists(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(0, 120), st.integers(0, 120))
def test_months_never_run_over_and_keep_their_order(day: date, fewer: int, more: int) -> None:
    later = add_months(day, fewer)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == fewer
    assert later.day <= day.day
    assert (add_months(day, fewer) <= add_months(day, more)) is (fewer <= more)


dates = st.dates(date(2026, 12, 1), date(2030, 1, 1))
parts = st.builds(
    UsePart,
    what=st.just("甲"),
    expiry=dates,
    opened_at=st.none() | st.datetimes(datetime(2025, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC)),
    pao_months=st.none() | st.integers(1, 36),
)


@given(st.lists(parts, min_size=1, max_size=4), st.none() | st.integers(0, 400), st.none() | st.integers(0, 400))
def test_the_use_by_date_is_the_least_of_its_bounds(some: list[UsePart], in_use: int | None, most: int | None) -> None:
    ends = use_by(NOW, some, in_use_days=in_use, max_days=most)
    assert ends.date == min(bound.date for bound in ends.bounded_by) == ends.bounded_by[0].date
    assert all(ends.date <= part.expiry for part in some)
    for days in (in_use, most):
        assert days is None or ends.date <= date(2026, 11, 22) + timedelta(days=days)
    assert use_by(NOW, [*some, UsePart("乙", date(2026, 12, 1))], in_use_days=in_use, max_days=most).date <= ends.date


def test_a_container_opened_now_counts_from_now_and_an_open_one_from_its_opening() -> None:
    late = date(2029, 1, 1)
    assert use_by(NOW, [UsePart("甲", late, None, 6)]).date == date(2027, 5, 22)
    opened = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)  # already 1 July in Beijing
    ends = use_by(NOW, [UsePart("甲", late, opened, 6)], in_use_days=90)
    assert ends.date == date(2027, 1, 1)
    assert ends.bounded_by[0] == ("甲 after_opening", date(2027, 1, 1), "after_opening", "甲")


def test_a_use_by_date_needs_a_source() -> None:
    with pytest.raises(ValueError, match="at least one"):
        use_by(NOW, [])


@given(formulas(), st.integers(0, 2**16))
def test_a_source_without_concentrations_keeps_its_own_list(formula: list[tuple[Product, int]], hidden: int) -> None:
    """Nothing is merged with it: every source's list stands in a line after its name, in its filed order where its
    concentrations are not all supplied."""
    first, share = formula[0]
    parts = tuple(
        one.model_copy(update={"ppm": None if n == 0 or hidden >> n & 1 else one.ppm})
        for n, one in enumerate(first.ingredients)
    )
    untold = first.model_copy(update={"ingredients": parts, "name_zh": "甲"})
    own = "、".join(one.cn_name for one in parts)
    assert ingredients_text([(untold, 10_000)]) == own
    if len(formula) > 1:
        told, *others = ingredients_text([(untold, share), *formula[1:]]).split("\n")
        assert told == f"甲：{own}"
        assert others == [f"{one.name_zh}：{ingredients_text([(one, 10_000)])}" for one, _ in formula[1:]]
    assert ethanol_ppm([(untold, share), *formula[1:]]) >= ethanol_ppm(formula)
