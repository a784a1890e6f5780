"""Cases that pass every gate, built from nothing, and a way to change one thing in them.

    passing("verdict")                                        a case that gate `verdict` lets through without a warning
    changed(passing("start"), {"person.fit": False})          the same with one value changed

A path names attributes of dataclasses and documents, indexes of tuples and keys of mappings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from store_service.rules.case import (
    Bench,
    Case,
    Code,
    Consumer,
    Container,
    Cup,
    Dosed,
    Label,
    LabelPart,
    Person,
    PlannedUnit,
    Progress,
    Receipt,
    Site,
    Source,
    Sync,
)
from store_service.rules.catalogue import RuleSet, load
from store_service.rules.dossier import (
    AllergenGroup,
    Envelope,
    EnvelopeComponent,
    Filer,
    Ingredient,
    Lesson,
    Licence,
    LotStatus,
    Microbiology,
    PackSpec,
    Party,
    Product,
    ReadinessDocument,
    ReadinessRegister,
    Roster,
    RosterRow,
    StaffRow,
)
from store_service.rules.matters import (
    Application,
    BreachClosing,
    CaseClosing,
    Classification,
    Correction,
    Disposal,
    DutyMove,
    EvidenceWord,
    HoldWord,
    ImageRequest,
    Matter,
    ReactionCase,
    RecallStand,
    RecallWord,
    RightsAnswer,
    Sending,
    Submission,
)
from store_service.rules.merge import ingredients_text, merged_warnings
from store_service.rules.rounds import PACKAGE, Done

ROOT = Path(__file__).parents[2]
RULES: RuleSet = load(ROOT / "config" / "rules", ROOT / "config" / "provinces.toml")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Beijing
TODAY = date(2026, 11, 22)
USE_BY = date(2027, 2, 20)
WARNINGS = ("仅供外用，避免接触眼睛。", "如有不适，请立即停用。")


def ingredients(*parts: tuple[str, str, int]) -> tuple[Ingredient, ...]:
    return tuple(Ingredient(inci=inci, cn_name=name, ppm=ppm) for inci, name, ppm in parts)


def product(product_id: str, serial: str, parts: tuple[Ingredient, ...], **changes: Any) -> Product:
    values: dict[str, Any] = {
        "product_id": product_id,
        "gtin": "09521234500018",
        "name_zh": f"甲{product_id}乳",
        "name_en": f"Lotion {product_id}",
        "filing_number": f"沪G妆网备字2025{serial}",
        "filing_status": "filed",
        "filer_id": "FILER",
        "class_code": "11-05-03-01-02",
        "form": "lotion",
        "use": "leave_on",
        "ingredients": parts,
        "warnings": WARNINGS,
        "directions": "取适量均匀涂抹。",
        "storage": "置于阴凉干燥处。",
        "claims": ("保湿",),
        "ph_min_x100": 550,
        "ph_max_x100": 650,
        "pao_months": 12,
        "shelf_life_months": 36,
        "viscosity": "lotion",
        "executed_standard": "Q/TEST 001-2025",
        "sensory": "乳液",
        "hygiene": "合格",
        "process": "混合",
        "producer": Party(name="示例化妆品公司", address="示例路 1 号", licence="沪妆20259999"),
        "formula_version": "F1",
        "label_version": "L1",
        "filed_on": date(2025, 3, 31),
        "annual_report_on": date(2026, 3, 20),
    }
    return Product(**(values | changes))


BASE = product(
    "BASE",
    "999991",
    ingredients(
        ("WATER", "水", 900_000),
        ("GLYCERIN", "甘油", 95_000),
        ("PHENOXYETHANOL", "苯氧乙醇", 4_500),
        ("EDTA", "EDTA 二钠", 500),
    ),
)
BASE = BASE.model_copy(
    update={
        "ingredients": tuple(
            one.model_copy(update={"preservative": one.inci == "PHENOXYETHANOL"}) for one in BASE.ingredients
        )
    }
)
ACTIVE = product(
    "ACTIVE",
    "999992",
    ingredients(
        ("WATER", "水", 850_000),
        ("NIACINAMIDE", "烟酰胺", 100_000),
        ("SQUALANE", "角鲨烷", 50_000),
    ),
)


def lot(one: Product, lot_no: str) -> LotStatus:
    return LotStatus(
        product_id=one.product_id,
        lot_no=lot_no,
        produced=date(2026, 1, 10),
        expiry=date(2028, 1, 9),
        status="released",
        label_version="L1",
        sample_ref=f"RS-{lot_no}",
    )


def container(one: Product, container_id: str, lot_no: str, remaining_mg: int = 500_000) -> Container:
    return Container(
        container_id=container_id,
        product_id=one.product_id,
        lot_no=lot_no,
        kind="cartridge",
        state="opened",
        opened_at=NOW - timedelta(days=10),
        remaining_mg=remaining_mg,
        heel_mg=5_000,
        filled_on=date(2026, 11, 1),
        position=1,
    )


PACK = PackSpec(
    sku="PK-30",
    name_zh="30 g 瓶",
    name_en="30 g bottle",
    gtin="09521234590224",
    capacity_mg=35_000,
    tare_min_mg=17_000,
    tare_max_mg=19_500,
)


def envelope(kind: str, envelope_id: str, parts: tuple[tuple[Product, int, int], ...]) -> Envelope:
    return Envelope(
        envelope_id=envelope_id,
        version=3,
        kind="blend" if kind == "blend" else "decant",
        status="approved",
        approval_ref="VAL-1",
        gtin="09521234590118",
        name_zh="保湿乳液",
        name_en="Hydrating lotion",
        components=tuple(
            EnvelopeComponent(product_id=one.product_id, formula_version="F1", min_bp=low, max_bp=high)
            for one, low, high in parts
        ),
        default_bp=(8_000, 2_000) if len(parts) == 2 else (10_000,),
        fills_mg=(15_000, 30_000),
        packs=("PK-30",),
        mixing_step="stir",
        in_use_days=180,
        directions="取适量均匀涂抹。",
        temp_max_c10=300,
        rh_max_pct10=750,
        challenge_test_ref="PET-1",
        ph_min_x100=540,
        ph_max_x100=660,
        min_preservative_ppm=3_500,
        microbiology=Microbiology(
            sampled=TODAY - timedelta(days=30), report="M-1", cfu_per_g=10, moulds_per_g=10, pathogens_absent=True
        ),
        claims=("保湿",),
    )


def source(one: Product, share_bp: int, lot_no: str) -> Source:
    return Source(
        product_id=one.product_id,
        product=one,
        share_bp=share_bp,
        target_mg=30_000 * share_bp // 10_000,
        lot=lot(one, lot_no),
        container=container(one, f"C-{one.product_id}", lot_no),
        register_attested_at=NOW - timedelta(hours=5),
    )


BLEND_ENVELOPE = envelope("blend", "ENV-1", ((BASE, 6_000, 9_000), (ACTIVE, 1_000, 4_000)))
DECANT_ENVELOPE = envelope("decant", "ENV-D", ((BASE, 10_000, 10_000),))
SOURCES = (source(BASE, 8_000, "L1"), source(ACTIVE, 2_000, "L2"))
UNIT = PlannedUnit("u-1", "blend", BLEND_ENVELOPE, "ENV-1", 30_000, SOURCES, PACK)
DECANT = PlannedUnit("u-2", "decant", DECANT_ENVELOPE, "ENV-D", 30_000, (source(BASE, 10_000, "L1"),), PACK)

FILER = Filer(
    filer_id="FILER",
    uscc="91310000MA9999999X",
    name="示例化妆品公司",
    address="示例路 1 号",
    phone="021-0000 0000",
    licence=Licence(number="沪妆20259999", valid_to=date(2030, 1, 1), units=("膏霜乳液单元",)),
)
READINESS = ReadinessRegister(
    documents=tuple(
        ReadinessDocument(
            rule=rule.id,
            document=paper.key,
            name_zh=paper.zh,
            name_en=paper.en,
            version="V1",
            valid_from=date(2026, 1, 1),
            valid_to=date(2027, 12, 31),
            owner="hq-01",
            deputy="hq-02",
        )
        for rule in RULES.rules.values()
        for paper in rule.documents
    )
)


def source_record(product: str) -> dict[str, Any]:
    """One component of a unit's record."""
    origin = {"container": "C-1", "lot": "L-1", "expiry": "2027-05-01", "opened_at": "2026-11-20T01:00:00Z"}
    return {
        "product": product,
        "filing_number": "沪G妆网备字2025999991",
        "name": product,
        "target_mg": 15_000,
        "actual_mg": 15_002,
        "from": [{**origin, "sample": "S-1"}],
    }


