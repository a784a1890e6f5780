"""What the pure functions of the law answer, whole, for values at their edges.

Something that answers otherwise on purpose: `python -m tests.rules.test_reckoned` writes the golden file anew; read its
difference.
"""
# ruff: noqa: E501 - tables

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from store_service.rules import amounts, numbers
from store_service.rules.ahead import deadlines
from store_service.rules.checking import as_fact
from store_service.rules.checks.people import stands_as_officer
from store_service.rules.chemistry import further_warnings, use_of
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import AllergenGroup, Ingredient, Order
from store_service.rules.duties import Balance
from store_service.rules.gates import GATES, ask
from store_service.rules.merge import (
    UsePart,
    add_months,
    claims_in_common,
    conflicts,
    ethanol_ppm,
    ingredients_text,
    merged_ingredients,
    merged_warnings,
    preservative_ppm,
    use_by,
)
from store_service.rules.refusal import Refused, Verdict
from store_service.rules.reratio import Part, band, dose_order, reratio
from store_service.rules.restricted import applying, exceeded, on_hair, read_entry, table_warnings
from store_service.rules.screening import screen
from store_service.rules.wording import scaled
from store_service.rules.words import LONGEST, ingredients_named, lint, mentioned, misnamed, traditional_in

from .cases import ACTIVE, BASE, BENCH, GROUPS, NOW, RULES, SITE, STAFF, TODAY, changed, passing
from .refusing_label import OVERFULL, SPIRIT, UNTOLD
from .test_numbers import GOLDEN as NUMBERS
from .test_restricted import AMMONIA, MUSK, SALICYLIC, holding
from .test_said import ROWS

GOLDEN = Path(__file__).parents[1] / "golden" / "reckoned.json"
PARAMS = RULES.fill(RULES.params("SH"))
STRONG = BASE.model_copy(update={"ethanol_ppm": 800_000, "product_id": "STRONG", "warnings": ("远离火源。",)})
FORMULA = [(BASE, 8_000), (ACTIVE, 2_000)]
TEXTS = (
    "最佳乳液", "美·白 美白 美 白", "不具有治疗作用", "最后一步，第一次使用", "w h i t e n i n g SPF50 spf", "药妆级抗炎", "亮白。皙",
    "meibai mei bai", "含烟酰胺与玻尿酸", "不含胶原蛋白", "美白美白", "強效 頂級", "not a treatment; cure", "ab whitening2 x",
    "特效全效最最佳", "防晒霜 防晒", "医疗，治疗。美", "第一", "天然植萃 天 然", "ＳＰＦ５０", "", "普通乳液", "never whitening here",
)  # fmt: skip
ENTRIES = (
    SALICYLIC, AMMONIA, MUSK,
    {"no": 37, "cn_name": "α-羟基酸", "scope": "", "max_conc": "6%（以酸计）", "label_warning": "含 3% 以上时「与防晒化妆品同时使用」",
     "note_refs": ["6"], "match_inci": []},
    {"no": 1, "cn_name": "甲", "scope": "(a) 去头屑洗发产品；(b) 其他产品", "max_conc": "(a) (b) 1.5%（重量计）；(c) 0.25%",
     "label_warning": "(a) 避免接触眼睛；(b) 勿用", "note_refs": None, "match_inci": ["one", "Two"]},
    {"no": 2, "cn_name": "乙", "scope": "驻留类面部产品、淋洗类发用产品/体用和晒黑", "max_conc": "", "label_warning": "≥0.5% 时「慎用」",
     "note_refs": ["1"], "match_inci": ["B"]},
    {"no": 3, "cn_name": "丙", "scope": "肤用，染发", "max_conc": "10.123456%", "label_warning": "「丙」", "match_inci": ["C"]},
    {"no": 4, "cn_name": "丁", "match_inci": "D"},
)  # fmt: skip
MASSES = (1, 499, 500, 4_999, 10_000, 14_999, 15_000, 29_996, 30_000, 50_000, 50_001, 99_990, 100_000, 100_001, 200_000,
          200_001, 300_000, 300_001, 500_000, 500_001, 999_999, 1_000_000, 1_000_001, 1_234_567, 10_000_000, 10_000_001,
          15_000_000, 15_000_001, 50_000_000)  # fmt: skip
