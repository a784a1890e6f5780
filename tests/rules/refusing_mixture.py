"""The sayings of R-BLD, R-LAB and R-WORD that came with chemistry, claims and marking: rows as in `refusing.py`."""

from __future__ import annotations

from datetime import timedelta

from store_service.rules.case import Code, Used
from store_service.rules.restricted import Restriction

from .cases import ACTIVE, BASE, DECANT, ITEMS, TODAY, UNIT

Row = tuple[str, str, str, dict[str, object]]

GLYCERIN = Restriction(99, "甘油", ("GLYCERIN",), max_ppm=70_000)
COUNTED = Restriction(98, "甘油", ("GLYCERIN",), max_ppm=70_000, exact=False)
TOKEN = "https://trace.example/01/09521234590118/21/SH0042-7KQ2M9XD4TB5V"
WITHOUT_BATCH = {key: text for key, text in ITEMS.items() if key != "batch"}

CHEMISTRY: list[Row] = [
    ("R-BLD-02", "no_evidence", "verdict", {"units.0.envelope.challenge_test_ref": None}),
    ("R-BLD-02", "diluted", "verdict", {"units.0.sources.0.share_bp": 7_000, "units.0.sources.1.share_bp": 3_000}),
    ("R-BLD-02", "ph_unknown", "verdict", {"units.0.sources.1.product.ph_min_x100": None}),
    ("R-BLD-02", "restricted", "verdict", {"restrictions": (GLYCERIN,)}),
    ("R-BLD-02", "restricted_judge", "verdict", {"restrictions": (COUNTED,)}),
    ("R-BLD-11", "too_coarse", "start", {"bench.resolution_mg": 17}),
    ("R-BLD-16", "manual", "sign", {"progress.dosed.0.manual": True}),
    ("R-BLD-19", "due", "verdict", {"units.0.envelope.microbiology.sampled": TODAY - timedelta(days=93)}),
    ("R-BLD-19", "failed", "verdict", {"units.0.envelope.microbiology.moulds_per_g": 101}),
    ("R-BLD-23", "unknown", "verdict", {"consumer.allergies": ("蜂蜡",), "bench": None}),
    (
        "R-BLD-23",
        "not_cleaned",
        "verdict",
        {"consumer.allergies": ("烟酰胺",), "bench.used": (Used("ACTIVE", ACTIVE, None),)},
    ),
]
MARKING: list[Row] = [
    ("R-LAB-02", "makers", "print", {"unit.sources.1.product.producer.name": "别家化妆品厂"}),
    ("R-LAB-03", "missing", "print", {"label.items": WITHOUT_BATCH, "params.label_extra_enforced": True}),
    ("R-LAB-03", "advised", "print", {"label.items": WITHOUT_BATCH}),
    ("R-LAB-08", "small", "print", {"label.min_char_mm_x100": 179}),
    ("R-LAB-08", "not_chinese", "print", {"label.items.directions": "Apply evenly."}),
    ("R-LAB-08", "traditional", "print", {"label.items.directions": "取適量均勻塗抹。"}),
    ("R-LAB-08", "foreign_larger", "print", {"label.foreign_larger": ("name",)}),
    ("R-LAB-09", "nickname", "verdict", {"texts.nickname": "小美的保湿瓶"}),
    ("R-LAB-09", "no_attribute", "verdict", {"units.0.envelope.name_zh": "甲乙丙"}),
    ("R-LAB-10", "beyond", "verdict", {"units.0.envelope.claims": ("保湿", "舒缓")}),
    ("R-LAB-12", "other_version", "scan", {"source.lot.label_version": "L0"}),
    ("R-LAB-14", "not_allowed", "print", {"label.on_code": frozenset({"ingredients"})}),
    (
        "R-LAB-14",
        "core",
        "print",
        {"label.on_code": frozenset({"use_by"}), "params.e_label_listed": True},
    ),
    ("R-LAB-15", "caption", "print", {"label.free_text": ("化妆品电子标签",)}),
    ("R-LAB-15", "payload", "print", {"label.code": Code(f"{TOKEN}?name=wang", 2_000)}),
    ("R-LAB-15", "not_https", "print", {"label.code": Code(TOKEN.replace("https", "http"), 2_000)}),
    ("R-LAB-15", "small", "print", {"label.code.side_mm_x100": 899}),
    ("R-LAB-17", "name", "print", {"label.items.consumer_code": "王小明"}),
    ("R-LAB-17", "no_room", "name", {"name_fits": False}),
]
TEXTS: list[Row] = [
    ("R-WORD-07", "refuse", "verdict", {"texts.note": "含胶原蛋白"}),
    ("R-WORD-07", "human", "verdict", {"texts.note": "不含烟酰胺"}),
    ("R-WORD-08", "human", "print", {"label.free_text": ("明星同款",)}),
    ("R-WORD-08", "differs", "print", {"label.items.directions": "每日三次，取适量均匀涂抹。"}),
    ("R-WORD-08", "too_long", "verdict", {"texts.nickname": "长" * 20_001}),
]
MIXTURE: list[Row] = CHEMISTRY + MARKING + TEXTS

