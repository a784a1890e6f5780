"""Just inside every limit a gate passes; the other side stands in `refusing`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from store_service.rules.gates import ask

from .cases import ACTIVE, BASE, NOW, PROGRESS, RULES, SOURCES, TODAY, UNIT, changed, container, passing, source

INSIDE: list[tuple[str, dict[str, object]]] = [
    ("open_service", {"roster.fetched_at": NOW - timedelta(days=7)}),
    ("open_service", {"roster.rows.0.valid_to": TODAY, "roster.rows.0.valid_from": TODAY}),
    ("open_service", {"params.roster_required": False, "roster.rows.0.valid_to": TODAY - timedelta(days=1)}),
    ("sign_in", {"person.staff.health_checked": TODAY - timedelta(days=365)}),
    ("sign_in", {"person.staff.authorised_to": TODAY, "person.staff.authorised_from": TODAY}),
    ("sign_in", {"person.staff.roles": ("officer",), "person.fit": None}),
    ("start", {"person.staff.devices": ("*",), "person.staff.envelopes": ("*",)}),
    ("consult", {"consumer.age": 18}),
    ("consult", {"consumer.age": 14, "consumer.guardian_consent": True, "params.min_age": 14}),
    ("consult", {"consumer.consents": frozenset({"allergy", "photo"})}),
    ("verdict", {"consumer.consulted_at": NOW - timedelta(hours=12)}),
    ("verdict", {"consumer.consulted_at": NOW}),
    ("receive", {"receipt.register_attested_at": NOW - timedelta(days=7)}),
    (
        "receive",
        {
            "receipt.product.filing_number": "沪G妆网备字20259999910",
            "receipt.fields.filing_number": "沪G妆网备字20259999910",
        },
    ),
    ("receive", {"receipt.lot.expiry": TODAY}),
    ("receive", {"receipt.product.class_code": "14/25-05-03-01-02"}),
    ("receive", {"receipt.product.class_code": "12-06-03-01-02", "params.allow_eye_makeup": True}),
    ("receive", {"receipt.product.directions": "避开眼部；请勿让儿童接触。"}),
    ("verdict", {"units.0.target_mg": 15_000}),
    ("verdict", {"params.max_batch_g": 30}),
    ("verdict", {"units.0.pack.capacity_mg": 30_000}),
    ("verdict", {"units.0.sources.0.share_bp": 9_000, "units.0.sources.1.share_bp": 1_000}),
    ("verdict", {"units.0.sources.1.lot.expiry": TODAY + timedelta(days=30)}),
    ("verdict", {"units.0.sources.0.container.remaining_mg": 29_000}),
    ("verdict", {"units.0.sources.0.container.remaining_mg": 5_000, "units.0.sources.0.spare_mg": 24_000}),
    ("verdict", {"units.0.sources.0.container.state": "closed", "units.0.sources.0.container.opened_at": None}),
    ("scan", {"source.container.opened_at": NOW - timedelta(days=180)}),
    ("scan", {"source.product.pao_months": None}),
    ("dose", {"source.lot.expiry": TODAY}),
    (
        "scan",
        {
            "source": replace(source(BASE, 8_000, "L9"), before=container(BASE, "C-BASE", "L1", 5_000)),
            "progress.dosed": PROGRESS.dosed,
        },
    ),
    ("scan", {"source": source(BASE, 8_000, "L1"), "progress.dosed": PROGRESS.dosed}),
    ("scan", {"source": source(ACTIVE, 2_000, "L2"), "progress.dosed": PROGRESS.dosed[:1]}),
    ("start", {"bench.verified_to": TODAY}),
    ("start", {"bench.cleaned_at": NOW - timedelta(hours=12)}),
    ("start", {"bench.temp_c10": 300, "bench.rh_pct10": 750}),
    ("start", {"bench.temp_c10": 150}),
    ("cup", {"cup.gross_mg": 17_000}),
    ("cup", {"cup.gross_mg": 19_500}),
    ("weigh", {"progress.dosed.0.actual_mg": 24_240}),
    ("weigh", {"progress.dosed.0.actual_mg": 23_760}),
    ("weigh", {"progress.net_mg": 27_300}),
    ("sign", {"progress.blender_id": "s-01", "progress.second_person": "s-03", "progress.manual_mass": True}),
    ("sign", {"progress.manual_mass": True}),
    ("sign", {"progress.net_mg": 180_000, "progress.open_deviations": 1}),
    ("sign", {"progress.use_by": TODAY + timedelta(days=1)}),
    ("print", {"label.net_numeral_mm_x100": 200}),
    ("print", {"label.items.net_content": "30 克"}),
    ("print", {"label.items.use_by": "2027年02月20日", "label.items.blend_date": "20261122"}),
    ("print", {"label.items.ingredients": "全成分：水、甘油、烟酰胺、角鲨烷、 苯氧乙醇；其他微量成分：EDTA二钠"}),
    (
        "print",
        {
            "label.net_mg": 15_000,
            "label.items.net_content": "15.0 g",
            "label.on_pack": frozenset({"name", "filer", "net_content", "use_by"}),
            "label.leaflet": True,
        },
    ),
    ("release", {"label.parts.0.serial": "SH0042-B"}),
    ("resume", {"progress.stopped_at": NOW - timedelta(minutes=60)}),
    ("resume", {"progress.gross_now_mg": 42_050}),
    ("resume", {"progress.gross_now_mg": 41_950}),
]


@pytest.mark.parametrize(("gate", "changes"), INSIDE, ids=lambda v: v if isinstance(v, str) else ",".join(v))
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
