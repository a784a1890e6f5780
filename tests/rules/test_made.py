"""What is in a bottle is asked about again at every step to the hand-over; times and edges of the other new gates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from store_service.rules.case import Case
from store_service.rules.checks.made import UNFINISHED
from store_service.rules.checks.scope import window
from store_service.rules.gates import ask

from .cases import NOW, RULES, SOURCES, TODAY, changed, passing

USED = (SOURCES[1],)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LAST_DAY = datetime(2027, 9, 30, 4, tzinfo=UTC)


def said(gate: str, changes: dict[str, object], rule: str) -> list[str]:
    """Refusals and warnings of one rule, told apart."""
    verdict = ask(gate, changed(passing(gate), changes), RULES)
    found = {"refuse": verdict.refusals, "warn": verdict.warnings}
    return [
        f"{kind} {one.facts.get('lot_no', '')}".strip()
        for kind, all_ in found.items()
        for one in all_
        if one.rule == rule
    ]


@pytest.mark.parametrize("gate", UNFINISHED)
@pytest.mark.parametrize("broken", [{"hold": "R-1"}, {"status": "recalled"}, {"expiry": TODAY - timedelta(days=1)}])
def test_a_lot_in_the_cup_stops_its_unit(gate: str, broken: dict[str, object]) -> None:
    """Also where the container in hand is of another product, and the lot is no component's newest one."""
    assert SOURCES[1].lot is not None
    bad = replace(SOURCES[1], lot=SOURCES[1].lot.model_copy(update={"lot_no": "L-OLD", **broken}))
    assert said(gate, {"unit.used": (bad,)}, "R-ADR-09") == ["refuse L-OLD"]
    assert said(gate, {"unit.used": USED}, "R-ADR-09") == []


def test_on_its_last_day_a_lot_is_good() -> None:
    assert said("sign", {"unit.sources.1.lot.expiry": TODAY}, "R-ADR-09") == []
    assert said("hand_over", {"units.0.sources.1.lot.expiry": TODAY}, "R-ADR-09") == []


def test_the_lot_in_hand_is_said_once() -> None:
    changes = {"source.lot.hold": "R-1", "unit.sources.0.lot.hold": "R-1"}
    assert said("dose", changes, "R-ADR-09") == [] and said("dose", changes, "R-BLD-04") == ["refuse L1"]


@pytest.mark.parametrize("gate", ["scan", *UNFINISHED])
@pytest.mark.parametrize("status", ["revoked", "deregistered", "unknown"])
def test_a_filing_that_ended_stops_the_unit_that_it_is_in(gate: str, status: str) -> None:
    assert said(gate, {"unit.sources.1.product.filing_status": status}, "R-ADM-01") == ["refuse"]
    named = 0 if status == "unknown" else 1
    assert len(said(gate, {"unit.sources.1.product.filing_status": status}, "R-ADM-23")) == named


def test_what_is_released_may_go_when_the_filer_gave_up_the_filing_himself() -> None:
    assert said("hand_over", {"units.0.sources.1.product.filing_status": "deregistered"}, "R-ADM-01") == []
    assert said("hand_over", {"units.0.sources.1.product": None}, "R-ADM-01") == ["refuse"]
    assert said("hand_over", {"units.0.sources.1.register_attested_at": None}, "R-ADM-01") == ["refuse"]


APART = replace(SOURCES[1], container=replace(SOURCES[1].container, container_id="C-9", set_apart="异味"))  # type: ignore[type-var] # every source of the case has one


def apart(gate: str, changes: dict[str, object]) -> list[tuple[str, object, object]]:
    found = ask(gate, changed(passing(gate), changes), RULES).refusals
    return [(one.saying, one.facts["container_id"], one.facts["reason"]) for one in found if "reason" in one.facts]


@pytest.mark.parametrize("gate", UNFINISHED)
def test_a_container_that_was_set_apart_stops_what_came_from_it(gate: str) -> None:
    """Also where another container of the same lot went in before it; thrown away meanwhile or not."""
    for used in ((APART,), (SOURCES[1], APART)):
        assert apart(gate, {"unit.used": used}) == [("set_apart", "C-9", "异味")]
    assert apart(gate, {"unit.used": SOURCES}) == []
    assert apart(gate, {"unit.used": (replace(SOURCES[1], container=None),)}) == [("set_apart", "unknown", "unknown")]


def test_the_container_in_hand_is_judged_by_its_state() -> None:
    in_hand = {"source": replace(APART, container=replace(APART.container, state="quarantined"))}  # type: ignore[type-var] # it has one
    assert apart("dose", {**in_hand, "unit.used": (APART,)}) == []
    assert "refuse" in said("dose", {**in_hand, "unit.used": (APART,)}, "R-BLD-05")
    assert apart("dose", {"source.container": None, "unit.used": (APART,)}) == [("set_apart", "C-9", "异味")]
    assert apart("dose", {**in_hand, "unit.used": (replace(APART, container=None),)}) == [
        ("set_apart", "unknown", "unknown")
    ]


def test_what_is_released_of_it_is_kept_back() -> None:
    assert apart("hand_over", {"units.1.used": (APART,)}) == [("kept_set_apart", "C-9", "异味")]
    assert apart("hand_over", {"units.0.used": SOURCES}) == []


def test_without_a_unit_nothing_is_known_of_it() -> None:
    assert said("print", {"unit": None}, "R-ADR-09") == ["refuse unknown"]


@pytest.mark.parametrize("gate", ["start", *UNFINISHED])
def test_a_withdrawn_or_lost_envelope_stops(gate: str) -> None:
    assert said(gate, {"unit.envelope.status": "withdrawn"}, "R-BLD-01") == ["refuse"]
    assert said(gate, {"unit.envelope": None}, "R-BLD-01") == ["refuse"]