WITHIN: list[tuple[str, dict[str, object]]] = [
    ("verdict", {"units": (UNIT,), "restrictions": (Restriction(99, "甘油", ("GLYCERIN",), max_ppm=76_000),)}),
    ("verdict", {"units.0.envelope.min_preservative_ppm": 3_600}),
    ("verdict", {"units.1.envelope.ph_min_x100": None, "units.1.envelope.min_preservative_ppm": None}),
    ("verdict", {"units.0.envelope.microbiology.sampled": TODAY - timedelta(days=92)}),
    ("verdict", {"units.0.envelope.microbiology.cfu_per_g": 1_000, "units.0.envelope.microbiology.moulds_per_g": 100}),
    ("verdict", {"consumer.allergies": ("蜂蜡",), "bench.used": (Used("ACTIVE", ACTIVE, None),)}),
    ("verdict", {"consumer.allergies": ("蜂蜡",), "bench.used": (Used("X", None, 9),)}),
    ("verdict", {"bench.used": (Used("BASE", BASE, 1),)}),
    ("start", {"bench.resolution_mg": 16}),
    ("verdict", {"texts.nickname": "小美的日常瓶"}),
    ("verdict", {"texts.note": "含烟酰胺"}),
    ("verdict", {"unit": DECANT, "texts": {"name u-1": "烟酰胺保湿乳液"}, "label.items.name": "甲BASE乳"}),
    ("scan", {"source.lot.label_version": "L0", "source.product.label_versions_in_force": ("L0",)}),
    ("print", {"label.items.consumer_code": "王小明", "label.name_requested": True}),
    ("print", {"label.items.nickname": "小美", "label.name_requested": True}),
    ("print", {"label.on_code": frozenset({"ingredients"}), "params.e_label_listed": True}),
    ("print", {"label.code": Code(TOKEN.replace("https", "http"), 900), "params.qr_https_only": False}),
    ("print", {"label.code": None}),
    ("print", {"label.min_char_mm_x100": 180}),
    ("print", {"params.label_extra_items": ("batch",), "label.items.store": ""}),
]
BEYOND: list[tuple[str, str, dict[str, object]]] = [
    ("R-BLD-02", "verdict", {"units.0.envelope.ph_max_x100": None}),
    ("R-BLD-02", "verdict", {"units.0.envelope.min_preservative_ppm": None}),
    ("R-BLD-02", "verdict", {"units.0.envelope.min_preservative_ppm": 3_601}),
    ("R-BLD-02", "verdict", {"units.1.envelope.challenge_test_ref": ""}),
    (
        "R-BLD-02",
        "verdict",
        {"units": (UNIT,), "restrictions": (Restriction(99, "甘油", ("GLYCERIN",), max_ppm=75_999),)},
    ),
    ("R-BLD-11", "start", {"bench": None}),
    ("R-BLD-11", "start", {"bench.resolution_mg": None}),
    ("R-BLD-11", "start", {"unit.envelope": None}),
    ("R-BLD-19", "verdict", {"units.0.envelope.microbiology.cfu_per_g": 1_001}),
    ("R-BLD-19", "verdict", {"units.0.envelope.microbiology.pathogens_absent": False}),
    (
        "R-BLD-19",
        "verdict",
        {"units.0.sources.0.product.class_code": "11-07-03-01-02", "units.0.envelope.microbiology.cfu_per_g": 501},
    ),
    ("R-BLD-23", "verdict", {"consumer.allergies": ("蜂蜡",), "bench.used": (Used("X", None, 1),)}),
    ("R-WORD-07", "verdict", {"unit": UNIT, "texts": {"name u-2": "烟酰胺保湿乳液"}}),
    ("R-LAB-09", "verdict", {"texts.nickname": "最爱"}),
    ("R-LAB-09", "name", {"texts.nickname": "美白小美"}),
    ("R-WORD-03", "name", {"texts.nickname": "美 白 小美"}),
    ("R-LAB-17", "name", {"name_fits": None}),
    ("R-LAB-17", "print", {"label.items.nickname": "小美"}),
    ("R-LAB-09", "verdict", {"texts.nickname": "玻尿酸瓶"}),
    ("R-LAB-10", "verdict", {"units.0.envelope.name_zh": "甲舒·缓乳液"}),
    ("R-LAB-10", "print", {"label.free_text": ("紧致一整天",)}),
    ("R-LAB-10", "verdict", {"units.0.sources.1.product.claims": ()}),
    ("R-LAB-12", "verdict", {"units.0.sources.0.lot.label_version": "L0"}),
    ("R-LAB-14", "print", {"label.on_code": frozenset({"ingredients"}), "params.e_label_allowed": False}),
    ("R-LAB-15", "print", {"label.code": Code("https://trace.example/王小明", 2_000)}),
    ("R-LAB-15", "print", {"label.code": Code(TOKEN.replace("//", "//wang@"), 2_000)}),
    ("R-WORD-08", "print", {"label.items.name": "保湿霜"}),
]
