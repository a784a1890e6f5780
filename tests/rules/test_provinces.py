"""Where and when a shop may blend: 15 provinces, one window, and what a province may set (regulation.md §1, §13)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from store_service.rules.gates import ask
from store_service.rules.numbers import PREFIXES

from .cases import NOW, RULES, changed, passing

PILOT = "京津冀黑沪浙鲁豫湘粤桂琼渝云陕"


def refused(gate: str, changes: dict[str, object]) -> set[str]:
    return {finding.rule for finding in ask(gate, changed(passing(gate), changes), RULES).refusals}


def in_province(text: str) -> dict[str, object]:
    """The whole case moved: the shop, its roster row and the parameters."""
    return {
        "site.province": text,
        "params": RULES.params(text),
        "roster.rows.0.province": text,
        "roster.province_status": {text: "active"},
        "roster.fetched_at": NOW,
    }


def test_31_prefixes_of_which_15_are_pilot_provinces() -> None:
    assert {province.prefix for province in RULES.provinces.values()} == set(PREFIXES)
    assert len(RULES.provinces) == 31 == len(PREFIXES)
    assert {p.prefix for p in RULES.provinces.values() if p.in_pilot} == set(PILOT)
    assert len(PILOT) == 15


@pytest.mark.parametrize("prefix", PILOT)
def test_a_shop_in_a_pilot_province_may_open(prefix: str) -> None:
    province = RULES.province(prefix)
    assert province is not None and RULES.province(province.letters) == province
    assert refused("open_service", in_province(province.letters)) == set()


@pytest.mark.parametrize("text", ["XJ", "新", "JS", "苏", "ZZ", "滇", ""])
def test_a_shop_anywhere_else_may_not(text: str) -> None:
    assert refused("open_service", in_province(text)) == {"R-SCP-01"}


def test_a_product_filed_outside_the_pilot_is_no_reason_to_refuse_the_shop() -> None:
    foreign = {"units.0.sources.1.product.filing_number": "新G妆网备字2025999995"}
    assert refused("verdict", foreign) == set()


@pytest.mark.parametrize(
    ("now", "inside"),
    [
        (datetime(2025, 9, 30, 15, 59, 59, 999999, tzinfo=UTC), False),
        (datetime(2025, 9, 30, 16, 0, tzinfo=UTC), True),
        (datetime(2027, 9, 30, 15, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2027, 9, 30, 16, 0, tzinfo=UTC), False),
    ],
)
@pytest.mark.parametrize("gate", ["open_service", "verdict", "start", "dose"])
def test_the_window_is_half_open_in_beijing(gate: str, now: datetime, inside: bool) -> None:
    assert ("R-SCP-02" not in refused(gate, {"now": now})) is inside


def test_an_extension_moves_the_end_and_a_late_province_the_start() -> None:
    after = {"now": datetime(2027, 10, 5, tzinfo=UTC)}
    assert "R-SCP-02" in refused("dose", after)
    longer = after | {"params.extension_end": date(2028, 9, 30)}
    assert "R-SCP-02" in refused("dose", longer), "a day without its document extends nothing"
    assert "R-SCP-02" not in refused("dose", longer | {"params.extension_doc": "DOC-9"})
    assert "R-SCP-02" in refused("dose", {"params.province_start": date(2026, 12, 1)})


def test_a_rectified_shop_does_what_its_order_leaves() -> None:
    order = {"roster.rows.0.status": "rectifying", "roster.rows.0.forbids": ("decant",)}
    assert refused("open_service", order) == set()
    assert refused("verdict", order) == {"R-SCP-03"}
    assert refused("start", order) == set()
    assert refused("open_service", order | {"roster.rows.0.forbids": ("service",)}) == {"R-SCP-03"}


@pytest.mark.parametrize("gate", ["open_service", "verdict", "start", "dose", "sign", "print", "release", "resume"])
def test_the_kill_switch_stops_what_is_not_released(gate: str) -> None:
    assert "R-SCP-12" in refused(gate, {"roster.rows.0.status": "cancelled"})
    assert "R-SCP-12" in refused(gate, {"roster.province_status": {"SH": "suspended"}})


def test_two_products_are_counted_per_service_or_per_unit() -> None:
    assert refused("verdict", {}) == set()
    assert refused("verdict", {"params.count_per": "unit"}) == {"R-SCP-06"}
    assert refused("verdict", {"params.count_per": "unit", "params.allow_single_source_decant": True}) == set()
    only_decant = passing("verdict").units[1:]
    assert refused("verdict", {"units": only_decant}) == {"R-SCP-06"}
    assert refused("verdict", {"units": only_decant, "params.allow_single_source_decant": True}) == set()
    assert refused("hand_over", {"units": passing("hand_over").units[1:]}) == {"R-SCP-06"}
    assert refused("hand_over", {"units": (), "params.allow_single_source_decant": True}) == {"R-SCP-06"}


def test_roster_age_warns_then_refuses() -> None:
    def asked(days: int) -> tuple[bool, bool]:
        case = changed(passing("dose"), {"roster.fetched_at": NOW - timedelta(days=days)})
        verdict = ask("dose", case, RULES)
        return bool(verdict.warnings), bool(verdict.refusals)

    assert [asked(days) for days in (7, 8, 30, 31)] == [(False, False), (True, False), (True, False), (False, True)]


def test_parameters_are_typed_and_overridden_in_order() -> None:
    assert RULES.params("SH")["store_licence_required"] is True
    assert RULES.params("GD")["store_licence_required"] is False
    assert RULES.params("HI")["label_extra_enforced"] is True
    overrides = {"*": {"min_age": 16, "barred_forms": "aerosol, mask"}, "SH": {"min_age": 15}}
    assert RULES.params("沪", overrides)["min_age"] == 15
    assert RULES.params("GD", overrides)["min_age"] == 16
    assert RULES.params("GD", overrides)["barred_forms"] == ("aerosol", "mask")
    assert RULES.params("SH")["pilot_end"] == date(2027, 9, 30)
    assert RULES.params("SH")["extension_doc"] is None
    assert RULES.params("SH", {"SH": {"extension_end": "2028-09-30"}})["extension_end"] == date(2028, 9, 30)


@pytest.mark.parametrize("bad", [{"no_such_name": 1}, {"no_such_name": "x"}, {"min_age": "old"}, {"in_pilot": None}])
def test_a_wrong_override_is_an_error_and_not_ignored(bad: dict[str, int | bool | str | None]) -> None:
    with pytest.raises(ValidationError):
        RULES.params("SH", {"*": bad})
