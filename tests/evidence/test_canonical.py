"""Canonical bytes: one spelling for each value, and nothing that another language could read differently."""

import contextlib
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.evidence.canonical import canonical, entry_bytes, parse, parse_entry, sha256_hex
from store_service.evidence.errors import NotCanonical

keys = st.text(st.characters(max_codepoint=127), max_size=8)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=12)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@given(values)
def test_parse_gives_back_what_was_made_canonical(value: object) -> None:
    assert parse(canonical(value)) == value


@given(st.dictionaries(keys, values, min_size=1, max_size=4), st.data())
def test_a_changed_byte_is_another_entry_or_none(value: dict[str, object], data: st.DataObject) -> None:
    good = entry_bytes(value)
    place = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(NotCanonical):
        assert parse_entry(bytes(bad)) != value


def test_every_character_is_written_and_read_alike() -> None:
    characters = "".join(chr(point) for point in range(0x11000) if not 0xD800 <= point < 0xE000)
    assert parse(canonical([characters])) == [characters]
    assert parse(canonical({characters[:128]: 0})) == {characters[:128]: 0}


def test_rfc_8785_vector_of_section_3_2_2_without_its_floats() -> None:
    value = {
        "string": "€$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    expected = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(value) == expected.encode()


def test_keys_are_sorted_and_chinese_stays_itself() -> None:
    assert canonical({"b": "面霜", "a": 1, "B": [], "": {}}) == '{"":{},"B":[],"a":1,"b":"面霜"}'.encode()


@pytest.mark.parametrize(
    "value",
    [1.0, 2**53, -(2**53), {"键": 1}, {1: 2}, (1, 2), b"x", {"a": {"b": 0.5}}, "\ud800", {1, 2}, StrEnum("E", "A").A],
)
def test_values_without_a_canonical_form_are_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_refusal_names_the_place() -> None:
    with pytest.raises(NotCanonical, match=r"\$\.doses\[1\]\.grams: a float has no canonical form"):
        canonical({"doses": [{"mg": 1}, {"grams": 1.5}]})


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1} ',
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b"[" * 20_000,
        b"[" * 40 + b"]" * 40,
        b"",
    ],
)
def test_other_spellings_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse(data)


def test_an_entry_is_an_object_of_at_most_65535_bytes() -> None:
    largest = {"a": "x" * (65_535 - 8)}
    assert len(entry_bytes(largest)) == 65_535
    assert parse_entry(entry_bytes(largest)) == largest
    with pytest.raises(NotCanonical, match="65536 bytes"):
        entry_bytes({"a": "x" * (65_535 - 7)})
    with pytest.raises(NotCanonical, match="65536 bytes"):
        parse_entry(canonical({"a": "x" * (65_535 - 7)}))
    with pytest.raises(NotCanonical, match="object"):
        parse_entry(b"[]")


def test_sha256_hex() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
