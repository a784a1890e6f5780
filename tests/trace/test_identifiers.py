"""Numbers survive the way out and back, and a number misread is noticed."""

from datetime import date

import biip
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.trace.identifiers import (
    CROCKFORD,
    Batch,
    check_character,
    digital_link,
    epc_class,
    epc_instance,
    gtin14,
    gtin_check_digit,
    gtin_valid,
    make_batch,
    make_serial,
    parse_batch,
    read_scan,
    store_of_serial,
)

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GTIN = "09521234509998"
SERIAL = "SH0042-7KQ2M9XD3V8TB"

stores = st.from_regex(r"[A-Z]{2}[0-9A-Z]{4}", fullmatch=True)
days = st.dates(date(2025, 10, 1), date(2035, 12, 31))
batches = st.builds(make_batch, stores, days, st.integers(1, 9999))
gtins = st.from_regex(r"952[0-9]{10}", fullmatch=True).map(lambda body: body + gtin_check_digit(body))
serials = st.builds(
    lambda store, values: make_serial(store, lambda n: values.pop() % n),
    stores,
    st.lists(st.integers(0, 10**6), min_size=13, max_size=13),
)


def test_the_batch_number_of_the_house_style() -> None:
    assert make_batch("SH0042", date(2026, 11, 22), 17) == "SH0042-261122-0017N"


def test_check_characters_of_iso_7064_mod_37_36() -> None:
    # The published example of the Global Release Identifier, which uses the same system: A1-2425G-ABC1234002-M.
    assert check_character("A12425GABC1234002") == "M"


@given(stores, days, st.integers(1, 9999))
def test_a_batch_number_round_trips_and_is_a_gs1_lot(store: str, on: date, seq: int) -> None:
    text = make_batch(store, on, seq)
    assert len(text) == 19
    assert parse_batch(text) == Batch(store, on, seq)
    assert str(parse_batch(f" {text.lower()}\n")) == text
    scan = read_scan(text)
    assert (scan.kind, scan.lot) == ("batch", text)


@given(batches, st.integers(0, 18), st.sampled_from(ALPHABET))
def test_one_wrong_character_in_a_batch_number_is_noticed(text: str, at: int, other: str) -> None:
    wrong = text[:at] + other + text[at + 1 :]
    if wrong != text:
        with pytest.raises(ValueError, match=r"check character|form of a batch number"):
            parse_batch(wrong)
        assert read_scan(wrong).kind == "unknown"


@given(st.text(ALPHABET, min_size=16, max_size=16), st.integers(0, 15))
def test_two_swapped_characters_are_noticed_unless_they_are_alphabet_neighbours(body: str, at: int) -> None:
    text = body + check_character(body)
    swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if abs(ALPHABET.index(text[at]) - ALPHABET.index(text[at + 1])) > 1:
        assert check_character(swapped[:-1]) != swapped[-1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SH0042-261122-0017K", "check character"),
        ("SH0042-261122-17", "form of a batch number"),
        ("SH0042-261322-0017" + check_character("SH00422613220017"), "no day of the calendar"),
        ("SH0042-261122-0000" + check_character("SH00422611220000"), "from 0001"),
        ("", "form of a batch number"),
    ],
)
def test_a_bad_batch_number_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_batch(text)


@pytest.mark.parametrize(("store", "seq"), [("SH042", 1), ("sh0042", 1), ("SH0042", 0), ("SH0042", 10_000)])
def test_no_batch_number_is_made_of_bad_parts(store: str, seq: int) -> None:
    with pytest.raises(ValueError):
        make_batch(store, date(2026, 11, 22), seq)


@given(serials)
def test_a_serial_names_its_shop_and_fits_ai_21(serial: str) -> None:
    assert len(serial) == 20
    assert store_of_serial(serial) == serial[:6]
    assert set(serial[7:]) <= set(CROCKFORD)


def test_a_serial_uses_every_random_draw() -> None:
    draws = iter(range(13))
    assert make_serial("SH0042", lambda n: next(draws)) == "SH0042-0123456789ABC"
    with pytest.raises(ValueError):
        store_of_serial("SH0042-0123456789ABI")


@given(gtins, st.integers(0, 13), st.sampled_from("0123456789"))
def test_gtin_check_digits_agree_with_biip_and_catch_one_wrong_digit(gtin: str, at: int, digit: str) -> None:
    assert gtin_valid(gtin)
    parsed = biip.parse(gtin14(gtin)).gtin
    assert parsed is not None and parsed.value == gtin
    wrong = gtin[:at] + digit + gtin[at + 1 :]
    assert gtin_valid(wrong) == (wrong == gtin)


@given(gtins, st.integers(0, 12))
def test_swapped_gtin_digits_are_noticed_unless_they_differ_by_five(gtin: str, at: int) -> None:
    swapped = gtin[:at] + gtin[at + 1] + gtin[at] + gtin[at + 2 :]
    if abs(int(gtin[at]) - int(gtin[at + 1])) not in (0, 5):
        assert not gtin_valid(swapped)


