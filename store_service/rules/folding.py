"""Texts made comparable, so that no way of writing hides a word.

Folded are width and compatibility forms (NFKD), letter case, accents and pinyin tones, invisible characters,
traditional Han, and Cyrillic and Greek letters that look like Latin ones. Every folded character knows where it stood.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0")  # fillers that Unicode counts among the letters
LOOKALIKES = dict(zip("асԁеһіјкӏморԛѕтуѵԝхαεικνορτυχ", "acdehijklmopqstuvwxaeiknoptux", strict=True))


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` has one character for each entry of `at`, its position in the original."""

    text: str
    at: tuple[int, ...]

    def only(self, latin: bool) -> Folded:
        """Without everything that is neither letter nor digit; for `latin`, Latin letters and digits alone."""
        kept = [i for i, ch in enumerate(self.text) if (ch.isascii() or not latin) and ch.isalnum()]
        return Folded("".join(self.text[i] for i in kept), tuple(self.at[i] for i in kept))


def fold(text: str, simplified: Mapping[str, str]) -> Folded:
    chars: list[str] = []
    at: list[int] = []
    for index, char in enumerate(text):
        for folded in _folded(char):
            chars.append(simplified.get(folded, folded))
            at.append(index)
    return Folded("".join(chars), tuple(at))


@lru_cache(maxsize=8192)
def _folded(char: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(
        LOOKALIKES.get(one, one)
        for one in plain
        if unicodedata.category(one) not in ("Cf", "Mn", "Me") and one not in INVISIBLE
    )
