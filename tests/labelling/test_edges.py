"""R-LAB-18 at the edge: what may be weighed within tolerance always has room on the label that was judged before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pylopdf_fonts_zh_cn import sans_path

from store_service.blending.queries import components_of
from store_service.labelling.compose import SMALLEST
from store_service.labelling.content import LabelContent
from store_service.labelling.layout import lay_out
from store_service.labelling.queries import SERIALS, WIDE, at_the_edges, draw_serials, weights_within
from store_service.labelling.stock import HEADS, LABEL_48X40, LABEL_72X60, Stock
from store_service.labelling.typeset import Face
from store_service.rules.refusal import Refused
from tests.shops import BLENDER, private_shop

from .contents import SMALL_PACK, TWO_SOURCES

TARGETS = st.sampled_from((9_950, 14_950, 15_000, 50_000, 99_900, 100_000, 200_000)) | st.integers(2_000, 300_000)


def fits(content: LabelContent, stock: Stock) -> bool:
    return lay_out(content, stock, str(sans_path())).fits


@given(TARGETS, st.integers(0, 300), st.integers(0, 300), st.integers(0, 10**6), st.sampled_from((1, 10, 100)))
@example(15_000, 100, 100, 200, 1)
@example(100_000, 100, 100, 0, 100)
def test_every_mass_within_tolerance_is_set_as_one_that_was_judged(
    target_mg: int, under_bp: int, over_bp: int, place: int, step_mg: int
) -> None:
    lightest, heaviest = target_mg * (10_000 - under_bp) // 10_000, target_mg * (10_000 + over_bp) // 10_000
    planned = SMALL_PACK.weighing(target_mg, step_mg)
    judged = at_the_edges(planned, (lightest, heaviest), step_mg)
    weighed = planned.weighing(lightest + place % (heaviest - lightest + 1), step_mg)
    assert judged[0] == planned and weighed.figure() in {one.figure() for one in judged}


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from((SMALL_PACK, TWO_SOURCES)),
    st.sampled_from((LABEL_48X40, LABEL_72X60)),
    st.sampled_from((14_500, 14_900, 15_000, 49_900, 99_950)),
    st.integers(0, 10**6),
)
def test_the_label_of_the_real_mass_fits_where_the_planned_one_does(
    content: LabelContent, stock: Stock, target_mg: int, place: int
) -> None:
    lightest, heaviest = target_mg - 200, target_mg + 200
    judged = at_the_edges(content.weighing(target_mg, 1), (lightest, heaviest), 1)
    if all(fits(one, stock) for one in judged):
        assert fits(content.weighing(lightest + place % (heaviest - lightest + 1), 1), stock)


def test_fifteen_grams_on_the_small_stock_are_refused_before_dosing(tmp_path: Path) -> None:
    with private_shop(tmp_path, changes={"opening": {"label_stock.stock": "48x40"}}) as place:
        counter, base, bench = place.shop.counter, place.shop.settings.public_base, place.station.settings
        edge = place.unit(place.planned_unit(fill_mg=15_000, pack="PK-15"))
        with pytest.raises(Refused) as no:
            counter.verdict(BLENDER, bench, base, edge.service_id)
        (told,) = [one for one in no.value.verdict.refusals if one.rule == "R-LAB-18"]
        assert (told.saying, told.facts["edge_mg"]) == ("at_the_edge", 15_200)
        assert "15.2 g" in told.message_zh and "72x60" in told.message_en

        unit_id = place.planned_unit(fill_mg=14_500, pack="PK-15")
        place.cup_unit(unit_id, "P-15-2609", 12_000)
        place.bench.error_mg = 10_000  # every dose as far over as its tolerance lets it
        place.dosed_unit(unit_id)
        with place.shop.desk.read() as connection:
            parts = components_of(connection, place.shop.desk.site_id, unit_id)
        place.signed_unit(unit_id)
        assert weights_within([replace(one, actual_mg=0) for one in parts])[1] == place.unit(unit_id).net_mg == 14_708
        place.printed_unit(unit_id)
        assert place.scanned_unit(unit_id), "released with a leaflet, as laid out before"
        assert [one.medium for one in place.serials(unit_id)] == ["label", "leaflet"]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from((203, 300)))
def test_no_serial_takes_more_room_than_the_label_was_planned_with(seed: int, dpi: int) -> None:
    """The foot of a small label holds the serial and "另见说明书" on one line: a wide one had no room, by chance."""
    face, size = Face(str(sans_path())), HEADS[dpi].eighths(SMALLEST)
    drawn = draw_serials("SH0042", Random(seed).randrange, dpi)
    assert len(set(drawn)) == SERIALS
    assert max(face.width(one, size) for one in drawn) <= face.width(f"SH0042-{WIDE * 13}", size)