CODES = ("11/17-05-03-01-02", "11-05-03-01-02", "A-05-03-01-02", "11-06-03-01-02", "99-05-03-01-02", "11-05-03-01",
         "11—05—03—01—02", "11-05/01-03-01-01/02", "", "11-05-03-01-02-01")  # fmt: skip


def plain(value: Any) -> Any:
    """JSON of anything that the law answers with."""
    match value:
        case date():
            return value.isoformat()
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case set() | frozenset():
            return sorted(plain(one) for one in value)
        case list() | tuple():
            return [plain(one) for one in value]
        case None | bool() | int() | str():
            return value
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return plain(asdict(value))


def refusing(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (ValueError, KeyError, TypeError) as no:
        return f"{type(no).__name__}: {no}"


def of_numbers() -> Any:
    texts = [text for *_, text in NUMBERS]
    more = ["x" * 200, "x" * 201, "沪G妆网备字2025" + " " * 300 + "999991"]
    return {
        **_filings([*texts, *more]),
        "codes": [
            (code and [asdict(code), code.new_efficacy, code.beyond_annex, code.leave_on])
            for code in map(numbers.parse_class_code, CODES)
        ],
        "common": asdict(
            numbers.common_class([one for one in map(numbers.parse_class_code, CODES[:2]) if one is not None])
        ),
        "licence": [
            (one and asdict(one)) for one in map(numbers.parse_licence, ("沪妆20259999", " 沪 妆２０２５９９９９", "沪妆2025999", ""))
        ],
        "normal": [numbers.normalise(text) for text in ("备案编号：沪Ｇ妆网备字（2025）1号", "\u200b沪 G", "号", "")],
    }  # fmt: skip


def _filings(texts: list[str]) -> Any:
    """Each text read, what is said of it by its place among the sayings; what is given back only where it differs."""
    read = [numbers.parse_filing_number(text) for text in texts]
    said = list(dict.fromkeys((one.message_zh, one.message_en) for one in read))
    return {
        "said": said,
        "filing": [
            [one.kind, one.verdict, one.rule, one.province, one.year, one.normalised,
             said.index((one.message_zh, one.message_en)), None if one.input == text else one.input]
            for text, one in zip(texts, read, strict=True)
        ],
    }  # fmt: skip


def of_amounts() -> Any:
    return {
        "content": [[mass, d, refusing(lambda mass=mass, d=d: asdict(amounts.net_content(mass, d)))]
                    for mass, d in product(MASSES, (1, 10, 100))],
        "shortage": [[mass, refusing(lambda mass=mass: amounts.shortage_mg(mass))] for mass in (0, -1, *MASSES, 50_000_001)],
        "numerals": [[mass, amounts.numeral_min_mm_x100(mass)] for mass in MASSES],
        "text": [[mass, step, amounts.mass_text(mass, step)] for mass, step in product(MASSES, (1, 10, 1000))],
        "targets": [refusing(lambda one=one: amounts.targets(*one)) for one in (
            (30_001, (3_333, 3_333, 3_334)), (10, (1, 9_999)), (0, (10_000,)), (1, (10_001, -1)), (7, (5_000, 5_000)), (9, (9_999,)))],
        "tolerance": [amounts.component_tolerance(*one) for one in ((6_000, 50, 100), (4_999, 50, 100), (5_001, 50, 100), (1, 0, 9_999))],
        "scaled": [scaled(*one) for one in ((0, 1000, " g"), (-1, 1000, " g"), (24_000, 1000, " g"), (-24_010, 1000, " g"), (5, 10, ""))],
        "balance": [
            [plain(one), one.lost_mg, one.allowed(*limits), one.outcome(*limits)]
            for one in (Balance(50_001, 40_000, 5_000, 1_000, residue, unknown)
                        for residue, unknown in ((4_001, 0), (2_501, 0), (2_500, 0), (5_501, 0), (5_502, 0), (4_001, 1)))
            for limits in ((300, 500), (0, 0), (333, 1))
        ],
        "band": [band(*one, active=active) for one in ((6_000, 50), (10, 50)) for active in (True, False)],
    }  # fmt: skip


def of_reratio() -> Any:
    found = []
    for first, second, most in product((None, 24_500, 30_000, 0), (None, 6_200, 9_000), (30_000, 32_000, 40_000)):
        parts = (
            Part(24_000, 7_000, 8_500, first),
            Part(6_000, 1_500, 3_000, second),
            Part(500, 0, 500, None),
        )
        found.append([first, second, most, dose_order(parts), reratio(parts, most)])
    edges = (
        (Part(10, 5_000, 10_000, 10), Part(10, 5_000, 10_000, None)),
        (Part(10, 0, 0, 1), Part(10, 0, 10_000, None)),
        (Part(0, 3_000, 7_000, None), Part(0, 3_000, 7_000, None)),
        (Part(5, 3_333, 3_334, None), Part(5, 3_333, 3_333, 7), Part(5, 3_333, 3_334, None)),
    )
    return [found, [reratio(parts, most) for parts in edges for most in (10, 21, 100)]]


def of_words() -> Any:
    formula = {"烟酰胺": 20_000, "NIACINAMIDE": 20_000, "透明质酸钠": 500, "SODIUM HYALURONATE": 500}
    return [
        {
            "text": text,
            "hits": plain(lint(text)),
            "named": plain(ingredients_named(text)),
            "misnamed": plain(misnamed(text, formula, 1_000)),
            "mentioned": mentioned(text, PARAMS.claim_words),
            "traditional": traditional_in(text),
        }
        for text in TEXTS
    ] + [refusing(lambda: lint("字" * (LONGEST + 1))), refusing(lambda: ingredients_named("字" * (LONGEST + 1)))]


def of_restricted() -> Any:
    clauses = [read_entry(entry) for entry in ENTRIES]
    flat = [one for found in clauses for one in found]
    units = [[(holding(name, ppm, use, site, preservative=kept), 9_999), (BASE, 1)]
             for name, ppm, use, site, kept in (
                 ("salicylic acid ", 30_010, "rinse_off", "01", False), ("SALICYLIC ACID", 20_010, "leave_on", "05", True),
                 ("AMMONIA", 60_010, "leave_on", "04", False), ("MUSK KETONE", 14_010, "leave_on", "05", False),
                 ("CITRIC ACID", 60_010, "rinse_off", "04", False), ("TWO", 15_010, "leave_on", "05", False),
                 ("B", 5_000, "leave_on", "05", False), ("C", 101_250, "leave_on", "01", False))]  # fmt: skip
    return {
        "read": plain(clauses),
        "applying": [
            [one.entry for one in applying(found, use, hair=hair)]
            for found in clauses for use in ("leave_on", "rinse_off", "other") for hair in (True, False)
        ],
        "applied": [plain(applying(found, use, hair=hair)) for found in clauses[:2] for use in ("leave_on", "rinse_off") for hair in (True, False)],
        "exceeded": [plain(exceeded(unit, flat, use_of(unit), hair=hair)) for unit in units for hair in (True, False)],
        "warned": [table_warnings(unit, flat, use_of(unit), hair=hair) for unit in units for hair in (True, False)],
        "hair": [on_hair([one.model_copy(update={"class_code": f"11-{site}-03-01-02"}) for one in (BASE,)])
                 for site in ("01", "04", "01/04", "01/05", "05", "x")] + [on_hair([]), on_hair([BASE, ACTIVE])],
        "further": [further_warnings(unit, flat, PARAMS) for unit in [*units, [(STRONG, 9_375), (BASE, 625)], [(STRONG, 9_374), (BASE, 626)]]],
    }  # fmt: skip


def of_merging() -> Any:
    other = ACTIVE.model_copy(update={"use": "rinse_off", "claims": ("保湿",), "class_code": "09-05-03-01-01"})
    traces = BASE.model_copy(
        update={
            "ingredients": tuple(
                Ingredient(inci=name, cn_name=name, ppm=ppm)
                for name, ppm in (("A", 998_000), ("B", 1_000), ("C", 1_000))
            )
        }
    )
    opened = datetime(2026, 9, 30, 20, 0, tzinfo=UTC)
    parts = (
        UsePart("BASE", date(2028, 1, 9), opened, 6),
        UsePart("ACTIVE", date(2027, 1, 9), None, None),
    )
    lives = [
        refusing(lambda one=one: plain(use_by(NOW, one[0], in_use_days=one[1], max_days=one[2])))
        for one in (
            (parts, 90, 90),
            (parts, 30, 90),
            (parts[:1], None, 365),
            (parts[1:], None, 90),
            (parts, None, 10),
            ((), 30, 30),
            ((replace(parts[0], pao_months=None),), None, 90),
            ((replace(parts[0], pao_months=2),), 90, 90),
        )
    ]
    formulas = (
        FORMULA,
        [(BASE, 10_000)],
        [(BASE, 5_000), (other, 5_000)],
        [(traces, 9_999), (ACTIVE, 1)],
        [(traces, 10_000)],
        [],
        [(BASE, 8_000), (UNTOLD, 2_000)],
        [(UNTOLD, 10_000)],
        [(BASE, 5_000), (ACTIVE.model_copy(update={"ingredients": SPIRIT}), 5_000)],
        [(ACTIVE.model_copy(update={"ingredients": OVERFULL}), 10_000)],
        [(ACTIVE.model_copy(update={"ingredients": (SPIRIT[-1], SPIRIT[-1])}), 10_000)],
    )
    return {
        "lists": [[plain(merged_ingredients(one)), ingredients_text(one), ingredients_text(one, 50_000)] for one in formulas],
        "warnings": [merged_warnings(one, ("甲。", "甲", "")) for one in formulas],
        "conflicts": [plain(conflicts(one)) for one in formulas],
        "ethanol": [[ethanol_ppm(one), preservative_ppm(one), claims_in_common(one), use_of(one)] for one in formulas if one],
        "lives": lives,
        "months": [add_months(date(*day), n).isoformat() for day in ((2026, 1, 31), (2026, 12, 15), (2028, 2, 29)) for n in (0, 1, -1, 11, 12, -13)],
    }  # fmt: skip


def of_screening() -> Any:
    groups = (*GROUPS, AllergenGroup(key="perfume", zh="香料", en="Perfume", members=("某某香",), collective=True))
    rest = Ingredient(inci="WATER", cn_name="水", ppm=900_000)
    smelling = [
        (ACTIVE.model_copy(update={"allergens": ("芳樟醇",), "ingredients": (Ingredient(inci=inci, cn_name=cn, ppm=100_000), rest)}), 10_000)
        for inci, cn in (("PARFUM", "香精"), ("X (ABC)", "某某香"), ("BUTYROSPERMUM PARKII (SHEA) BUTTER", "牛油果树（乳木果）果脂"), ("Z", "蜂 蜡"))
    ]  # fmt: skip
    declared = ("蜂蜡", "Beeswax", "bee", "苯氧乙醇", "芳樟醇", "SHEA", "ABC", "不存在", "乳木果", "水")
    return [
        plain(screen(declared, formula, groups, official))
        for formula in ([], FORMULA, *([one] for one in smelling))
        for official in (None, {"不存在": ("无名", "NAMELESS"), "乳木果": ("SHEA",)})
    ]


def of_deadlines() -> Any:
    orders = tuple(
        Order(doc_no=f"ORD-{n}", findings=("甲",), issued=TODAY, due=TODAY + timedelta(days=n), forbids=(), closed_on=closed)
        for n, closed in ((1, None), (2, TODAY))
    )  # fmt: skip
    case = changed(passing("start"), {"person.staff.account_to": TODAY, "roster.rows.0.orders": orders})
    person = STAFF.model_copy(update={"account_to": TODAY})
    bare = STAFF.model_copy(update={"training": (), "exam_on": None, "account_to": None, "staff_id": "s-02"})
    found = list(deadlines(case, PARAMS, RULES, [person, bare]))
    empty = replace(case, site=None, roster=None, bench=None, readiness=None)
    unverified = replace(case, bench=replace(BENCH, verified_to=None), site=replace(SITE, licence_valid_to=None))
    rows = [[plain(list(asdict(one).values())), one.days_left(TODAY)] for one in found]
    fewer = (deadlines(empty, PARAMS, RULES, ()), deadlines(unverified, PARAMS, RULES, ()))
    asked = [[[plain(list(asdict(one).values())), one.days_left(TODAY)] for one in some] for some in fewer]
    return [rows, *([rows.index(one) if one in rows else one for one in some] for some in asked)]


def of_people() -> Any:
    day = {"yesterday": TODAY - timedelta(days=1), "today": TODAY, "tomorrow": TODAY + timedelta(days=1)}
    head = STAFF.model_copy(update={"staff_id": "h", "roles": ("officer",)})
    far = head.model_copy(update={"staff_id": "f", "store_ids": ("SH0043",)})
    known = {"h": head, "f": far, "c": STAFF}
    rows = [
        STAFF.model_copy(update={"roles": roles, "deputy_for": deputy, "banned": banned, "authorised_from": day[since], "authorised_to": day[until]})
        for roles in (("officer",), ("blender",)) for deputy in ((), ("h",), ("f",), ("nobody", "c"))
        for banned in (False, True) for since in ("today", "tomorrow") for until in ("today", "yesterday", "tomorrow")
    ]  # fmt: skip
    return [
        [stands_as_officer(row, known, site, TODAY) for row in rows]
        for site in (SITE, None, replace(SITE, store_id="SH0043"))
    ]


def of_the_rest() -> Any:
    verdict = ask("verdict", changed(passing("verdict"), {"params.in_pilot": False, "officers_on_duty": ()}), RULES)
    return {
        "refused": [str(Refused(verdict)), str(Refused(Verdict("start")))],
        "date": [beijing_date(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)).isoformat(), refusing(lambda: beijing_date(datetime(2026, 1, 1)))],
        "facts": refusing(lambda: as_fact(1.5)),
        "saying": [
            RULES.terms.say("{a}|{b}|{c_mg}|{d_bp}|{e}|{f}|{g_mm_x100}", {"a": None, "b": True, "c_mg": 1_500, "d_bp": 3_350, "e": ["blend", "x"], "f": "unknown", "g_mm_x100": 150}, lang)
            for lang in ("zh", "en")
        ],
    }  # fmt: skip


