"""R-WORD: no forbidden word on the label or in anything that is printed or shown with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from store_service.rules.case import Case
from store_service.rules.checking import Check, No, check, no
from store_service.rules.params import Parameters
from store_service.rules.words import lint


def _texts(case: Case, params: Parameters) -> Mapping[str, str]:
    """What is screened, by where it stands. Ingredients and addresses are facts and not claims."""
    items = case.label.items if case.label else {}
    screened = {key: items[key] for key in params.linted_items if items.get(key)}
    free = {f"free_text_{n}": text for n, text in enumerate(case.label.free_text if case.label else (), 1)}
    return {**screened, **free, **case.texts}


def _family(family: str) -> Check:
    def clean(case: Case, params: Parameters) -> Iterator[No]:
        for where, text in _texts(case, params).items():
            for hit in lint(text):
                if hit.family == family:
                    yield no(
                        hit.outcome,
                        where=where,
                        word=hit.word,
                        text=text[hit.start : hit.end],
                        at_character=hit.start + 1,
                    )

    clean.__doc__ = f"R-WORD-0{family[1]}: no word of family {family} in any screened text."
    return clean


for _number in range(1, 7):
    check(f"R-WORD-{_number:02d}", "verdict", "print")(_family(f"W{_number}"))
