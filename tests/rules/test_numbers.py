"""Filing numbers, class codes and licences as people type them (regulation.md §12)."""

from __future__ import annotations

import sys
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.documents import SHAPES
from store_service.rules.numbers import (
    ANNEX,
    PREFIXES,
    ClassCode,
    common_class,
    normalise,
    parse_class_code,
    parse_filing_number,
    parse_licence,
)

ZERO_WIDTH = "\u200b"


GOLDEN = [
    line.split("\t")
    for line in (Path(__file__).parents[1] / "golden" / "filing_numbers.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
INVISIBLE = "\u200b\u00ad\ufeff\u2066\u034f\u3164\ufe0f\U000e0041 \u3000\t\n\x00"


@pytest.mark.parametrize(("kind", "province", "verdict", "rule", "text"), GOLDEN, ids=lambda one: one[:40])
def test_golden_numbers(kind: str, province: str, verdict: str, rule: str, text: str) -> None:
    number = parse_filing_number(text)
    assert (number.kind, number.province or "-", number.verdict, number.rule or "-") == (kind, province, verdict, rule)
    assert number.input == text and number.message_zh and number.message_en


def test_every_shape_has_its_golden_number() -> None:
    assert {one.kind for one in SHAPES} | {"domestic", "imported", "hk_mo_tw"} == {row[0] for row in GOLDEN}
    heard = {parse_filing_number(row[4]).message_en for row in GOLDEN}
    assert {one.en for one in SHAPES} <= heard


@given(st.text(max_size=30), st.sampled_from(["沪G妆网备字2025999991", "国妆网备进字(沪)2026999991"]))
def test_what_stands_beside_a_number_never_makes_another_number(beside: str, number: str) -> None:
    for text in (beside + number, number + beside):
        found = parse_filing_number(text)
        assert found.verdict == "refuse" or found.normalised in (number, number + found.normalised[-1])


@pytest.mark.parametrize("filler", ["沪", "\u200b", " ", "ﷺ", "备案编号", "（", "1", "沪G妆网备字2025999991"])
def test_a_million_characters_are_answered(filler: str) -> None:
    text = filler * (1_000_000 // len(filler))
    number = parse_filing_number(text)
    assert (number.verdict, number.input, len(number.normalised) <= 200) == ("refuse", text, True)
    assert parse_class_code(text) is None and parse_licence(text) is None
    hidden = parse_filing_number("\u200b" * 1_000_000 + "沪G妆网备字2025999991")
    assert (hidden.verdict, hidden.normalised) == ("wellformed", "沪G妆网备字2025999991")


def test_every_invisible_character_is_taken_out() -> None:
    unseen = [
        chr(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) in ("Cc", "Cf", "Zs", "Zl", "Zp")
    ]
    assert normalise("".join(unseen)) == ""
    assert normalise("沪" + "".join(INVISIBLE) + "G") == "沪G"


def test_digits_of_other_scripts_are_none() -> None:
    assert parse_filing_number("沪G妆网备字20२५999991").verdict == "refuse"
    assert parse_class_code("1१-05-03-01-02") is None
    assert parse_licence("粤妆2०259999") is None


def test_a_wrong_abbreviation_is_told_the_right_one() -> None:
    assert "云" in parse_filing_number("滇G妆网备字2025999991").message_zh
    assert "甘" in parse_filing_number("陇G妆网备字2025999991").message_en


@given(
    st.sampled_from(PREFIXES),
    st.integers(2000, 2099),
    st.integers(0, 999_999),
    st.sampled_from(["", "备案编号：", "备案号:", "国产普通化妆品备案编号 ", "【备案登记凭证】", "Filing No. "]),
)
def test_every_well_formed_number_reads_however_it_is_dressed(prefix: str, year: int, serial: int, lead: str) -> None:
    plain = f"{prefix}G妆网备字{year}{serial:06d}"
    dressed = lead + ZERO_WIDTH.join(plain).replace("G", "Ｇ") + " 号"
    number = parse_filing_number(dressed)
    assert (number.normalised, number.province, number.verdict) == (plain, prefix, "wellformed")
    assert number.year == year
    assert parse_filing_number(number.normalised).normalised == number.normalised


@given(st.text(max_size=40))
def test_no_text_breaks_the_parsers(text: str) -> None:
    number = parse_filing_number(text)
    assert number.verdict == "refuse" or number.province in PREFIXES
    parse_class_code(text)
    parse_licence(text)


def test_class_codes() -> None:
    code = parse_class_code("11/17-05-03-01-02")
    assert code is not None and not code.new_efficacy
    assert (code.efficacy, code.site, code.user, code.form, code.method) == (
        ("11", "17"),
        ("05",),
        ("03",),
        ("01",),
        ("02",),
    )
    letter = parse_class_code("Ａ-05-03-01-02")
    assert letter is not None and letter.new_efficacy
    form_letter = parse_class_code("11-05-03-A-02")
    assert form_letter is not None and not form_letter.new_efficacy


@pytest.mark.parametrize(
    "text", ["分类编码：11／17—05–03-01-02", " 11/17-05-03-01-02\u200b", "１１/17－05－03－01－02"]
)
def test_a_class_code_reads_however_it_is_dressed(text: str) -> None:
    assert parse_class_code(text) == parse_class_code("11/17-05-03-01-02") is not None


def codes() -> st.SearchStrategy[ClassCode]:
    def group(name: str) -> st.SearchStrategy[tuple[str, ...]]:
        known = st.sampled_from([f"{n:02d}" for n in ANNEX[name]])
        return st.lists(known, min_size=1, max_size=4, unique=True).map(tuple)

    return st.builds(ClassCode, *(group(name) for name in ANNEX))


@given(codes())
def test_a_code_reads_back(code: ClassCode) -> None:
    text = "-".join("/".join(getattr(code, group)) for group in ANNEX)
    assert parse_class_code(text) == code
    assert not code.beyond_annex and not code.new_efficacy and code.leave_on == ("02" in code.method)


@given(st.lists(codes(), min_size=1, max_size=4))
def test_what_codes_have_in_common_is_in_each(found: list[ClassCode]) -> None:
    common = common_class(found)
    for group in ANNEX:
        values = [set(getattr(one, group)) for one in found]
        assert set(getattr(common, group)) == set.intersection(*values)
    assert common_class([found[0]]) == found[0]


def test_values_that_no_annex_knows() -> None:
    code = parse_class_code("27/11-05/11-04-01-00")
    assert code is not None and code.beyond_annex == ("efficacy 27", "site 11", "user 04", "method 00")
    assert common_class([]) == ClassCode((), (), (), (), ())


@pytest.mark.parametrize(
    "text", ["", "11-05-03-01", "11-05-03-01-02-03", "1-05-03-01-02", "11/-05-03-01-02", "11-05-03-01-二"]
)
def test_class_codes_that_do_not_read(text: str) -> None:
    assert parse_class_code(text) is None


def test_licences() -> None:
    licence = parse_licence("化妆品生产许可证编号：粤妆２０２５９９９９号")
    assert licence is not None
    assert (licence.normalised, licence.province, licence.year) == ("粤妆20259999", "粤", 2025)
    assert parse_licence("粤妆2025999") is None
    assert parse_licence("粤XK16-108 9999") is None


@pytest.mark.parametrize(("day", "verdict"), [(date(2026, 1, 1), "wellformed"), (date(2025, 12, 31), "refuse")])
def test_a_number_is_judged_on_a_day(day: date, verdict: str) -> None:
    """R-ADM-01: of a year that has come; a number that is none, or the wrong one, says the same on every day."""
    found = parse_filing_number("沪G妆网备字2026999991")
    told = found.on(day)
    assert (told.verdict, told.rule) == (verdict, None if verdict == "wellformed" else "R-ADM-01")
    if verdict == "refuse":
        assert (told.year, told.message_zh) == (None, "编号中的年份还没有到。") and told.normalised == found.normalised
        assert told.message_en == "Its year has not come yet." and told.on(date(2026, 1, 1)) == told
    else:
        assert told == found
    special = parse_filing_number("国妆特字20993800")
    assert special.on(day) == special
