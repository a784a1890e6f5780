"""Laws of the amounts: exact sums, roundings that never favour the label, and the metrology tables."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.amounts import (
    component_tolerance,
    mass_text,
    net_content,
    numeral_min_mm_x100,
    shortage_mg,
    targets,
)


@st.composite
def shares(draw: st.DrawFn) -> list[int]:
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=6)))
    edges = [0, *cuts, 10_000]
    return [b - a for a, b in pairwise(edges)]


@given(st.integers(1, 10**9), shares())
def test_targets_sum_exactly_and_stay_within_one_mg_of_their_share(fill_mg: int, bp: list[int]) -> None:
    split = targets(fill_mg, bp)
    assert sum(split) == fill_mg
    assert all(abs(part * 10_000 - fill_mg * share) < 10_000 for part, share in zip(split, bp, strict=True))


@pytest.mark.parametrize(("fill", "bp"), [(0, [10_000]), (30_000, [9_999]), (30_000, [11_000, -1_000]), (30_000, [])])
def test_targets_want_whole_shares_of_something(fill: int, bp: list[int]) -> None:
    with pytest.raises(ValueError, match="10,000"):
        targets(fill, bp)


def test_targets_give_ties_to_the_earlier() -> None:
    assert targets(3, [5_000, 5_000]) == (2, 1)
    assert targets(30_001, [3_333, 3_333, 3_334]) == (9_999, 9_999, 10_003)


@given(st.integers(1, 2 * 10**6), st.sampled_from([1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]))
def test_net_content_never_says_more_than_there_is(net_mg: int, d_mg: int) -> None:
    if net_mg < d_mg:
        with pytest.raises(ValueError, match="no net content"):
            net_content(net_mg, d_mg)
        return
    said = net_content(net_mg, d_mg)
    assert 0 < said.label_mg <= net_mg and said.label_mg % d_mg == 0
    assert len(str(said.label_mg).rstrip("0")) <= 3
    assert net_mg - said.label_mg < max(d_mg, net_mg / 100)
    assert net_content(said.label_mg, d_mg) == said
    assert said.text == f"净含量：{mass_text(said.label_mg, max(d_mg, 10 ** max(0, len(str(net_mg)) - 3)))}"


@pytest.mark.parametrize(
    ("net_mg", "d_mg", "label_mg", "text", "height"),
    [
        (29_987, 1, 29_900, "净含量：29.9 g", 200),
        (30_004, 10, 30_000, "净含量：30.0 g", 200),
        (30_400, 1_000, 30_000, "净含量：30 g", 200),
        (8_769, 1, 8_760, "净含量：8.76 g", 200),
        (50_000, 10, 50_000, "净含量：50.0 g", 200),
        (50_199, 10, 50_100, "净含量：50.1 g", 300),
        (200_900, 10, 200_000, "净含量：200 g", 300),
        (999_999, 10, 999_000, "净含量：999 g", 400),
        (1_234_567, 10, 1_230_000, "净含量：1.23 kg", 600),
    ],
)
def test_net_content_as_printed(net_mg: int, d_mg: int, label_mg: int, text: str, height: int) -> None:
    said = net_content(net_mg, d_mg)
    assert (said.label_mg, said.text, said.numeral_min_mm_x100) == (label_mg, text, height)


@pytest.mark.parametrize(
    ("nominal_g", "shortage_g"),
    [
        (5, 0.4), (10, 0.9), (15, 1.4), (30, 2.7), (50, 4.5), (50.001, 4.5), (100, 4.5), (150, 6.8), (200, 9.0),
        (300, 9.0), (400, 12.0), (500, 15.0), (1000, 15.0), (2000, 30.0), (10_000, 150.0),
        (15_000, 150.0), (50_000, 500.0),
    ],
)  # fmt: skip
def test_the_shortage_table(nominal_g: float, shortage_g: float) -> None:
    assert shortage_mg(round(nominal_g * 1000)) == round(shortage_g * 1000)


@pytest.mark.parametrize("nominal", [0, -1, 50_000_001])
def test_the_shortage_table_ends(nominal: int) -> None:
    with pytest.raises(ValueError, match="net content"):
        shortage_mg(nominal)


@given(st.integers(1, 50_000_000))
def test_a_shortage_is_at_most_nine_per_cent_but_for_its_rounding(nominal_mg: int) -> None:
    assert 0 <= shortage_mg(nominal_mg) <= nominal_mg * 9 / 100 + 50


@pytest.mark.parametrize(
    ("mass", "height"),
    [(50_000, 200), (50_001, 300), (200_000, 300), (200_001, 400), (1_000_000, 400), (1_000_001, 600)],
)
def test_numeral_heights(mass: int, height: int) -> None:
    assert numeral_min_mm_x100(mass) == height


def test_component_tolerance_is_the_larger() -> None:
    assert component_tolerance(2_000, 50, 100) == 50
    assert component_tolerance(24_000, 50, 100) == 240
    assert component_tolerance(24_099, 50, 100) == 240
