"""Duties that come round: never due before their time, never forgotten, and one reckoning for gate and desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.ahead import deadlines
from store_service.rules.duties import report_standing
from store_service.rules.gates import ask
from store_service.rules.matters import Application, DutyMove, RecallStand, RecallWord
from store_service.rules.merge import add_months
from store_service.rules.rounds import Done, filed_since, first_check_due, of_a_product, of_the_shop, report_of

from .cases import BASE, RULES, TODAY, changed, passing

PARAMS = RULES.fill({})
HAINAN = RULES.fill(RULES.params("HI"))
DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
MAYBE = st.none() | DAYS
YEARS = st.integers(2024, 2039)


@given(DAYS, MAYBE, MAYBE)
def test_what_is_never_entered_comes_due_all_the_same(
    began: date, inspected: date | None, drilled: date | None
) -> None:
    found = {one.kind: one for one in of_the_shop(Done(began, inspected, drilled), PARAMS)}
    assert found["self_inspection"].due == add_months(inspected or began, 12)
    assert found["recall_drill"].due == add_months(drilled or began, 6)
    assert {one.rule for one in found.values()} == {"R-ANN-02", "R-REC-04"}
    for one in found.values():
        last = {"self_inspection": inspected, "recall_drill": drilled}[one.kind] or began
        assert timedelta(days=180) < one.due - last <= timedelta(days=366)


@given(MAYBE, MAYBE)
def test_a_shop_without_goods_owes_nothing(inspected: date | None, drilled: date | None) -> None:
    nothing = Done(None, inspected, drilled)
    assert list(of_the_shop(nothing, PARAMS)) == []
    assert first_check_due(BASE.model_copy(update={"filed_on": TODAY}), nothing, HAINAN) is None


@given(YEARS, DAYS, MAYBE, MAYBE, st.booleans())
def test_a_report_stands_in_one_way(
    year: int, today: date, filed: date | None, reported: date | None, kept: bool
) -> None:
    told = report_standing(year, today, kept, filed=filed, reported=reported)
    last = date(year + 1, 3, 31)
    assert (told == "submitted") is (kept or (reported is not None and reported.year > year))
    if told == "not_asked":
        assert filed is not None and add_months(filed, 12) > last
    if told == "overdue":
        assert today > last
    if told == "due":
        assert date(year + 1, 1, 1) <= today <= last
    if told == "not_yet":
        assert today < date(year + 1, 1, 1)


@pytest.mark.parametrize(
    ("today", "filed", "standing"),
    [
        (date(2026, 12, 31), date(2026, 3, 31), "not_yet"),
        (date(2027, 1, 1), date(2026, 3, 31), "due"),
        (date(2027, 3, 31), date(2026, 3, 31), "due"),
        (date(2027, 4, 1), date(2026, 3, 31), "overdue"),
        (date(2027, 4, 1), date(2026, 4, 1), "not_asked"),
        (date(2026, 12, 31), date(2026, 4, 1), "not_asked"),
        (date(2027, 4, 1), None, "overdue"),
    ],
)
def test_a_report_at_the_edges_of_its_days(today: date, filed: date | None, standing: str) -> None:
    assert report_standing(2026, today, False, filed=filed) == standing
    assert report_standing(2026, today, False, filed=filed, reported=date(2026, 12, 31)) == standing
    assert report_standing(2026, today, False, filed=filed, reported=date(2027, 1, 1)) == "submitted"


@given(DAYS, MAYBE, MAYBE, st.booleans())
def test_gate_and_desk_reckon_a_report_alike(
    today: date, filed: date | None, reported: date | None, receipt: bool
) -> None:
    """After the last day R-ADM-17 warns exactly when the desk shows a report as overdue; in March R-ANN-10 does when it
    is due."""
    year = today.year - 1
    done = Done(date(2024, 1, 1), reports=frozenset({("BASE", year)} if receipt else ()))
    product = BASE.model_copy(update={"filed_on": filed, "annual_report_on": reported})
    desk = report_of(product, year, done, PARAMS, today)
    source = {
        "units": passing("verdict").units[:1],
        "units.0.sources.0.product": product,
        "units.0.sources.1.product": product,
    }
    now = datetime(today.year, today.month, today.day, 4, tzinfo=UTC)
    case = changed(passing("verdict"), {**source, "now": now, "done": done})
    warned = {one.rule for one in ask("verdict", case, RULES).warnings if one.facts.get("product_id") == "BASE"}
    assert ("R-ANN-10" in warned) is (desk == "due" and today.month == 3)
    if (today.month, today.day) > (3, 31):
        assert ("R-ADM-17" in warned) is (desk == "overdue")
    open_ = [one.subject for one in of_a_product(product, done, PARAMS, today) if one.kind == "annual_report"]
    assert open_ == ([f"BASE/{year}"] if desk in ("due", "overdue") else [])


def test_a_report_warns_from_the_first_of_march() -> None:
    def warned(day: date) -> bool:
        now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        case = changed(passing("verdict"), {"now": now, "units.0.sources.1.product.annual_report_on": date(2026, 3, 1)})
        return "R-ANN-10" in {one.rule for one in ask("verdict", case, RULES).warnings}

    assert not warned(date(2027, 2, 28)) and warned(date(2027, 3, 1)) and warned(date(2027, 3, 31))


@given(DAYS, DAYS, MAYBE)
def test_the_authority_is_awaited_until_it_came(began: date, filed: date, visited: date | None) -> None:
    product, done = BASE.model_copy(update={"filed_on": filed}), Done(began, visited=visited)
    due = first_check_due(product, done, HAINAN)
    assert first_check_due(product, done, PARAMS) is None, "only where the province says so"
    came = visited is not None and visited >= filed
    assert (due is None) is (came or add_months(filed, 3) < began)
    if due is not None:
        assert due == add_months(filed, 3)
        open_ = [one for one in of_a_product(product, done, HAINAN, filed) if one.kind == "first_check"]
        assert [(one.rule, one.subject, one.due) for one in open_] == [("R-ANN-09", "BASE", due)]


def test_a_filing_without_a_day_awaits_nobody() -> None:
    unknown = BASE.model_copy(update={"filed_on": None})
    assert first_check_due(unknown, Done(TODAY), HAINAN) is None
    assert filed_since(unknown) == date(2025, 1, 1) and filed_since(BASE) == BASE.filed_on


@pytest.mark.parametrize(
    ("gate", "rule", "path", "last", "late"),
    [
        ("open_service", "R-ANN-02", "done.self_inspected", date(2025, 11, 22), date(2025, 11, 21)),
        ("open_service", "R-REC-04", "done.drilled", date(2026, 5, 22), date(2026, 5, 21)),
    ],
)
def test_a_round_warns_on_the_day_after_its_last(gate: str, rule: str, path: str, last: date, late: date) -> None:
    for day, expected in ((last, False), (late, True)):
        verdict = ask(gate, changed(passing(gate), {path: day}), RULES)
        assert verdict.allowed and (rule in {one.rule for one in verdict.warnings}) is expected


def test_a_first_check_warns_on_the_day_after_its_last() -> None:
    params = {**RULES.params("SH"), "first_check_months": 3}
    for filed, expected in ((date(2026, 8, 22), False), (date(2026, 8, 21), True)):
        changes = {"params": params, "done.visited": None, "units.0.sources.1.product.filed_on": filed}
        verdict = ask("verdict", changed(passing("verdict"), changes), RULES)
        assert ("R-ANN-09" in {one.rule for one in verdict.warnings}) is expected


def test_rounds_stand_among_what_ends() -> None:
    case = passing("open_service")
    ends = [(one.rule, one.last_day, one.warns) for one in deadlines(case, RULES.fill(case.params), RULES, ())]
    assert ("R-ANN-02", date(2027, 6, 1), False) in ends and ("R-REC-04", date(2026, 12, 22), False) in ends


def refused(gate: str, changes: dict[str, object]) -> set[str]:
    return {one.rule for one in ask(gate, changed(passing(gate), changes), RULES).refusals}


@pytest.mark.parametrize("role", ["officer", "manager"])
@pytest.mark.parametrize("kind", ["self_inspection", "pilot_report", "restart_check", "licence_renewal"])
def test_an_officer_or_the_manager_ends_a_duty(kind: str, role: str) -> None:
    move = DutyMove(kind, "done", "文号 1", ends=True)
    assert refused("duty", {"matter": move, "person.staff.roles": (role,)}) == set()
    assert refused("duty", {"matter": move, "person.staff.roles": ("blender", "releaser")}) == {"R-REC-05"}
    assert refused("duty", {"matter": move, "person": None}) == {"R-REC-05"}
    for step in ("submitted", "published", "reported", "done"):
        assert refused("duty", {"matter": replace(move, step=step, ref=" ")}) == {"R-REC-05"}
    assert refused("duty", {"matter": DutyMove(kind, "prepared", "", False), "person": None}) == set()


def test_a_decision_is_no_end_and_needs_its_head() -> None:
    issue = DutyMove("major_issue", "decided", "决定 1", ends=False, decided_by="hq-02", heads=("hq-01", "hq-02"))
    assert refused("duty", {"matter": issue}) == set()
    assert refused("duty", {"matter": replace(issue, heads=())}) == {"R-ANN-08"}
    assert refused("duty", {"matter": replace(issue, decided_by="")}) == {"R-ANN-08"}
    assert refused("duty", {"matter": replace(issue, ref="")}) == {"R-ANN-08"}
    assert refused("duty", {"matter": issue, "person.staff.roles": ("blender",)}) == {"R-REC-05"}
    assert refused("duty", {"matter": DutyMove("major_issue", "prepared", "", False), "person": None}) == set()
    assert refused("duty", {"matter": DutyMove("annual_report", "prepared", "", False)}) == set()


def test_a_package_of_a_responsible_person_holds_the_authorisation() -> None:
    whole = Application(True, frozenset({"form", "plan", "product_list", "system_documents", "officer_cvs"}))
    assert refused("apply", {"matter": whole}) == set()
    assert refused("apply", {"matter": Application(False)}) == set(), "begun, not sent"
    assert refused("apply", {"matter": Application(True)}) == {"R-ANN-07"}
    assert "R-ANN-07" in refused("apply", {"matter": whole, "site.filer.kind": "responsible_person"})
    added = Application(True, whole.parts | {"authorisation"})
    assert "R-ANN-07" not in refused("apply", {"matter": added, "site.filer.kind": "responsible_person"})
    assert refused("apply", {"matter": None}) == {"R-ANN-07"} and "R-ANN-07" in refused("apply", {"site": None})


def test_an_application_is_barred_for_so_many_months() -> None:
    for day, barred in ((date(2023, 11, 22), True), (date(2023, 11, 21), False)):
        assert refused("apply", {"site.filer.penalty_on": day}) == ({"R-SCP-08"} if barred else set())
    assert refused("apply", {"site.filer.failed_sampling_on": TODAY}) == set(), "only where the province counts it"
    assert "R-SCP-09" in refused("apply", {"site.filer.licence.valid_to": TODAY - timedelta(days=1)})


def test_a_drill_takes_no_officer_and_no_reason() -> None:
    clerk: dict[str, object] = {"person.staff.roles": ("blender",)}
    assert refused("recall", {"matter": RecallWord(True, ""), **clerk}) == set()
    assert refused("recall", {"matter": RecallWord(False, ""), **clerk}) == {"R-ADR-09"}
    assert refused("recall", {"matter": None}) == {"R-ADR-09"} and refused("recall", {"person": None}) == {"R-ADR-09"}
    drill = RecallStand((), drill=True, undone=("filer_told",))
    assert refused("recall_close", {"matter": drill, **clerk}) == set()
    assert refused("recall_close", clerk) == {"R-ADR-09"} and refused("recall_close", {"person": None}) == {"R-ADR-09"}


def test_a_case_is_closed_when_it_was_seen_through() -> None:
    assert refused("case_close", {"matter.selfchecked": False}) == {"R-ADR-03"}
    assert refused("case_close", {"matter.selfchecked": False, "matter.severity": "social"}) == {"R-ADR-03"}
    assert refused("case_close", {"matter.selfchecked": False, "matter.severity": "general"}) == set()
    assert refused("case_close", {"matter.reported": False, "matter.selfchecked": False}) == {"R-ADR-02", "R-ADR-03"}
    lost: dict[str, object] = {"matter.bottle": False, "matter.reported": False, "matter.selfchecked": False}
    assert refused("case_close", lost) == set(), "nothing to report against"
    assert refused("case_close", {"person": None}) == refused("case_close", {"matter": None}) == {"R-ADR-04"}
    assert refused("submit", {"matter.severity": "unclassified"}) == {"R-ADR-04"}
