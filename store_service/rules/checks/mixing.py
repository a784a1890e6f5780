"""R-ADM of what goes into one unit together: lip, use class, the class in common, pH, ethanol and fragrance."""

from __future__ import annotations

from collections.abc import Iterator

from store_service.rules.case import Case, PlannedUnit, Source
from store_service.rules.checking import No, check, named, no, units_of
from store_service.rules.dossier import Product
from store_service.rules.merge import ethanol_ppm, merged_warnings
from store_service.rules.numbers import ClassCode, common_class, parse_class_code
from store_service.rules.params import Parameters
from store_service.rules.wording import scaled

from .products import dossiers

LIP_SITE = "07"


@check("R-ADM-09", "verdict")
def lip_with_lip(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-09: a product for the lips is blended with products for the lips only."""
    for unit in units_of(case):
        lip = [LIP_SITE in code.site for _, _, code in _coded(unit)]
        if any(lip) and not all(lip):
            names = _names(source for source, _, code in _coded(unit) if LIP_SITE in code.site)
            yield no("mixed", unit_id=unit.unit_id, **names)


@check("R-ADM-10", "verdict")
def use_classes_apart(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-10: no rinse-off-only source in a leave-on blend; coded for both counts as leave-on (Art 8)."""
    for unit in units_of(case):
        coded = _coded(unit)
        if any(code.leave_on for _, _, code in coded):
            rinse_off = [source for source, _, code in coded if not code.leave_on]
            if rinse_off:
                yield no("mixed", unit_id=unit.unit_id, **_names(rinse_off))
    for source, product in dossiers(case):
        code = parse_class_code(product.class_code)
        if code is not None and code.leave_on != (product.use == "leave_on"):
            yield no("disagrees", **named(source), use=product.use, class_code=product.class_code)


@check("R-ADM-12", "verdict")
def class_in_common(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-12: the blend's site and user are what its sources have in common; none is no blend. Sources without a
    common method are R-ADM-10's to tell."""
    for unit in units_of(case):
        codes = [code for _, _, code in _coded(unit)]
        if not codes:
            continue
        common = common_class(codes)
        if empty := [group for group in ("site", "user") if not getattr(common, group)]:
            written = [product.class_code for _, product, _ in _coded(unit)]
            yield no("empty", unit_id=unit.unit_id, groups=empty, class_codes=written)


@check("R-ADM-16", "verdict")
def blend_ph_validated(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-16: the pH of a blend is measured, never computed; an acid source asks for a validated one."""
    for unit in units_of(case):
        floor = params.ph_floor_x100
        acid = [
            one for one in unit.sources if one.product and one.product.ph_min_x100 is not None
            and one.product.ph_min_x100 <= floor
        ]  # fmt: skip
        if not acid:
            continue
        low, high = (unit.envelope.ph_min_x100, unit.envelope.ph_max_x100) if unit.envelope else (None, None)
        facts = {"unit_id": unit.unit_id, **_names(acid), "limit": scaled(floor, 100, "")}
        if low is None or high is None:
            yield no("ph_unknown", **facts, blend_ph=None)
        elif low <= floor and any(one.product and one.product.use == "leave_on" for one in unit.sources):
            yield no("ph_low", **facts, blend_ph=f"{scaled(low, 100, '')}–{scaled(high, 100, '')}")


@check("R-ADM-16", "verdict", "reratio")
def special_warnings_carried(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-16: ethanol by mass, and the warning texts that ethanol and fragrance ask for."""
    for unit in units_of(case):
        formula = [(one.product, one.share_bp) for one in unit.sources if one.product is not None]
        ethanol = ethanol_ppm(formula)
        if ethanol >= params.ethanol_warning_ppm and not _warns(merged_warnings(formula), params.ethanol_words):
            yield no("ethanol", unit_id=unit.unit_id, ethanol_ppm=ethanol, limit_ppm=params.ethanol_warning_ppm)
    for source, product in dossiers(case):
        missing = [
            what
            for what, contained, words in (
                ("ethanol", product.ethanol_ppm > 0, params.ethanol_words),
                ("fragrance", _fragrant(product), params.fragrance_words),
            )
            if contained and not _warns(product.warnings, words)
        ]
        if missing:
            yield no("no_warning", **named(source), missing=missing)


def _coded(unit: PlannedUnit) -> list[tuple[Source, Product, ClassCode]]:
    """The sources whose class code reads; R-ADM-01 and 11 refuse the others."""
    read = [(one, one.product, parse_class_code(one.product.class_code)) for one in unit.sources if one.product]
    return [(source, product, code) for source, product, code in read if code is not None]


def _names(sources: Iterator[Source] | list[Source]) -> dict[str, list[str]]:
    told = [named(one) for one in sources]
    return {"products_zh": [one["product_zh"] for one in told], "products_en": [one["product_en"] for one in told]}


def _warns(warnings: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(word.casefold() in text.casefold() for text in warnings for word in words)


def _fragrant(product: Product) -> bool:
    return any(
        "香精" in one.cn_name or one.inci.upper() in ("PARFUM", "FRAGRANCE", "AROMA") for one in product.ingredients
    )