RECORD: dict[str, Any] = {
    "batch": "SH0042-261122-0001X",
    "use_by": "2027-02-20",
    "bounded_by": "expiry",
    "label_net_mg": 30_000,
    "components": [source_record("BASE"), source_record("ACTIVE")],
    "pack": {"lot": "P-1", "clean": True},
    "envelope": {"version": 1, "approval": "A-1", "mixing_step": "stir"},
    "store": {"id": "SH0042", "province": "SH", "roster": "DOC-1", "bench": "bench-1"},
    "people": {"blender": "s-02", "fit_on": "2026-11-22", "officers": ["s-01"], "releaser": "s-01"},
    "clearance": {"by": "s-02", "at": "2026-11-22T03:49:00Z", "hands": True},
    "started_at": "2026-11-22T03:50:00Z",
    "ended_at": "2026-11-22T03:58:00Z",
    "started": {
        "scale_id": "scale-1",
        "certificate_no": "CERT-9999",
        "checked_at": "2026-11-22T01:00:00Z",
        "cleaned_at": "2026-11-22T01:00:00Z",
        "temp_c10": 230,
        "rh_pct10": 500,
    },
    "check_weigh": {"net_mg": 30_004},
    "yield_bp": 10_001,
    "inspection": {"appearance_ok": True},
    "labels": [{"serial": "SH0042-A", "bitmap_sha256": "00"}],
    "service": {
        "id": "v-1",
        "consumer": "c-1",
        "notice": "N1",
        "consents": {"allergy": {"given": True}},
        "consulted_at": "-",
        "verdict": {"allergy_result": "clear"},
    },
    "rules": {"sha256": "00"},
}
SITE = Site(
    store_id="SH0042",
    province="SH",
    ownership="directly_operated",
    filer=FILER,
    licence_number="LIC-1",
    licence_valid_to=date(2030, 1, 1),
)
ROSTER = Roster(
    fetched_at=NOW - timedelta(days=1),
    province_status={"SH": "active"},
    rows=(
        RosterRow(
            store_id="SH0042",
            filer_id="FILER",
            province="SH",
            doc_no="DOC-1",
            valid_from=date(2025, 10, 1),
            valid_to=date(2027, 9, 30),
            status="active",
            approved_products=("BASE", "ACTIVE"),
        ),
    ),
)
STAFF = StaffRow(
    staff_id="s-01",
    roles=("blender", "releaser"),
    employer_id="FILER",
    store_ids=("SH0042",),
    devices=("scale-1",),
    envelopes=("ENV-1", "ENV-D"),
    authorised_from=date(2026, 1, 1),
    authorised_to=date(2027, 3, 31),
    health_checked=date(2026, 6, 1),
    health_result="fit",
    training=tuple(Lesson(lesson=one, completed_on=date(2026, 6, 1)) for one in RULES.fill({}).required_lessons),
    exam_on=date(2026, 6, 1),
    exam_score=90,
)
CONSUMER = Consumer(
    notice_version="N1",
    consents=frozenset({"allergy"}),
    needed_consents=frozenset({"allergy"}),
    age=30,
    consulted_at=NOW - timedelta(minutes=20),
    judged_at=NOW - timedelta(minutes=15),
)
BENCH = Bench(
    scale_id="scale-1",
    certificate_no="CERT-9999",
    verified_to=date(2027, 6, 1),
    resolution_mg=10,
    checked_at=NOW - timedelta(hours=3),
    check_passed=True,
    cleaned_at=NOW - timedelta(hours=3),
    temp_c10=230,
    rh_pct10=500,
    room_recorded_at=NOW - timedelta(hours=3),
    cleared_for="u-1",
)
CUP = Cup(pack_lot="P-1", pack_sku="PK-30", own_container=False, gross_mg=18_000, visual_ok=True, pack_received=True)
PROGRESS = Progress(
    unit_id="u-1",
    state="dosed",
    batch="SH0042-261122-0001X",
    started_at=NOW - timedelta(minutes=10),
    dosed=(
        Dosed("BASE", 24_000, 24_010, 50, 100, False, ("L1",), ("C-BASE",)),
        Dosed("ACTIVE", 6_000, 5_990, 50, 100, False, ("L2",), ("C-ACTIVE",)),
    ),
    net_mg=30_004,
    appearance_ok=True,
    odour_ok=True,
    homogeneous_ok=True,
    mixed=True,
    blender_id="s-02",
    releaser_id="s-01",
    signed_at=NOW - timedelta(minutes=1),
    use_by=USE_BY,
    computed_use_by=USE_BY,
)
STOPPED = replace(
    PROGRESS,
    state="stopped",
    stopped_at=NOW - timedelta(minutes=20),
    cup_scanned="P-1",
    cup_expected="P-1",
    gross_now_mg=42_010,
    gross_expected_mg=42_000,
)
FORMULA = [(one.product, one.share_bp) for one in SOURCES if one.product]
ITEMS = {
    "name": "保湿乳液",
    "filer": "示例化妆品公司",
    "filer_address": "示例路 1 号",
    "producer": "示例化妆品公司",
    "producer_address": "示例路 1 号",
    "producer_licence": "沪妆20259999",
    "standard": "Q/TEST 001-2025",
    "ingredients": ingredients_text(FORMULA),
    "net_content": "净含量：30.0 g",
    "use_by": "2027-02-20",
    "directions": "取适量均匀涂抹。",
    "warnings": " ".join(merged_warnings(FORMULA)),
    "personalised": "个性化服务产品",
    "batch": "SH0042-261122-0001X",
    "blend_date": "2026-11-22",
    "store": "示例店",
    "sources": "甲 乙",
    "consumer_code": "A-17",
    "storage": "置于阴凉干燥处。",
}
LABEL = Label(
    items=ITEMS,
    on_pack=frozenset(ITEMS),
    fits=True,
    net_mg=30_000,
    net_numeral_mm_x100=210,
    min_char_mm_x100=190,
    parts=(LabelPart("label", "SH0042-A", printed_at=NOW, scanned_back_at=NOW),),
    code=Code("https://trace.example/01/09521234590118/21/SH0042-7KQ2M9XD4TB5V", 2_000),
    stock="72x60",
)
RECEIPT = Receipt(
    product_id="BASE",
    product=BASE,
    lot=lot(BASE, "L1"),
    fields={
        **dict.fromkeys(RULES.fill({}).receipt_fields, "已核"),
        "filing_number": "备案编号：沪G妆网备字2025999991",
        "purchase_date": "2026-11-22",
    },
    register_attested_at=NOW - timedelta(hours=5),
    expiry=date(2028, 1, 9),
    containers=(container(BASE, "C-NEW", "L1"),),
)
GROUPS = (
    AllergenGroup(key="bee", zh="蜂产品", en="Bee products", members=("蜂蜡", "BEESWAX")),
    AllergenGroup(key="phenoxyethanol", zh="苯氧乙醇", en="Phenoxyethanol", members=("PHENOXYETHANOL", "2-苯氧乙醇")),
)

