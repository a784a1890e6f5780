"""A warning takes a reason from the list and a name; a standing one once a shift, an end once a step; where the rule
says so a second person signs too, from any screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from store_service.blending import commands as blending
from store_service.equipment.commands import record_room
from store_service.readiness import commands
from store_service.readiness.queries import Ready, may_i_work
from store_service.records.desk import Missing, NeedsReason, OutOfStep
from store_service.records.seconds import waiting
from store_service.records.tables import blob
from store_service.rules.dossier import Order
from store_service.rules.params import Parameters
from store_service.rules.refusal import Refused
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop

from .conftest import Change, Registered, roster, row, staff

TODAY = date(2026, 11, 22)
DAY = 86_400
OVERDUE = Order(
    doc_no="ORD-7", findings=("台账不全",), issued=TODAY - timedelta(days=40), due=TODAY - timedelta(days=1)
)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Registered]:
    with private_shop(tmp_path) as private:
        yield Registered(private)


def warned(shop: PrivateShop, **given: str) -> list[str]:
    """The rules that an opening of a service still asks about; empty when the service is open."""
    try:
        shop.shop.counter.open(BLENDER, reasons=given or None)
    except NeedsReason as no:
        return [one.rule for one in no.verdict.warnings]
    return []


def old_roster(shop: Registered, days: int) -> None:
    register = shop.standing("roster")
    shop.publish(register.model_copy(update={"fetched_at": register.fetched_at - timedelta(days=days)}))


def test_a_standing_warning_is_answered_once_a_shift(alone: Registered) -> None:
    private = alone.private
    old_roster(alone, 8)
    assert warned(private) == ["R-SCP-03"]
    with pytest.raises(ValueError, match="not on the list"):
        warned(private, **{"R-SCP-03": "because"})
    assert warned(private, **{"R-SCP-03": "arranged"}) == []
    assert warned(private) == []
    unit_id = private.planned_unit()
    private.cup_unit(unit_id)
    private.dosed_unit(unit_id)
    private.morning(1)
    assert warned(private) == ["R-SCP-03"]


def test_the_opening_of_the_shift_answers_for_the_day(alone: Registered) -> None:
    private, desk = alone.private, alone.private.shop.desk
    old_roster(alone, 8)
    with pytest.raises(NeedsReason):
        commands.answer_standing(desk, private.station.settings, OFFICER.staff_id, {})
    with pytest.raises(ValueError, match="not on the list"):
        commands.answer_standing(desk, private.station.settings, OFFICER.staff_id, {"*": "hm"})
    commands.answer_standing(desk, private.station.settings, OFFICER.staff_id, {"*": "checked"})
    assert warned(private) == []


LATE = row("products", "product_id", "SRC-OILCTL", filed_on=date(2024, 1, 10), annual_report_on=date(2025, 3, 1))
HAINAN = row(
    "products", "product_id", "SRC-OILCTL", filing_number="琼G妆网备字2025999997", statement_due=date(2026, 12, 31)
)


@pytest.mark.parametrize(("rule", "change"), [("R-ADM-17", LATE), ("R-ADM-25", HAINAN)])
def test_what_the_shelf_lacks_is_answered_at_the_opening_and_not_with_a_consumer(
    alone: Registered, rule: str, change: Change
) -> None:
    private, desk = alone.private, alone.private.shop.desk
    with alone.register("products", change):
        assert warned(private) == [rule]
        commands.answer_standing(desk, private.station.settings, OFFICER.staff_id, {rule: "arranged"})
        assert warned(private) == []
        private.cup_unit(private.planned_unit("ENV-TONER"))


def test_a_cold_room_is_answered_at_the_opening_and_not_at_the_start(alone: Registered) -> None:
    private, desk = alone.private, alone.private.shop.desk
    private.dial.seconds += 1
    record_room(desk, OFFICER, 145, 500)
    with pytest.raises(NeedsReason) as no:
        commands.answer_standing(desk, private.station.settings, OFFICER.staff_id, {})
    assert [one.rule for one in no.value.verdict.warnings] == ["R-BLD-14"]
    commands.answer_standing(desk, private.station.settings, OFFICER.staff_id, {"R-BLD-14": "arranged"})
    private.cup_unit(private.planned_unit())


SOON = TODAY + timedelta(days=8)


@pytest.mark.parametrize(
    ("kind", "change", "rule"),
    [
        ("staff", staff("s-01", authorised_to=SOON), "R-PPL-03"),
        ("roster", roster(valid_to=SOON), "R-SCP-03"),
        ("readiness", row("documents", "document", "cleaning", valid_to=SOON), "R-SYN-02"),
    ],
    ids=["authorisation", "roster", "document"],
)
def test_an_end_is_asked_about_once_a_step(alone: Registered, kind: str, change: Change, rule: str) -> None:
    """Eight days before it, seven days before it, and not every day between."""
    private = alone.private
    asked = []
    with alone.register(kind, change):
        for day in range(4):
            private.morning(day)
            asked.append(warned(private))
            assert warned(private, **{"*": "arranged"}) == []
    assert asked == [[rule], [rule], [], []]


def test_a_second_person_signs_for_a_warning(alone: Registered) -> None:
    """Not the person who asked, not a person without a role that may sign; then the first act goes through."""
    private, desk = alone.private, alone.private.shop.desk
    with alone.register("roster", roster(orders=(OVERDUE,))):
        with pytest.raises(NeedsReason) as no:
            private.shop.counter.open(BLENDER, reasons={"R-SCP-16": "arranged"})
        subject = no.value.waiting["R-SCP-16"]
        with desk.read() as connection:
            (asked,) = waiting(connection, desk.site_id, desk.now() - timedelta(hours=1))
        assert (asked.subject, asked.rule, asked.by, asked.reason) == (subject, "R-SCP-16", "s-01", "arranged")
        with pytest.raises(ValueError, match="another person"):
            commands.second(desk, "s-01", subject, "R-SCP-16")
        with alone.register("staff", staff("s-03", roles=("blender",))), pytest.raises(ValueError, match="neither"):
            commands.second(desk, "s-03", subject, "R-SCP-16")
        with pytest.raises(Missing):
            commands.second(desk, "s-04", subject, "R-SCP-03")
        assert warned(private, **{"R-SCP-16": "arranged"}) == ["R-SCP-16"]
        with desk.read() as connection:
            (still,) = waiting(connection, desk.site_id, desk.now() - timedelta(hours=1))
        assert still == asked, "pressing again asks nothing new: an answer to the first request would miss it"
        commands.second(desk, "s-04", subject, "R-SCP-16")
        assert warned(private, **{"R-SCP-16": "arranged"}) == []
        assert warned(private) == []
        with desk.read() as connection:
            assert waiting(connection, desk.site_id, desk.now() - timedelta(hours=1)) == []


def test_a_second_person_must_be_allowed_to_work(alone: Registered) -> None:
    private, desk = alone.private, alone.private.shop.desk
    with alone.register("roster", roster(orders=(OVERDUE,))):
        with pytest.raises(NeedsReason) as no:
            private.shop.counter.open(BLENDER, reasons={"R-SCP-16": "arranged"})
        with alone.register("staff", staff("s-04", banned=True)), pytest.raises(Refused) as refused:
            commands.second(desk, "s-04", no.value.waiting["R-SCP-16"], "R-SCP-16")
    assert [one.rule for one in refused.value.verdict.refusals] == ["R-PPL-08"]


def test_a_second_person_lifts_the_refusal_of_one_s_own_signature(alone: Registered) -> None:
    """R-PPL-07: the blender signs a unit above the limit only with a second person's name on record."""
    private, desk = alone.private, alone.private.shop.desk
    low = {"SH": {"four_eyes_above_mg": 10_000}}
    with (
        alone.register("rules", lambda register: register.model_copy(update={"overrides": register.overrides | low})),
        alone.register("staff", staff("s-01", roles=("blender", "releaser"))),
    ):
        unit_id = private.planned_unit()
        private.cup_unit(unit_id)
        private.dosed_unit(unit_id)
        settings = private.station.settings
        blending.weigh(desk, BLENDER, settings, private.bench, unit_id)
        blending.inspect(
            desk, BLENDER, settings, unit_id, mixed=True, appearance_ok=True, odour_ok=True, homogeneous_ok=True
        )
        with pytest.raises(Refused) as no:
            blending.sign(desk, BLENDER, settings, unit_id, "s-01")
        assert {one.rule for one in no.value.verdict.refusals} == {"R-PPL-07"}
        with pytest.raises(Refused):
            blending.sign(desk, BLENDER, settings, unit_id, "s-01")
        with desk.read() as connection:
            (asked,) = waiting(connection, desk.site_id, desk.now() - timedelta(hours=1))
        assert (asked.subject, asked.rule, asked.by, asked.reason) == (unit_id, "R-PPL-07", "s-01", None)
        assert asked.zh == no.value.verdict.refusals[0].message_zh, "what was told is what is signed for"
        with pytest.raises(ValueError, match="another person"):
            commands.second(desk, "s-01", unit_id, "R-PPL-07")
        commands.second(desk, "s-02", unit_id, "R-PPL-07")
        with pytest.raises(OutOfStep):
            commands.second(desk, "s-03", unit_id, "R-PPL-07")
        assert blending.sign(desk, BLENDER, settings, unit_id, "s-01")


