"""R-WORD: no forbidden word on the label or in anything that is printed or shown with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from store_service.rules.case import Case, PlannedUnit
from store_service.rules.checking import Check, No, check, no, units_of
from store_service.rules.merge import merged_ingredients
from store_service.rules.params import Parameters
from store_service.rules.words import LONGEST, Hit, ingredients_named, lint, misnamed

GATES = ("name", "verdict", "print")
FILED_ITEMS = ("name", "directions")


def screened_texts(case: Case, params: Parameters) -> Mapping[str, str]:
    """What is screened, by where it stands. Ingredients and addresses are facts and not claims."""
    items = case.label.items if case.label else {}
    screened = {key: items[key] for key in params.linted_items if items.get(key)}
    free = {f"free_text_{n}": text for n, text in enumerate(case.label.free_text if case.label else (), 1)}
    return {**screened, **free, **case.texts}


def readable_texts(case: Case, params: Parameters) -> Mapping[str, str]:
    """Those of a length that is screened; R-WORD-08 refuses the others."""
    return {where: text for where, text in screened_texts(case, params).items() if len(text) <= LONGEST}


def told(where: str, text: str, hit: Hit) -> No:
    """A hit with its place in the text as it was given."""
    return no(
        hit.outcome,
        where=where,
        family=hit.family,
        word=hit.word,
        text=text[hit.start : hit.end],
        at_character=hit.start + 1,
        source=hit.source,
    )


def _family(family: str) -> Check:
    def clean(case: Case, params: Parameters) -> Iterator[No]:
        for where, text in readable_texts(case, params).items():
            yield from (told(where, text, hit) for hit in lint(text) if hit.family == family)

    clean.__doc__ = f"R-WORD-0{family[1]}: no word of family {family} in any screened text."
    return clean


for _number in range(1, 7):
    check(f"R-WORD-{_number:02d}", *GATES)(_family(f"W{_number}"))


@check("R-WORD-07", *GATES)
def ingredients_named_truly(case: Case, params: Parameters) -> Iterator[No]:
    """R-WORD-07: an ingredient that a name, a note or the directions speak of is in the formula, and not a trace."""
    if not units_of(case):
        return
    texts = readable_texts(case, params)
    for where in (key for key in texts if key not in ("warnings", "storage", "personalised")):
        if not ingredients_named(texts[where]):
            continue
        formula = contents(_spoken_of(where, case))
        yield from (told(where, texts[where], hit) for hit in misnamed(texts[where], formula, params.trace_ppm))


def _spoken_of(where: str, case: Case) -> tuple[PlannedUnit, ...]:
    """The units that a text is about: "name u-1" is the name of that unit, whichever is in hand."""
    named = tuple(unit for unit in case.units if where == f"name {unit.unit_id}")
    return named or units_of(case)


def contents(units: tuple[PlannedUnit, ...]) -> Mapping[str, int]:
    """Both names of every ingredient of the units with its highest content in ppm."""
    found: dict[str, int] = {}
    for unit in units:
        formula = [(source.product, source.share_bp) for source in unit.sources if source.product is not None]
        for one in merged_ingredients(formula):
            for name in (one.inci, one.cn_name):
                found[name] = max(one.least_ppm, found.get(name, 0))
    return found


check("R-WORD-08", *GATES)(_family("W8"))


@check("R-WORD-08", *GATES)
def texts_of_a_length(case: Case, params: Parameters) -> Iterator[No]:
    """R-WORD-08: a text that is too long to be screened is refused unread."""
    for where, text in screened_texts(case, params).items():
        if len(text) > LONGEST:
            yield no("too_long", where=where, characters=len(text), most=LONGEST)


@check("R-WORD-08", *GATES)
def label_as_filed(case: Case, params: Parameters) -> Iterator[No]:
    """R-WORD-08: name and directions are those of the envelope, of a decant those of the filed product."""
    unit, label = case.unit, case.label
    if unit is None or label is None or unit.envelope is None:
        return
    product = unit.sources[0].product if unit.kind == "decant" and len(unit.sources) == 1 else None
    filed: Mapping[str, str] = {
        "name": product.name_zh if product else unit.envelope.name_zh,
        "directions": product.directions if product else unit.envelope.directions,
    }
    for key in FILED_ITEMS:
        if label.items.get(key) and _even(label.items[key]) != _even(filed[key]):
            yield no("differs", unit_id=unit.unit_id, where=key, printed=label.items[key][:200], filed_as=filed[key])


def _even(text: str) -> str:
    return "".join(text.split())
