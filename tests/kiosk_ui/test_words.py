"""Both languages say the same things, and Chinese is set with Chinese punctuation."""

import ast
import re
import string
from pathlib import Path

import pytest

from device_drivers.dosing.faults import Fault
from kiosk_ui import samples, samples_qa, samples_service, samples_shop
from kiosk_ui.kiosk.stop_words import happened, remedy
from kiosk_ui.kiosk.unit_words import bound_by
from kiosk_ui.models import Words
from kiosk_ui.render import FOLDER as TEMPLATES
from kiosk_ui.words import LANGUAGES, Book
from store_service.rules import checks
from tests.rules.cases import BASE, RULES

BOOK = Book()
ZH, EN = (BOOK.texts[language] for language in LANGUAGES)
HAN = r"[\u3400-\u9fff]"
ASCII_BETWEEN_HAN = re.compile(rf"{HAN}\s*[,:;?!()]\s*(?={HAN})")
ASCII_BESIDE_HAN = re.compile(rf"{HAN}[,:;?!](?!\S*//)|[,;?!]{HAN}")
SOURCES = {path.relative_to(TEMPLATES).as_posix(): path.read_text("utf-8") for path in TEMPLATES.rglob("*.html")}


# Keys that a template builds from a value; the value sets are proved by rendering every screen.
STEMS = (
    "rail.s",
    "fact",
    "dosing.is_",
    "dosing.pour_",
    "qa.field",
    "qa.filter",
    "qa.column",
    "qa.exception",
    "reratio.help_",
)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert ZH.keys() == EN.keys()


def test_both_languages_fill_the_same_places() -> None:
    assert {key for key in ZH if places(ZH[key]) != places(EN[key])} == set()


def test_no_text_is_empty() -> None:
    assert {key for texts in (ZH, EN) for key, text in texts.items() if not text.strip()} == set()


def test_english_holds_no_chinese() -> None:
    assert {key for key, text in EN.items() if re.search(HAN, text)} == {"common.switch"}


def test_chinese_texts_use_full_width_punctuation() -> None:
    assert {
        key: text for key, text in ZH.items() if ASCII_BETWEEN_HAN.search(text) or ASCII_BESIDE_HAN.search(text)
    } == {}


@pytest.mark.parametrize("source", [m.__file__ for m in (samples, samples_qa, samples_service, samples_shop)])
def test_sample_data_uses_full_width_punctuation(source: str) -> None:
    assert ASCII_BETWEEN_HAN.findall(Path(source).read_text("utf-8")) == []


@pytest.mark.parametrize("bad", ["加入,请勿", "规则:余", "换(另)一批", "好?再"])
def test_the_punctuation_lint_can_fail(bad: str) -> None:
    assert ASCII_BETWEEN_HAN.search(bad)


def test_templates_hold_no_chinese_of_their_own() -> None:
    strays = {name: re.findall(rf"{HAN}+", text) for name, text in SOURCES.items()}
    assert {word for words in strays.values() for word in words} <= {"中", "中文"}


def test_every_key_that_a_template_names_exists_and_every_text_is_used() -> None:
    named = {key for text in SOURCES.values() for key in re.findall(r'"((?:[a-z]\w*)(?:\.[\w-]+)+)', text)}
    suffixes = (".html", ".css", ".js", ".svg")
    whole = {key for key in named if not key.endswith(("_", *suffixes)) and key not in STEMS}
    stems = tuple(f'"{stem}' for stem in re.findall(r'"((?:\w+\.)+(?:\w+_)?)"\s*~', " ".join(SOURCES.values())))
    stems += tuple(f'"{stem}' for stem in STEMS)
    assert whole - ZH.keys() == set()
    assert {key for key in ZH if key not in whole and not f'"{key}'.startswith(stems)} == set()


def test_a_missing_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        BOOK.text("en", "no.such.key")


def facts_of_the_rules() -> set[str]:
    """Every name under which a check of the rules tells a compared value: the keywords of its `no(…)`."""
    trees = (ast.parse(path.read_text("utf-8")) for path in Path(checks.__file__).parent.glob("*.py"))
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {word.arg for call in calls if getattr(call.func, "id", "") == "no" for word in call.keywords if word.arg}


def test_every_compared_value_of_a_refusal_has_a_name() -> None:
    """A refusal that shows `rh max pct10` to a clerk has told nothing: name new facts in i18n/*.facts.toml."""
    named = {key.removeprefix("fact.") for key in ZH if key.startswith("fact.")}
    assert facts_of_the_rules()
    assert facts_of_the_rules() - named == set()


def test_the_use_by_date_says_what_bounds_it() -> None:
    told = bound_by("BASE expiry", {"BASE": BASE}, RULES.terms)
    assert told == Words("取决于甲BASE乳的到期日", "set by the expiry of Lotion BASE")
    assert bound_by("GONE after_opening", {}, RULES.terms) == Words(
        "取决于GONE的开封后期限", "set by the period after opening of GONE"
    )
    assert bound_by("in_use", {}, RULES.terms) == Words("取决于方案使用天数", "set by the validated in-use days")
    assert bound_by(None, {}, RULES.terms) is None


@pytest.mark.parametrize("reason", [*Fault, "restart", "pause", "clerk", "short", "silent"])
def test_a_stopped_dose_says_what_happened_and_what_to_do(reason: str) -> None:
    """In both languages, well set, and naming no button that the screen does not have."""
    for words in (happened(reason), remedy(reason)):
        assert words is not None and words.zh and words.en
        assert re.search(HAN, words.zh) and not re.search(HAN, words.en)
        assert not ASCII_BETWEEN_HAN.search(words.zh) and not ASCII_BESIDE_HAN.search(words.zh)
        for button in re.findall("“([^”]+)”", words.zh):
            assert any(button in text for text in ZH.values()), button
