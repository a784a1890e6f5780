"""Numbers as they stand on a label: filing numbers, class codes, production licences (regulation.md §12).

A well-formed number proves nothing about the filing: R-ADM-01 asks the filer's register.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

PREFIXES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"

Kind = Literal["domestic", "imported", "hk_mo_tw", "special", "legacy", "pre_filing", "export", "unknown"]

_INVISIBLE = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_LEAD = re.compile(r"^(?:国产|进口)?(?:普通|特殊)?(?:化妆品)?(?:备案|注册|批准|许可)?(?:证|文)?(?:编)?号[:.]?(?=.)")
_YEAR_SERIAL = r"(20\d{2})(\d{6,7})"
_DOMESTIC = re.compile(rf"([{PREFIXES}])G妆网备字{_YEAR_SERIAL}")
_ABROAD = re.compile(rf"国妆网备(进|制)字\(([{PREFIXES}])\){_YEAR_SERIAL}")
_ABBREVIATION = {"滇": "云", "秦": "陕", "陇": "甘", "黔": "贵"}
_REFUSED: tuple[tuple[re.Pattern[str], Kind, str, str, str], ...] = (
    (
        re.compile(r"^(?:卫妆(?:特|准|备进)|国妆备进字|\(\d{2}\)卫妆)"),
        "legacy",
        "R-ADM-04",
        "这是旧制度的批准文号，已不能作为备案编号使用。",
        "This is an approval number of the old regime; it is no filing number.",
    ),
    (
        re.compile(r"^国妆特"),
        "special",
        "R-ADM-03",
        "这是特殊化妆品注册证号，特殊化妆品不得用于个性化服务。",
        "This is the registration number of a special cosmetic, and those are barred.",
    ),
    (
        re.compile(r"预备"),
        "pre_filing",
        "R-ADM-24",
        "这是预备案号，备案尚未完成。",
        "This is a pre-filing number; the filing is not complete.",
    ),
    (
        re.compile(r"出口"),
        "export",
        "R-ADM-24",
        "这是仅供出口产品的编号，不能在国内销售。",
        "This is the number of an export-only product; it may not be sold in China.",
    ),
    *(
        (
            re.compile(f"^{wrong}G"),
            "unknown",
            "R-ADM-01",
            f"“{wrong}”不用作备案编号前缀，该省使用“{right}”。",
            f"{wrong} is no filing prefix; that province uses {right}.",
        )
        for wrong, right in _ABBREVIATION.items()
    ),
    (
        re.compile(r"^国妆网备[进制]?字20\d{6,9}$"),
        "unknown",
        "R-ADM-01",
        "缺少省份，这是常见的虚假编号形式。",
        "The province is missing: a common shape of fake numbers.",
    ),
    (re.compile(""), "unknown", "R-ADM-01", "不是备案编号。", "This is not a filing number."),
)
"""Shapes that are no ordinary filing number: pattern, kind, rule, words; the first that fits counts."""

_LICENCE = re.compile(rf"([{PREFIXES}])妆(20\d{{2}})(\d{{4}})")
_CODE = re.compile(r"\d{2}|[A-Z]")


@dataclass(frozen=True, slots=True)
class FilingNumber:
    """`province` is the prefix (沪); in an imported number that of the domestic responsible person. `rule` is the
    rule that a refused number breaks, None when well-formed."""

    input: str
    normalised: str
    kind: Kind
    province: str | None
    verdict: Literal["wellformed", "warn", "refuse"]
    rule: str | None
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class ClassCode:
    """Groups of a classification code in the order efficacy-site-user-form-method (annexes 1–5)."""

    efficacy: tuple[str, ...]
    site: tuple[str, ...]
    user: tuple[str, ...]
    form: tuple[str, ...]
    method: tuple[str, ...]

    @property
    def new_efficacy(self) -> bool:
        """A letter in one of the first three groups means new efficacy, which is special (R-ADM-11)."""
        return any(code.isalpha() for code in self.efficacy + self.site + self.user)


@dataclass(frozen=True, slots=True)
class LicenceNumber:
    normalised: str
    province: str
    year: int


def normalise(text: str) -> str:
    """NFKC, without spaces and invisible characters, in upper case."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).upper()


def parse_filing_number(text: str) -> FilingNumber:
    """Recognise a filing number and the shapes that must never pass for one. Never raises."""
    number = _LEAD.sub("", normalise(text)).removesuffix("号")
    if found := _DOMESTIC.fullmatch(number):
        return _ordinary(text, number, "domestic", found[1], found[3])
    if found := _ABROAD.fullmatch(number):
        return _ordinary(text, number, "imported" if found[1] == "进" else "hk_mo_tw", found[2], found[4])
    _, kind, rule, zh, en = next(shape for shape in _REFUSED if shape[0].search(number))
    return FilingNumber(text, number, kind, None, "refuse", rule, zh, en)


def _ordinary(text: str, number: str, kind: Kind, province: str, serial: str) -> FilingNumber:
    if len(serial) == 6:
        return FilingNumber(
            text,
            number,
            kind,
            province,
            "wellformed",
            None,
            "格式正确；备案状态须另行核对。",
            "Well-formed; the status of the filing must be checked.",
        )
    return FilingNumber(
        text,
        number,
        kind,
        province,
        "warn",
        None,
        "流水号为七位，实际见到的均为六位，请人工核对。",
        "The serial has seven digits; all real ones seen have six. Check it by hand.",
    )


def parse_class_code(text: str) -> ClassCode | None:
    """Five groups joined by "-", values inside a group by "/"; None when the text is not of that shape (R-ADM-11)."""
    groups = [tuple(group.split("/")) for group in normalise(text).split("-")]
    if len(groups) != 5 or not all(_CODE.fullmatch(code) for group in groups for code in group):
        return None
    return ClassCode(*groups)


def parse_licence(text: str) -> LicenceNumber | None:
    """A production licence number such as 粤妆20179999 (R-SCP-09), labels around it taken off; None for anything
    else."""
    number = re.sub(r"^(?:化妆品)?生产许可证(?:编)?号?:?", "", normalise(text)).removesuffix("号")
    found = _LICENCE.fullmatch(number)
    return LicenceNumber(number, found[1], int(found[2])) if found else None
