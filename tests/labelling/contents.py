"""Three units as a shop would label them: realistic lengths, everything fictional."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import zxingcpp
from pylopdf_fonts_zh_cn import sans_path

from store_service.labelling.bitmap import to_image
from store_service.labelling.content import LabelContent, PrintedCode, PrintedParty, PrintedSource
from store_service.labelling.layout import LabelSet, PrintedPart, lay_out
from store_service.labelling.stock import HEADS, LABEL_48X40, LABEL_72X60, Stock

BASE = "https://trace.qinghe.example/01/09521234509998/21/"
CODES = tuple(PrintedCode(s, BASE + s) for s in ("SH0042-7KQ2M9XD3V8TB", "SH0042-0WQ8ZC5N4RJ2H"))
FILER = PrintedParty("上海青禾生物科技有限公司", "上海市奉贤区示例路88号2幢", "沪妆20259999")
MAKER = "浙江澄溪日化有限公司（浙妆20259999）"

TWO_SOURCES = LabelContent(
    name_zh="青禾烟酰胺保湿调配精华液",
    filer=FILER,
    producer=FILER,
    standards=("沪G妆网备字2026999991", "浙G妆网备字2026999992"),
    ingredients=(
        "水、甘油、丁二醇、烟酰胺、1,2-己二醇、甜菜碱、透明质酸钠、泛醇、甘油聚醚-26、海藻糖、"
        "PEG-60 氢化蓖麻油、卡波姆、精氨酸、对羟基苯乙酮、尿囊素、黄原胶、乙基己基甘油、EDTA 二钠、"
        "其他微量成分：积雪草（CENTELLA ASIATICA）提取物、柠檬酸、生物糖胶-1、水解透明质酸"
    ),
    net_mg=30_040,
    net_content="30.0 g",
    use_by=date(2027, 2, 20),
    blend_date=date(2026, 11, 22),
    batch="SH0042-261122-0017N",
    directions="早晚洁面后，取本品适量均匀涂抹于面部，轻轻按摩至吸收。",
    warnings="仅供外用，避免接触眼睛；如有不适请停止使用；请置于儿童不易触及处。",
    storage="密封，避光，置于30℃以下阴凉干燥处；开封后请尽快用完。",
    store_name="青禾徐汇体验店",
    roster_no="沪妆个2026-042",
    sources=(
        PrintedSource("青禾烟酰胺精华液", "沪G妆网备字2026999991", ("B260815A",), date(2028, 8, 14), 6000),
        PrintedSource("青禾透明质酸保湿液", "浙G妆网备字2026999992", ("S260901C",), date(2028, 3, 1), 4000),
    ),
    consumer_code="A-17",
    codes=CODES,
)

LONG = replace(
    TWO_SOURCES,
    name_zh="青禾积雪草烟酰胺神经酰胺舒润保湿调配乳液",
    producer=PrintedParty("浙江澄溪日化有限公司", "浙江省湖州市南浔区示例大道1999号3幢", "浙妆20259999"),
    standards=("沪G妆网备字2026999993", "沪G妆网备字2026999994", "浙G妆网备字2026999995"),
    ingredients=(
        "水、甘油、辛酸/癸酸甘油三酯、丁二醇、角鲨烷、烟酰胺、鲸蜡硬脂醇、1,2-己二醇、甘油硬脂酸酯、"
        "聚二甲基硅氧烷、牛油果树（BUTYROSPERMUM PARKII）果脂、泛醇、甜菜碱、PEG-100 硬脂酸酯、"
        "积雪草（CENTELLA ASIATICA）提取物、透明质酸钠、霍霍巴（SIMMONDSIA CHINENSIS）籽油、神经酰胺 NP、"
        "氢化卵磷脂、海藻糖、生育酚乙酸酯、马齿苋（PORTULACA OLERACEA）提取物、卡波姆、精氨酸、"
        "丙烯酸（酯）类/C10-30 烷醇丙烯酸酯交联聚合物、对羟基苯乙酮、尿囊素、黄原胶、"
        "其他微量成分：甘草酸二钾、乙基己基甘油、EDTA 二钠、羟苯甲酯、苯氧乙醇、香精、柠檬酸、胆甾醇、"
        "植物鞘氨醇、水解透明质酸、红没药醇、羟基积雪草苷、生物糖胶-1、氢氧化钠、丁羟甲苯"
    ),
    net_mg=50_230,
    net_content="50.2 g",
    directions="每日早晚洁面并使用化妆水后，取约两泵均匀涂抹于面部及颈部，避开眼周，轻轻按摩至完全吸收。",
    warnings=(
        "仅供外用，避免接触眼睛，如不慎入眼请立即用清水冲洗；皮肤破损处请勿使用；使用后如有红、肿、痒等不适，"
        "请立即停止使用并咨询医生；首次使用前请在耳后试用；含香精；请置于儿童不易触及处。"
    ),
    storage="密封，避光，置于5℃至30℃阴凉干燥处，避免阳光直射；开封后请于90天内用完。",
    sources=(
        PrintedSource(
            "青禾积雪草舒润乳液", "沪G妆网备字2026999993", ("B260815A", "B260902A"), date(2028, 8, 14), 5500, MAKER
        ),
        PrintedSource("青禾烟酰胺精华液", "沪G妆网备字2026999994", ("N260711B",), date(2028, 7, 10), 3350, MAKER),
        PrintedSource("澄溪神经酰胺保湿霜", "浙G妆网备字2026999995", ("S260901C",), date(2028, 3, 1), 1150, MAKER),
    ),
    consumer_code="B-203",
    batch="SH0042-261122-0018L",
)

THREE_SOURCES = replace(
    LONG,
    name_zh="青禾积雪草舒润保湿调配乳液",
    producer=FILER,
    directions="早晚洁面后，取适量均匀涂抹于面部及颈部，避开眼周，按摩至吸收。",
    warnings="仅供外用，避免接触眼睛；皮肤破损处请勿使用；如有不适请停止使用；含香精；请置于儿童不易触及处。",
    storage="密封，避光，置于5℃至30℃阴凉干燥处。",
    sources=tuple(replace(source, maker="") for source in LONG.sources),
)

SMALL_PACK = replace(
    TWO_SOURCES,
    name_zh="青禾烟酰胺保湿调配精华液",
    net_mg=15_000,
    net_content="15.0 g",
    batch="SH0042-261122-0019J",
)

SETS = {
    "two-sources": (TWO_SOURCES, LABEL_72X60),
    "three-sources": (THREE_SOURCES, LABEL_72X60),
    "small-pack": (SMALL_PACK, LABEL_48X40),
}
GOLDEN = Path(__file__).parents[1] / "golden" / "labels"
FONT = str(sans_path())


def golden_name(name: str, dpi: int) -> str:
    return name if dpi == 203 else f"{name}-{dpi}"


def draw_golden() -> None:
    """Write the pictures and digests anew, after a change of the layout that somebody has looked at."""
    digests = {}
    for name, (content, stock) in SETS.items():
        for dpi in sorted(HEADS):
            for part in lay_out(content, stock, FONT, dpi).parts:
                key = f"{golden_name(name, dpi)}-{part.number}"
                digests[key] = part.bitmap.sha256
                (GOLDEN / f"{key}.png").write_bytes(part.bitmap.png())
    (GOLDEN / "digests.json").write_text(json.dumps(digests, indent=1) + "\n")


def laid(content: LabelContent, stock: Stock = LABEL_72X60, dpi: int = 203) -> LabelSet:
    return lay_out(content, stock, FONT, dpi)


def rows(labels: LabelSet) -> list[bytes]:
    return [part.bitmap.rows for part in labels.parts]


def read_qr(part: PrintedPart) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(to_image(part.bitmap).convert("L"))]


def last_source(content: LabelContent, **changes: object) -> LabelContent:
    return replace(content, sources=(*content.sources[:-1], replace(content.sources[-1], **changes)))  # type: ignore[arg-type] # names of PrintedSource's own fields, as the cases below give them


if __name__ == "__main__":
    draw_golden()
