"""Numbers of other documents that are taken for a filing number: each is refused by its name (R-ADM-24).

Shapes are as printed on packs and papers; those of drugs, devices, disinfectants and food are common knowledge, not
taken from the notes. The first that fits counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIXES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"

_P = f"[{PREFIXES}]"


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape that is no ordinary filing number. `rule` is the rule that it breaks."""

    pattern: re.Pattern[str]
    kind: str
    rule: str
    zh: str
    en: str


def _shape(pattern: str, kind: str, rule: str, zh: str, en: str) -> Shape:
    return Shape(re.compile(pattern, re.ASCII), kind, rule, zh, en)


def _other(pattern: str, kind: str, zh: str, en: str) -> Shape:
    return _shape(
        pattern, kind, "R-ADM-24", f"这是{zh}，不是化妆品备案编号。", f"This is {en}, not a cosmetic's filing number."
    )


BARRED = (
    _shape(
        r"^国妆特",
        "special",
        "R-ADM-03",
        "这是特殊化妆品注册证号，特殊化妆品不得用于个性化服务。",
        "This is the registration number of a special cosmetic, and those are barred.",
    ),
    _shape(
        rf"^(?:{_P}?卫妆|国妆备|\((?:\d{{2}}|\d{{4}})\){_P}?卫妆)",
        "legacy",
        "R-ADM-04",
        "这是旧制度的批准文号，已不能作为备案编号使用。",
        "This is an approval number of the old regime; it is no filing number.",
    ),
    _shape(
        r"预备",
        "pre_filing",
        "R-ADM-24",
        "这是预备案号，备案尚未完成。",
        "This is a pre-filing number; the filing is not complete.",
    ),
    _shape(
        r"出口",
        "export",
        "R-ADM-24",
        "这是仅供出口产品的编号，不能在国内销售。",
        "This is the number of an export-only product; it may not be sold in China.",
    ),
)
"""What is near a filing number and must never pass for one."""

OTHERS = (
    _other(
        r"^国妆原(?:注|备)字", "ingredient", "化妆品新原料的注册或备案号", "the number of a new cosmetic ingredient"
    ),
    _other(
        r"^\d{6}-\d{5}-\d{4}$",
        "ingredient",
        "原料安全信息报送码",
        "the safety information code of a raw material",
    ),
    _other(r"牙膏", "toothpaste", "牙膏备案编号", "the filing number of a toothpaste"),
    _other(rf"^{_P}妆(?:20\d{{2}}|\d{{2}})", "licence", "化妆品生产许可证编号", "a cosmetics production licence"),
    _other(r"^(?:国)?XK\d{2}-", "licence", "旧的工业产品生产许可证编号", "an old industrial production licence"),
    _other(r"^(?:国药准字|国药试字)", "drug", "药品批准文号", "the approval number of a drug"),
    _other(rf"^(?:国|{_P})[^妆]{{0,3}}械(?:注|备)", "device", "医疗器械注册或备案号", "the number of a medical device"),
    _other(rf"^(?:国|{_P})?卫消(?:证|进|备|准|字)", "disinfectant", "消毒产品的编号", "the number of a disinfectant"),
    _other(r"^(?:国食健|食健备|卫食健)", "food", "保健食品的编号", "the number of a health food"),
    _other(r"^SC\d{14}$", "food", "食品生产许可证编号", "a food production licence"),
    _other(r"^(?:GB|QB|DB|Q|T|WS|JJF)/?[A-Z0-9]", "standard", "产品执行的标准编号", "the number of a standard"),
    _other(r"^\d{8}$|^\d{12,14}$", "barcode", "商品条码", "a bar code"),
    _other(
        r"^[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}$",
        "company",
        "统一社会信用代码",
        "a company's credit code",
    ),
)
"""Documents of another kind, by name."""

_ABBREVIATION = {"滇": "云", "秦": "陕", "陇": "甘", "黔": "贵"}

NEARLY = (
    *(
        _shape(
            f"^{wrong}G",
            "unknown",
            "R-ADM-01",
            f"“{wrong}”不用作备案编号前缀，该省使用“{right}”。",
            f"{wrong} is no filing prefix; that province uses {right}.",
        )
        for wrong, right in _ABBREVIATION.items()
    ),
    _shape(
        r"^国妆网备[进制]?字\(?20\d{2}\)?\d{2,7}$",
        "unknown",
        "R-ADM-01",
        "缺少省份，这是常见的虚假编号形式。",
        "The province is missing: a common shape of fake numbers.",
    ),
    _shape(
        rf"^{_P}妆网备字|^{_P}G妆备字",
        "unknown",
        "R-ADM-01",
        "形式近似备案编号但缺字，正确形式如：沪G妆网备字2025000001。",
        "Near a filing number, but a character is missing; the form is as 沪G妆网备字2025000001.",
    ),
    _shape(
        rf"^{_P}G妆网备字|^国妆网备[进制]字\({_P}\)",
        "unknown",
        "R-ADM-01",
        "年份或流水号不对：应为 20 开头的四位年份和六位流水号。",
        "The year or the serial is wrong: four digits that begin with 20, then six.",
    ),
    _shape("", "unknown", "R-ADM-01", "不是备案编号。", "This is not a filing number."),
)
"""What nearly is one, and what is nothing."""

SHAPES: tuple[Shape, ...] = (*BARRED, *OTHERS, *NEARLY)
