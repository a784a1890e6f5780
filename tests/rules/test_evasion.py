"""However a forbidden word is written, it is found; whatever is found is where it says; the demo's texts stay clean."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_service.rules.words import LONGEST, lexicon_document, lint, misnamed, traditional_in

from .cases import ROOT

LEXICON = lexicon_document()
REFUSED = [
    (entry["family"], word) for entry in LEXICON["entry"] for word in entry["words"] if entry["outcome"] == "refuse"
]
HAN = [(family, word) for family, word in REFUSED if not word.isascii()]
LATIN = [(family, word) for family, word in REFUSED if word.isascii()]
DOUBTFUL = [
    (entry["family"], word) for entry in LEXICON["entry"] for word in entry["words"] if entry["outcome"] == "human"
]
PAIRS = LEXICON["traditional"]
VARIANTS: dict[str, list[str]] = {}
for _odd, _plain in zip(PAIRS[::2], PAIRS[1::2], strict=True):
    VARIANTS.setdefault(_plain, []).append(_odd)
SEPARATORS = " \t·*_-~|＊・•\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u3164\ufe0f★❤"
TONES = {"a": "āáǎà", "e": "ēéěè", "i": "īíǐì", "o": "ōóǒò", "u": "ūúǔù"}
TWINS = {"a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "s": "ѕ", "x": "х"}


def wide(char: str) -> str:
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char


def families(text: str) -> set[str]:
    return {hit.family for hit in lint(text)}


@st.composite
def disguised(draw: st.DrawFn, words: list[tuple[str, str]]) -> tuple[str, str, str]:
    """A word of the lexicon written another way: family, word, text."""
    family, word = draw(st.sampled_from(words))
    chars = []
    for char in word:
        other = [char, wide(char), char.upper(), *VARIANTS.get(char, ()), *TONES.get(char, ()), *TWINS.get(char, ())]
        chars.append(draw(st.sampled_from(other)) + draw(st.text(st.sampled_from(SEPARATORS), max_size=2)))
    return family, word, "".join(chars)


@given(
    disguised(REFUSED), st.sampled_from(["", "新", "温和 ", "（", "A霜，"]), st.sampled_from(["", "霜", " 。", "）水"])
)
@settings(max_examples=150, deadline=None)
def test_no_disguise_hides_a_word(found: tuple[str, str, str], before: str, after: str) -> None:
    family, word, text = found
    whole = before + text + after
    hits = [hit for hit in lint(whole) if hit.family == family]
    assert any(hit.start <= len(before) + len(text) and hit.end > len(before) for hit in hits), (word, whole)
    assert any(hit.outcome == "refuse" for hit in hits), (word, whole)


@pytest.mark.parametrize(("family", "word"), REFUSED + DOUBTFUL)
def test_every_word_of_the_lexicon_is_found_as_it_stands(family: str, word: str) -> None:
    assert family in families(word)


@pytest.mark.parametrize(("family", "word"), HAN)
def test_every_traditional_writing_is_found(family: str, word: str) -> None:
    for char in word:
        for odd in VARIANTS.get(char, ()):
            assert family in families(word.replace(char, odd))


def test_refused_words_have_twins_in_both_scripts() -> None:
    for family in ("W1", "W2", "W3", "W4", "W5"):
        assert any(one == family for one, _ in HAN) and sum(one == family for one, _ in LATIN) >= 3


def texts_of(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        for value in document.values():
            yield from texts_of(value)
    elif isinstance(document, list):
        for value in document:
            yield from texts_of(value)
    elif isinstance(document, str):
        yield document


def test_the_demo_s_own_texts_are_clean() -> None:
    demo = ROOT / "config" / "demo"
    products = tomllib.loads((demo / "products.toml").read_text("utf-8"))["products"]
    envelopes = tomllib.loads((demo / "envelopes.toml").read_text("utf-8"))["envelopes"]
    texts = [one[key] for one in [*products, *envelopes] for key in ("name_zh", "name_en", "directions")]
    texts += [text for one in products for key in ("warnings", "storage", "claims") for text in texts_of([one[key]])]
    assert len(texts) > 50
    assert {text: lint(text) for text in texts if lint(text)} == {}


@given(st.text(st.characters(codec="utf-8"), max_size=80), st.sampled_from(["美白", "whitening", "胶原", "最佳"]))
@settings(deadline=None)
def test_hits_lie_where_they_say(filling: str, word: str) -> None:
    text = filling + word + filling
    for hit in [*lint(text), *misnamed(text, {}, 1_000)]:
        assert 0 <= hit.start < hit.end <= len(text)
        assert lint(text[hit.start : hit.end]) or misnamed(text[hit.start : hit.end], {}, 1_000)


@pytest.mark.parametrize("text", ["美" * LONGEST, "最" * LONGEST, "best " * (LONGEST // 5), "不" * LONGEST])
def test_the_longest_text_is_read_and_a_longer_one_refused(text: str) -> None:
    assert len(lint(text)) <= LONGEST
    with pytest.raises(ValueError, match="no text of a label"):
        lint(text + "长")
    with pytest.raises(ValueError, match="no text of a label"):
        misnamed(text + "长", {}, 1_000)


@pytest.mark.parametrize(
    ("text", "formula", "outcomes"),
    [
        ("玻尿酸精华", {"SODIUM HYALURONATE": 20_000}, []),
        ("玻尿酸精华", {"透明质酸钠": 1_000}, ["human"]),
        ("玻尿酸精华", {"GLYCERIN": 20_000}, ["refuse"]),
        ("玻·尿·酸", {}, ["refuse"]),
        ("无酒精，含胶原", {}, ["refuse"]),
        ("不含胶原", {}, ["human"]),
        ("不含胶原", {"COLLAGEN": 50_000}, ["human"]),
        ("Hyaluronic Acid & Ceramide", {"水解透明质酸": 5_000}, ["refuse"]),
        ("PVC 瓶", {}, []),
    ],
)
def test_a_named_ingredient_is_in_the_formula(text: str, formula: dict[str, int], outcomes: list[str]) -> None:
    hits = misnamed(text, formula, 1_000)
    assert [hit.outcome for hit in hits] == outcomes
    assert all(hit.family == "W7" and hit.source for hit in hits)


@pytest.mark.parametrize(
    "text", ["no. 12 of 20", "请到医院就诊", "洁面后使用", "GOLDEN HOUR", "carob oats".replace("oats", "x")]
)
def test_innocent_texts_stay_so(text: str) -> None:
    assert lint(text) == [] and misnamed(text, {}, 1_000) == []


def test_traditional_characters_are_named() -> None:
    assert traditional_in("保濕乳液，塗抹") == ["濕", "塗"]
    assert traditional_in("保湿乳液，涂抹。Whitening") == []
