"""On the very edge of a limit, and what stands in the place of an unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store_service.rules.ahead import deadlines
from store_service.rules.chemistry import further_warnings
from store_service.rules.gates import ask
from store_service.rules.refusal import Verdict
from store_service.rules.restricted import read_entry
from store_service.rules.words import LONGEST

from .cases import BASE, PROGRESS, RULES, TODAY, UNIT, changed, container, passing, source
from .refusing import authorised
from .test_restricted import PARAMS, holding

BOTH = {
    "no": 99,
    "cn_name": "某酸",
    "scope": "(a) 肤用产品；(b) 发用产品",
    "max_conc": "",
    "label_warning": "(a) 避开眼睛；(b) 用后冲净",
    "note_refs": [],
    "match_inci": ["SOME ACID"],
}


def refused(verdict: Verdict, rule: str) -> bool:
    return rule in {one.rule for one in verdict.refusals}


def test_a_scale_may_step_by_exactly_a_third_of_the_tolerance() -> None:
    tolerances = {f"unit.envelope.components.{n}.abs_tol_mg": 60 for n in range(2)}
    for step_mg, no in ((20, False), (21, True)):
        case = changed(passing("start"), {**tolerances, "bench.resolution_mg": step_mg})
        assert refused(ask("start", case, RULES), "R-BLD-11") is no


def test_a_text_of_just_the_longest_length_is_still_screened() -> None:
    for more, no in ((0, False), (1, True)):
        case = changed(passing("name"), {"texts": {"nickname": "美" * (LONGEST + more)}})
        assert refused(ask("name", case, RULES), "R-WORD-08") is no


def test_a_container_that_was_declared_empty_counts_as_run_out() -> None:
    """Whatever the books still hold: somebody looked."""
    other, before = source(BASE, 8_000, "L9"), container(BASE, "C-BASE", "L1")
    for state, no in (("empty", False), ("opened", True)):
        goes_on = replace(other, before=replace(before, state=state))
        case = changed(passing("scan"), {"source": goes_on, "progress.dosed": PROGRESS.dosed})
        assert refused(ask("scan", case, RULES), "R-BLD-21") is no


def test_what_no_limit_names_has_no_share() -> None:
    """A dosed product that the envelope does not know cannot have been within its limits."""
    stray = replace(PROGRESS.dosed[1], product_id="STRAY", actual_mg=1)
    case = changed(passing("weigh"), {"progress.dosed": (*PROGRESS.dosed, stray)})
    found = [one for one in ask("weigh", case, RULES).refusals if one.facts.get("product_id") == "STRAY"]
    assert [one.facts["max_bp"] for one in found if "max_bp" in one.facts] == [0]


def test_the_tables_warning_is_that_of_hair_or_of_skin() -> None:
    rows = read_entry(BOTH)
    for site, warning in (("01", "用后冲净"), ("05", "避开眼睛")):
        formula = [(holding("SOME ACID", 1_000, "rinse_off", site), 10_000)]
        assert further_warnings(formula, rows, PARAMS) == (warning,)


def test_the_ends_are_told_in_english_too() -> None:
    case = changed(
        passing("open_service"),
        {"site.filer.kind": "responsible_person", "site.filer.authorisation": authorised(TODAY)},
    )
    told = {one.rule: one.what_en for one in deadlines(case, RULES.fill(case.params), RULES, ())}
    assert told["R-SCP-11"] == "the overseas filer's authorisation"
    soon = [one for one in ask("open_service", case, RULES).warnings if one.rule == "R-SCP-11"]
    assert [one.facts["what_en"] for one in soon] == ["the overseas filer's authorisation"]


@pytest.mark.parametrize(
    ("directions", "rules"),
    [
        ("取适量涂抹于眼周", {"R-ADM-07"}),
        ("Apply around the EYE CONTOUR.", {"R-ADM-07"}),
        ("全家适用，儿童也可使用", {"R-ADM-06"}),
        ("避开眼周，取适量涂抹于面部", set()),
        ("涂抹于面部。请置于远离儿童处；do not use on children", set()),
        ("避开唇部，取适量涂抹于眼周", {"R-ADM-07"}),
    ],
)
@pytest.mark.parametrize("of", ["product", "envelope"])
def test_directions_that_lead_to_eyes_or_children_are_read(directions: str, rules: set[str], of: str) -> None:
    where = "units.0.envelope.directions" if of == "envelope" else "units.0.sources.0.product.directions"
    case = changed(passing("verdict"), {"units": (UNIT,), where: directions})
    found = {one.rule for one in ask("verdict", case, RULES).refusals}
    assert found & {"R-ADM-06", "R-ADM-07"} == rules


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("reason 1 zh", "消炎杀菌", ["warn"]),
        ("reason 1 zh", "非常有疗效", ["refuse"]),
        ("question condition 3 zh", "正在接受皮肤科治疗", []),
        ("question goal 0 zh", "想要美白吗？", ["refuse"]),
        ("reason 1 zh", "保湿", []),
    ],
)
def test_what_is_asked_and_proposed_is_screened(name: str, text: str, said: list[str]) -> None:
    """R-CON-10: a question may ask about a treatment, a reason that sounds like one goes to a person."""
    verdict = ask("consult", changed(passing("consult"), {"told": {name: text}}), RULES)
    found = [("refuse", one) for one in verdict.refusals] + [("warn", one) for one in verdict.warnings]
    assert [outcome for outcome, one in found if one.rule == "R-CON-10"] == said


@pytest.mark.parametrize(("year", "no"), [(2026, False), (2027, True), (2099, True)])
def test_a_filing_number_is_of_a_year_that_has_come(year: int, no: bool) -> None:
    case = changed(passing("verdict"), {"units.0.sources.0.product.filing_number": f"沪G妆网备字{year}999991"})
    found = [one for one in ask("verdict", case, RULES).refusals if one.rule == "R-ADM-01"]
    assert bool(found) is no and all("year" in one.message_en for one in found)
