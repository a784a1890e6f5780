"""What a label shows: legal heights, a QR that reads, every item or a plain no, the same dots every time."""

import json
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from store_service.labelling.bitmap import pack, to_image
from store_service.labelling.content import PrintedCode, PrintedParty
from store_service.labelling.stock import HEADS, LABEL_48X40, LABEL_72X60, LABEL_72X100, Stock
from store_service.rules.amounts import numeral_min_mm_x100
from tests.labelling.contents import (
    BASE,
    CODES,
    GOLDEN,
    LONG,
    SETS,
    SMALL_PACK,
    TWO_SOURCES,
    golden_name,
    laid,
    last_source,
    read_qr,
    rows,
)

DPIS = pytest.mark.parametrize("dpi", sorted(HEADS))


@DPIS
@pytest.mark.parametrize("name", SETS)
def test_golden_labels(name: str, dpi: int) -> None:
    digests = json.loads((GOLDEN / "digests.json").read_text())
    mine = golden_name(name, dpi)
    drawn = {f"{mine}-{part.number}": part.bitmap.sha256 for part in laid(*SETS[name], dpi).parts}
    assert drawn == {key: digest for key, digest in digests.items() if key.rpartition("-")[0] == mine}
    for key, digest in drawn.items():
        with Image.open(GOLDEN / f"{key}.png") as picture:
            assert pack(picture.convert("1")).sha256 == digest
            assert round(picture.info["dpi"][0]) == dpi


@DPIS
@pytest.mark.parametrize("name", SETS)
def test_every_part_carries_its_own_code_and_reads_by_machine(name: str, dpi: int) -> None:
    labels = laid(*SETS[name], dpi)
    assert labels.fits
    assert len(labels.parts) == 2
    assert [read_qr(part) for part in labels.parts] == [[code.link] for code in CODES]
    assert [part.code for part in labels.parts] == list(CODES)


@DPIS
@pytest.mark.parametrize("name", SETS)
def test_every_item_stands_on_the_set(name: str, dpi: int) -> None:
    content, stock = SETS[name]
    labels = laid(content, stock, dpi)
    assert labels.items == {key: text for key, text in content.items().items() if text}
    assert labels.missing == labels.unprintable == ()
    assert all("batch" in part.items for part in labels.parts)
    assert labels.min_char_mm_x100 >= 180
    if not labels.leaflet:
        assert labels.on_pack == labels.items.keys()


def test_a_short_text_takes_one_label() -> None:
    one = TWO_SOURCES.sources[:1]
    short = replace(TWO_SOURCES, ingredients="水、甘油", storage="", sources=one, standards=("沪G妆网备字2026999991",))
    short = replace(short, warnings="仅供外用。", decant=True)
    labels = laid(short)
    assert [(part.number, part.of, part.medium) for part in labels.parts] == [(1, 1, "label")]
    assert "storage" not in labels.items
    assert labels.on_pack == labels.items.keys()


def test_a_small_pack_has_the_legal_items_on_it_and_everything_on_the_leaflet() -> None:
    labels = laid(SMALL_PACK, LABEL_48X40)
    assert [part.medium for part in labels.parts] == ["label", "leaflet"]
    assert labels.leaflet
    assert {"name", "filer", "net_content", "use_by"} <= labels.on_pack < labels.items.keys()
    assert labels.parts[1].items == labels.items.keys()
    assert (labels.parts[0].bitmap.width, labels.parts[0].bitmap.height) == (384, 320)


def test_more_than_15_g_gets_no_leaflet_and_does_not_fit_the_small_stock() -> None:
    content = replace(SMALL_PACK, net_mg=15_100, net_content="15.1 g", codes=CODES + CODES[:1])
    labels = laid(content, LABEL_48X40)
    assert not labels.fits
    assert labels.parts == ()
    assert "ingredients" in labels.missing


def test_what_does_not_fit_two_labels_fits_three_where_there_is_a_third_code() -> None:
    assert not laid(LONG).fits
    labels = laid(replace(LONG, codes=(*CODES, PrintedCode("SH0042-3", BASE + "SH0042-3"))))
    assert labels.fits
    assert len(labels.parts) == 3
    assert labels.on_pack == labels.items.keys()


def test_a_character_that_the_font_has_not_is_named_not_printed_as_a_box() -> None:
    labels = laid(replace(TWO_SOURCES, name_zh="青禾😀精华液"))
    assert not labels.fits
    assert (labels.unprintable, labels.missing, labels.parts) == (("😀",), ("name",), ())


def test_a_text_that_is_missing_is_left_out_and_never_made_up() -> None:
    labels = laid(replace(TWO_SOURCES, net_content="", warnings=" "))
    assert labels.fits
    assert labels.items.keys() == TWO_SOURCES.items().keys() - {
        "net_content",
        "warnings",
        "nickname",
        "responsible",
        "responsible_address",
    }
    assert labels.net_numeral_mm_x100 == 0