def of_together() -> Any:
    """Several things wrong at once: nothing hides behind something else."""
    found = {}
    for gate in GATES:
        rows = [changes for _, asked, changes in ROWS if asked == gate]
        found[gate] = [_together(gate, [rows[(n + step) % len(rows)] for step in (0, 5, 11)]) for n in range(len(rows))]
    return found


def _together(gate: str, several: list[dict[str, object]]) -> Any:
    case = passing(gate)
    for changes in several:
        with contextlib.suppress(AttributeError, IndexError, TypeError):
            case = changed(case, changes)  # the second may speak of what the first took away
    verdict = ask(gate, case, RULES)
    said = [one.rule for one in (*verdict.refusals, *verdict.warnings, *verdict.notes)]
    facts = [plain(dict(one.facts)) for one in (*verdict.refusals, *verdict.warnings, *verdict.notes)]
    whole = json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()
    return [" ".join(said), hashlib.sha256(whole).hexdigest()[:12]]


SECTIONS: dict[str, Callable[[], Any]] = {
    name.removeprefix("of_"): found for name, found in sorted(globals().items()) if name.startswith("of_")
}


@pytest.mark.parametrize("section", SECTIONS)
def test_the_answers_stand(section: str) -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    assert json.loads(json.dumps(SECTIONS[section]())) == golden[section]


def lines(value: Any, depth: int = 3) -> str:
    """JSON with a line for each answer, so that a difference can be read."""
    if depth == 0 or not isinstance(value, dict | list) or not value:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, dict):
        inner = [
            f"{json.dumps(key, ensure_ascii=False)}: {lines(one, depth - 1)}" for key, one in sorted(value.items())
        ]
        return "{\n" + ",\n".join(inner) + "\n}"
    return "[\n" + ",\n".join(lines(one, depth - 1) for one in value) + "\n]"


if __name__ == "__main__":
    GOLDEN.write_text(lines(plain({key: found() for key, found in SECTIONS.items()})) + "\n", "utf-8")
