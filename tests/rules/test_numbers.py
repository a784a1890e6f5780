"""Filing numbers, class codes and licences as people type them (regulation.md §12)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.numbers import PREFIXES, parse_class_code, parse_filing_number, parse_licence

ZERO_WIDTH = "\u200b"


@pytest.mark.parametrize(
    ("text", "kind", "province", "verdict", "rule"),
    [
        ("沪G妆网备字2025999991", "domestic", "沪", "wellformed", None),
        ("备案编号：沪G妆网备字2025999991号", "domestic", "沪", "wellformed", None),
        ("国产普通化妆品备案编号: 新Ｇ妆网备字 2025 999991", "domestic", "新", "wellformed", None),
        (f"沪G妆{ZERO_WIDTH}网备字2025999991", "domestic", "沪", "wellformed", None),
        ("沪g妆网备字2025999991", "domestic", "沪", "wellformed", None),
        ("沪G妆网备字20259999912", "domestic", "沪", "warn", None),
        ("国妆网备进字（沪）2026999991", "imported", "沪", "wellformed", None),
        ("国妆网备制字(粤)2026999991", "hk_mo_tw", "粤", "wellformed", None),
        ("国妆特字20263800", "special", None, "refuse", "R-ADM-03"),
        ("国妆特字G20261234", "special", None, "refuse", "R-ADM-03"),
        ("国妆特进字J20201234", "special", None, "refuse", "R-ADM-03"),
        ("卫妆特字(2007)第0123号", "legacy", None, "refuse", "R-ADM-04"),
        ("国妆备进字J20171234", "legacy", None, "refuse", "R-ADM-04"),
        ("（99）卫妆准字01-XK-0001", "legacy", None, "refuse", "R-ADM-04"),
        ("预备案号 沪2025999991", "pre_filing", None, "refuse", "R-ADM-24"),
        ("仅供出口 沪2025999991", "export", None, "refuse", "R-ADM-24"),
        ("国妆网备字20260001", "unknown", None, "refuse", "R-ADM-01"),
        ("国妆网备字2026000123", "unknown", None, "refuse", "R-ADM-01"),
        ("滇G妆网备字2025999991", "unknown", None, "refuse", "R-ADM-01"),
        ("沪G妆网备字202599999", "unknown", None, "refuse", "R-ADM-01"),
        ("沪G妆网备字1925999991", "unknown", None, "refuse", "R-ADM-01"),
        ("", "unknown", None, "refuse", "R-ADM-01"),
    ],
)
def test_filing_numbers(text: str, kind: str, province: str | None, verdict: str, rule: str | None) -> None:
    number = parse_filing_number(text)
    assert (number.kind, number.province, number.verdict, number.rule) == (kind, province, verdict, rule)
    assert number.input == text and number.message_zh and number.message_en


def test_a_wrong_abbreviation_is_told_the_right_one() -> None:
    assert "云" in parse_filing_number("滇G妆网备字2025999991").message_zh
    assert "甘" in parse_filing_number("陇G妆网备字2025999991").message_en


@given(
    st.sampled_from(PREFIXES),
    st.integers(2000, 2099),
    st.integers(0, 999_999),
    st.sampled_from(["", "备案编号：", "备案号:"]),
)
def test_every_well_formed_number_reads_however_it_is_dressed(prefix: str, year: int, serial: int, lead: str) -> None:
    plain = f"{prefix}G妆网备字{year}{serial:06d}"
    dressed = lead + ZERO_WIDTH.join(plain).replace("G", "Ｇ") + " 号"
    number = parse_filing_number(dressed)
    assert (number.normalised, number.province, number.verdict) == (plain, prefix, "wellformed")
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
