"""Just inside every limit a gate passes, just outside it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from store_service.rules.gates import ask

from .cases import RULES, SOURCES, TODAY, UNIT, changed, passing
from .limits import INSIDE
from .limits_outside import OUTSIDE
from .refusing_label import LISTS_BEYOND, LISTS_WITHIN
from .refusing_mixture import BEYOND, WITHIN


@pytest.mark.parametrize(
    ("rule", "gate", "changes"), OUTSIDE + BEYOND + LISTS_BEYOND, ids=lambda v: v if isinstance(v, str) else ",".join(v)
)
def test_outside_the_limit(rule: str, gate: str, changes: dict[str, object]) -> None:
    verdict = ask(gate, changed(passing(gate), changes), RULES)
    assert rule in {finding.rule for finding in verdict.refusals}


def test_the_bound_of_the_use_period_is_named() -> None:
    def bound(changes: dict[str, object]) -> tuple[object, object]:
        verdict = ask("verdict", changed(passing("verdict"), changes), RULES)
        (finding,) = [one for one in verdict.refusals + verdict.warnings if one.rule == "R-BLD-06"]
        return finding.facts["bounded_by"], finding.facts["bound_part"]

    assert bound({"units.0.sources.1.lot.expiry": TODAY + timedelta(days=5)}) == ("expiry", "ACTIVE")
    assert bound({"units.0.envelope.in_use_days": 0}) == ("in_use", "ENV-1")
    assert bound({"units": (UNIT,), "params.max_blend_days": 29}) == ("ceiling", "ENV-1")


@pytest.mark.parametrize(
    ("gate", "changes"), INSIDE + WITHIN + LISTS_WITHIN, ids=lambda v: v if isinstance(v, str) else ",".join(v)
)
def test_inside_the_limit(gate: str, changes: dict[str, object]) -> None:
    verdict = ask(gate, changed(passing(gate), changes), RULES)
    assert [(f.rule, f.message_en) for f in verdict.refusals + verdict.warnings] == []


@pytest.mark.parametrize(
    ("now", "refused"),
    [
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), False),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), True),
    ],
)
def test_legacy_categories_ended_with_2025(now: datetime, refused: bool) -> None:
    case = changed(passing("receive"), {"receipt.product.legacy_type": "健美", "now": now})
    assert ("R-ADM-04" in {finding.rule for finding in ask("receive", case, RULES).refusals}) is refused


def test_facts_name_the_product_and_what_is_missing() -> None:
    (over,) = ask("weigh", changed(passing("weigh"), {"progress.dosed.1.actual_mg": 6_100}), RULES).refusals
    assert (over.facts["product_id"], over.facts["product_en"]) == ("ACTIVE", "Lotion ACTIVE")
    on_pack = frozenset(RULES.fill({}).mandatory_items) - {"warnings"}
    small = {"label.net_mg": 15_000, "label.items.net_content": "15.0 g", "label.on_pack": on_pack}
    (bare,) = ask("print", changed(passing("print"), small), RULES).refusals
    assert bare.facts["elsewhere"] == ["warnings"]


def test_a_voided_label_asks_for_nothing() -> None:
    case = passing("release")
    assert case.label is not None
    old = replace(case.label.parts[0], voided=True, scanned_back_at=None)
    assert ask("release", changed(case, {"label.parts": (old, *case.label.parts)}), RULES).allowed
    assert not ask("release", changed(case, {"label.parts": (old,)}), RULES).allowed


@pytest.mark.parametrize(
    ("net_mg", "deviations", "four_eyes", "refused"),
    [
        (100_000, 0, True, False),
        (100_001, 0, True, True),
        (30_000, 1, True, True),
        (100_001, 1, False, False),
    ],
)
def test_the_blender_s_own_signature(net_mg: int, deviations: int, four_eyes: bool, refused: bool) -> None:
    own = {"progress.blender_id": "s-01", "progress.net_mg": net_mg, "progress.open_deviations": deviations}
    verdict = ask("sign", changed(passing("sign"), own | {"params.four_eyes": four_eyes}), RULES)
    assert [f.rule for f in verdict.refusals] == (["R-PPL-07"] if refused else [])
    assert [f.rule for f in verdict.warnings] == ([] if refused else ["R-PPL-07"])


def test_a_limited_active_is_bound_from_above_only() -> None:
    components = UNIT.envelope.components if UNIT.envelope else ()
    low = {"unit.envelope.components.1.min_bp": 2_000, "progress.dosed.1.actual_mg": 5_950}
    assert not ask("weigh", changed(passing("weigh"), low), RULES).allowed
    assert ask("weigh", changed(passing("weigh"), low | {"progress.dosed.1.one_sided": True}), RULES).allowed
    high = {"unit.envelope.components.1.max_bp": 1_990, "progress.dosed.1.one_sided": True}
    assert not ask("weigh", changed(passing("weigh"), high), RULES).allowed
    assert len(components) == len(SOURCES)