@pytest.mark.parametrize("text", ["", "123", "09521234509999", "0952123450999８", "952123450999A"])
def test_what_is_no_gtin(text: str) -> None:
    assert not gtin_valid(text)
    with pytest.raises(ValueError):
        gtin14(text)


@given(gtins, serials)
def test_the_label_link_reads_back_by_biip_and_by_us(gtin: str, serial: str) -> None:
    link = digital_link("HTTPS://Trace.Registrant.EXAMPLE/", gtin, serial)
    assert link == f"https://trace.registrant.example/01/{gtin14(gtin)}/21/{serial}"
    parsed = biip.parse(link).gs1_digital_link_uri
    assert parsed is not None
    assert {e.ai.ai: e.value for e in parsed.element_strings} == {"01": gtin14(gtin), "21": serial}
    for text in (link, link.upper(), link.lower(), link + "?17=270220", "]Q1" + link + "\r\n"):
        scan = read_scan(text)
        assert (scan.kind, scan.gtin, scan.serial) == ("label", gtin14(gtin), serial)


@given(gtins, st.text(ALPHABET + "abcxyz-./", min_size=1, max_size=20), st.dates(date(2026, 1, 1), date(2049, 12, 31)))
def test_a_source_lot_reads_the_same_in_every_gs1_form(gtin: str, lot: str, expiry: date) -> None:
    number, day = gtin14(gtin), expiry.strftime("%y%m%d")
    encoded = lot.replace("/", "%2F")
    if lot in (".", ".."):
        encoded = lot.replace(".", "%2E")
    for text in (
        f"01{number}17{day}10{lot}",
        f"]d201{number}10{lot}\x1d17{day}",
        f"\x1d01{number}10{lot}\x1d17{day}",
        f"(01){number}(10){lot}(17){day}",
        f"https://id.gs1.org/01/{number}/10/{encoded}?17={day}",
    ):
        scan = read_scan(text)
        assert (scan.kind, scan.gtin, scan.lot, scan.expiry) == ("lot", number, lot, expiry), text


def test_a_lot_beside_the_serial_is_kept() -> None:
    scan = read_scan(f"https://t.example/x/01/{GTIN}/10/SH0042-261122-0017N/21/{SERIAL}?17=270220")
    assert scan.kind == "label"
    assert (scan.lot, scan.serial, scan.expiry) == ("SH0042-261122-0017N", SERIAL, date(2027, 2, 20))


@pytest.mark.parametrize(
    ("text", "kind"),
    [("C-0007", "container"), ("p-JAR30-2611", "pack"), ("B-0001", "badge"), ("T-12", "tag"), ("]C0T-12\r", "tag")],
)
def test_the_shop_s_own_codes(text: str, kind: str) -> None:
    scan = read_scan(text)
    assert scan.kind == kind
    assert scan.code == scan.code.upper().strip()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing was read"),
        (" \r\n", "nothing was read"),
        ("L260815A", "no known form"),
        (GTIN, "names neither lot nor unit"),
        (f"(01){GTIN}", "names neither lot nor unit"),
        ("(01)09521234509999(10)A", "check digit of product number"),
        ("(10)A", "names no product"),
        (f"https://t.example/01/{GTIN}/21/{SERIAL}X", "not a valid GS1 code"),
        (f"https://t.example/01/{GTIN}/21/{SERIAL}/10/A", "not a valid GS1 code"),
        ("https://t.example/news", "not a valid GS1 code"),
        ("http://[", "not a valid GS1 code"),
        (f"01{GTIN}17269999", "not a valid GS1 code"),
    ],
)
def test_what_a_scan_does_not_tell_is_named(text: str, words: str) -> None:
    scan = read_scan(text)
    assert scan.kind == "unknown"
    assert words in scan.problem


@given(st.text())
def test_a_scan_never_raises(text: str) -> None:
    scan = read_scan(text)
    assert (scan.kind == "unknown") == bool(scan.problem)


def test_epcis_forms_carry_no_query_and_the_finest_key_only() -> None:
    assert epc_instance(GTIN, SERIAL) == f"https://id.gs1.org/01/{GTIN}/21/{SERIAL}"
    assert epc_class(GTIN, "S/1") == f"https://id.gs1.org/01/{GTIN}/10/S%2F1"


@pytest.mark.parametrize("base", ["trace.example", "ftp://a", "https://a?b", "https://a#b", ""])
def test_a_link_needs_a_web_address(base: str) -> None:
    with pytest.raises(ValueError):
        digital_link(base, GTIN, SERIAL)


@pytest.mark.parametrize("serial", ["", "x" * 21, "有", "a b"])
def test_a_link_needs_a_gs1_serial(serial: str) -> None:
    with pytest.raises(ValueError):
        digital_link("https://a.example", GTIN, serial)
