"""R-LAB: what the label must say, whether it fits, and the order print → scan back → release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from store_service.rules.amounts import numeral_min_mm_x100
from store_service.rules.case import Case, Label, LabelPart
from store_service.rules.checking import UNKNOWN, No, check, named, no, units_of
from store_service.rules.chemistry import further_warnings
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Party, Product
from store_service.rules.merge import WHOLE_PPM, conflicts, ingredients_text, merged_warnings, supplied
from store_service.rules.params import Parameters
from store_service.rules.parties import abroad

RESPONSIBLE = ("responsible", "responsible_address")


def _live(case: Case) -> tuple[LabelPart, ...]:
    return tuple(part for part in case.label.parts if not part.voided) if case.label else ()


@check("R-LAB-01", "release")
def printed_and_scanned_back(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-01: every part that is not void was printed, and every label was scanned back."""
    parts = _live(case)
    if not any(part.medium == "label" for part in parts):
        yield no("none", labels=0)
    if unprinted := [part.serial for part in parts if part.printed_at is None]:
        yield no("not_printed", serials=unprinted)
    if unscanned := [
        p.serial for p in parts if p.medium == "label" and p.printed_at is not None and p.scanned_back_at is None
    ]:
        yield no("not_scanned", serials=unscanned)


@check("R-LAB-02", "print")
def items_complete(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-02: every mandatory item has text; for sources from abroad also the domestic responsible person."""
    items = case.label.items if case.label else {}
    products = [source.product for source in case.unit.sources if source.product is not None] if case.unit else []
    foreign = [one for one in products if abroad(one)]
    needed = (*params.mandatory_items, *(RESPONSIBLE if foreign else ()))
    if empty := [key for key in needed if not items.get(key, "").strip()]:
        yield no("missing", missing=empty)
    if unnamed := [one.name for product in foreign for key, one in _parties(product) if not _names(items, key, one)]:
        yield no("parties", parties=list(dict.fromkeys(unnamed)))
    if params.list_source_makers:
        printed = _even(items.get("sources", "") + items.get("producer", ""))
        makers = list(dict.fromkeys(product.producer.name for product in products))
        if unnamed := [maker for maker in makers if _even(maker) not in printed]:
            yield no("makers", makers=unnamed)


def _parties(product: Product) -> list[tuple[str, Party]]:
    """Label item and company, as far as the dossier knows them; R-SCP-11 refuses a dossier without."""
    pairs = (("filer", product.overseas_filer), ("responsible", product.responsible))
    return [(key, one) for key, one in pairs if one is not None]


def _names(items: Mapping[str, str], key: str, party: Party) -> bool:
    return _even(party.name) in _even(items.get(key, "")) and _even(party.address) in _even(
        items.get(f"{key}_address", "")
    )


@check("R-LAB-04", "print")
def items_where_they_belong(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-04: all on the pack; up to 15 g the least on the pack and the rest on a leaflet."""
    label = case.label
    if label is None:
        yield no("not_on_pack", net_mg=None, small_pack_mg=params.small_pack_mg, missing=[UNKNOWN])
        return
    small = label.net_mg <= params.small_pack_mg
    needed = params.small_pack_items if small else params.mandatory_items
    if missing := [key for key in needed if key not in label.on_pack]:
        yield no("not_on_pack", net_mg=label.net_mg, small_pack_mg=params.small_pack_mg, missing=missing)
    elsewhere = [key for key in params.mandatory_items if key not in label.on_pack]
    if small and elsewhere and not label.leaflet:
        yield no("no_leaflet", net_mg=label.net_mg, small_pack_mg=params.small_pack_mg, elsewhere=elsewhere)


@check("R-LAB-05", "print")
def dates_in_form(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-05: a blend bears its blend date and its use-by date, and the date printed is the one decided."""
    progress = case.progress
    items = case.label.items if case.label else {}
    wanted = {
        "use_by": progress.use_by if progress else None,
        "blend_date": beijing_date(progress.started_at) if progress and progress.started_at else None,
    }
    for key, day in wanted.items():
        printed = items.get(key, "")
        if day is None or day.strftime("%Y%m%d") not in _digits_of_dates(printed):
            yield no("date", item=key, printed=printed or None, decided=day)


def _digits_of_dates(text: str) -> list[str]:
    found = re.findall(r"(\d{4})\D?(\d{2})\D?(\d{2})", text)
    return ["".join(parts) for parts in found]


@check("R-LAB-06", "verdict", "reratio", "print")
def ingredients_computable(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-06: every source gives its whole formula, so that the merged order is true; or at least its filed list,
    where the province lets the label print the sources' lists beside each other."""
    for source in {s.product_id: s for unit in units_of(case) for s in unit.sources}.values():
        total_ppm = sum(i.least_ppm for i in source.product.ingredients) if source.product else 0
        lacking = WHOLE_PPM - total_ppm
        if source.product is not None and not supplied(source.product) and lacking >= -params.ingredient_sum_tol_ppm:
            if not params.list_per_source:
                yield no("not_supplied", **named(source), list_per_source=False)
        elif abs(lacking) > params.ingredient_sum_tol_ppm:
            yield no("incomplete", **named(source), total_ppm=total_ppm, needed_ppm=WHOLE_PPM)


@check("R-LAB-06", "print")
def ingredients_as_merged(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-06: the printed list is the merged one, or the sources' own where nothing can be merged."""
    if case.unit is None or case.label is None:
        yield no("differs", printed=None, merged=None)
        return
    formula = [(s.product, s.share_bp) for s in case.unit.sources if s.product is not None]
    merged = ingredients_text(formula, params.trace_ppm)
    printed = case.label.items.get("ingredients", "")
    if _even(merged) not in _even(printed):
        yield no("differs", printed=printed or None, merged=merged)


def _even(text: str) -> str:
    """White space is set as the line breaks want it and says nothing."""
    return "".join(text.split())


@check("R-LAB-07", "print")
def net_content_marked(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-07: the measured figure in its form, high enough, at most three significant digits."""
    label = case.label
    net_mg = case.progress.net_mg if case.progress else None
    if label is None or net_mg is None:
        yield no("unknown", net_mg=net_mg)
        return
    needed = numeral_min_mm_x100(label.net_mg)
    if label.net_numeral_mm_x100 < needed:
        yield no("too_low", height_mm_x100=label.net_numeral_mm_x100, needed_mm_x100=needed)
    yield from _figure(label, params)


def _figure(label: Label, params: Parameters) -> Iterator[No]:
    printed = label.items.get("net_content", "")
    found = re.search(r"(\d+(?:\.\d+)?)\s*(kg|g|克|千克)", printed)
    if not found:
        yield no("form", printed=printed or None)
        return
    figure, unit = found.groups()
    per = 1_000_000 if unit in ("kg", "千克") else 1_000
    if Fraction(figure) * per != label.net_mg:
        yield no("other_figure", printed=printed, net_mg=label.net_mg)
    if (per == 1_000) != (label.net_mg < 1_000_000):
        yield no("form", printed=printed)
    if len(figure.replace(".", "").lstrip("0")) > params.numeral_digits_max:
        yield no("digits", printed=printed, max_digits=params.numeral_digits_max)


@check("R-LAB-11", "print")
def printed_after_signature(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-11 as amended: weighed and signed first, then printed."""
    progress = case.progress
    if progress is None or progress.net_mg is None or progress.signed_at is None:
        yield no(
            "too_early",
            net_mg=progress.net_mg if progress else None,
            signed_at=progress.signed_at if progress else None,
        )


@check("R-LAB-13", "verdict", "reratio", "print")
def warnings_agree(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-13: no source contradicts another, such as rinse-off and leave-on."""
    for unit in units_of(case):
        formula = [(s.product, s.share_bp) for s in unit.sources if s.product is not None]
        for conflict in conflicts(formula):
            yield no(
                "conflict",
                unit_id=unit.unit_id,
                products_zh=[product.name_zh for product, _ in formula],
                products_en=[product.name_en for product, _ in formula],
                what=conflict.what,
                values=conflict.values,
            )


@check("R-LAB-13", "print")
def warnings_all_there(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-13: the union of the sources' warnings is on the label, and what the blend's own contents call for."""
    if case.unit is None:
        return
    printed = case.label.items.get("warnings", "") if case.label else ""
    formula = [(s.product, s.share_bp) for s in case.unit.sources if s.product is not None]
    wanted = merged_warnings(formula, further_warnings(formula, case.restrictions, params))
    if missing := [warning for warning in wanted if _even(warning) not in _even(printed)]:
        yield no("missing", missing=missing)


@check("R-LAB-18", "verdict", "reratio", "print")
def text_fits(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-18: the laid-out text fits the stock that is loaded, before the first dose, whatever is weighed within
    tolerance after the last."""
    label = case.label
    if label is not None and label.fits is True:
        return
    facts = {
        "fits": label.fits if label else None,
        "stock": label.stock or None if label else None,
        "fits_on": label.fits_on if label else [],
    }
    if label is None or label.edge_mg is None:
        yield no("does_not_fit", **facts)
    else:
        yield no("at_the_edge", **facts, edge_mg=label.edge_mg)
