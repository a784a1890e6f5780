"""The two languages of the faces. Texts live in `i18n/*.toml`, addressed by dotted keys."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from starlette.requests import Request

LANGUAGES = ("zh-CN", "en")
DEFAULT = "zh-CN"
FOLDER = Path(__file__).parent / "i18n"


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _flat(value, f"{key}.")
        else:
            yield key, str(value)


def load(language: str) -> dict[str, str]:
    """All texts of one language by dotted key, out of `<language>.toml` and the files beside it (`.facts`, `.office`).

    Raises FileNotFoundError for an unknown language.
    """
    files = (FOLDER / f"{language}.toml", *sorted(FOLDER.glob(f"{language}.*.toml")))
    return dict(pair for file in files for pair in _flat(tomllib.loads(file.read_text("utf-8"))))


class Book:
    """Both languages side by side. A missing key is an error, never an empty place on a screen."""

    def __init__(self) -> None:
        self.texts = {language: load(language) for language in LANGUAGES}

    def text(self, language: str, key: str, **args: object) -> str:
        """The text of `key` with `{name}` places filled. Raises KeyError for an unknown key or a missing argument."""
        return self.texts[language][key].format(**args)

    def has(self, key: str) -> bool:
        return key in self.texts[DEFAULT]


def language_of(request: Request) -> str:
    """`?lang=` wins (the consumer's page sets no cookie), then the cookie `lang`, then Chinese."""
    for wanted in (request.query_params.get("lang"), request.cookies.get("lang")):
        if wanted in LANGUAGES:
            return str(wanted)
    return DEFAULT
