"""Wrong by one: a day, a milligram, a part in a million; and what a "no" says about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.ahead import ending_soon
from store_service.rules.amounts import WHOLE_BP, largest_remainder
from store_service.rules.case import Used
from store_service.rules.checks.containers import enough_for_the_rest
from store_service.rules.dossier import AllergenGroup
from store_service.rules.gates import ask
from store_service.rules.merge import conflicts
from store_service.rules.numbers import MAX_TEXT, normalise
from store_service.rules.readiness import check_readiness
from store_service.rules.refusal import Finding
from store_service.rules.reratio import Part, reratio
from store_service.rules.rounds import Done, Round, of_a_product, of_the_shop

from .cases import BASE, READINESS, RULES, SOURCES, STAFF, TODAY, changed, passing

FILLED = RULES.fill(RULES.params("SH"))


def found(gate: str, changes: dict[str, object], rule: str) -> list[Finding]:
    verdict = ask(gate, changed(passing(gate), changes), RULES)
    return [one for one in (*verdict.refusals, *verdict.warnings) if one.rule == rule]


def test_the_rounds_of_a_shop_and_of_a_product() -> None:
    done = Done(began=date(2026, 1, 31))
    assert list(of_the_shop(done, FILLED)) == [
        Round("self_inspection", "R-ANN-02", "", date(2027, 1, 31)),
        Round("recall_drill", "R-REC-04", "", date(2026, 7, 31)),
    ]
    product = BASE.model_copy(update={"filed_on": date(2024, 5, 1), "annual_report_on": None})
    due = Round("annual_report", "R-ANN-10", f"{product.product_id}/2025", date(2026, 3, 31))
    assert list(of_a_product(product, Done(), FILLED, date(2026, 3, 2))) == [due]
    reported = Done(reports=frozenset({(product.product_id, 2025)}))
    assert list(of_a_product(product, reported, FILLED, date(2026, 3, 2))) == []


def test_a_document_may_hold_for_one_day() -> None:
    one = READINESS.documents[0]
    register = READINESS.model_copy(update={"documents": (one.model_copy(update={"valid_to": one.valid_from}),)})
    check_readiness(register, RULES)
    before = one.model_copy(update={"valid_to": one.valid_from - timedelta(days=1)})
    with pytest.raises(ValueError, match=r"documents\[0\].valid_to"):
        check_readiness(register.model_copy(update={"documents": (before,)}), RULES)


def test_a_paper_that_lapsed_tells_the_day_that_it_was_asked() -> None:
    old = [one.model_copy(update={"valid_to": TODAY - timedelta(days=1)}) for one in READINESS.documents]
    lapsed = replace(passing("open_service"), readiness=READINESS.model_copy(update={"documents": tuple(old)}))
    verdict = ask("open_service", lapsed, RULES)
    said = [one for one in (*verdict.refusals, *verdict.warnings) if one.saying == "document_lapsed"]
    assert said and {one.facts["today"] for one in said} == {TODAY.isoformat()}


def test_a_lesson_of_just_a_year_ago_still_counts() -> None:
    staff = passing("open_service").person.staff  # type: ignore[union-attr]  # the blender is there
    assert staff is not None
    since = TODAY - timedelta(days=FILLED.training_valid_days)
    for days, no in ((0, False), (1, True)):
        old = tuple(one.model_copy(update={"completed_on": since - timedelta(days=days)}) for one in staff.training)
        said = [one.saying for one in found("open_service", {"person.staff.training": old}, "R-PPL-06")]
        assert ("none" in said) is no


def test_one_day_left_is_short_and_none_is_over() -> None:
    for days, saying in ((1, "short"), (0, "over")):
        (no,) = found("verdict", {"units.0.sources.1.lot.expiry": TODAY + timedelta(days=days)}, "R-BLD-06")
        assert no.saying == saying and no.facts["remaining_days"] == days


def test_a_milligram_that_is_still_to_come_needs_a_container() -> None:
    case = passing("reratio")
    first = case.unit.sources[0]  # type: ignore[union-attr]  # it is half made
    for rest_mg, no in ((0, False), (1, True)):
        landed = replace(case.progress.dosed[0], product_id=first.product_id, actual_mg=first.target_mg - rest_mg)  # type: ignore[union-attr]
        changes = {"progress.dosed": (landed,), "unit.sources.0.container": None}
        said = [one.facts["product_zh"] for one in enough_for_the_rest(changed(case, changes), FILLED)]
        assert (len(said) > 0) is no


def test_what_excludes_each_other_is_told_by_its_words() -> None:
    cold = BASE.model_copy(update={"product_id": "P-9", "storage": "2–8 ℃冷藏"})
    warm = BASE.model_copy(update={"storage": "请勿冷藏"})
    for formula in ([(warm, 5_000), (cold, 5_000)], [(cold, 5_000), (warm, 5_000)]):
        for one in conflicts(formula):
            assert one.what == "storage" and len(one.values) == 2 and all(one.values)


def test_a_clock_that_is_known_to_be_wrong_says_so() -> None:
    (no,) = found("open_service", {"clock_ok": False}, "R-SCP-02")
    (unknown,) = found("open_service", {"clock_ok": None}, "R-SCP-02")
    assert no.facts["clock_ok"] != unknown.facts["clock_ok"]


def test_who_signed_beside_a_typed_code_is_told() -> None:
    changes = {"progress.dosed.0.manual": True, "progress.second_person": "s-77"}
    assert [one.facts["second_person"] for one in found("sign", changes, "R-BLD-16")] == ["s-77"]


def test_an_allergen_that_nobody_decided_on_is_undecided() -> None:
    (no, *_) = found("verdict", {"consumer.allergies": ("没听说过的东西",)}, "R-CON-08")
    assert no.saying == "undecided" and no.facts["decision"] == "unknown"


def test_a_maker_may_stand_with_the_sources() -> None:
    items = passing("print").label.items  # type: ignore[union-attr]  # the label is laid out
    makers = "、".join(source.product.producer.name for source in SOURCES if source.product)
    for sources, no in ((makers, False), ("", True)):
        changed_items = {**items, "sources": sources, "producer": ""}
        said = [
            one.saying
            for one in found("print", {"label.items": changed_items, "params.list_source_makers": True}, "R-LAB-02")
        ]
        assert ("makers" in said) is no


def test_what_a_group_says_of_a_line_counts() -> None:
    """蜂蜡 stands in no list of this product; the filer's group says that it is in it."""
    inci = BASE.ingredients[0].inci
    used = (Used(BASE.product_id, BASE, None),)
    group = AllergenGroup(key="g", zh="某物", en="a thing", members=("某物", inci))
    for groups, no in (((group,), True), ((), False)):
        changes = {"consumer.allergies": ("某物",), "bench.used": used, "allergen_groups": groups, "names": {}}
        assert ("某物" in str([one.facts["allergens"] for one in found("verdict", changes, "R-BLD-23")])) is no


