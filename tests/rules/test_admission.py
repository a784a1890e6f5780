"""R-ADM in detail: where each rule is asked, every code and word that it knows, whom it names, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from store_service.rules.gates import ask
from store_service.rules.numbers import PREFIXES

from .cases import ACTIVE, BASE, NOW, RULES, changed, container, ingredients, passing
from .refusing import PRODUCTS

ONE = "units.0.sources.1.product."
RECEIVE, VERDICT, SCAN, DOSE = "receive", "verdict", "scan", "dose"
LATER = ("sign", "print", "release")
ASKED = {
    "R-ADM-01": {RECEIVE, VERDICT, SCAN, DOSE, *LATER, "hand_over"},
    "R-ADM-02": {RECEIVE, VERDICT, SCAN},
    "R-ADM-03": {RECEIVE, VERDICT},
    "R-ADM-04": {RECEIVE, VERDICT},
    "R-ADM-05": {RECEIVE, VERDICT},
    "R-ADM-06": {RECEIVE, VERDICT},
    "R-ADM-07": {RECEIVE, VERDICT},
    "R-ADM-08": {RECEIVE, VERDICT, SCAN},
    "R-ADM-09": {VERDICT},
    "R-ADM-10": {VERDICT},
    "R-ADM-11": {RECEIVE, VERDICT},
    "R-ADM-12": {VERDICT},
    "R-ADM-13": {RECEIVE},
    "R-ADM-14": {RECEIVE, VERDICT, SCAN, DOSE},
    "R-ADM-15": {RECEIVE, VERDICT, SCAN, DOSE},
    "R-ADM-16": {VERDICT, "reratio"},
    "R-ADM-17": {"open_service", VERDICT},
    "R-ADM-18": {VERDICT, SCAN, DOSE},
    "R-ADM-19": {RECEIVE, VERDICT},
    "R-ADM-20": {RECEIVE, VERDICT},
    "R-ADM-21": {RECEIVE, VERDICT},
    "R-ADM-22": {RECEIVE, VERDICT, SCAN},
    "R-ADM-23": {RECEIVE, VERDICT, SCAN, DOSE, *LATER},
    "R-ADM-24": {RECEIVE, VERDICT},
    "R-ADM-25": {"open_service", VERDICT},
}


def facts(rule: str, gate: str, changes: Mapping[str, object]) -> list[Mapping[str, Any]]:
    """What a rule compared, in the order in which it is told."""
    verdict = ask(gate, changed(passing(gate), changes), RULES)
    return [one.facts for one in verdict.refusals + verdict.warnings if one.rule == rule]


def test_every_rule_has_its_home_and_its_gates() -> None:
    known = {rule.id: set(rule.asked) for rule in RULES.rules.values() if rule.id.startswith("R-ADM-")}
    assert known == ASKED and len(known) == 25
    assert {rule.outcome for rule in RULES.rules.values() if rule.id in ASKED} == {"refuse", "warn"}


PER_PRODUCT = [
    (rule, {name.removeprefix(ONE): value for name, value in changes.items()})
    for rule, _, gate, changes in PRODUCTS
    if gate == VERDICT
    and all(name.startswith(ONE) for name in changes)
    and rule not in ("R-ADM-09", "R-ADM-10", "R-ADM-12")
]


@pytest.mark.parametrize(("rule", "changes"), PER_PRODUCT, ids=lambda one: one if isinstance(one, str) else "")
def test_every_product_that_does_not_pass_is_named(rule: str, changes: dict[str, object]) -> None:
    both = {f"units.0.sources.{n}.product.{name}": value for n in (0, 1) for name, value in changes.items()}
    assert {"BASE", "ACTIVE"} <= {one["product_id"] for one in facts(rule, VERDICT, both)}


@pytest.mark.parametrize("code", ["01", "02", "03", "04", "05", "A"])
def test_every_special_efficacy_is_refused(code: str) -> None:
    (told,) = facts("R-ADM-03", RECEIVE, {"receipt.product.class_code": f"11/{code}-05-03-01-02"})
    assert told["efficacy_codes"] == [code]


@pytest.mark.parametrize("code", [f"{n:02d}" for n in range(6, 27)])
def test_every_ordinary_efficacy_passes(code: str) -> None:
    assert ask(RECEIVE, changed(passing(RECEIVE), {"receipt.product.class_code": f"{code}-05-03-01-02"}), RULES).allowed


@pytest.mark.parametrize("code", ["01", "02"])
def test_every_group_of_children_is_refused(code: str) -> None:
    (told,) = facts("R-ADM-06", RECEIVE, {"receipt.product.class_code": f"11-05-{code}/03-01-02"})
    assert told["user_codes"] == [code]


@pytest.mark.parametrize(("now", "dead"), [("2025-12-31T15:59:59", False), ("2025-12-31T16:00:00", True)])
def test_legacy_categories_died_with_the_year_2025(now: str, dead: bool) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert bool(facts("R-ADM-04", RECEIVE, {"receipt.product.legacy_type": "育发", "now": at})) is dead


def test_whitening_by_cover_is_told_from_whitening() -> None:
    for claims, cover in ((("美白",), False), (("美白", "仅具物理遮盖作用"), True)):
        (told,) = facts("R-ADM-05", RECEIVE, {"receipt.product.claims": claims})
        assert (told["words"], told["only_cover"]) == (["美白"], cover)
    assert not facts("R-ADM-05", RECEIVE, {"receipt.product.name_zh": "美", "receipt.product.name_en": "白"})


@pytest.mark.parametrize("status", ["quarantined", "recalled", "returned", "damaged"])
def test_every_kind_of_dead_stock_is_named(status: str) -> None:
    (told,) = facts("R-ADM-14", SCAN, {"source.lot.status": status})
    assert told["lot_status"] == status


def test_a_standing_of_an_ingredient_is_told() -> None:
    new = {f"{ONE}ingredients.1.status": "new"}
    (told,) = facts("R-ADM-08", VERDICT, new)
    assert (told["ingredients"], told["standing"], told["today"]) == (["烟酰胺"], ["new"], "2026-11-22")


def test_a_form_that_the_filer_bars_is_told_as_that() -> None:
    told = facts("R-ADM-20", VERDICT, {f"{ONE}blendable": False, f"{ONE}form": "mask"})
    assert [set(one) - {"product_id", "product_zh", "product_en"} for one in told] == [
        {"form", "form_codes"},
        {"blendable"},
    ]
    assert told[1]["blendable"] is False
    assert facts("R-ADM-22", SCAN, {"source.product.kit_part": True})[0]["kit_part"] is True


def test_only_the_products_for_the_lips_are_named() -> None:
    (told,) = facts("R-ADM-09", VERDICT, {f"{ONE}class_code": "11-07-03-01-02"})
    assert (told["products_en"], told["products_zh"]) == (["Lotion ACTIVE"], ["甲ACTIVE乳"])
    (told,) = facts("R-ADM-10", VERDICT, {f"{ONE}class_code": "11-05-03-01-01", f"{ONE}use": "rinse_off"})
    assert told["products_en"] == ["Lotion ACTIVE"]


def test_what_is_not_in_common_is_named() -> None:
    (told,) = facts("R-ADM-12", VERDICT, {f"{ONE}class_code": "11-08-02-01-02"})
    assert (told["groups"], told["class_codes"]) == (["site", "user"], ["11-05-03-01-02", "11-08-02-01-02"])


def test_each_unit_is_looked_at() -> None:
    """A first unit with nothing to say hides no second one."""
    case = passing(VERDICT)
    first, second = case.units
    acid = changed(replace(case, units=(second, first)), {
        "units.1.sources.1.product.ph_min_x100": 300, "units.1.envelope.ph_min_x100": None,
        "units.0.sources.0.product.class_code": "unreadable", "units.1.sources.1.product.class_code": "11-08-03-01-02",
    })  # fmt: skip
    told = {one.rule: one.facts.get("unit_id") for one in ask(VERDICT, acid, RULES).refusals}
    assert (told["R-ADM-16"], told["R-ADM-12"]) == ("u-1", "u-1")


def test_the_ph_is_told_as_a_ph() -> None:
    low = {f"{ONE}ph_min_x100": 320, "units.0.envelope.ph_min_x100": 345}
    (told,) = facts("R-ADM-16", VERDICT, low)
    assert (told["limit"], told["blend_ph"], told["products_en"]) == ("3.5", "3.45–6.6", ["Lotion ACTIVE"])
    rinse = {f"units.0.sources.{n}.product.use": "rinse_off" for n in (0, 1)}
    assert not facts("R-ADM-16", VERDICT, low | rinse), "a rinse-off blend may be acid"
    one_stays = {"units.0.sources.1.product.use": "rinse_off"}
    assert facts("R-ADM-16", VERDICT, low | one_stays)


@pytest.mark.parametrize(
    ("inci", "cn_name"), [("PARFUM", "香料"), ("fragrance", "调香"), ("AROMA", "食用香"), ("X", "（日用）香精")]
)
def test_fragrance_is_known_by_any_of_its_names(inci: str, cn_name: str) -> None:
    parts = (*ACTIVE.ingredients[:-1], *ingredients((inci, cn_name, 50_000)))
    (told,) = facts("R-ADM-16", VERDICT, {f"{ONE}ingredients": parts})
    assert told["missing"] == ["fragrance"]
    warned = {f"{ONE}ingredients": parts, f"{ONE}warnings": ("含香精。",), f"{ONE}ethanol_ppm": 1}
    (told,) = facts("R-ADM-16", VERDICT, warned)
    assert told["missing"] == ["ethanol"]


def test_the_stock_of_an_ended_filing_has_a_disposition() -> None:
    def told(status: str, said: str | None) -> Any:
        changes = {"source.product.filing_status": status, "source.lot.disposition": said}
        return facts("R-ADM-23", DOSE, changes)[0]["disposition"]

    assert (told("deregistered", None), told("revoked", None)) == ("sell_closed", "quarantine")
    assert (told("deregistered", "return"), told("revoked", "destroy")) == ("return", "destroy")


def test_a_number_without_a_province_is_not_told_twice() -> None:
    unlisted = {"receipt.product.filing_number": "随便写的", "roster.rows.0.approved_products": ()}
    assert not facts("R-ADM-19", RECEIVE, unlisted) and facts("R-ADM-01", RECEIVE, unlisted)
    (told,) = facts("R-ADM-19", RECEIVE, unlisted | {"receipt.product.filing_number": "新G妆网备字2025999995"})
    assert told["prefix"] == "新"


def test_the_pilot_s_prefixes_are_those_of_its_provinces() -> None:
    pilot = {province.prefix for province in RULES.provinces.values() if province.in_pilot}
    assert set(RULES.fill({}).pilot_prefixes) == pilot and len(pilot) == 15
    assert set(RULES.fill({}).statement_prefixes) == {"新", "琼"}


@pytest.mark.parametrize("store", [*(p.letters for p in RULES.provinces.values() if p.in_pilot), "XJ", "JS", "ZZ"])
def test_the_prefix_of_a_product_is_judged_apart_from_the_place_of_the_shop(store: str) -> None:
    """R-ADM-19 by prefix and list, R-SCP-01 by the shop's province: neither answers for the other."""
    here = changed(passing(RECEIVE), {"site.province": store, "params": RULES.params(store)})
    here = changed(here, {"roster.rows.0.province": store, "roster.rows.0.approved_products": ("BASE",)})
    for prefix in PREFIXES:
        for number in (f"{prefix}G妆网备字2025999991", f"国妆网备进字({prefix})2025999991"):
            told = {"receipt.product.filing_number": number, "receipt.fields.filing_number": number}
            listed = ask(RECEIVE, changed(here, told), RULES)
            unlisted = ask(RECEIVE, changed(here, told | {"roster.rows.0.approved_products": ("ACTIVE",)}), RULES)
            assert listed.refusals == ()
            expected = set() if prefix in RULES.fill({}).pilot_prefixes else {"R-ADM-19"}
            assert {one.rule for one in unlisted.refusals} == expected


