"""R-ADM: what a source is. Asked of the delivery at the door, of every planned source, and of the one in hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from store_service.rules.case import Case, Source
from store_service.rules.checking import No, check, named, no, products_of, units_of
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Product
from store_service.rules.numbers import parse_class_code, parse_filing_number
from store_service.rules.params import Parameters

ADMISSION = ("receive", "verdict")
LIVE = (*ADMISSION, "scan", "dose")
LEGACY_SALE_ENDED = date(2026, 1, 1)
SPECIAL_EFFICACY = frozenset({"01", "02", "03", "04", "05"})
CHILD_USERS = frozenset({"01", "02"})
EYE_SITE = "06"
MAKE_UP = "12"
CLAUSES = re.compile(r"[，。；！？,.;!?\n]")
BARS = re.compile(r"避开|避免|勿|不要|不可|不宜|不得|不适|远离|禁|\b(?:avoid|keep|not|never|except)\b", re.IGNORECASE)


@check("R-ADM-02", *ADMISSION, "scan")
def own_product(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-02: filed by the shop's own filer."""
    for source in products_of(case):
        if source.product is None or case.site is None:
            yield no("unknown", **named(source), filer_id=None)
        elif source.product.filer_id != case.site.filer.filer_id:
            yield no(
                "other_filer", **named(source), filer_id=source.product.filer_id, own_filer_id=case.site.filer.filer_id
            )


@check("R-ADM-02", "verdict")
def one_filer_in_a_unit(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-02: the products of two filers are not mixed, nor an overseas filer's with the enterprise's own."""
    for unit in units_of(case):
        products = [one.product for one in unit.sources if one.product is not None]
        filers = {one.overseas_filer.name if one.overseas_filer else one.filer_id for one in products}
        if len(filers) > 1:
            yield no("two_filers", unit_id=unit.unit_id, filers=filers)


@check("R-ADM-03", *ADMISSION)
def not_special(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-03: no special cosmetic, by its number or by its efficacy code."""
    for source, product in dossiers(case):
        number = parse_filing_number(product.filing_number)
        code = parse_class_code(product.class_code)
        efficacy = sorted(c for c in code.efficacy if c in SPECIAL_EFFICACY or c.isalpha()) if code else []
        if number.kind == "special" or efficacy:
            yield no("special", **named(source), filing_number=number.normalised, efficacy_codes=efficacy)


@check("R-ADM-04", *ADMISSION)
def not_legacy(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-04: the five abolished categories, and old approval numbers, may not be sold from 2026-01-01."""
    for source, product in dossiers(case):
        legacy_number = parse_filing_number(product.filing_number).kind == "legacy"
        if (product.legacy_type or legacy_number) and beijing_date(case.now) >= LEGACY_SALE_ENDED:
            yield no(
                "legacy",
                **named(source),
                filing_number=product.filing_number,
                legacy_type=product.legacy_type,
                ended=LEGACY_SALE_ENDED,
            )


@check("R-ADM-05", *ADMISSION)
def no_whitening_by_cover(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-05: a product that whitens, also by covering only, is a special cosmetic and may not claim it as an
    ordinary one."""
    for source, product in dossiers(case):
        if words := _words(product, params.whitening_words):
            cover = any("物理遮盖" in text for text in (product.name_zh, *product.claims, *product.warnings))
            yield no("whitening", **named(source), words=words, only_cover=cover)


@check("R-ADM-06", *ADMISSION)
def not_for_children(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-06: a user group 01 or 02 anywhere in the code, or a name, claim or directions that say so."""
    for source, product in dossiers(case):
        code = parse_class_code(product.class_code)
        users = sorted(CHILD_USERS.intersection(code.user)) if code else []
        words = _words(product, params.child_words, *_used_for(case, product))
        if users or words:
            yield no("children", **named(source), class_code=product.class_code, user_codes=users, words=words)


@check("R-ADM-07", *ADMISSION)
def not_for_eyes(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-07: site 06 in any position, or a name, claim or directions that say so; a province may let eye make-up
    pass (C6)."""
    for source, product in dossiers(case):
        code = parse_class_code(product.class_code)
        eye_site = bool(code and EYE_SITE in code.site)
        words = _words(product, params.eye_words, *_used_for(case, product))
        make_up = bool(code and set(code.efficacy) == {MAKE_UP})
        if (eye_site or words) and not (params.allow_eye_makeup and make_up):
            yield no("eye", **named(source), class_code=product.class_code, words=words)


@check("R-ADM-08", *ADMISSION, "scan")
def no_new_ingredient(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-08: no ingredient that is under its watch today, struck off, or of unknown standing."""
    today = beijing_date(case.now)
    for source, product in dossiers(case):
        standing = {one.cn_name: one.status_on(today) for one in product.ingredients}
        if bad := {name: status for name, status in standing.items() if status != "used"}:
            yield no("new", **named(source), ingredients=list(bad), standing=sorted(set(bad.values())), today=today)


@check("R-ADM-11", *ADMISSION)
def class_code_reads(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-11: five groups; a letter in the first three means new efficacy, which is special."""
    for source, product in dossiers(case):
        code = parse_class_code(product.class_code)
        if code is None:
            yield no("malformed", **named(source), class_code=product.class_code)
        elif code.new_efficacy:
            yield no("letter", **named(source), class_code=product.class_code)
        elif code.beyond_annex:
            yield no("beyond_annex", **named(source), class_code=product.class_code, values=code.beyond_annex)


@check("R-ADM-20", *ADMISSION)
def form_can_be_blended(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-20: no aerosol, mask, patch, pressed powder, lacquer, or what the filer bars."""
    for source, product in dossiers(case):
        code = parse_class_code(product.class_code)
        codes = sorted(set(params.barred_form_codes).intersection(code.form)) if code else []
        if product.form in params.barred_forms or codes:
            yield no("form", **named(source), form=product.form, form_codes=codes)
        if not product.blendable:
            yield no("barred", **named(source), blendable=False)


@check("R-ADM-22", *ADMISSION, "scan")
def no_part_of_a_kit(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-22: parts that must be used together are one filed product; a part alone is no source."""
    for source, product in dossiers(case):
        if product.kit_part:
            yield no("part", **named(source), filing_number=product.filing_number, kit_part=True)


def dossiers(case: Case) -> Iterator[tuple[Source, Product]]:
    """The products whose dossier is at hand; R-ADM-01 refuses the others."""
    return ((source, source.product) for source in products_of(case) if source.product is not None)


def _words(product: Product, words: tuple[str, ...], *used_for: str) -> list[str]:
    text = " ".join((product.name_zh, product.name_en, *product.claims, *used_for)).casefold()
    return [word for word in words if word.casefold() in text]


def _used_for(case: Case, product: Product) -> list[str]:
    """What the directions of a product, and of the envelopes with it, tell to do; a clause that bars is none."""
    envelopes = [unit.envelope for unit in units_of(case) if unit.envelope is not None]
    blends = [one.directions for one in envelopes if product.product_id in {part.product_id for part in one.components}]
    return [
        clause for text in (product.directions, *blends) for clause in CLAUSES.split(text) if not BARS.search(clause)
    ]