def test_the_page_lists_what_is_missing_and_what_ends(alone: Registered) -> None:
    private, desk = alone.private, alone.private.shop.desk

    def ready() -> Ready:
        with desk.read() as connection:
            return may_i_work(connection, desk, private.station.settings, "s-01")

    good = ready()
    assert good.may_work and not good.missing and not good.warnings and not good.notes
    assert {one.rule for one in good.ahead} == {"R-SYN-04"}, "an imported register ends in a week"
    ends = staff("s-03", health_checked=TODAY - timedelta(days=336))
    gone = row("documents", "document", "cleaning", valid_to=TODAY - timedelta(days=1))
    with alone.register("staff", ends), alone.register("readiness", gone), alone.site(ownership="salon"):
        found = ready()
    assert not found.may_work
    assert {one.rule for one in found.missing} == {"R-SCP-04", "R-SYN-02"}
    assert [(one.rule, one.days_left(TODAY)) for one in found.ahead if one.rule == "R-PPL-04"] == [("R-PPL-04", 29)]


def test_the_unit_s_record_names_the_law_that_judged_it(alone: Registered) -> None:
    private, desk = alone.private, alone.private.shop.desk
    old_roster(alone, 8)
    assert warned(private, **{"R-SCP-03": "arranged"}) == []
    unit_id = private.released_unit()
    with desk.read() as connection:
        body = connection.execute(
            select(blob.c.body).where(blob.c.sha256 == private.unit(unit_id).record_sha256)
        ).scalar_one()
    record = json.loads(bytes(body))
    rules = record["rules"]
    assert (rules["version"], rules["sha256"]) == (desk.ruleset.version, desk.ruleset.digest)
    assert rules["params"]["max_batch_g"] == 200 and rules["params"]["pilot_end"] == "2027-09-30"
    assert set(rules["params"]) == set(Parameters.model_fields)
    assert rules["registers"]["roster"]["version"] == 2 and len(rules["registers"]) == 7
    assert ("warning", ["R-SCP-03"], "arranged") in [
        (one["kind"], one["rules"], one["reason"]) for one in record["findings"]
    ]