def test_the_end_of_the_acting_persons_papers_is_told_ahead() -> None:
    case = changed(
        passing("open_service"), {"person.staff.health_checked": TODAY - timedelta(days=FILLED.health_valid_days - 7)}
    )
    assert STAFF.staff_id in str([said.facts for _, said in ending_soon(case, FILLED, RULES)])
    nobody = replace(case, person=None)
    assert STAFF.staff_id not in str([said.facts for _, said in ending_soon(nobody, FILLED, RULES)])


def test_a_text_is_cut_where_it_is_too_long_for_a_number() -> None:
    assert len(normalise("A" * MAX_TEXT)) == MAX_TEXT
    assert len(normalise("A" * 10 * MAX_TEXT)) == MAX_TEXT + 1
    assert len(normalise("㈱" * 10 * MAX_TEXT)) == MAX_TEXT + 1, "also what grows while it is read"


@st.composite
def parts(draw: st.DrawFn) -> list[Part]:
    """A unit of two to five parts inside their limits, some of them in the cup already."""
    weights = draw(st.lists(st.integers(1, 60), min_size=2, max_size=5))
    shares = largest_remainder(WHOLE_BP, weights)
    fill_mg = draw(st.integers(2_000, 60_000))
    made = []
    for share, target in zip(shares, largest_remainder(fill_mg, shares), strict=True):
        least, most = draw(st.integers(0, share)), draw(st.integers(share, WHOLE_BP))
        off = draw(st.integers(-target // 4, target // 4))
        made.append(Part(target, least, most, target + off if draw(st.booleans()) else None))
    return made


@given(parts(), st.integers(0, 30_000))
def test_a_reratio_keeps_what_landed_and_every_limit(made: list[Part], room_mg: int) -> None:
    most = sum(one.target_mg for one in made) + room_mg
    masses = reratio(made, most)
    if masses is None:
        return
    fill = sum(masses)
    assert max(sum(one.target_mg for one in made), sum(one.landed_mg or 0 for one in made)) <= fill <= most
    for one, mass in zip(made, masses, strict=True):
        assert one.landed_mg in (None, mass)
        assert one.min_bp * fill <= mass * WHOLE_BP <= one.max_bp * fill


@given(st.lists(st.integers(1, 60), min_size=2, max_size=5), st.integers(1_000, 60_000), st.data())
def test_a_reratio_within_wide_limits_keeps_the_proportions_of_what_is_open(
    weights: list[int], fill_mg: int, data: st.DataObject
) -> None:
    """Whatever one part landed at, the others share the rest as they would have shared the whole."""
    first, *others = largest_remainder(fill_mg, weights)
    landed = data.draw(st.integers(0, first))
    made = [Part(first, 0, WHOLE_BP, landed), *(Part(one, 0, WHOLE_BP) for one in others)]
    masses = reratio(made, fill_mg)
    assert masses is not None and sum(masses) == fill_mg
    assert masses[1:] == largest_remainder(fill_mg - landed, others if any(others) else [1] * len(others))


def test_nothing_of_what_may_not_be_in_it_can_be_made_good() -> None:
    assert reratio([Part(1_000, 0, 0, 1), Part(9_000, 0, WHOLE_BP)], 60_000) is None
    assert reratio([Part(1_000, 0, 0, 0), Part(9_000, 0, WHOLE_BP)], 60_000) == (0, 10_000)
