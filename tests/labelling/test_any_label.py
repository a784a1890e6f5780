"""Laws of every label, whatever its text: it fits wholly or is refused, and no letter is without its dots."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from store_service.labelling.bitmap import to_image
from store_service.labelling.content import LabelContent, PrintedCode, PrintedParty, PrintedSource
from store_service.labelling.stock import HEADS, LABEL_48X40, LABEL_72X60, Stock
from store_service.rules.amounts import numeral_min_mm_x100
from tests.labelling.contents import (
    BASE,
    SETS,
    SMALL_PACK,
    THREE_SOURCES,
    TWO_SOURCES,
    laid,
    last_source,
    read_qr,
    rows,
)

CHANGES: dict[str, Callable[[LabelContent], LabelContent]] = {
    "name": lambda c: replace(c, name_zh=c.name_zh[:-1] + "霜"),
    "filer": lambda c: replace(c, filer=replace(c.filer, name=c.filer.name[:-1] + "社")),
    "filer address": lambda c: replace(c, filer=replace(c.filer, address=c.filer.address[:-1] + "座")),
    "producer": lambda c: replace(c, producer=replace(c.producer, name=c.producer.name[:-1] + "社")),
    "licence": lambda c: replace(c, producer=replace(c.producer, licence="沪妆20259998")),
    "ingredients": lambda c: replace(c, ingredients=c.ingredients[:-1] + "油"),
    "directions": lambda c: replace(c, directions=c.directions[:-2] + "匀。"),
    "warnings": lambda c: replace(c, warnings=c.warnings[:-2] + "外。"),
    "storage": lambda c: replace(c, storage=c.storage[:-2] + "内。"),
    "net content": lambda c: replace(c, net_content=c.net_content.replace("g", "G")),
    "use by": lambda c: replace(c, use_by=date(2027, 2, 21)),
    "blend date": lambda c: replace(c, blend_date=date(2026, 11, 23)),
    "batch": lambda c: replace(c, batch=c.batch[:-1] + "Z"),
    "store": lambda c: replace(c, store_name=c.store_name[:-1] + "铺"),
    "roster": lambda c: replace(c, roster_no=c.roster_no[:-1] + "3"),
    "consumer": lambda c: replace(c, consumer_code=c.consumer_code[:-1] + "8"),
    "standard": lambda c: replace(c, standards=(*c.standards[:-1], c.standards[-1][:-1] + "9")),
    "source name": lambda c: last_source(c, name="青禾某某液"),
    "source number": lambda c: last_source(c, filing_number="浙G妆网备字2026999999"),
    "source lot": lambda c: last_source(c, lots=("S260901D",)),
    "source expiry": lambda c: last_source(c, expiry=date(2028, 3, 2)),
    "source share": lambda c: last_source(c, share_bp=3999),
    "reprint": lambda c: replace(c, reprint=1),
    "training": lambda c: replace(c, training=True),
    "serial": lambda c: replace(c, codes=(replace(c.codes[0], serial="SH0042-0000000000000"), *c.codes[1:])),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("content", [TWO_SOURCES, SMALL_PACK])
def test_the_last_letter_of_every_text_changes_the_print(content: LabelContent, change: str) -> None:
    stock = LABEL_48X40 if content is SMALL_PACK else LABEL_72X60
    before, after = laid(content, stock), laid(CHANGES[change](content), stock)
    assert before.fits
    assert after.fits
    assert rows(after) != rows(before)


words = st.text("水甘油丁二醇烟酰胺、，；（）。 ABC-12.%", max_size=350)
lines = st.text("青禾沪浙妆字店A1- ", max_size=40)


@st.composite
def contents(draw: st.DrawFn) -> LabelContent:
    party = st.builds(PrintedParty, lines, lines, lines)
    source = st.builds(
        PrintedSource,
        name=lines,
        filing_number=lines,
        lots=st.lists(lines, min_size=1, max_size=2).map(tuple),
        expiry=st.dates(),
        share_bp=st.none() | st.integers(1, 10_000),
        maker=lines,
    )
    net = draw(st.sampled_from([(9_000, "9.00 g"), (30_000, "30.0 g"), (250_000, "250 g"), (1_500_000, "1.50 kg")]))
    serials = [f"SH0042-{n:013d}" for n in range(draw(st.integers(1, 3)))]
    return LabelContent(
        name_zh=draw(st.text("青禾精华液", min_size=1, max_size=60)),
        filer=draw(party),
        producer=draw(party),
        standards=tuple(draw(st.lists(lines, max_size=3))),
        ingredients=draw(words),
        net_mg=net[0],
        net_content=net[1],
        use_by=date(2027, 2, 20),
        blend_date=date(2026, 11, 22),
        batch="SH0042-261122-0017N",
        directions=draw(words),
        warnings=draw(words),
        storage=draw(lines),
        store_name=draw(lines),
        roster_no=draw(lines),
        sources=tuple(draw(st.lists(source, max_size=3))),
        consumer_code=draw(lines),
        codes=tuple(PrintedCode(serial, BASE + serial) for serial in serials),
        decant=draw(st.booleans()),
        reprint=draw(st.integers(0, 3)),
        training=draw(st.booleans()),
    )


@settings(max_examples=30, deadline=None)
@given(contents(), st.sampled_from([LABEL_72X60, LABEL_48X40]), st.sampled_from(sorted(HEADS)))
def test_any_text_fits_wholly_or_is_refused(content: LabelContent, stock: Stock, dpi: int) -> None:
    labels = laid(content, stock, dpi)
    assert labels.fits == (not labels.missing)
    assert labels.fits == bool(labels.parts)
    if not labels.fits:
        assert set(labels.missing) <= labels.items.keys()
        return
    whole = frozenset().union(*(part.items for part in labels.parts if part.medium == "leaflet")) | labels.on_pack
    assert whole == labels.items.keys()
    assert labels.net_numeral_mm_x100 >= numeral_min_mm_x100(content.net_mg)
    assert labels.min_char_mm_x100 >= 180
    for part in labels.parts:
        assert read_qr(part) == [part.code.link]
    tail = replace(content, ingredients=content.ingredients + "膜")
    assert rows(laid(tail, stock, dpi)) != rows(labels)


@pytest.mark.parametrize("dpi", sorted(HEADS))
def test_the_same_content_gives_the_same_dots_and_small_ones_leave_the_margins_white(dpi: int) -> None:
    head = HEADS[dpi]
    for content, stock in (*SETS.values(), (THREE_SOURCES, LABEL_72X60)):
        labels = laid(content, stock, dpi)
        assert rows(labels) == rows(laid(replace(content), stock, dpi))
        for part in labels.parts:
            ink = ImageChops.invert(to_image(part.bitmap).convert("L")).getbbox()
            assert ink is not None
            assert min(ink[0], ink[1], part.bitmap.width - ink[2], part.bitmap.height - ink[3]) >= head.eighths(10)
