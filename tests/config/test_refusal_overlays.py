"""Every overlay names a rule that exists, changes things that exist, and is refused where it says, by that rule."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from store_service.rules import gates
from store_service.rules.catalogue import load
from store_service.rules.refusal import Verdict

from .demo_case import Demo
from .documents import CONFIG, OVERLAYS, document, snapshot

RULESET = load(CONFIG / "rules", CONFIG / "provinces.toml")
RULE_IDS = frozenset((Path(__file__).parents[1] / "golden" / "rule_ids.txt").read_text("utf-8").split())
EXPECTED_RULES = {
    "SCP": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16),
    "ADM": tuple(range(1, 26)),
    "PPL": (1, 2, 3, 4, 5, 6, 7, 8, 9),
    "SYN": (1, 2),
    "CON": (1, 2, 3, 5, 6, 7, 8, 9),
    "REC": (3,),
    "SMP": (1, 2),
    "BLD": (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 24),
    "LAB": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18),
    "WORD": (1, 2, 3, 4, 5, 6, 7, 8),
}
ACTS = {
    "units", "skip", "bundled_consent", "age", "allergy", "condition", "receipt_without", "container",
    "second_container", "pack_lot", "own_container", "hold_lot", "pour_extra_mg", "spill_mg", "pause_minutes",
    "swap_cup", "withdraw", "review", "homogeneous_ok", "releaser", "print_before_sign", "scan_back", "typed_code",
}  # fmt: skip
PLAIN = ("store", "filer", "opening", "label")
REGISTERS = ("products", "lots", "envelopes", "roster", "staff_register", "rules", "readiness")
ON_THE_WAY = (
    "sign_in", "open_service", "consult", "verdict", "start", "scan", "cup", "dose", "weigh", "sign", "print",
    "release", "hand_over",
)  # fmt: skip
README = (CONFIG / "demo" / "refusals" / "README.md").read_text("utf-8")


def overlay(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def ask(demo: Demo, gate: str) -> Verdict:
    if gate == "label_lint":
        return gates.ask("print", demo.linted(), RULESET)
    return gates.ask(gate, demo.case(gate), RULESET)


each_overlay = pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.stem)


def test_every_gated_rule_has_an_overlay() -> None:
    wanted = {f"R-{chapter}-{number:02d}" for chapter, numbers in EXPECTED_RULES.items() for number in numbers}
    assert {overlay(path)["rule"] for path in OVERLAYS} == wanted


@each_overlay
def test_an_overlay_reads(path: Path) -> None:
    found = overlay(path)
    allowed = {"rule", "description_zh", "description_en", "expect_at", "outcome", "clock", "set", "act"}
    assert set(found) <= allowed
    assert found["rule"] in RULE_IDS
    assert path.stem.startswith(found["rule"].lower() + "-")
    assert found["description_zh"].strip() and found["description_en"].strip()
    assert not re.search(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]", found["description_zh"])
    assert found["expect_at"] in {*gates.GATES, "label_lint"}
    assert found.get("outcome", "refuse") in ("refuse", "warn")
    assert {"clock", "set", "act"} & set(found), "it changes nothing"
    assert set(found.get("act", {})) <= ACTS
    for name, changes in found.get("set", {}).items():
        assert name in (*PLAIN, *REGISTERS)
        assert document(name, changes) != document(name), "the change changes nothing"
        if name in REGISTERS:
            snapshot(name, changes)


def test_every_act_is_explained() -> None:
    assert all(f"`{act}`" in README for act in ACTS)
    assert all(f"`{gate}`" in README for gate in (*gates.GATES, "label_lint"))


@pytest.mark.parametrize("gate", [*gates.GATES, "label_lint"])
def test_the_demo_as_it_stands_passes_every_gate(gate: str) -> None:
    verdict = ask(Demo({}, RULESET), gate)
    assert [(found.rule, found.facts) for found in (*verdict.refusals, *verdict.warnings)] == []


@pytest.mark.parametrize("day", ["2025-10-08", "2026-03-31", "2026-04-01", "2027-03-31", "2027-04-01", "2027-09-30"])
@pytest.mark.parametrize("gate", ["receive", "verdict", "scan", "dose"])
def test_the_demo_s_products_pass_on_any_day_of_the_pilot(day: str, gate: str) -> None:
    verdict = ask(Demo({"clock": f"{day}T12:00:00+08:00"}, RULESET), gate)
    assert [(found.rule, found.facts) for found in (*verdict.refusals, *verdict.warnings)] == []


@pytest.mark.parametrize("envelope_id", ["ENV-LOTION", "ENV-CREAM", "ENV-TONER"])
@pytest.mark.parametrize(("fill_mg", "pack_sku"), [(15_000, "PK-15"), (30_000, "PK-30"), (50_000, "PK-50")])
def test_every_envelope_may_be_blended_in_every_size(envelope_id: str, fill_mg: int, pack_sku: str) -> None:
    decant = {"envelope_id": "ENV-DECANT", "fill_mg": fill_mg, "pack_sku": pack_sku}
    units = [{"envelope_id": envelope_id, "fill_mg": fill_mg, "pack_sku": pack_sku}, decant]
    verdict = ask(Demo({"act": {"units": units}}, RULESET), "verdict")
    assert [(found.rule, found.facts) for found in (*verdict.refusals, *verdict.warnings)] == []


@each_overlay
def test_an_overlay_is_refused_where_it_says(path: Path) -> None:
    found = overlay(path)
    verdict = ask(Demo(found, RULESET), found["expect_at"])
    answers = verdict.warnings if found.get("outcome") == "warn" else verdict.refusals
    assert found["rule"] in {answer.rule for answer in answers}


@pytest.mark.parametrize("path", [p for p in OVERLAYS if overlay(p)["expect_at"] in ON_THE_WAY], ids=lambda p: p.stem)
def test_an_overlay_is_not_refused_before(path: Path) -> None:
    found = overlay(path)
    demo = Demo(found, RULESET)
    for gate in ON_THE_WAY[: ON_THE_WAY.index(found["expect_at"])]:
        assert [(gate, answer.rule, answer.facts) for answer in ask(demo, gate).refusals] == []