def test_a_label_without_a_code_is_no_label() -> None:
    with pytest.raises(ValueError, match="serial"):
        laid(replace(TWO_SOURCES, codes=()))


@pytest.mark.parametrize(
    ("net_mg", "ones", "eights"),
    [
        (8_000, "1.11 g", "8.88 g"),
        (50_000, "11.1 g", "88.8 g"),
        (50_100, "11.1 g", "88.8 g"),
        (200_000, "111 g", "888 g"),
        (201_000, "111 g", "888 g"),
        (1_000_000, "1.11 kg", "8.88 kg"),
        (1_010_000, "1.11 kg", "8.88 kg"),
    ],
)
@DPIS
@pytest.mark.parametrize("stock", [LABEL_72X60, LABEL_48X40])
def test_numerals_are_as_high_in_dots_as_the_law_wants(
    net_mg: int, ones: str, eights: str, stock: Stock, dpi: int
) -> None:
    """Two labels that differ in the numerals only differ over the height of the numerals."""
    if stock is LABEL_48X40 and net_mg > 15_000:
        return
    first, second = (laid(replace(TWO_SOURCES, net_mg=net_mg, net_content=text), stock, dpi) for text in (ones, eights))
    a, b = (to_image(labels.parts[0].bitmap).convert("L") for labels in (first, second))
    box = ImageChops.difference(a, b).getbbox()
    assert box is not None
    height = box[3] - box[1]
    assert height * 2540 >= numeral_min_mm_x100(net_mg) * dpi * 0.998, "in millimetres, by the plain meaning of dpi"
    assert first.net_numeral_mm_x100 <= HEADS[dpi].mm_x100(height)
    assert first.net_numeral_mm_x100 >= numeral_min_mm_x100(net_mg)


@pytest.mark.parametrize("name", SETS)
def test_a_label_measures_and_reads_the_same_at_either_resolution(name: str) -> None:
    coarse, fine = (laid(*SETS[name], dpi) for dpi in (203, 300))
    assert [(part.medium, part.of) for part in coarse.parts] == [(part.medium, part.of) for part in fine.parts]
    assert coarse.items == fine.items
    for one, two in zip(coarse.parts, fine.parts, strict=True):
        assert abs(one.bitmap.width / 8 - two.bitmap.width / 11.811) < 0.1, "millimetres"
        if one.medium == "label":  # a leaflet is cut where its text ends
            assert abs(one.bitmap.height / 8 - two.bitmap.height / 11.811) < 0.1
    assert abs(coarse.min_char_mm_x100 - fine.min_char_mm_x100) <= 10
    assert abs(coarse.net_numeral_mm_x100 - fine.net_numeral_mm_x100) <= 15


@pytest.mark.parametrize("dpi", sorted(HEADS))
def test_a_head_never_claims_more_than_there_is(dpi: int) -> None:
    head = HEADS[dpi]
    for mm_x100 in range(1, 1_000):
        dots = head.dots(mm_x100)
        assert dots * 2540 >= mm_x100 * dpi * 0.998
        assert head.mm_x100(dots) >= mm_x100 > head.mm_x100(dots - 1)
    assert head.paper(72) * 25.4 <= 72 * dpi * 1.002


def test_a_source_names_its_maker_unless_that_is_the_producer_on_the_label() -> None:
    own, other = (
        last_source(TWO_SOURCES, maker=TWO_SOURCES.producer.name),
        last_source(TWO_SOURCES, maker="浙江澄溪日化有限公司"),
    )
    assert rows(laid(own)) == rows(laid(TWO_SOURCES))
    assert rows(laid(other)) != rows(laid(TWO_SOURCES))
    assert "浙江澄溪日化有限公司" in laid(other).items["sources"]


def test_lists_per_source_and_the_responsible_person_stand_whole_on_every_stock() -> None:
    """R-LAB-06: each list under its product's name; R-LAB-02: who answers at home, once where he is the maker too."""
    lists = "青禾烟酰胺精华液：水、甘油、烟酰胺\n青禾透明质酸保湿液：水、丁二醇、透明质酸钠"
    overseas = PrintedParty("示例海外公司（Exemplar）", "示例国示例街 5 号")
    content = replace(TWO_SOURCES, ingredients=lists, filer=overseas, responsible=TWO_SOURCES.filer)
    for wanted, stock in (
        (content, LABEL_72X60),
        (content, LABEL_72X100),
        (replace(content, net_mg=15_000), LABEL_48X40),
    ):
        labels = laid(wanted, stock)
        assert labels.fits and labels.leaflet == (stock is LABEL_48X40)
        assert labels.items["responsible"] == TWO_SOURCES.filer.name and labels.items["filer"] == overseas.name
        on_paper = labels.on_pack if not labels.leaflet else labels.parts[1].items
        assert {"ingredients", "filer_address", "responsible", "responsible_address", "producer"} <= on_paper
