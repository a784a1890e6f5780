"""R-LAB-09, 10, 12: what the name and the label promise, against what was filed."""

from __future__ import annotations

from collections.abc import Iterator

from store_service.rules.case import Case, PlannedUnit
from store_service.rules.checking import No, check, named, no, sources_of, units_of
from store_service.rules.merge import claims_in_common
from store_service.rules.params import Parameters
from store_service.rules.words import LONGEST, ingredients_named, lint, mentioned, misnamed

from .words import contents

NICKNAME = "nickname"


@check("R-LAB-09", "name", "verdict", "print")
def nickname_plain(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-09: a name that the consumer chose claims nothing and has no word of any family, nor a doubtful one."""
    text = case.texts.get(NICKNAME, "")
    if not text or len(text) > LONGEST:
        return
    formula = contents(units_of(case)) if ingredients_named(text) else {}
    hits = [*lint(text), *misnamed(text, formula, params.trace_ppm)]
    claims = mentioned(text, params.claim_words)
    if hits or claims:
        words = list(dict.fromkeys([*(text[hit.start : hit.end] for hit in hits), *claims]))
        yield no("nickname", nickname=text[:200], words=words)


@check("R-LAB-09", "verdict", "print")
def name_says_what_it_is(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-09: a name ends with the kind of product (属性名)."""
    for unit in units_of(case):
        name = unit.envelope.name_zh.strip() if unit.envelope else ""
        if name and not name.endswith(params.attribute_words):
            yield no("no_attribute", unit_id=unit.unit_id, name=name[:200])


@check("R-LAB-10", "verdict", "print")
def claims_of_every_source(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-10: a blend claims no more than each of its sources has filed, in its envelope, name or free text."""
    for unit in units_of(case):
        formula = [(source.product, source.share_bp) for source in unit.sources if source.product is not None]
        common = claims_in_common(formula)
        beyond = [claim for claim in (unit.envelope.claims if unit.envelope else ()) if claim not in common]
        for text in _promising(case, unit):
            beyond += [word for word in mentioned(text[:LONGEST], params.claim_words) if word not in common]
        if beyond:
            yield no("beyond", unit_id=unit.unit_id, claims=list(dict.fromkeys(beyond)), common=common)


def _promising(case: Case, unit: PlannedUnit) -> Iterator[str]:
    if unit.envelope is not None:
        yield unit.envelope.name_zh
    if case.label is not None and case.unit is not None:
        yield case.label.items.get("name", "")
        yield from case.label.free_text


@check("R-LAB-12", "verdict", "scan")
def label_of_the_lot(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-12 as amended: the label version that was filed when the lot was made is the dossier's, or one whose texts
    head office says still hold."""
    for source in sources_of(case):
        product, lot = source.product, source.lot
        if product is None or lot is None:
            continue
        if lot.label_version not in (product.label_version, *product.label_versions_in_force):
            yield no(
                "other_version",
                **named(source),
                lot_no=lot.lot_no,
                lot_version=lot.label_version,
                label_version=product.label_version,
            )
