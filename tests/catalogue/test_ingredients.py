"""Names of the official catalogue and the table of restricted ingredients, as rules ask them."""

from __future__ import annotations

import csv
import json
import os
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.catalogue.ingredients import IngredientLists, lists_of

SMALL = """serial,cn_name,inci_name
1,水,AQUA
2,水,WATER
3,积雪草（CENTELLA ASIATICA）提取物,CENTELLA ASIATICA EXTRACT
4,牛油果树（BUTYROSPERMUM PARKII）果脂,BUTYROSPERMUM PARKII (SHEA) BUTTER
5,茶（CAMELLIA SINENSIS）提取物,CAMELLIA SINENSIS EXTRACT
6,茶（CAMELLIA OLEIFERA）提取物,CAMELLIA OLEIFERA EXTRACT
7,水杨酸,SALICYLIC ACID
8,EDTA 二钠,DISODIUM EDTA
9,苯氧乙醇,PHENOXYETHANOL
10,2-苯氧乙醇,PHENOXYETHANOL
"""


def entry(no: int, **changes: Any) -> dict[str, Any]:
    texts = dict.fromkeys(
        ("cn_name", "en_name", "inci_name", "scope", "max_conc", "other_limits", "label_warning", "assertion"), ""
    )
    return {"no": no, **texts, "note_refs": [], "match_inci": [], "legal_cap": None, **changes}


TABLE = {
    "source": "test",
    "footnotes": {"1": "脚注一"},
    "entries": [
        entry(
            1,
            cn_name="水杨酸",
            match_inci=["SALICYLIC ACID"],
            scope="(a) 驻留类产品；(b) 淋洗类发用产品",
            max_conc="(a) 2.0%；(b) 3.0%",
            note_refs=["1"],
        ),
        entry(2, cn_name="氨", match_inci=["AMMONIA"], max_conc="6%（以 NH3 计）", legal_cap=6.0),
        entry(3, cn_name="α-羟基酸及其盐类和酯类", max_conc="总量 6%（以酸计）"),
        entry(4, match_inci=["X"], scope="(a) 甲：1. 一般；2. 专业；(b) 乙", max_conc="(a) 1. 2%；2. 4.5%"),
        entry(5, match_inci=["AQUA"], scope="香波", max_conc="0.3% 或 0.4%"),
    ],
}
LISTS = lists_of(SMALL.encode(), json.dumps(TABLE).encode())


def given_file(variable: str) -> bytes:
    path = os.environ.get(variable)
    if not path:
        assert os.environ.get("CI") != "true", f"{variable} is not set"
        pytest.skip(f"{variable} is not set: the official list is not part of this tree")
    return Path(path).read_bytes()


@cache
def official(ingredients: bytes, restricted: bytes) -> IngredientLists:
    return lists_of(ingredients, restricted)


@pytest.mark.parametrize(
    ("name", "serial"),
    [
        ("水", "1"),
        ("water", "1"),
        (" Ａｑｕａ ", "1"),
        ("积雪草（CENTELLA ASIATICA）提取物", "3"),
        ("积雪草提取物", "3"),
        ("butyrospermum parkii butter", "4"),
        ("EDTA二钠", "8"),
        ("苯氧乙醇", "9"),
        ("2-苯氧乙醇", "9"),
        ("茶提取物", None),
        ("", None),
        ("虚构果", None),
    ],
)
def test_a_name_finds_its_substance(name: str, serial: str | None) -> None:
    found = LISTS.find(name)
    assert (found.serial if found else None) == serial


def test_rows_that_share_a_name_are_one_substance() -> None:
    water, phenoxyethanol = LISTS.find("AQUA"), LISTS.find("PHENOXYETHANOL")
    assert water is not None and water.names == ("水", "AQUA", "WATER")
    assert phenoxyethanol is not None and phenoxyethanol.names == ("苯氧乙醇", "PHENOXYETHANOL", "2-苯氧乙醇")


def test_a_restriction_is_found_by_every_name_of_its_substance() -> None:
    assert [one.no for one in LISTS.restricted("Salicylic Acid")] == [1]
    assert [one.no for one in LISTS.restricted("水杨酸")] == [1]
    assert [one.no for one in LISTS.restricted("WATER")] == [5]
    assert LISTS.restricted("GLYCERIN") == []
    assert [one.no for one in LISTS.groups] == [3]


def test_figures_are_read_only_where_there_is_one() -> None:
    (salicylic,), (ammonia,), (two,), (water,) = (
        LISTS.restricted(name) for name in ("SALICYLIC ACID", "AMMONIA", "X", "AQUA")
    )
    assert [(one.scope, one.max_ppm) for one in salicylic.limits] == [
        ("驻留类产品", 20_000),
        ("淋洗类发用产品", 30_000),
    ]
    assert salicylic.notes == ("脚注一",) and salicylic.cap_ppm is None
    assert (ammonia.cap_ppm, ammonia.limits[0].max_ppm) == (60_000, 60_000)
    assert [one.max_ppm for one in two.limits] == [None, None]
    assert water.limits[0].max_ppm is None


def test_what_was_never_imported_is_unknown() -> None:
    nothing = lists_of(None, None)
    assert nothing.find("水") is None and nothing.restricted("WATER") == [] and nothing.loaded == frozenset()
    assert LISTS.loaded == {"ingredients", "restricted"}


@given(st.text(max_size=60))
def test_no_name_breaks_the_lists(name: str) -> None:
    LISTS.find(name)
    LISTS.restricted(name)


def test_every_name_of_the_official_catalogue_finds_itself() -> None:
    body = given_file("IECIC_CSV")
    lists = official(body, given_file("RESTRICTED_JSON"))
    rows = list(csv.DictReader(body.decode("utf-8-sig").splitlines()))
    assert len(rows) > 8_900
    for row in rows:
        for name in (row["cn_name"], row["inci_name"].lower(), unicodedata.normalize("NFKC", row["cn_name"])):
            found = lists.find(name)
            assert found is not None and {row["cn_name"], row["inci_name"]} <= set(found.names)


def test_every_official_restriction_is_found_or_named_as_a_group() -> None:
    body = given_file("RESTRICTED_JSON")
    lists = official(given_file("IECIC_CSV"), body)
    assert len(lists.restrictions) == len(json.loads(body)["entries"]) == 47
    for one in lists.restrictions:
        assert one in lists.groups or all(one in lists.restricted(name) for name in one.names)
    (salicylic,) = lists.restricted("水杨酸")
    assert [one.max_ppm for one in salicylic.limits] == [20_000, 30_000]
