"""Facts put into words. A fact's name says its unit (`_mg`, `_bp`, `_at` …); a coded value is looked up in the
terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .refusal import Facts

Language = Literal["zh", "en"]

_AND = {"zh": "、", "en": ", "}
_BOOL = {("zh", True): "是", ("zh", False): "否", ("en", True): "yes", ("en", False): "no"}
_SCALED = {
    "_mg": (1000, " g"),
    "_bp": (100, " %"),
    "_ppm": (10_000, " %"),
    "_c10": (10, " °C"),
    "_pct10": (10, " %"),
    "_mm_x100": (100, " mm"),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Coded values (a status, a field's name) in both languages: code → (zh, en)."""

    words: Mapping[str, tuple[str, str]]

    def say(self, template: str, facts: Facts, language: Language) -> str:
        """Fill a template. Raises KeyError when it names a fact that is not there."""
        return template.format_map({key: self.render(key, value, language) for key, value in facts.items()})

    def render(self, key: str, value: object, language: Language) -> str:
        if isinstance(value, bool):
            return _BOOL[language, value]
        if isinstance(value, list):
            return _AND[language].join(self.render("", item, language) for item in value) or self.term("none", language)
        if isinstance(value, int):
            return next((scaled(value, *s) for suffix, s in _SCALED.items() if key.endswith(suffix)), f"{value}")
        text = str(value)
        if key.endswith("_at") and "T" in text:
            return text[:16].replace("T", " ")
        return self.term(text, language)

    def term(self, code: str, language: Language) -> str:
        """The word for a code; the code itself where there is none (a name, a number, a date)."""
        return self.words[code][0 if language == "zh" else 1] if code in self.words else code


def scaled(value: int, per: int, unit: str) -> str:
    """An integer of the small unit as an exact decimal of the large one, without trailing zeros."""
    whole, rest = divmod(abs(value), per)
    digits = f"{rest:0{len(str(per)) - 1}d}".rstrip("0")
    return f"{'-' if value < 0 else ''}{whole}{'.' + digits if digits else ''}{unit}"
