"""What a clerk is told: every "no" of every row, with the values that were compared.

A rule that says something else on purpose: `python -m tests.rules.test_said` writes the golden file anew; read its
difference.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from store_service.rules.case import Used
from store_service.rules.checks import CHECKS
from store_service.rules.gates import GATES, ask
from store_service.rules.matters import Correction
from store_service.rules.refusal import Finding

from .cases import ACTIVE, NOW, RULES, changed, passing
from .limits_outside import OUTSIDE
from .refusing import EVERY
from .refusing_label import LISTS_BEYOND
from .refusing_mixture import BEYOND

OILY = ACTIVE.model_copy(update={"allergens": ("蜂蜡",)})
GOLDEN = Path(__file__).parents[1] / "golden" / "said.jsonl"
UNUSED = Used("X", None, 9)
ASIDE: list[tuple[str, str, dict[str, object]]] = [
    ("R-BLD-23", "verdict", {"consumer.allergies": ("蜂蜡",), "bench.used": (UNUSED, Used("ACTIVE", OILY, 1))}),
    ("R-BLD-24", "verdict", {"units.0.sources.0.container": None, "units.0.sources.1.container.remaining_mg": 1}),
    ("R-BLD-06", "verdict", {"units.0.sources.0.container.opened_at": NOW - timedelta(days=160)}),
    ("R-BLD-06", "verdict", {"units.0.sources.0.product.pao_months": 1}),
    ("R-REC-05", "correct", {"matter": Correction(" ", "", "", " ")}),
    ("R-LAB-02", "print", {"label.items.sources": "", "label.items.producer": ""}),
    ("R-WORD-07", "print", {"label.items.personalised": "含胶原蛋白", "label.items.storage": "含胶原蛋白"}),
    ("R-BLD-10", "start", {"bench": None}),
]
"""Beside the tables: what two things wrong at once, or a part that is none, are told as."""
ROWS = [(rule, gate, changes) for rule, _, gate, changes in EVERY] + [*OUTSIDE, *BEYOND, *LISTS_BEYOND, *ASIDE]


def told(one: Finding) -> dict[str, Any]:
    return {
        "facts": dict(one.facts),
        "per": one.per,
        "every": one.every,
        "second": one.second_person,
        "next": [step.act for step in one.next_steps],
    }


def heard(number: int) -> dict[str, Any]:
    rule, gate, changes = ROWS[number]
    verdict = ask(gate, changed(passing(gate), changes), RULES)
    said = {"refused": verdict.refusals, "warned": verdict.warnings, "noted": verdict.notes}
    own = {key: [told(one) for one in found if one.rule == rule] for key, found in said.items()}
    others = [one.rule for found in said.values() for one in found if one.rule != rule]
    return {"row": f"{rule} {gate}", "beside": others} | {key: found for key, found in own.items() if found}


def written() -> list[dict[str, Any]]:
    return [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda n: f"{ROWS[n][0]}-{ROWS[n][1]}")
def test_what_is_said(number: int, golden: list[dict[str, Any]]) -> None:
    assert heard(number) == golden[number]


@pytest.fixture(scope="module")
def golden() -> list[dict[str, Any]]:
    return written()


def test_every_row_has_its_line() -> None:
    assert len(written()) == len(ROWS)


def test_every_gate_asks_its_rules_in_their_order() -> None:
    for gate in GATES:
        asked = ask(gate, passing(gate), RULES).asked
        by_checks = tuple(dict.fromkeys(rule for rule, _ in CHECKS[gate]))
        assert asked[: len(by_checks)] == by_checks and len(set(asked)) == len(asked)
        assert set(asked) == {rule.id for rule in RULES.rules.values() if gate in rule.asked}


if __name__ == "__main__":
    lines = [json.dumps(heard(number), ensure_ascii=False, sort_keys=True) for number in range(len(ROWS))]
    GOLDEN.write_text("".join(f"{line}\n" for line in lines), "utf-8")
