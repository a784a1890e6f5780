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
    ("receive", {"receipt.register_attested_at": NOW}),
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


OUTSIDE: list[tuple[str, str, dict[str, object]]] = [
    ("R-ADM-01", "receive", {"receipt.register_attested_at": NOW + timedelta(seconds=1)}),
    ("R-ADM-07", "receive", {"receipt.product.class_code": "12-06-03-01-02"}),
    ("R-ADM-07", "receive", {"receipt.product.class_code": "12/15-06-03-01-02", "params.allow_eye_makeup": True}),
    ("R-ADM-07", "receive", {"receipt.product.name_zh": "甲眼霜"}),
    ("R-ADM-06", "receive", {"receipt.product.claims": ("全家适用",)}),
    ("R-ADM-03", "receive", {"receipt.product.filing_number": "国妆特字20269999"}),
    ("R-ADM-01", "receive", {"receipt.product.filing_number": "国妆特字20269999"}),
    ("R-ADM-04", "receive", {"receipt.product.filing_number": "卫妆特字(2007)第9999号"}),
    ("R-BLD-01", "dose", {"unit": None}),
    ("R-BLD-01", "dose", {"source": None}),
    ("R-BLD-04", "verdict", {"units.0.sources.0.lot": None}),
    ("R-BLD-04", "receive", {"receipt.lot": None}),
    ("R-BLD-04", "verdict", {"units.0.sources.0.lot.hold": "H-1"}),
    ("R-BLD-04", "scan", {"source.container.lot_no": "L9"}),
    ("R-BLD-04", "scan", {"source.lot.product_id": "ACTIVE"}),
    ("R-BLD-04", "scan", {"source.container.product_id": "ACTIVE"}),
    ("R-BLD-04", "dose", {"source.lot.expiry": TODAY - timedelta(days=1)}),
    ("R-BLD-04", "dose", {"source.container": None}),
    ("R-BLD-14", "start", {"bench.room_recorded_at": NOW - timedelta(hours=13)}),
    ("R-BLD-14", "start", {"bench.room_recorded_at": None}),
    ("R-BLD-14", "start", {"bench.rh_pct10": None}),
    ("R-BLD-10", "start", {"bench.verified_to": None}),
    ("R-BLD-10", "start", {"bench.certificate_no": ""}),
    ("R-BLD-10", "start", {"bench.check_passed": None}),
    ("R-BLD-10", "start", {"bench.checked_at": None}),
    ("R-BLD-12", "start", {"bench.cleared_for": None}),
    ("R-BLD-12", "start", {"unit": None}),
    ("R-BLD-13", "start", {"bench.cleaned_at": None}),
    ("R-BLD-13", "start", {"bench.cleaned_at": NOW + timedelta(seconds=1)}),
    ("R-BLD-15", "cup", {"cup": None}),
    ("R-BLD-15", "cup", {"unit.pack": None}),
    ("R-BLD-15", "cup", {"cup.pack_lot": None}),
    ("R-BLD-15", "cup", {"cup.pack_received": False}),
    ("R-BLD-15", "cup", {"cup.gross_mg": None}),
    ("R-BLD-15", "cup", {"cup.gross_mg": 16_999}),
    ("R-BLD-15", "cup", {"cup.visual_ok": False}),
    ("R-BLD-07", "weigh", {"progress.dosed": PROGRESS.dosed[:1]}),
    ("R-BLD-07", "weigh", {"progress.dosed.0.actual_mg": 23_759}),
    ("R-BLD-07", "weigh", {"progress": None}),
    ("R-BLD-07", "weigh", {"unit": None}),
    ("R-BLD-08", "weigh", {"unit": None}),
    ("R-BLD-08", "print", {"label": None}),
    ("R-BLD-08", "print", {"progress.net_mg": None}),
    ("R-BLD-06", "sign", {"progress": None}),
    ("R-BLD-06", "sign", {"progress.computed_use_by": None}),
    ("R-BLD-17", "sign", {"progress": None}),
    ("R-BLD-17", "sign", {"progress.net_mg": None}),
    ("R-BLD-17", "sign", {"progress.appearance_ok": False}),
    ("R-BLD-17", "release", {"progress.releaser_id": None}),
    ("R-BLD-22", "dose", {"progress": None}),
    ("R-BLD-22", "resume", {"progress": None}),
    ("R-BLD-22", "resume", {"progress.stopped_at": NOW + timedelta(seconds=1)}),
    ("R-BLD-22", "resume", {"progress.cup_scanned": None}),
    ("R-BLD-22", "resume", {"progress.cup_scanned": None, "progress.cup_expected": None}),
    ("R-BLD-22", "resume", {"progress.gross_now_mg": None}),
    ("R-BLD-22", "resume", {"progress.gross_expected_mg": None}),
    ("R-BLD-22", "resume", {"progress.gross_now_mg": 42_051}),
    ("R-BLD-21", "scan", {"source": source(BASE, 8_000, "L9"), "progress.dosed": PROGRESS.dosed}),
    ("R-LAB-01", "release", {"label": None}),
    ("R-LAB-01", "release", {"label.parts.0.medium": "leaflet"}),
    ("R-LAB-02", "print", {"label": None}),
    ("R-LAB-04", "print", {"label": None}),
    ("R-LAB-04", "print", {"label.net_mg": 15_001, "label.on_pack": frozenset(RULES.fill({}).small_pack_items)}),
    ("R-LAB-05", "print", {"progress": None}),
    ("R-LAB-05", "print", {"progress.started_at": None}),
    ("R-LAB-05", "print", {"label.items.blend_date": "2026-11-21"}),
    ("R-LAB-05", "print", {"progress.use_by": None}),
    ("R-LAB-06", "print", {"unit": None}),
    ("R-LAB-06", "print", {"label": None}),
    ("R-LAB-07", "print", {"label": None}),
    ("R-LAB-07", "print", {"label.items.net_content": "0.03 kg"}),
    ("R-LAB-11", "print", {"progress": None}),
    ("R-LAB-11", "print", {"progress.net_mg": None}),
    ("R-LAB-13", "print", {"label": None}),
    ("R-LAB-18", "verdict", {"label.fits": False}),
    ("R-CON-01", "verdict", {"consumer": None}),
    ("R-CON-01", "verdict", {"consumer.consulted_at": NOW + timedelta(seconds=1)}),
    ("R-CON-02", "consult", {"consumer": None}),
    ("R-CON-03", "consult", {"consumer": None}),
    ("R-CON-05", "consult", {"consumer": None}),
    ("R-CON-05", "consult", {"consumer.age": 13, "consumer.guardian_consent": True, "params.min_age": 10}),
    ("R-PPL-03", "sign_in", {"site": None}),
    ("R-PPL-03", "sign_in", {"person": None}),
    ("R-PPL-03", "sign_in", {"person.staff.authorised_from": TODAY + timedelta(days=1)}),
    ("R-PPL-04", "sign_in", {"person.staff": None}),
    ("R-PPL-05", "start", {"person": None}),
    ("R-PPL-07", "sign", {"person": None}),
    ("R-PPL-07", "sign", {"person.staff": None}),
    ("R-PPL-07", "sign", {"progress": None}),
    ("R-PPL-07", "sign", {"progress.dosed.0.manual": True, "progress.blender_id": "s-01"}),
    (
        "R-PPL-07",
        "sign",
        {"progress.manual_mass": True, "progress.blender_id": "s-01", "progress.second_person": "s-01"},
    ),
    ("R-ADM-02", "scan", {"site": None}),
]


@pytest.mark.parametrize(("rule", "gate", "changes"), OUTSIDE, ids=lambda v: v if isinstance(v, str) else ",".join(v))
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
