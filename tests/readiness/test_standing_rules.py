"""Every refusing rule of SCP, PPL and SYN refuses through the command that asks it, and lets the same command pass
before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from store_service.blending import commands as blending
from store_service.people import commands as people
from store_service.readiness import commands as readiness
from store_service.readiness.queries import may_i_work
from store_service.records.desk import NeedsReason
from store_service.rules.dossier import Order
from store_service.rules.refusal import Refused
from store_service.trace.identifiers import digital_link
from tests.shops import BLENDER, OFFICER, private_shop

from .conftest import Change, Registered, roster, row, staff

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
Block = Callable[[Registered], AbstractContextManager[None]]


def licence(shop: Registered, **values: object) -> AbstractContextManager[None]:
    site = shop.private.shop.desk.site
    assert site is not None
    filer = site.filer.model_copy(update={"licence": site.filer.licence.model_copy(update=values)})
    return shop.site(filer=filer)


def overseas(shop: Registered) -> AbstractContextManager[None]:
    site = shop.private.shop.desk.site
    assert site is not None
    return shop.site(filer=site.filer.model_copy(update={"kind": "responsible_person"}))


def document(key: str, **values: object) -> Block:
    return lambda shop: shop.register("readiness", row("documents", "document", key, **values))


def order(**values: object) -> Block:
    facts = {"doc_no": "ORD-1", "findings": ("台账不全",), "issued": YESTERDAY, "due": TODAY + timedelta(days=60)}
    return lambda shop: shop.register("roster", roster(orders=(Order.model_validate(facts | values),)))


def ended(shop: Registered) -> AbstractContextManager[None]:
    """The pilot of this province ended yesterday."""
    ends = {"SH": {"pilot_end": YESTERDAY.isoformat()}}
    return shop.register("rules", lambda register: register.model_copy(update={"overrides": register.overrides | ends}))


@contextmanager
def no_officer(shop: Registered) -> Iterator[None]:
    desk, officers = shop.private.shop.desk, ("s-02", "s-03", "s-04")
    for one in officers:
        people.leave_duty(desk, one)
    try:
        yield
    finally:
        for one in officers:
            people.take_duty(desk, one)


@contextmanager
def unfit(shop: Registered) -> Iterator[None]:
    people.declare_fitness(shop.private.shop.desk, "s-01", False)
    try:
        yield
    finally:
        people.declare_fitness(shop.private.shop.desk, "s-01", True)


OPENING: list[tuple[str, str, Block]] = [
    ("R-SCP-01", "xinjiang", lambda s: s.site(province="XJ")),
    ("R-SCP-02", "after the pilot", ended),
    ("R-SCP-03", "not listed", lambda s: s.register("roster", lambda r: r.model_copy(update={"rows": ()}))),
    ("R-SCP-03", "no number", lambda s: s.register("roster", roster(doc_no=""))),
    ("R-SCP-04", "franchise", lambda s: s.site(ownership="franchise")),
    ("R-SCP-09", "no licence number", lambda s: licence(s, number="妆20250001")),
    ("R-SCP-09", "lapsed", lambda s: licence(s, valid_to=YESTERDAY)),
    ("R-SCP-10", "no licence of the shop", lambda s: s.site(licence_number=None)),
    ("R-SCP-11", "no authorisation", overseas),
    ("R-SCP-12", "suspended", lambda s: s.register("roster", roster(status="suspended"))),
    ("R-SCP-16", "forbids services", order(forbids=("service",))),
    ("R-PPL-01", "vacant", document("quality-safety-head", owner_away=True, deputy=None)),
    ("R-PPL-02", "nobody on duty", no_officer),
    ("R-PPL-03", "failed examination", lambda s: s.register("staff", staff("s-01", exam_score=79))),
    ("R-PPL-05", "unfit", unfit),
    ("R-PPL-06", "no lesson", lambda s: s.register("staff", staff("s-01", training=()))),
    ("R-SYN-01", "lapsed", document("quality-system-entry", valid_to=YESTERDAY)),
    ("R-SYN-02", "missing", document("cleaning", document="something-else")),
]


@pytest.mark.parametrize(("rule", "how", "block"), OPENING, ids=[f"{one[0]} {one[1]}" for one in OPENING])
def test_a_service_is_not_opened(shop: Registered, rule: str, how: str, block: Block) -> None:
    counter = shop.private.shop.counter
    assert counter.open(BLENDER)
    with block(shop), pytest.raises(Refused) as no:
        counter.open(BLENDER)
    assert rule in {one.rule for one in no.value.verdict.refusals}
    assert counter.open(BLENDER)


def test_a_shop_that_was_silent_for_days_opens_no_service(tmp_path: Path) -> None:
    """R-SYN-03: with a hub that has confirmed nothing, a warning after a day and a refusal after three."""
    with private_shop(tmp_path) as private:
        desk, counter = private.shop.desk, private.shop.counter
        desk.has_hub = True
        assert counter.open(BLENDER)
        private.morning(23 / 24)
        assert counter.open(BLENDER)
        private.dial.seconds = 25 * 3600
        with pytest.raises(NeedsReason) as warned:
            counter.open(BLENDER)
        assert [one.rule for one in warned.value.verdict.warnings] == ["R-SYN-03"]
        assert counter.open(BLENDER, reasons={"R-SYN-03": "arranged"})
        private.morning(73 / 24)
        with pytest.raises(Refused) as no:
            counter.open(BLENDER)
        assert {one.rule for one in no.value.verdict.refusals} == {"R-SYN-03"}


SIGN_IN: list[tuple[str, Block]] = [
    ("R-PPL-03", lambda s: s.register("staff", staff("s-01", authorised_to=YESTERDAY))),
    ("R-PPL-04", lambda s: s.register("staff", staff("s-01", health_checked=TODAY - timedelta(days=366)))),
    ("R-PPL-08", lambda s: s.register("staff", staff("s-01", banned=True))),
    ("R-PPL-09", lambda s: s.register("staff", staff("s-01", account_to=YESTERDAY))),
]


@pytest.mark.parametrize(("rule", "block"), SIGN_IN, ids=[one[0] for one in SIGN_IN])
def test_nobody_signs_in(shop: Registered, rule: str, block: Block) -> None:
    desk, vault = shop.private.shop.desk, shop.private.shop.vault
    with block(shop), pytest.raises(Refused) as no:
        people.sign_in(desk, vault, "B-1001", "135790", "k1")
    assert [one.rule for one in no.value.verdict.refusals] == [rule]
    assert people.sign_in(desk, vault, "B-1001", "135790", "k1")[1] == "s-01"


def mixed_by(step: str) -> Block:
    return lambda shop: shop.register("envelopes", row("envelopes", "envelope_id", "ENV-LOTION", mixing_step=step))


VERDICT: list[tuple[str, Block]] = [
    ("R-SCP-07", mixed_by("heat")),
    ("R-SCP-09", lambda s: licence(s, units=("膏霜乳液单元",))),
    ("R-SCP-13", lambda s: s.register("roster", roster(approved_products=("SRC-LOTION",)))),
    ("R-SCP-13", lambda s: s.register("roster", roster(approved_products=None))),
    ("R-SCP-16", order(forbids=("blend",))),
]


@pytest.fixture(scope="module")
def planned(shop: Registered) -> str:
    return shop.private.planned_unit()


@pytest.mark.parametrize(("rule", "block"), VERDICT, ids=[one[0] for one in VERDICT])
def test_the_verdict_refuses(shop: Registered, planned: str, rule: str, block: Block) -> None:
    private = shop.private
    asked = (BLENDER, private.station.settings, private.shop.settings.public_base, private.unit(planned).service_id)
    with block(shop), pytest.raises(Refused) as no:
        private.shop.counter.verdict(*asked)
    assert {one.rule for one in no.value.verdict.refusals} == {rule}
    assert private.shop.counter.verdict(*asked).allowed


def test_one_decant_of_one_product_is_no_service(shop: Registered) -> None:
    """R-SCP-06, and a second product makes it one."""
    private = shop.private
    service_id = private.service()
    private.planned_unit("ENV-DECANT", service_id)
    asked = (BLENDER, private.station.settings, private.shop.settings.public_base, service_id)
    with pytest.raises(Refused) as no:
        private.shop.counter.verdict(*asked)
    assert {one.rule for one in no.value.verdict.refusals} == {"R-SCP-06"}
    private.planned_unit("ENV-LOTION", service_id)
    assert private.shop.counter.verdict(*asked).allowed


@contextmanager
def two_benches(shop: Registered) -> Iterator[None]:
    with shop.site(benches=2), shop.register("roster", roster(max_benches=1)):
        yield


@contextmanager
def one_shop_too_many(shop: Registered) -> Iterator[None]:
    """Two shops are allowed and three listed; of two, and with no cap stated, a unit is begun."""

    def listed(count: int, cap: int | None) -> Change:
        def change(register: Any) -> Any:
            (row,) = [one.model_copy(update={"max_shops": cap}) for one in register.rows if one.store_id == "SH0042"]
            others = tuple(row.model_copy(update={"store_id": f"SH99{number:02}"}) for number in range(count - 1))
            return register.model_copy(update={"rows": (row, *others)})

        return change

    desk, settings = shop.private.shop.desk, shop.private.station.settings
    for passes in (listed(2, 2), listed(3, None)):
        with shop.register("roster", passes), desk.read() as connection:
            assert may_i_work(connection, desk, settings, "s-01").may_work
    with shop.register("roster", listed(3, 2)):
        yield


START: list[tuple[str, Block]] = [
    ("R-SCP-05", lambda s: s.register("roster", roster(benches=("scale-9",)))),
    ("R-SCP-15", lambda s: s.register("roster", roster(max_units_per_day=0))),
    ("R-SCP-15", two_benches),
    ("R-SCP-15", one_shop_too_many),
]


@pytest.mark.parametrize(("rule", "block"), START, ids=[one[0] for one in START])
def test_a_unit_is_not_begun(shop: Registered, rule: str, block: Block) -> None:
    private, desk = shop.private, shop.private.shop.desk
    unit_id = private.planned_unit()
    service_id, settings = private.unit(unit_id).service_id, private.station.settings
    private.shop.counter.verdict(BLENDER, settings, private.shop.settings.public_base, service_id)
    blending.clear_line(desk, BLENDER, settings, unit_id, ("labels", "lots", "hands"))
    with block(shop), pytest.raises(Refused) as no:
        blending.start_unit(desk, BLENDER, settings, unit_id)
    assert {one.rule for one in no.value.verdict.refusals} == {rule}
    assert blending.start_unit(desk, BLENDER, settings, unit_id)
    blending.discard(desk, BLENDER, private.bench, unit_id, "test")


def test_what_is_dosed_is_finished_after_the_end(shop: Registered) -> None:
    """R-SCP-17: after the pilot nothing begins, and nothing that is dosed is lost."""
    private = shop.private
    unit_id = private.planned_unit()
    private.cup_unit(unit_id)
    private.dosed_unit(unit_id)
    with ended(shop):
        private.signed_unit(unit_id)
        private.printed_unit(unit_id)
        assert private.scanned_unit(unit_id)
    private.hand_over(unit_id)


def test_the_kill_switch_reaches_a_unit_under_way(shop: Registered) -> None:
    """R-SCP-12: dosed and not released is not released."""
    private, desk = shop.private, shop.private.shop.desk
    unit_id = private.planned_unit()
    private.cup_unit(unit_id)
    private.dosed_unit(unit_id)
    off = shop.register("roster", lambda register: register.model_copy(update={"province_status": {"SH": "suspended"}}))
    with off, pytest.raises(Refused) as no:
        private.signed_unit(unit_id)
    assert {one.rule for one in no.value.verdict.refusals} == {"R-SCP-12"}
    assert blending.sign(desk, BLENDER, private.station.settings, unit_id, OFFICER.staff_id)
    blending.discard(desk, BLENDER, private.bench, unit_id, "test")


def test_a_penalty_alerts_and_does_not_stop_a_running_shop(shop: Registered) -> None:
    """R-SCP-08 as amended: a reason, a second person, and the work goes on."""
    private, desk = shop.private, shop.private.shop.desk
    assert desk.site is not None
    filer = desk.site.filer.model_copy(update={"penalty_on": YESTERDAY})
    with shop.site(filer=filer):
        with pytest.raises(NeedsReason) as asked:
            private.shop.counter.open(BLENDER, reasons={"R-SCP-08": "arranged"})
        readiness.second(desk, "s-04", asked.value.waiting["R-SCP-08"], "R-SCP-08")
        assert private.shop.counter.open(BLENDER, reasons={"R-SCP-08": "arranged"})
        assert private.shop.counter.open(BLENDER), "answered once for this penalty"


def test_a_deputy_takes_over(shop: Registered) -> None:
    """R-PPL-02 as amended: s-03 is the named deputy of officer s-02."""
    private, desk = shop.private, shop.private.shop.desk
    for one in ("s-02", "s-04"):
        people.leave_duty(desk, one)
    assert private.shop.counter.open(BLENDER)
    with shop.register("staff", staff("s-03", deputy_for=("s-99",))), pytest.raises(Refused) as no:
        private.shop.counter.open(BLENDER)
    assert {one.rule for one in no.value.verdict.refusals} == {"R-PPL-02"}
    for one in ("s-02", "s-04"):
        people.take_duty(desk, one)


def test_a_record_that_is_missing_blocks_the_release(shop: Registered) -> None:
    """A rule names a place of the unit's record that nothing fills: the scan-back does not release."""
    private, desk = shop.private, shop.private.shop.desk
    unit_id = private.planned_unit()
    private.cup_unit(unit_id)
    private.dosed_unit(unit_id)
    private.signed_unit(unit_id)
    private.printed_unit(unit_id)
    before = desk.ruleset
    rule = before.rules["R-PPL-07"].model_copy(update={"records": ("people.releaser", "people.witness")})
    desk.ruleset = replace(before, rules={**before.rules, rule.id: rule})
    try:
        with pytest.raises(Refused) as no:
            private.scanned_unit(unit_id)
    finally:
        desk.ruleset = before
    (found,) = no.value.verdict.refusals
    assert (found.rule, found.facts["missing"]) == ("R-PPL-07", ["people.witness"])
    assert private.unit(unit_id).state == "verified"
    assert private.station.press.scan_back(OFFICER, unit_id, _link(shop, unit_id))
    assert private.unit(unit_id).state == "released"


def _link(shop: Registered, unit_id: str) -> str:
    private = shop.private
    unit = private.unit(unit_id)
    return digital_link(private.shop.settings.public_base, unit.gtin, unit.serial or "")
