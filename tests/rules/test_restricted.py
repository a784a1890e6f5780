"""Restricted ingredients: the table as it is imported, and a unit's contents against it, exactly."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.chemistry import further_warnings, use_of
from store_service.rules.dossier import Ingredient, Product
from store_service.rules.merge import ethanol_ppm, merged_warnings, preservative_ppm
from store_service.rules.restricted import (
    NoDirectory,
    Restriction,
    exceeded,
    on_hair,
    read_entry,
    restrictions_of,
    table_warnings,
)

from .cases import ACTIVE, BASE, RULES

PARAMS = RULES.fill({})
SALICYLIC = {
    "no": 8,
    "cn_name": "水杨酸",
    "scope": "(a) 驻留类产品和淋洗类肤用产品；(b) 淋洗类发用产品",
    "max_conc": "(a) 2.0%；(b) 3.0%",
    "label_warning": "含水杨酸；三岁以下儿童勿用",
    "note_refs": ["1", "2"],
    "match_inci": ["SALICYLIC ACID"],
}
AMMONIA = {
    "no": 38,
    "cn_name": "氨",
    "scope": "",
    "max_conc": "6%（以 NH3 计）",
    "label_warning": "含 2% 以上氨时，应注明「含氨」",
    "note_refs": [],
    "match_inci": ["AMMONIA"],
}
MUSK = {
    "no": 45,
    "cn_name": "酮麝香",
    "scope": "",
    "max_conc": "(a) 香水 1.4%；(b) 淡香水 0.56%；(c) 其他产品 0.042%",
    "label_warning": "",
    "note_refs": [],
    "match_inci": ["MUSK KETONE"],
}


def holding(inci: str, ppm: int, use: str = "leave_on", site: str = "05", *, preservative: bool = False) -> Product:
    rest = Ingredient(inci="WATER", cn_name="水", ppm=1_000_000 - ppm)
    one = Ingredient(inci=inci, cn_name=inci, ppm=ppm, preservative=preservative)
    changes = {"ingredients": (one, rest), "use": use, "class_code": f"11-{site}-03-01-02"}
    return ACTIVE.model_copy(update=changes)


@pytest.mark.parametrize(
    ("ppm", "use", "site", "over"),
    [
        (20_000, "leave_on", "05", False),
        (20_001, "leave_on", "05", True),
        (20_001, "rinse_off", "05", True),
        (30_000, "rinse_off", "01", False),
        (30_001, "rinse_off", "01", True),
        (20_001, "leave_on", "01", True),
    ],
)
def test_the_limit_is_that_of_the_use(ppm: int, use: str, site: str, over: bool) -> None:
    formula = [(holding("SALICYLIC ACID", ppm, use, site), 10_000)]
    hair = on_hair([product for product, _ in formula])
    assert bool(exceeded(formula, read_entry(SALICYLIC), use_of(formula), hair=hair)) is over


def test_the_unit_counts_and_not_the_source() -> None:
    strong = holding("SALICYLIC ACID", 30_000)
    assert not exceeded([(strong, 6_666), (BASE, 3_334)], read_entry(SALICYLIC), "leave_on")
    (over,) = exceeded([(strong, 6_667), (BASE, 3_333)], read_entry(SALICYLIC), "leave_on")
    assert (over.found_ppm, over.max_ppm, over.exact) == (20_001, 20_000, True)


def test_a_preservative_follows_its_own_table() -> None:
    kept = holding("SALICYLIC ACID", 500_000, preservative=True)
    assert not exceeded([(kept, 10_000)], read_entry(SALICYLIC), "leave_on")


def test_what_is_counted_as_something_else_is_for_a_person() -> None:
    (over,) = exceeded([(holding("AMMONIA", 70_000), 10_000)], read_entry(AMMONIA), "leave_on")
    assert not over.exact


def test_a_warning_from_a_content_on() -> None:
    for ppm, wanted in ((19_999, ()), (20_000, ("含氨",))):
        assert table_warnings([(holding("AMMONIA", ppm), 10_000)], read_entry(AMMONIA), "leave_on") == wanted


def test_uses_that_stand_among_the_figures() -> None:
    perfume, water, other = read_entry(MUSK)
    assert (perfume.special, water.special, other.special) == (True, True, False)
    assert [one.max_ppm for one in (perfume, water, other)] == [14_000, 5_600, 420]
    assert exceeded([(holding("MUSK KETONE", 421), 10_000)], read_entry(MUSK), "leave_on")


def test_the_label_warns_of_what_the_blend_holds_and_no_source_says() -> None:
    source = holding("SALICYLIC ACID", 10_000).model_copy(update={"warnings": ("本品含水杨酸。",)})
    strong = BASE.model_copy(update={"ethanol_ppm": 800_000})
    formula = [(source, 1), (strong, 9_999)]
    further = further_warnings(formula, read_entry(SALICYLIC), PARAMS)
    assert further == ("含水杨酸", "三岁以下儿童勿用", PARAMS.ethanol_warning)
    said = merged_warnings(formula, further)
    assert "含水杨酸" not in said and {"三岁以下儿童勿用", PARAMS.ethanol_warning} <= set(said)
    assert further_warnings([(source, 5_000), (strong, 5_000)], (), PARAMS) == ()


def test_nothing_imported_is_nothing_known() -> None:
    assert restrictions_of([(BASE, 10_000)], NoDirectory()) == ()
    assert not NoDirectory().find("水")


def table() -> list[dict[str, object]]:
    path = os.environ.get("RESTRICTED_JSON")
    if not path:
        assert os.environ.get("CI") != "true", "RESTRICTED_JSON is not set"
        pytest.skip("RESTRICTED_JSON is not set: the table of restricted ingredients is not part of this tree")
    rows: list[dict[str, object]] = json.loads(Path(path).read_text("utf-8"))["entries"]
    return rows


def test_the_official_table_reads() -> None:
    entries = {row["no"]: (row, read_entry(row)) for row in table()}
    assert len(entries) == 47
    for row, clauses in entries.values():
        assert bool(clauses) is bool(row["match_inci"] or row["no"] == 37)
        if row["legal_cap"] is not None:
            assert {one.max_ppm for one in clauses} == {round(float(str(row["legal_cap"])) * 10_000)}
    of = {no: clauses for no, (_, clauses) in entries.items()}
    assert [(one.use, one.hair, one.max_ppm) for one in of[10]] == [
        ("leave_on", None, 30_000),
        ("rinse_off", None, 40_000),
    ]
    assert of[37][0].warn_from_ppm == 30_000 and of[37][0].warning == "与防晒化妆品同时使用"


@given(st.data(), st.lists(st.integers(0, 1_000_000), min_size=1, max_size=4), st.integers(1, 1_000_000))
def test_contents_are_exact_and_round_to_the_safe_side(data: st.DataObject, contents: list[int], cap: int) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, 10_000), min_size=len(contents) - 1, max_size=len(contents) - 1)))
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    products = [holding("ALCOHOL", ppm, preservative=True) for ppm in contents]
    formula = list(zip(products, shares, strict=True))
    exact = sum((Fraction(ppm * bp, 10_000) for ppm, bp in zip(contents, shares, strict=True)), Fraction())
    assert exact <= ethanol_ppm(formula) < exact + 1
    assert exact - 1 < preservative_ppm(formula) <= exact
    over = exceeded(formula, (Restriction(1, "乙醇", ("ALCOHOL",), max_ppm=cap),), "leave_on")
    assert bool(over) is (exact > cap)
