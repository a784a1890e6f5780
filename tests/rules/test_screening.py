"""A declared allergen is found, or shown to be absent, or left to the officer; never silently passed."""

from __future__ import annotations

import pytest

from store_service.rules.dossier import AllergenGroup, Ingredient
from store_service.rules.gates import ask
from store_service.rules.screening import screen

from .cases import ACTIVE, BASE, CONSUMER, GROUPS, RULES, changed, passing

FORMULA = [(BASE, 8_000), (ACTIVE, 2_000)]
SCENTED = ACTIVE.model_copy(
    update={"ingredients": (*ACTIVE.ingredients[:2], Ingredient(inci="PARFUM", cn_name="香精", ppm=50_000))}
)


@pytest.mark.parametrize(
    "name",
    ["苯氧乙醇", "PHENOXYETHANOL", "phenoxyethanol", " Phenoxy ethanol", "2-苯氧乙醇", "ＥＤＴＡ", "EDTA 二钠", "水"],
)
def test_an_allergen_is_found_under_any_of_its_names(name: str) -> None:
    (result,) = screen([name], FORMULA, GROUPS)
    assert result.answer == "contained" and result.found


def test_a_trace_ingredient_is_found_in_the_smallest_share() -> None:
    (result,) = screen(["EDTA"], [(BASE, 1), (ACTIVE, 9_999)], GROUPS)
    assert result.answer == "contained"


def test_a_dossier_s_allergen_list_counts_too() -> None:
    listed = BASE.model_copy(update={"allergens": ("芳樟醇",)})
    (result,) = screen(["芳樟醇"], [(listed, 10_000)], GROUPS)
    assert result.answer == "contained"


def test_a_recognised_allergen_may_be_absent() -> None:
    assert [one.answer for one in screen(["蜂蜡", "beeswax"], FORMULA, GROUPS)] == ["absent", "absent"]
    assert screen(["蜂蜡"], FORMULA, ())[0].answer == "undecided"
    assert screen(["蜂蜡"], FORMULA, (), {"蜂蜡": ("蜂蜡", "BEESWAX")})[0].answer == "absent"


def test_a_collective_name_may_hide_a_recognised_one() -> None:
    (result,) = screen(["蜂蜡"], [(BASE, 8_000), (SCENTED, 2_000)], GROUPS)
    assert result.answer == "undecided" and set(result.may_hide_in) == {"香精", "PARFUM"}


def test_a_group_may_be_collective() -> None:
    group = AllergenGroup(key="x", zh="x", en="x", members=("甘油",), collective=True)
    (result,) = screen(["蜂蜡"], FORMULA, (*GROUPS, group))
    assert result.answer == "undecided" and result.may_hide_in == ("甘油",)


@pytest.mark.parametrize(
    ("decision", "refused"), [({}, True), ({"虚构果": "refuse"}, True), ({"虚构果": "allow"}, False)]
)
def test_the_officer_decides_what_cannot_be_told(decision: dict[str, str], refused: bool) -> None:
    case = changed(passing("verdict"), {"consumer.allergies": ("虚构果",), "consumer.officer_decisions": decision})
    assert ({"R-CON-08"} == {f.rule for f in ask("verdict", case, RULES).refusals}) is refused


def test_the_officer_cannot_allow_what_is_contained() -> None:
    case = changed(
        passing("verdict"),
        {"consumer.allergies": ("苯氧乙醇",), "consumer.officer_decisions": {"苯氧乙醇": "allow"}},
    )
    assert not ask("verdict", case, RULES).allowed


def test_nothing_declared_is_nothing_found() -> None:
    assert screen(CONSUMER.allergies, FORMULA, GROUPS) == ()
