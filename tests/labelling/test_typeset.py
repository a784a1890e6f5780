"""Lines break as Chinese is set, and no letter is lost on the way."""

from hypothesis import example, given
from hypothesis import strategies as st

from store_service.labelling.typeset import CLOSING, OPENING, Face, Line, Setter, letters
from tests.labelling.contents import FONT, LONG

FACE = Face(FONT)
HAN = "水甘油丁二醇烟酰胺甜菜碱透明质酸钠泛"
prose = st.lists(
    st.one_of(
        st.text(HAN, min_size=1, max_size=6),
        st.sampled_from(["、", "，", "。", "；", "（酯）", "（CENTELLA ASIATICA）", "「油」", " ", "。）", "：（"]),
        st.sampled_from(["PEG-100硬", "1,2-己", "30.0 g净", "2026-11-22至", "沪G妆网备字2026999991号", "33.5%醇"]),
    ),
    max_size=40,
).map("".join)


def set_lines(text: str, width: int, size: int = 20) -> list[Line]:
    lines, rest = Setter(FACE, size).lines(letters(text), lambda _: width)
    assert rest == []
    return lines


def read(line: Line) -> str:
    return "".join(letter.ch for letter, _ in line.letters)


@given(prose, st.integers(260, 560))
@example("丁丁丁丁丁丁丁：（ PEG-100硬", 260)
def test_no_line_begins_with_closing_or_ends_with_opening_punctuation(text: str, width: int) -> None:
    lines = [read(line) for line in set_lines("水" + text, width)]
    assert not [line for line in lines if line[0] in CLOSING]
    assert not [line for line in lines[:-1] if line[-1] in OPENING]


@given(prose, st.integers(260, 560))
def test_numbers_and_latin_words_stay_whole(text: str, width: int) -> None:
    lines = [read(line) for line in set_lines(text, width)]
    at = 0
    for line in lines[:-1]:
        at = text.index(line, at) + len(line)
        before, after = text[at - 1], text[at]
        assert not (before.isascii() and before.isalnum() and after.isascii() and after.isalnum())


@given(st.text(HAN + "、。（）abc-12 ", max_size=120), st.integers(50, 560), st.sampled_from([20, 22, 34]))
def test_every_letter_is_set_once_in_order_and_inside_the_width(text: str, width: int, size: int) -> None:
    width = max(width, 3 * size)
    lines = set_lines(text, width, size)
    assert "".join("".join(map(read, lines)).split()) == "".join(text.split())
    for line in lines:
        for letter, x in line.letters:
            glyph = FACE.glyph(letter.ch, size)
            assert glyph.mask is None or x + glyph.dx >= -1
            assert x + glyph.dx + glyph.width <= width + 1


@given(st.text(HAN + "、 ab", min_size=1, max_size=200), st.integers(1, 6))
def test_a_limit_hands_the_rest_back(text: str, limit: int) -> None:
    setter = Setter(FACE, 20)
    lines, rest = setter.lines(letters(text), lambda _: 200, limit)
    assert len(lines) <= limit
    more, nothing = setter.lines(rest, lambda _: 200)
    assert nothing == []
    assert "".join("".join(map(read, lines + more)).split()) == "".join(text.split())


def test_full_lines_end_at_the_right_edge() -> None:
    lines = set_lines(LONG.warnings, 552)
    assert len(lines) > 3
    assert {line.width for line in lines[:-1]} == {552}


def test_the_font_is_asked_and_a_missing_character_is_known() -> None:
    assert all(FACE.has(ch) for ch in "醇酰胺氢羟 Aé℃①（")
    assert not FACE.has("😀")
    assert FACE.digit_height(20) == 15
    assert all(FACE.digit_height(FACE.size_for_digits(dots)) >= dots for dots in (16, 24, 32, 48))
