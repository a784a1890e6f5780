"""The demo's registers are ones that head office could publish, on any day, and nothing in them belongs to anybody."""

from __future__ import annotations

import csv
import os
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from store_service.consultation.texts import read as read_texts
from store_service.labelling.stock import STOCKS
from store_service.rules.dossier import (
    SNAPSHOT_KINDS,
    Envelope,
    EnvelopeRegister,
    Filer,
    LotRegister,
    Product,
    ProductRegister,
    Roster,
    RuleParameters,
    StaffRegister,
)
from store_service.rules.numbers import parse_class_code, parse_filing_number
from store_service.rules.screening import screen
from store_service.rules.words import lint
from store_service.settings import read_hub, read_store
from store_service.trace.identifiers import gtin_valid

from .documents import CONFIG, KIND_OF_FILE, NOW, document, raw, snapshot, texts

DEMO_FILES = sorted(path.stem for path in (CONFIG / "demo").glob("*.toml"))


def register() -> ProductRegister:
    found = snapshot("products")
    assert isinstance(found, ProductRegister)
    return found


def envelopes() -> EnvelopeRegister:
    found = snapshot("envelopes")
    assert isinstance(found, EnvelopeRegister)
    return found


PRODUCTS = register().products
BY_ID = {product.product_id: product for product in PRODUCTS}
ENVELOPES = envelopes().envelopes
each_product = pytest.mark.parametrize("product", PRODUCTS, ids=lambda p: p.product_id)
each_envelope = pytest.mark.parametrize("envelope", ENVELOPES, ids=lambda e: e.envelope_id)


@pytest.mark.parametrize(
    "now", [NOW, datetime(2027, 9, 29, 16, 0, tzinfo=UTC), datetime(2027, 3, 1, 15, 59, tzinfo=UTC)]
)
@pytest.mark.parametrize("name", sorted(KIND_OF_FILE))
def test_every_register_is_valid_on_any_day(name: str, now: datetime) -> None:
    snapshot(name, now=now)


def test_products_carry_no_attestation_of_their_own() -> None:
    assert "attested_at" not in raw("products")


def test_there_are_eight_products_three_blends_and_a_decant() -> None:
    assert len(PRODUCTS) >= 8
    assert sorted(envelope.kind for envelope in ENVELOPES) == ["blend", "blend", "blend", "decant"]


@each_product
def test_a_formula_is_whole(product: Product) -> None:
    assert sum(ingredient.ppm for ingredient in product.ingredients) == 1_000_000
    assert 18 <= len(product.ingredients) <= 28
    assert [i.ppm for i in product.ingredients] == sorted((i.ppm for i in product.ingredients), reverse=True)
    assert len({i.inci for i in product.ingredients}) == len(product.ingredients)
    assert product.ethanol_ppm == sum(i.ppm for i in product.ingredients if i.inci == "ALCOHOL")
    assert sum(i.ppm for i in product.ingredients if i.inci == "PHENOXYETHANOL") <= 10_000
    assert any(ingredient.preservative for ingredient in product.ingredients)


@each_product
def test_ingredients_stand_in_the_official_catalogue(product: Product) -> None:
    path = os.environ.get("IECIC_CSV")
    if not path:
        assert os.environ.get("CI") != "true", "IECIC_CSV is not set"
        pytest.skip("IECIC_CSV is not set: the catalogue of used ingredients is not part of this tree")
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        official = {row["inci_name"].strip(): row["cn_name"].strip() for row in csv.DictReader(file)}
    for ingredient in product.ingredients:
        assert official.get(ingredient.inci) == ingredient.cn_name


@each_product
def test_numbers_read_and_are_fictional(product: Product) -> None:
    number = parse_filing_number(product.filing_number)
    assert (number.verdict, number.kind) == ("wellformed", "domestic")
    assert re.fullmatch(r"沪G妆网备字202599999\d", product.filing_number)
    assert product.gtin.startswith("0952") and gtin_valid(product.gtin) and len(product.gtin) == 14
    assert product.producer.licence is not None and product.producer.licence.endswith("9999")
    assert re.fullmatch(r"沪妆20\d{2}\d{4}", product.producer.licence)
    code = parse_class_code(product.class_code)
    assert code is not None and not code.new_efficacy
    assert code.method == ("02",) and "06" not in code.site and tuple(code.user) == ("03",)