STANDING = Case(
    now=NOW,
    site=SITE,
    params=RULES.params("SH"),
    shelf=(BASE, ACTIVE),
    roster=ROSTER,
    person=Person(staff_id="s-01", staff=STAFF, fit=True),
    officers_on_duty=("s-09",),
    clock_ok=True,
    allergen_groups=GROUPS,
    readiness=READINESS,
    sync=Sync(has_hub=True),
    started_today=3,
    done=Done(began=date(2026, 6, 1), drilled=date(2026, 6, 22), visited=date(2026, 11, 1)),
    record=RECORD,
)

OFFICER = STAFF.model_copy(update={"staff_id": "s-09", "roles": ("officer",)})
NUMBERS, LOTS = frozenset({"沪G妆网备字2025999991", "沪G妆网备字2025999992"}), frozenset({"L1", "L2"})
MATTERS: dict[str, Matter] = {
    "image": ImageRequest(consent=True, purpose="skin_analysis", template=False),
    "legal_hold": EvidenceWord("u-1", "结案", lifts=True, by="s-09", second="s-01"),
    "rights": RightsAnswer("erase", "done", "", True, ("answers",), {}),
    "send": Sending("authority", personal=True, country="CN", request_ref="REQ-1"),
    "reaction": ReactionCase(NOW - timedelta(hours=1)),
    "classify": Classification("general", "unclassified", "轻微发红"),
    "submit": Submission("SH0042-261122-0001X", NUMBERS, LOTS, NUMBERS, LOTS, "general", "AR-1"),
    "case_close": CaseClosing("serious", bottle=True, reported=True, selfchecked=True, conclusion="停用后好转"),
    "hold": HoldWord(("r-1", "r-2"), ""),
    "dispose": Disposal("sample", "destroyed", "s-01", "s-09", due=TODAY - timedelta(days=1)),
    "recall": RecallWord(drill=False, reason="异味"),
    "recall_close": RecallStand(()),
    "duty": DutyMove("major_issue", "reported", "回执 1", ends=True, decided=True, heads=("hq-01",)),
    "apply": Application(True, frozenset(PACKAGE[:-1])),
    "correct": Correction("u-1", "pack.lot", "P-2", "看错一位"),
    "breach_close": BreachClosing(dict.fromkeys(RULES.fill({}).breach_fields, "已告知")),
}
EXPLAINED = RULES.fill({}).explained_items
PIA = {"pia_ref": "PIA-1", "pia_valid_to": date(2027, 1, 1)}


