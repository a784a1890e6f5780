"""What may stand behind a code, province by province and day by day; and what a code may carry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.case import Code
from store_service.rules.gates import ask

from .cases import RULES, changed, passing

SIX = {"京", "沪", "浙", "鲁", "粤", "渝"}
PILOT = sorted(one.prefix for one in RULES.provinces.values() if one.in_pilot)
TOKEN = "https://trace.example/01/09521234590118/21/SH0042-7KQ2M9XD4TB5V"
FIRST = datetime(2026, 1, 31, 16, 0, tzinfo=UTC)  # midnight of 2026-02-01 in Beijing
LAST = datetime(2029, 1, 31, 15, 59, 59, tzinfo=UTC)


def rules(changes: dict[str, object]) -> set[str]:
    return {one.rule for one in ask("print", changed(passing("print"), changes), RULES).refusals}


@pytest.mark.parametrize("prefix", [*PILOT, "新", "苏", "？"])
def test_only_six_provinces_let_a_listed_enterprise_use_the_code(prefix: str) -> None:
    params = {**RULES.params(prefix), "in_pilot": True, "e_label_listed": True}
    hidden = {"params": params, "label.on_code": frozenset({"ingredients"})}
    assert ("R-LAB-14" in rules(hidden)) is (prefix not in SIX)
    assert "R-LAB-14" in rules({**hidden, "params": {**params, "e_label_listed": False}})
    assert "R-LAB-14" not in rules({**hidden, "label.on_code": frozenset()})


@pytest.mark.parametrize(
    ("now", "runs"),
    [(FIRST - timedelta(seconds=1), False), (FIRST, True), (LAST, True), (LAST + timedelta(seconds=1), False)],
)
def test_the_e_label_pilot_begins_and_ends_on_a_beijing_day(now: datetime, runs: bool) -> None:
    hidden = {"now": now, "params.e_label_listed": True, "label.on_code": frozenset({"ingredients"})}
    assert ("R-LAB-14" not in rules(hidden)) is runs


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30), st.sampled_from(["", "?", "#", "/", "@", " "]))
def test_a_code_with_anything_more_is_refused(more: str, between: str) -> None:
    for text in (f"{TOKEN}{between}{more}", f"{more}{between}{TOKEN}"):
        assert "R-LAB-15" in rules({"label.code": Code(text, 2_000)})


@pytest.mark.parametrize("written", ["A-17", "0042", "B-203", "KQ2M9X"])
def test_a_code_stands_for_the_consumer(written: str) -> None:
    assert "R-LAB-17" not in rules({"label.items.consumer_code": written})


@pytest.mark.parametrize("written", ["王小明", "Li Hua", "li", "13800000000", "A-17 王"])
def test_a_name_or_a_number_does_not(written: str) -> None:
    assert "R-LAB-17" in rules({"label.items.consumer_code": written})