@each_product
def test_a_dossier_misses_nothing_that_a_label_needs(product: Product) -> None:
    for field in ("directions", "storage", "executed_standard", "sensory", "hygiene", "process", "name_zh", "name_en"):
        assert getattr(product, field).strip(), field
    assert product.warnings and product.claims and product.pao_months
    assert product.ph_min_x100 is not None and product.ph_max_x100 is not None
    assert 350 < product.ph_min_x100 <= product.ph_max_x100


def test_no_text_on_a_pack_says_what_is_forbidden() -> None:
    printed = [
        text
        for product in PRODUCTS
        for text in (
            product.name_zh,
            product.name_en,
            product.directions,
            product.storage,
            *product.warnings,
            *product.claims,
        )
    ]
    printed += [text for e in ENVELOPES for text in (e.name_zh, e.name_en, e.directions, *e.claims)]
    printed += texts(raw("label")["items"]) + texts(raw("recommendation"))
    assert [(text, hit.word) for text in printed for hit in lint(text)] == []


@each_envelope
def test_an_envelope_can_be_filled(envelope: Envelope) -> None:
    parts = envelope.components
    assert sum(part.min_bp for part in parts) <= 10_000 <= sum(part.max_bp for part in parts)
    assert sum(envelope.default_bp) == 10_000 and len(envelope.default_bp) == len(parts)
    for part, share in zip(parts, envelope.default_bp, strict=True):
        assert part.min_bp <= share <= part.max_bp
        assert part.formula_version == BY_ID[part.product_id].formula_version
        assert part.abs_tol_mg >= 3 * raw("store")["benches"][0]["scale"]["resolution_mg"]
    packs = {pack.sku: pack for pack in envelopes().packs}
    assert all(any(packs[sku].capacity_mg >= fill for sku in envelope.packs) for fill in envelope.fills_mg)
    assert envelope.challenge_test_ref and gtin_valid(envelope.gtin) and envelope.gtin.startswith("0952")
    sources = [BY_ID[part.product_id] for part in parts]
    assert set(envelope.claims) <= set.intersection(*(set(source.claims) for source in sources))
    weakest = min(sum(i.ppm for i in source.ingredients if i.preservative) for source in sources)
    assert envelope.min_preservative_ppm is not None and envelope.min_preservative_ppm <= weakest
    codes = [parse_class_code(source.class_code) for source in sources]
    assert len({(code.site, code.user, code.method) for code in codes if code}) == 1


def test_a_decant_keeps_the_filed_name_and_directions() -> None:
    for envelope in ENVELOPES:
        if envelope.kind == "decant":
            source = BY_ID[envelope.components[0].product_id]
            assert (envelope.name_zh, envelope.directions) == (source.name_zh, source.directions)
            assert (envelope.components[0].min_bp, envelope.components[0].max_bp) == (10_000, 10_000)


def test_all_gtins_differ_and_packs_have_a_window() -> None:
    register_ = envelopes()
    gtins = [p.gtin for p in PRODUCTS] + [e.gtin for e in register_.envelopes] + [p.gtin for p in register_.packs]
    assert len(set(gtins)) == len(gtins)
    assert all(gtin_valid(gtin) and gtin.startswith("0952") for gtin in gtins)
    windows = sorted((pack.tare_min_mg, pack.tare_max_mg) for pack in register_.packs)
    assert all(low < high for low, high in windows)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(windows)), "told apart by mass"


def test_the_rooms_that_use_the_documents_can_read_them() -> None:
    store, hub = read_store(CONFIG / "store.toml"), read_hub(CONFIG / "hub.toml")
    assert (store.shop.store_id, store.filer_id) == (hub.stores[0].store_id, hub.filer_id)
    assert store.log_origin == hub.stores[0].log_origin
    assert set(hub.validity_hours) == set(SNAPSHOT_KINDS)
    assert store.demo is not None and (CONFIG / store.demo.documents).is_dir()
    assert read_texts(CONFIG / "demo").questions


