"""The demo's label texts fit the stock that the opening loads, and the small stock takes small packs only."""

from __future__ import annotations

from datetime import date
from typing import cast

import pytest
from pylopdf_fonts_zh_cn import sans_path

from store_service.labelling.content import LabelContent, PrintedCode, PrintedParty, PrintedSource
from store_service.labelling.layout import LabelSet, lay_out
from store_service.labelling.stock import STOCKS
from store_service.rules.amounts import net_content
from store_service.rules.dossier import Envelope, EnvelopeRegister, Filer, ProductRegister
from store_service.rules.merge import ingredients_text, merged_warnings

from .documents import document, raw, snapshot

PRODUCTS = {p.product_id: p for p in cast(ProductRegister, snapshot("products")).products}
ENVELOPES = cast(EnvelopeRegister, snapshot("envelopes")).envelopes
LOTS = ("OC2609A", "OC2610B")
SERIALS = ("SH0042-7KQ2M9XD3V8TB", "SH0042-0WQ8ZC5N4RJ2H")


def laid_out(envelope: Envelope, fill_mg: int, stock: str, dpi: int) -> LabelSet:
    """As long as it gets: the last component from two lots (R-BLD-21), the longest link that a phone listener has."""
    filer, shop = Filer.model_validate(document("filer")), raw("store")["shop"]
    party = PrintedParty(filer.name, filer.address, filer.licence.number)
    formula = [
        (PRODUCTS[part.product_id], bp) for part, bp in zip(envelope.components, envelope.default_bp, strict=True)
    ]
    link = f"http://192.168.100.100:8081/01/{envelope.gtin}/21/"
    content = LabelContent(
        name_zh=envelope.name_zh,
        filer=party,
        producer=party,
        standards=tuple(product.executed_standard for product, _ in formula),
        ingredients=ingredients_text(formula),
        net_mg=fill_mg,
        net_content=net_content(fill_mg, 1).text.partition("：")[2],
        use_by=date(2027, 1, 21),
        blend_date=date(2026, 11, 22),
        batch="SH0042-261122-0017N",
        directions=envelope.directions,
        warnings="".join(merged_warnings(formula)),
        storage=formula[0][0].storage,
        store_name=shop["name_zh"],
        roster_no=shop["roster_doc"],
        sources=tuple(
            PrintedSource(p.name_zh, p.filing_number, LOTS if p is formula[-1][0] else LOTS[:1], date(2028, 1, 1), bp)
            for p, bp in formula
        ),
        consumer_code="A-17",
        codes=tuple(PrintedCode(serial, link + serial) for serial in SERIALS),
        decant=envelope.kind == "decant",
    )
    return lay_out(content, STOCKS[stock], str(sans_path()), dpi)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("envelope", ENVELOPES, ids=lambda e: e.envelope_id)
def test_the_text_fits_what_the_opening_loads(envelope: Envelope, dpi: int) -> None:
    laid = laid_out(envelope, 30_000, raw("opening")["label_stock"]["stock"], dpi)
    assert laid.fits, laid.missing
    assert {part.medium for part in laid.parts} == {"label"}


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("envelope", ENVELOPES, ids=lambda e: e.envelope_id)
def test_the_small_stock_is_for_small_packs(envelope: Envelope, dpi: int) -> None:
    small = laid_out(envelope, 15_000, "48x40", dpi)
    assert small.fits and small.leaflet, small.missing
    assert not laid_out(envelope, 30_000, "48x40", dpi).fits
