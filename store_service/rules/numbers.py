"""Numbers as they stand on a label: filing numbers, class codes, production licences (regulation.md §12).

A well-formed number proves nothing about the filing: R-ADM-01 asks the filer's register.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from .documents import PREFIXES, SHAPES

__all__ = [
    "PREFIXES", "ClassCode", "FilingNumber", "LicenceNumber", "common_class", "normalise", "parse_class_code",
    "parse_filing_number", "parse_licence",
]  # fmt: skip

Kind = str
"""domestic, imported, hk_mo_tw; special, legacy, pre_filing, export; ingredient, toothpaste, licence, drug, device,
disinfectant, food, standard, barcode, company (R-ADM-24); unknown."""

MAX_TEXT = 200
"""Longer than any number with its label around it; what is longer without its invisible characters is none."""

# [0-9], never \d: that matches the digits of every script.
_INVISIBLE = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_WORDS = (
    "本品|产品|的|国产|进口|普通|非?特殊|用途|化妆品|备案|注册|批准|生产|许可|登记|电子|凭证|执行|标准|条码|统一社会信用代码|新?原料|"
    "证书|证|文号|编号|号码|号|类|为|是|已|有效|FILING|REGISTRATION|RECORD|NUMBER|NMPA|NO"
)
_LEAD = re.compile(rf"(?>\((?!(?:[0-9]{{2}}|[0-9]{{4}})\))|[【\[<《「『\"'“‘)】\]>》」』”’.:、,;=#|*·_-]|{_WORDS})++")
_TAIL = re.compile(rf"(?>[()【\]\[】<>《》「」『』\"'“”‘’.。:、,;!|*·_-]|{_WORDS})++$")
_YEAR_SERIAL = r"(20[0-9]{2})([0-9]{6,7})"
_DOMESTIC = re.compile(rf"([{PREFIXES}])G妆网备字{_YEAR_SERIAL}")
_ABROAD = re.compile(rf"国妆网备(进|制)字\(([{PREFIXES}])\){_YEAR_SERIAL}")
_LICENCE = re.compile(rf"([{PREFIXES}])妆(20[0-9]{{2}})([0-9]{{4}})")
_CODE = re.compile(r"[0-9]{2}|[A-Z]")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣", "-") | dict.fromkeys("∕⁄╱", "/"))
ANNEX = {
    "efficacy": range(1, 27),
    "site": range(1, 11),
    "user": range(1, 4),
    "form": range(12),
    "method": range(1, 3),
}
"""Codes of annexes 1–5. A form of 00 is read too: whether the annex counts "other" from 00 is not known."""


@dataclass(frozen=True, slots=True)
class FilingNumber:
    """`province` is the prefix (沪); in an imported number that of the domestic responsible person. `rule` is the
    rule that a refused number breaks, None when well-formed. `year` is that of the filing, None when refused."""

    input: str
    normalised: str
    kind: Kind
    province: str | None
    verdict: Literal["wellformed", "warn", "refuse"]
    rule: str | None
    message_zh: str
    message_en: str
    year: int | None = None

    def on(self, today: date) -> FilingNumber:
        """As it stands on a Beijing day: nothing was filed in a year that is still to come (R-ADM-01)."""
        if self.year is None or self.year <= today.year:
            return self
        told = {"message_zh": "编号中的年份还没有到。", "message_en": "Its year has not come yet."}
        return replace(self, verdict="refuse", rule="R-ADM-01", year=None, **told)

    @property
    def from_abroad(self) -> bool:
        """Filed from overseas, Hong Kong, Macau or Taiwan: a domestic responsible person answers for it."""
        return self.kind in ("imported", "hk_mo_tw")


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

    @property
    def beyond_annex(self) -> tuple[str, ...]:
        """Values that no annex knows, as `group value`."""
        return tuple(
            f"{group} {code}"
            for group, known in ANNEX.items()
            for code in getattr(self, group)
            if code.isdigit() and int(code) not in known
        )

    @property
    def leave_on(self) -> bool:
        """A product for both uses is judged as leave-on (classification rules Art 8)."""
        return "02" in self.method


@dataclass(frozen=True, slots=True)
class LicenceNumber:
    normalised: str
    province: str
    year: int


def normalise(text: str) -> str:
    """NFKC, without spaces and invisible characters, in upper case; cut after `MAX_TEXT` visible characters."""
    seen = _INVISIBLE.sub("", text)[: MAX_TEXT + 1]
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", seen)).upper()[: MAX_TEXT + 1]


def parse_filing_number(text: str) -> FilingNumber:
    """Recognise a filing number and the shapes that must never pass for one. Never raises."""
    number = normalise(text)
    if len(number) > MAX_TEXT:
        return FilingNumber(
            text, number[:MAX_TEXT], "unknown", None, "refuse", "R-ADM-01",
            "文字过长，不是一个备案编号。", "This text is too long to be a filing number.",
        )  # fmt: skip
    if lead := _LEAD.match(number):
        number = number[lead.end() :]
    bare = _TAIL.sub("", number)
    if found := _DOMESTIC.fullmatch(bare):
        return _ordinary(text, bare, "domestic", found[1], found[2], found[3])
    if found := _ABROAD.fullmatch(bare):
        return _ordinary(text, bare, "imported" if found[1] == "进" else "hk_mo_tw", found[2], found[3], found[4])
    shape = next(one for one in SHAPES if one.pattern.search(number))
    return FilingNumber(text, number.removesuffix("号"), shape.kind, None, "refuse", shape.rule, shape.zh, shape.en)


def _ordinary(text: str, number: str, kind: Kind, province: str, year: str, serial: str) -> FilingNumber:
    seven = len(serial) == 7
    return FilingNumber(
        text,
        number,
        kind,
        province,
        "warn" if seven else "wellformed",
        None,
        "流水号为七位，实际见到的均为六位，请人工核对。" if seven else "格式正确；备案状态须另行核对。",
        "The serial has seven digits; all real ones seen have six. Check it by hand."
        if seven
        else "Well-formed; the status of the filing must be checked.",
        int(year),
    )


def parse_class_code(text: str) -> ClassCode | None:
    """Five groups joined by "-", values inside a group by "/"; None when the text is not of that shape (R-ADM-11).
    Whether an annex knows the values is `beyond_annex`'s to say."""
    code = re.sub(r"^分类编码:?", "", normalise(text).translate(_DASHES))
    groups = [tuple(group.split("/")) for group in code.split("-")]
    if len(groups) != 5 or not all(_CODE.fullmatch(one) for group in groups for one in group):
        return None
    return ClassCode(*groups)


def common_class(codes: Sequence[ClassCode]) -> ClassCode:
    """What several sources have in common, each group in the order of the first (R-ADM-12); a group may be empty."""
    if not codes:
        return ClassCode((), (), (), (), ())

    def common(group: str) -> tuple[str, ...]:
        first, *others = (getattr(one, group) for one in codes)
        return tuple(value for value in first if all(value in other for other in others))

    return ClassCode(*(common(group) for group in ANNEX))


def parse_licence(text: str) -> LicenceNumber | None:
    """A production licence number such as 粤妆20179999 (R-SCP-09), labels around it taken off; None for anything
    else."""
    number = re.sub(r"^(?:化妆品)?生产许可证(?:编)?号?:?", "", normalise(text)).removesuffix("号")
    found = _LICENCE.fullmatch(number)
    return LicenceNumber(number, found[1], int(found[2])) if found else None