def test_a_stale_register_tells_until_when_it_held() -> None:
    (told,) = facts("R-ADM-01", RECEIVE, {"receipt.register_attested_at": NOW - timedelta(days=8)})
    assert told["valid_until_at"] == "2026-11-21T12:00:00+08:00"


def test_an_unknown_product_hides_no_other() -> None:
    unknown = {"units.0.sources.0.product": None, f"{ONE}filing_status": "unknown"}
    assert {one["product_id"] for one in facts("R-ADM-01", VERDICT, unknown)} == {"BASE", "ACTIVE"}


def test_a_receipt_tells_what_it_lacks() -> None:
    fields = passing(RECEIVE).receipt
    assert fields is not None
    nothing = facts("R-ADM-13", RECEIVE, {"receipt.fields": {}})
    assert [one["missing"] for one in nothing] == [list(RULES.fill({}).receipt_fields)]
    (told,) = facts("R-ADM-13", RECEIVE, {"receipt.fields.purchase_date": "x" * 100})
    assert told["purchase_date"] == "x" * 40
    unknown = {"receipt.product": None, "receipt.fields.filing_number": "沪G妆网备字2025999992"}
    assert not facts("R-ADM-13", RECEIVE, unknown), "nothing to compare it with"


def test_a_cartridge_tells_what_it_lacks() -> None:
    bare = replace(container(BASE, "C-9", "L1"), filled_on=None, opened_at=None)
    (told,) = facts("R-ADM-15", RECEIVE, {"receipt.containers": (bare,), "receipt.lot": None})
    assert told["missing"] == ["filled_on", "lot_no", "opened_at"] and told["container_id"] == "C-9"
    late = {"source.container.filled_on": date(2026, 11, 13)}
    assert facts("R-ADM-15", SCAN, late)[0]["latest"] == "2026-11-12", "never filled after it was opened"
    unlotted = {"units.0.sources.0.lot": None, "units.0.sources.1.container.filled_on": None}
    assert {one["product_id"] for one in facts("R-ADM-15", VERDICT, unlotted)} == {"BASE", "ACTIVE"}


def test_a_lot_that_is_not_known_hides_no_dead_one() -> None:
    changes = {"units.0.sources.0.lot": None, "units.0.sources.1.lot.status": "recalled"}
    assert [one["product_id"] for one in facts("R-ADM-14", VERDICT, changes)] == ["ACTIVE"]


def test_a_statement_of_one_product_hides_no_other() -> None:
    number = "琼G妆网备字2025999995"
    changes: dict[str, object] = {
        "units.0.sources.0.product.filing_number": number, "units.0.sources.0.product.statement_due": date(2028, 1, 1),
        f"{ONE}filing_number": number, f"{ONE}statement_due": date(2026, 12, 1),
    }  # fmt: skip
    assert [one["product_id"] for one in facts("R-ADM-25", VERDICT, changes)] == ["ACTIVE"]