def passing(gate: str) -> Case:
    """A case that `gate` lets through with no refusal and no warning."""
    match gate:
        case "sign_in" | "open_service":
            return STANDING
        case "consult":
            return replace(STANDING, consumer=CONSUMER)
        case "receive":
            return replace(STANDING, receipt=RECEIPT)
        case "name":
            return replace(STANDING, units=(UNIT,), unit=UNIT, texts={"nickname": "小美"}, name_fits=True)
        case "verdict":
            return replace(STANDING, consumer=CONSUMER, units=(UNIT, DECANT), label=LABEL, bench=BENCH)
        case "scan" | "dose":
            return replace(
                STANDING,
                consumer=CONSUMER,
                units=(UNIT,),
                unit=UNIT,
                source=SOURCES[0],
                bench=BENCH,
                cup=CUP,
                progress=replace(PROGRESS, state="dosing", dosed=()),
            )
        case "reratio":
            since = NOW - timedelta(minutes=1)
            half_made = replace(PROGRESS, state="dosing", stopped_at=since, dosed=PROGRESS.dosed[:1])
            return replace(passing("weigh"), progress=half_made)
        case "resume":
            return replace(STANDING, units=(UNIT,), unit=UNIT, bench=BENCH, cup=CUP, progress=STOPPED)
        case "hand_over":
            made = (replace(UNIT, use_by=USE_BY), replace(DECANT, use_by=USE_BY))
            return replace(STANDING, consumer=CONSUMER, units=made, explained=EXPLAINED, recall_by="contact")
        case _ if gate in MATTERS:
            officer = Person(staff_id="s-09", staff=OFFICER, fit=True)
            params = {**STANDING.params, **PIA} if gate == "image" else STANDING.params
            return replace(STANDING, person=officer, params=params, matter=MATTERS[gate])
        case "start" | "cup" | "weigh" | "sign" | "print" | "release":
            return replace(
                STANDING,
                consumer=CONSUMER,
                units=(UNIT,),
                unit=UNIT,
                bench=BENCH,
                cup=CUP,
                progress=PROGRESS,
                label=LABEL,
            )
    raise ValueError(gate)


def changed(case: Case, changes: Mapping[str, object]) -> Case:
    """The case with the values at the given paths replaced."""
    for path, value in changes.items():
        case = _set(case, path.split("."), value)
    return case


def _set(at: Any, path: list[str], value: object) -> Any:
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(at, tuple):
        index = int(head)
        return (*at[:index], _set(at[index], rest, value), *at[index + 1 :])
    if isinstance(at, Mapping):
        return {**at, head: _set(at.get(head), rest, value)}
    if isinstance(at, BaseModel):
        return at.model_copy(update={head: _set(getattr(at, head), rest, value)})
    if not (is_dataclass(at) and head in {one.name for one in fields(at)}):
        raise AttributeError(f"{type(at).__name__} has no {head}")
    return replace(at, **{head: _set(getattr(at, head), rest, value)})