def test_the_verdict_is_of_today_and_of_this_consultation() -> None:
    now = {"now": NOW, "consumer.consulted_at": NOW}
    assert said("start", {**now, "consumer.judged_at": NOW}, "R-CON-01") == []
    assert said("start", {**now, "consumer.judged_at": NOW - timedelta(seconds=1)}, "R-CON-01") == ["refuse"]
    assert said("start", {"consumer.judged_at": None}, "R-CON-01") == ["refuse"]
    assert said("start", {"consumer": None}, "R-CON-01") == ["refuse", "refuse"]
    day = timedelta(days=1)
    before = {"consumer.consulted_at": None, "consumer.judged_at": NOW - day}
    assert said("start", before, "R-CON-01") == ["refuse", "refuse"]
    old = {"consumer.consulted_at": NOW - day, "consumer.judged_at": NOW}
    assert said("start", old, "R-CON-01") == ["refuse"]


@pytest.mark.parametrize("step", ["dispense", "fill"])
def test_what_needs_no_mixing_is_not_asked(step: str) -> None:
    assert said("sign", {"progress.mixed": False, "unit.envelope.mixing_step": step}, "R-BLD-17") == []


@pytest.mark.parametrize("mixed", [None, False])
def test_what_was_not_mixed_is_not_signed(mixed: bool | None) -> None:
    assert said("sign", {"progress.mixed": mixed}, "R-BLD-17") == ["refuse"]
    assert said("release", {"progress.mixed": mixed, "unit.envelope": None}, "R-BLD-17") == ["refuse"]
    assert said("release", {"progress.mixed": mixed, "unit": None}, "R-BLD-17") == ["refuse"]


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (timedelta(days=7), []),
        (timedelta(days=7, seconds=1), ["warn"]),
        (timedelta(days=7, hours=23), ["warn"]),
        (timedelta(days=30), ["warn"]),
        (timedelta(days=30, seconds=1), ["refuse"]),
    ],
)
def test_a_roster_is_old_to_the_second(age: timedelta, told: list[str]) -> None:
    assert said("open_service", {"roster.fetched_at": NOW - age}, "R-SCP-03") == told


def test_an_extension_has_a_day_and_a_document() -> None:
    def ends(**extension: object) -> date:
        return window(RULES.fill({**RULES.params("SH"), **extension}))[1] - timedelta(days=1)

    longer = date(2028, 9, 30)
    assert ends(extension_end=longer, extension_doc="〔2027〕9号") == longer
    assert ends(extension_end=longer) == ends(extension_doc="〔2027〕9号") == ends() == date(2027, 9, 30)


def beyond(temp_c10: int, rh_pct10: int) -> list[str]:
    case: Case = changed(passing("start"), {"bench.temp_c10": temp_c10, "bench.rh_pct10": rh_pct10})
    case = changed(case, {"unit.envelope.temp_max_c10": None, "unit.envelope.rh_max_pct10": None})
    found = [one for one in ask("start", case, RULES).warnings if one.rule == "R-BLD-14"]
    return [] if not found else list(found[0].facts["beyond"])


def test_how_far_the_room_is_beyond_its_range_is_told_in_steps() -> None:
    assert [beyond(*room) for room in ((150, 750), (300, 750))] == [[], []]
    assert beyond(149, 500) == beyond(130, 500) == ["< 15 °C"] and beyond(129, 500) == ["< 13 °C"]
    assert beyond(20, 500) == ["< 3 °C"]
    assert beyond(301, 751) == beyond(320, 800) == ["> 30 °C", "> 75 %"]
    assert beyond(321, 801) == ["> 32 °C", "> 80 %"]


@pytest.mark.parametrize(("lowest", "told"), [(None, []), (180, []), (181, ["too_cold"])])
def test_an_envelope_may_state_its_lowest_temperature(lowest: int | None, told: list[str]) -> None:
    """Stated or not, the general range still warns."""
    room = {"unit.envelope.temp_min_c10": lowest, "bench.temp_c10": 180}
    found = ask("start", changed(passing("start"), room), RULES)
    assert [one.saying for one in found.refusals] == told and not found.warnings
    cold = ask("start", changed(passing("start"), {**room, "bench.temp_c10": 149}), RULES)
    assert [one.saying for one in cold.refusals] == (["too_cold"] if lowest else [])
    assert [one.saying for one in cold.warnings] == ["range"]


def test_a_document_that_extends_nothing_is_not_named() -> None:
    last = changed(passing("open_service"), {"now": LAST_DAY, "roster.fetched_at": LAST_DAY})
    (told,) = ask("open_service", changed(last, {"params.extension_doc": "DOC-9"}), RULES).notes
    assert (told.rule, told.facts["doc_no"]) == ("R-SCP-17", "unknown")


@pytest.mark.parametrize(
    ("use_by", "found"), [(None, ["refuse"]), (YESTERDAY, ["refuse"]), (TODAY, ["refuse"]), (TOMORROW, [])]
)
def test_nothing_is_released_or_handed_over_from_its_use_by_date_on(use_by: date | None, found: list[str]) -> None:
    assert said("hand_over", {"units.0.use_by": use_by}, "R-BLD-06") == found
    assert said("release", {"progress.use_by": use_by}, "R-BLD-06") == found


def test_an_allergy_told_since_keeps_back_only_what_is_known_to_contain_it() -> None:
    assert said("hand_over", {"consumer.allergies": ("2-苯氧乙醇", "虚构果")}, "R-CON-08") == ["refuse"] * 2
    for told in ((), ("虚构果",), ("蜂蜡",)):
        assert said("hand_over", {"consumer.allergies": told}, "R-CON-08") == []
    assert said("hand_over", {"consumer": None}, "R-CON-08") == []