def test_references_resolve() -> None:
    filer = Filer.model_validate(document("filer"))
    store, hub, opening = raw("store"), raw("hub"), document("opening")
    lots, staff, roster = snapshot("lots"), snapshot("staff_register"), snapshot("roster")
    assert isinstance(lots, LotRegister) and isinstance(staff, StaffRegister) and isinstance(roster, Roster)
    bench = store["benches"][0]
    known_lots = {(lot.product_id, lot.lot_no): lot for lot in lots.lots}
    delivered = {(row["product_id"], row["lot_no"]) for row in opening["deliveries"]}
    assert {product.filer_id for product in PRODUCTS} == {filer.filer_id} == {store["filer_id"], hub["filer_id"]}
    assert register().filer_id == filer.filer_id
    assert {product_id for product_id, _ in known_lots} == set(BY_ID)
    assert {part.product_id for envelope in ENVELOPES for part in envelope.components} == set(BY_ID)
    assert all(lot.label_version == BY_ID[lot.product_id].label_version for lot in lots.lots)
    assert delivered == set(known_lots)
    assert all((c["product_id"], c["lot_no"]) in delivered for c in opening["containers"])
    assert (
        {row.store_id for row in roster.rows} == {store["shop"]["store_id"]} == {s["store_id"] for s in hub["stores"]}
    )
    row = roster.rows[0]
    assert (row.filer_id, row.province, row.doc_no) == (
        filer.filer_id,
        store["shop"]["province"],
        store["shop"]["roster_doc"],
    )
    assert set(row.approved_products or ()) == set(BY_ID)
    assert {row["staff_id"] for row in raw("staff")["staff"]} == {row.staff_id for row in staff.staff}
    for person in staff.staff:
        assert (person.employer_id, person.store_ids) == (filer.filer_id, (store["shop"]["store_id"],))
        assert set(person.envelopes) == {envelope.envelope_id for envelope in ENVELOPES}
        assert set(person.devices) == {bench["bench_id"], bench["scale"]["scale_id"]}
    roles = {person.staff_id: set(person.roles) for person in staff.staff}
    assert "officer" in roles[opening["shift"]["officer"]]
    assert set(opening["shift"]["fit"]) == set(opening["shift"]["on_duty"]) == set(roles)
    assert opening["shift"]["bench_id"] == bench["bench_id"]
    assert {opening["label_stock"]["stock"], bench["printer"]["stock"]} <= set(STOCKS)
    assert {row["sku"] for row in opening["packs"]} == {pack.sku for pack in envelopes().packs}


def test_two_persons_can_serve_and_sign() -> None:
    staff = snapshot("staff_register")
    assert isinstance(staff, StaffRegister)
    assert any("blender" in a.roles and "releaser" in b.roles for a in staff.staff for b in staff.staff if a != b)
    assert {role for person in staff.staff for role in person.roles} == {"blender", "officer", "releaser", "manager"}
    rows = raw("staff")["staff"]
    assert all(re.fullmatch(r"\d{6}", row["pin"]) for row in rows)
    assert len({row["pin"] for row in rows}) == len(rows)
    assert all(re.fullmatch(r"(店员|店长)[甲乙丙丁]", row["name"]) for row in rows)
    assert all(re.fullmatch(r"(Clerk|Manager) [A-D]", row["name_en"]) for row in rows)


def test_allergen_groups_are_disjoint_and_meet_the_products() -> None:
    parameters = snapshot("rules")
    assert isinstance(parameters, RuleParameters)
    groups = parameters.allergen_groups
    members = [member.casefold() for group in groups for member in group.members]
    assert len(set(members)) == len(members)
    everything = [(product, 10_000 // len(PRODUCTS)) for product in PRODUCTS]
    for group in groups:
        assert screen([group.zh], everything, groups)[0].answer == "contained", group.key


def test_nothing_belongs_to_a_real_company() -> None:
    filer = Filer.model_validate(document("filer"))
    assert "虚构" in filer.name and filer.licence.number.endswith("9999")
    assert filer.uscc[2:8] == "319999", "a region code that is not assigned"
    for name in (*DEMO_FILES, "store", "hub"):
        for text in texts(raw(name)):
            for host in re.findall(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|org|net|example)\b", text):
                assert host.endswith(".example"), (name, text)
            for phone in re.findall(r"\b0\d{2,3}-\d{4} ?\d{4}\b", text):
                assert "-0000" in phone, "no Chinese local number begins with 0"


def test_chinese_sentences_use_full_width_punctuation() -> None:
    for name in (*DEMO_FILES, "store", "hub"):
        for text in texts(raw(name)):
            assert not re.search(r"[\u4e00-\u9fff][,:;?!()][\u4e00-\u9fff]", text), (name, text)
