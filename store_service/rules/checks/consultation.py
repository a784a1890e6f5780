"""R-CON: the consumer, before anything is blended, and before it is handed over."""

from __future__ import annotations

from collections.abc import Iterator

from store_service.rules.case import Case
from store_service.rules.checking import UNKNOWN, No, check, no, units_of
from store_service.rules.dates import beijing_date
from store_service.rules.params import Parameters
from store_service.rules.screening import screen

BARRING = ("broken_skin", "eye_area", "infant")
CAUTIONING = ("pregnant", "dermatology", "reaction_before")


@check("R-CON-01", "verdict", "start")
def consulted_today(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-01 as amended: a consultation of the same Beijing day, earlier than the blend."""
    consulted_at = case.consumer.consulted_at if case.consumer else None
    if consulted_at is None:
        yield no("none", consulted_at=None, now_at=case.now)
    elif consulted_at > case.now or beijing_date(consulted_at) != beijing_date(case.now):
        yield no("other_day", consulted_at=consulted_at, now_at=case.now)


@check("R-CON-01", "start")
def judged_since(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-01: the verdict by which a unit starts is of today, and of this consultation, not of one before it."""
    consulted_at, judged_at = (case.consumer.consulted_at, case.consumer.judged_at) if case.consumer else (None, None)
    today = beijing_date(case.now)
    if judged_at is None or beijing_date(judged_at) != today or (consulted_at is not None and judged_at < consulted_at):
        yield no("judged_before", judged_at=judged_at, consulted_at=consulted_at, now_at=case.now)


@check("R-CON-02", "consult", "verdict")
def notice_shown(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-02: the notice was shown before anything was collected."""
    if case.consumer is None or not case.consumer.notice_version:
        yield no("not_shown", notice_version=None)


@check("R-CON-03", "consult", "verdict", "hand_over")
def consented_singly(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-03: one tick for each purpose, none bundled; at the hand-over for the contact, where one is left."""
    if case.consumer is None:
        yield no("missing", missing=[UNKNOWN], given=[])
        return
    if case.consumer.bundled_consent:
        yield no("bundled", bundled_consent=True)
    if missing := case.consumer.needed_consents - case.consumer.consents:
        yield no("missing", missing=missing, given=case.consumer.consents)


@check("R-CON-05", "consult", "verdict")
def old_enough(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-05 as amended: below `min_age` (never under the floor) refuse; a minor above it needs the guardian."""
    age = case.consumer.age if case.consumer else None
    min_age = max(params.min_age, params.min_age_floor)
    if age is None:
        yield no("unknown", age=None, min_age=min_age)
    elif age < min_age:
        yield no("too_young", age=age, min_age=min_age)
    elif age < params.adult_age and not (case.consumer and case.consumer.guardian_consent):
        yield no("guardian", age=age, adult_age=params.adult_age, guardian_consent=False)


@check("R-CON-08", "verdict")
def conditions_allow(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-08: what bars a service outright, and what calls for care."""
    conditions = case.consumer.conditions if case.consumer else frozenset()
    if barring := conditions & set(BARRING):
        yield no("condition", conditions=barring)
    if cautioning := conditions & set(CAUTIONING):
        yield no("care", conditions=cautioning, consulted_at=case.consumer.consulted_at if case.consumer else None)


@check("R-CON-08", "verdict")
def allergens_absent(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-08 as amended: the declared allergens against the whole merged list; what cannot be told, the officer
    decides."""
    if case.consumer is None:
        yield no("unknown", allergies=None)
        return
    for unit in units_of(case):
        formula = [(s.product, s.share_bp) for s in unit.sources if s.product is not None]
        for result in screen(case.consumer.allergies, formula, case.allergen_groups, case.names):
            facts = {"unit_id": unit.unit_id, "allergen": result.allergen}
            decision = case.consumer.officer_decisions.get(result.allergen, UNKNOWN)
            if result.answer == "contained":
                yield no("contained", **facts, found=result.found)
            elif result.answer == "undecided" and decision == "refuse":
                yield no("officer_refused", **facts, decision=decision)
            elif result.answer == "undecided" and decision != "allow":
                yield no("undecided", **facts, may_hide_in=result.may_hide_in, decision=decision)


@check("R-CON-08", "hand_over")
def allergens_told_since(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-08: what the consumer told after the making began keeps a unit back that is known to contain it."""
    declared = case.consumer.allergies if case.consumer else ()
    for unit in case.units:
        formula = [(s.product, s.share_bp) for s in unit.sources if s.product is not None]
        for result in screen(declared, formula, case.allergen_groups, case.names):
            if result.answer == "contained":
                yield no("kept", unit_id=unit.unit_id, allergen=result.allergen, found=result.found)


@check("R-CON-09", "hand_over")
def explained(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-09: what went in, its traits, cautions, use period, storage, patch test: each told before the hand-over."""
    if missing := [one for one in params.explained_items if one not in (case.explained or ())]:
        yield no("not_explained", missing=missing)
