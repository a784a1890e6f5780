"""Files are checked whole: each problem names its row and field, and a file with one is not imported at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_service.catalogue.importing import (
    ENOUGH,
    GB18030_BOM,
    Place,
    read_ingredients,
    read_products,
    read_restricted,
    read_roster,
)
from store_service.catalogue.ingredients import lists_of
from store_service.catalogue.problems import TOLD, Malformed
from store_service.rules.dossier import ProductRegister, Roster
from tests.catalogue.test_ingredients import SMALL, TABLE, given_file
from tests.config.documents import NOW, snapshot

HEADER = "serial,cn_name,inci_name\n"
PLACE = Place("SH0042", "SH", frozenset({"SH", "ZJ", "XJ"}))
WEEK = NOW - timedelta(days=7)
Where = list[tuple[int | None, str | None]]


def where(no: Malformed) -> Where:
    return [(one.row, one.field) for one in no.problems]


@pytest.mark.parametrize(
    "body",
    [
        SMALL.encode(),
        SMALL.encode("utf-8-sig"),
        GB18030_BOM + SMALL.encode("gb18030"),
        SMALL.replace("\n", "\r\n").encode(),
        SMALL.encode() + b"\n\n",
    ],
    ids=["utf-8", "utf-8 mark", "gb18030 mark", "crlf", "empty lines"],
)
def test_a_catalogue_is_read_however_it_was_saved(body: bytes) -> None:
    found = read_ingredients(body)
    assert found.entries == 10 and found.body == SMALL.encode()


def test_gb18030_without_its_mark_must_be_said() -> None:
    body = SMALL.encode("gb18030")
    assert read_ingredients(body, "gb18030").body == SMALL.encode()
    with pytest.raises(Malformed, match="gb18030") as no:
        read_ingredients(body)
    # 水 in GB18030 happens to be UTF-8 as well; the first row that is not is named.
    assert where(no.value) == [(4, None)]


def test_columns_may_stand_in_another_order() -> None:
    found = read_ingredients("inci_name,serial,cn_name\nWATER,1,水\n".encode())
    assert found.body == (HEADER + "1,水,WATER\n").encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "")]),
        ("serial,cn_name\n1,水\n", [(1, "serial,cn_name")]),
        ("序号,中文名称,INCI名称\n1,水,WATER\n", [(1, "序号,中文名称,INCI名称")]),
        (HEADER, [(2, None)]),
        (HEADER + "1,水,WATER\n2,甘油\n", [(3, None)]),
        (HEADER + "1,水,WATER\n2,甘油,GLYCERIN,x\n", [(3, None)]),
        (HEADER + "1,,WATER\n", [(2, "cn_name")]),
        (HEADER + "1,水,WATER\n\n1,甘油,GLYCERIN\n", [(4, "serial")]),
        (HEADER + "1,水,WATER\n2,水,WATER\n", [(3, "inci_name")]),
        (HEADER + "1,水\u200b,WATER\n", [(2, "cn_name")]),
        (HEADER + "1,水\ufffd,WATER\n", [(2, "cn_name")]),
        (HEADER + f"1,{'水' * 1_000_000},WATER\n", [(2, "cn_name")]),
        (HEADER + f"1,{'水' * 501},WATER\n", [(2, "cn_name")]),
        (HEADER + '1,"水,WATER\n', [(2, None)]),
        (HEADER + "1,水,WATER\x00\n", [(2, "inci_name")]),
    ],
)
def test_each_problem_of_a_catalogue_has_its_row_and_field(text: str, expected: Where) -> None:
    with pytest.raises(Malformed) as no:
        read_ingredients(text.encode())
    assert where(no.value) == expected
    assert all(one.zh and one.en and str(one) for one in no.value.problems)


@pytest.mark.parametrize(
    ("body", "row"), [(HEADER.encode() + b"1,\xff\xfe,WATER\n", 2), (HEADER.encode("utf-16"), 1), (b"\xff" * 10, 1)]
)
def test_a_wrong_encoding_is_named(body: bytes, row: int) -> None:
    with pytest.raises(Malformed) as no:
        read_ingredients(body)
    assert where(no.value) == [(row, None)]


def test_many_problems_are_counted_not_all_told() -> None:
    with pytest.raises(Malformed) as no:
        read_ingredients((HEADER + "".join(f"{n},,X{n}\n" for n in range(100))).encode())
    assert (len(no.value.problems), no.value.more) == (100, 100 - TOLD)
    assert len(str(no.value).splitlines()) == TOLD


def test_a_list_of_another_kind_is_not_read_to_its_end() -> None:
    looked_at = list[int]()
    with pytest.raises(Malformed) as no:
        read_ingredients((HEADER + "1,,X\n" * 100_000).encode(), tick=looked_at.append)
    assert ENOUGH <= len(no.value.problems) < ENOUGH + 10 and sum(looked_at) < ENOUGH


@given(st.binary(max_size=200))
def test_no_bytes_break_a_reader(body: bytes) -> None:
    for read in (read_ingredients, read_restricted):
        with pytest.raises(Malformed):
            read(body)
        with pytest.raises(Malformed):
            read(HEADER.encode() + b"1,," + body)


def test_the_official_files_are_imported_whole() -> None:
    ingredients, restricted = read_ingredients(given_file("IECIC_CSV")), read_restricted(given_file("RESTRICTED_JSON"))
    assert (ingredients.entries, restricted.entries) == (8_927, 47)
    lists = lists_of(ingredients.body, restricted.body)
    assert lists.find("水") is not None and lists.restricted("水杨酸")


def table(**changes: Any) -> bytes:
    found = json.loads(json.dumps(TABLE))
    found["entries"][1] |= changes
    return json.dumps(found, ensure_ascii=False).encode()


def test_a_table_of_restricted_ingredients_is_read() -> None:
    assert read_restricted(json.dumps(TABLE).encode()).entries == 5


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (table(no="x"), [(2, "no")]),
        (table(no=1), [(2, "no")]),
        (table(nonsense=1), [(2, "nonsense")]),
        (table(legal_cap=101), [(2, "legal_cap")]),
        (table(match_inci="AMMONIA"), [(2, "match_inci")]),
        (b"[]", [(None, None)]),
        (b"{", [(1, None)]),
        (b'{"source": 1,\n"source": 2}', [(None, None)]),
        (b'{"source": NaN}', [(None, None)]),
        (b"[" * 100_000, [(None, None)]),
        (b'{"source": "", "footnotes": {}, "entries": []}', [(None, "entries")]),
    ],
)
def test_each_problem_of_a_table_has_its_row_and_field(body: bytes, expected: Where) -> None:
    with pytest.raises(Malformed) as no:
        read_restricted(body)
    assert where(no.value) == expected


def register(changes: dict[str, Any] | None = None) -> bytes:
    return snapshot("products", changes).model_dump_json().encode()


def roster(changes: dict[str, Any] | None = None) -> bytes:
    return snapshot("roster", changes).model_dump_json().encode()


def products(body: bytes, *, is_toml: bool = False) -> ProductRegister:
    return read_products(body, is_toml=is_toml, filer_id="FILER-CR", since=WEEK, now=NOW)


def rosters(body: bytes) -> Roster:
    return read_roster(body, is_toml=False, place=PLACE, since=WEEK, now=NOW)


def test_registers_in_the_shapes_of_their_documents_are_read() -> None:
    assert products(register()) == snapshot("products")
    assert rosters(roster()) == snapshot("roster")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"filed_on":"2025-09-15"', '"filed_on":"2026-02-30"', [(n, "filed_on") for n in range(1, 9)]),
        ('"gtin":"09521234500025"', '"gtin":"09521234500018"', [(2, "gtin")]),
        ('"product_id":"SRC-CREAM"', '"product_id":"SRC-LOTION"', [(2, "product_id")]),
        ("沪G妆网备字2025999993", "国妆特字20259999", [(3, "filing_number")]),
        ('"form":"lotion"', '"form":1', [(1, "form")]),
        ('"filing_status":"filed","filer_id":"FILER-CR","class_code":"11-05-03-01-02"', '"filer_id":"FILER-CR"', None),
        ('"ppm":706400', '"ppm":70.5', [(1, "ingredients.0.ppm")]),
        ('{"filer_id":"FILER-CR","attested_at"', '{"filer_id":"OTHER","attested_at"', [(None, "filer_id")]),
        ("2026-11-22T02:30:00Z", "2026-11-22T02:30:00", [(None, "attested_at")]),
        ("2026-11-22T02:30:00Z", "2026-11-22T02:30:01Z", [(None, "attested_at")]),
        ("2026-11-22T02:30:00Z", "2026-11-15T02:29:59Z", [(None, "attested_at")]),
        ("2026-11-22T02:30:00Z", "yesterday", [(None, "attested_at")]),
    ],
)
def test_each_problem_of_a_register_has_its_row_and_field(old: str, new: str, expected: Where | None) -> None:
    body = register().decode()
    assert old in body
    with pytest.raises(Malformed) as no:
        products(body.replace(old, new).encode())
    assert where(no.value) == (expected or [(1, "filing_status"), (1, "class_code")])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"province_status": {"ZJ": "active"}}, [(None, "province_status"), (1, "province")]),
        ({"province_status": {"ZJ": "active"}, "rows[0].province": "ZJ"}, [(None, "province_status"), (1, "province")]),
        ({"province_status": {"SH": "active", "ZJ": "active"}, "rows[0].province": "ZJ"}, [(1, "province")]),
        ({"rows[0].province": "沪"}, [(1, "province")]),
        ({"rows[0].valid_to": "2025-09-30"}, [(1, "valid_to")]),
        ({"fetched_at": "+1h"}, [(None, "fetched_at")]),
        ({"fetched_at": "-8d 10:00"}, [(None, "fetched_at")]),
    ],
)
def test_each_problem_of_a_roster_has_its_row_and_field(changes: dict[str, Any], expected: Where) -> None:
    with pytest.raises(Malformed) as no:
        rosters(roster(changes))
    assert where(no.value) == expected


def test_a_roster_names_a_shop_once_and_its_days_exist() -> None:
    found = json.loads(roster())
    found["rows"].append(dict(found["rows"][0]))
    with pytest.raises(Malformed) as no:
        rosters(json.dumps(found).encode())
    assert where(no.value) == [(2, "store_id")]
    found["rows"][1] |= {"store_id": "SH0043", "valid_to": "2026-02-30"}
    with pytest.raises(Malformed, match="2026-02-30") as no:
        rosters(json.dumps(found).encode())
    assert where(no.value) == [(2, "valid_to")]


WRONG = [
    None,
    "",
    "字" * 20_001,
    "2026-02-30",
    "9999-12-31",
    -1,
    10**30,
    1.5,
    True,
    [],
    {},
    [[]],
    "\u0000",
    "0001-01-01T00:00",
]


def fields(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place of a document where something stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in fields(one, (*path, key)))][0 if path else 1 :]


@pytest.mark.parametrize(("rows", "good", "read"), [("products", register(), products), ("rows", roster(), rosters)])
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_one_wrong_field_is_named_with_its_row_or_is_none(
    data: st.DataObject, rows: str, good: bytes, read: Callable[[bytes], ProductRegister | Roster]
) -> None:
    """Whatever stands in one place: the document is taken as it is, or every problem is of that entry."""
    content = json.loads(good)
    path = data.draw(st.sampled_from(fields(content)))
    here = content
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = data.draw(st.sampled_from(WRONG))
    try:
        found = read(json.dumps(content).encode())
    except Malformed as no:
        row = int(path[1]) + 1 if path[0] == rows and len(path) > 1 else None
        assert no.problems and {one.row for one in no.problems} <= ({row} if row else {None, *range(1, 9)})
        assert all(one.zh and one.en and len(one.en) < 400 and (one.field or row) for one in no.problems)
    else:
        assert read(found.model_dump_json().encode()) == found


@pytest.mark.parametrize(("field", "path"), [("name_zh", "name_zh"), ("directions", "directions"), ("form", "form")])
def test_a_million_characters_are_refused_in_their_row_and_not_shown(field: str, path: str) -> None:
    content = json.loads(register())
    content["products"][4][path] = "字" * 1_000_000
    with pytest.raises(Malformed) as no:
        products(json.dumps(content).encode())
    assert where(no.value) == [(5, field)] and len(str(no.value)) < 300


def test_a_register_may_be_toml() -> None:
    text = 'filer_id = "FILER-CR"\nattested_at = 2026-11-22T02:00:00Z\nproducts = []\n'
    with pytest.raises(Malformed) as no:
        products(text.encode(), is_toml=True)
    assert where(no.value) == [(None, "products")]
    with pytest.raises(Malformed) as no:
        products(b"filer_id = ", is_toml=True)
    assert where(no.value) == [(None, None)]
    assert datetime(2026, 11, 22, 2, 30, tzinfo=UTC) == NOW
