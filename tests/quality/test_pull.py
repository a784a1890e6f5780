"""The QA pull: exact, resumable, closed to strangers."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from store_service.evidence.merkle import leaf_hash
from store_service.quality.tables import csv_text
from store_service.records.tables import entry
from tests.shops import PrivateShop

UNITS, ENTRIES = "/api/v1/qa/units", "/api/v1/qa/entries"


@pytest.mark.parametrize("path", [UNITS, f"{UNITS}.csv", f"{UNITS}.jsonl", ENTRIES, f"{ENTRIES}.csv", f"{UNITS}/X"])
@pytest.mark.parametrize("token", [None, "Bearer wrong", "Basic a-token-that-only-reads", "Bearer "])
def test_nobody_reads_without_the_token(client: TestClient, path: str, token: str | None) -> None:
    answer = client.get(path, headers={"authorization": token} if token else {})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_entries_come_exactly_and_go_on_where_they_stopped(shop: PrivateShop, puller: TestClient) -> None:
    with shop.shop.desk.read() as connection:
        bodies = [bytes(body) for body in connection.execute(select(entry.c.body).order_by(entry.c.idx)).scalars()]
    pulled: list[bytes] = []
    start: int | None = 0
    while start is not None:
        page = puller.get(ENTRIES, params={"from": start, "limit": 37, "store": "SH0042"}).json()
        assert page["size"] == len(bodies)
        assert [row["idx"] for row in page["entries"]] == list(range(start, start + len(page["entries"])))
        pulled += [base64.b64decode(row["entry"]) for row in page["entries"]]
        start = page["next"]
    assert pulled == bodies
    lines = puller.get(f"{ENTRIES}.jsonl", params={"from": 5, "limit": 3}).text.splitlines()
    rows = list(csv.DictReader(io.StringIO(puller.get(f"{ENTRIES}.csv", params={"from": 5, "limit": 3}).text)))
    assert [json.loads(line)["entry"] for line in lines] == [row["entry"] for row in rows]
    assert [leaf_hash(base64.b64decode(row["entry"])) for row in rows] == [leaf_hash(one) for one in bodies[5:8]]


def test_another_shop_is_not_here(puller: TestClient) -> None:
    for path in (UNITS, ENTRIES):
        assert puller.get(path, params={"store": "BJ0001"}).status_code == 404


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"after": -1}, {"from": "yesterday"}, {"by": "name"}])
def test_malformed_questions_name_their_field(puller: TestClient, query: dict[str, Any]) -> None:
    answer = puller.get(UNITS, params=query)
    assert answer.status_code == 422
    assert next(iter(query)) in answer.text


def test_units_go_on_from_a_cursor(puller: TestClient) -> None:
    whole = puller.get(UNITS).json()["units"]
    assert [one["state"] for one in whole] == ["handed_over", "released", "stopped"]
    pulled, after = [], None
    for _ in whole:
        page = puller.get(UNITS, params={"limit": 1} | ({"after": after} if after is not None else {})).json()
        pulled += page["units"]
        after = page["units"][-1]["cursor"]
    assert pulled == whole
    assert puller.get(UNITS, params={"after": after}).json() == {"units": [], "next": None}


def test_released_units_come_in_the_order_of_their_release(puller: TestClient) -> None:
    found = puller.get(UNITS, params={"by": "released"}).json()["units"]
    assert [one["cursor"] for one in found] == sorted(one["released_idx"] for one in found)
    assert len(found) == 2


@pytest.mark.parametrize(
    ("query", "states"),
    [
        ({"lot": "SS2609A"}, ["handed_over", "released", "stopped"]),
        ({"lot": "LB2608A"}, ["handed_over", "released"]),
        ({"lot": "HS2609A"}, ["handed_over", "released"]),
        ({"lot": "NONE"}, []),
        ({"product": "SRC-SOOTHE"}, ["handed_over", "released", "stopped"]),
        ({"product": "SRC-CREAM"}, []),
        ({"state": "released"}, ["released"]),
        ({"state": "released,stopped"}, ["released", "stopped"]),
        ({"clerk": "s-01"}, ["handed_over", "released", "stopped"]),
        ({"clerk": "s-02"}, ["handed_over", "released"]),
        ({"from": "2026-11-22", "to": "2026-11-22"}, ["handed_over", "released", "stopped"]),
        ({"from": "2026-11-23"}, []),
        ({"to": "2026-11-21"}, []),
        ({"batch": "sh0042-261122-0002"}, ["released"]),
        ({"batch": "SH0042_"}, []),
        ({"exceptions": "1"}, ["released"]),
    ],
)
def test_filters(puller: TestClient, query: dict[str, str], states: list[str]) -> None:
    assert [one["state"] for one in puller.get(UNITS, params=query).json()["units"]] == states


def test_every_table_says_the_same(puller: TestClient) -> None:
    rows = puller.get(UNITS).json()["units"]
    lines = [json.loads(line) for line in puller.get(f"{UNITS}.jsonl").text.splitlines()]
    cells = list(csv.DictReader(io.StringIO(puller.get(f"{UNITS}.csv").text)))
    assert lines == rows
    assert [one["batch"] for one in cells] == [one["batch"] for one in rows]
    assert cells[0]["lots"] == " ".join(rows[0]["lots"])
    assert cells[1]["exceptions"] == "reprint"


@pytest.mark.parametrize("typed", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_a_spreadsheet_never_executes_what_was_typed(typed: str) -> None:
    assert csv_text(("lot",), [{"lot": typed}]).splitlines()[1].strip('"') == f"'{typed}"
    assert csv_text(("mass",), [{"mass": -3}]).splitlines()[1] == "-3"


def test_the_whole_file_of_a_unit(shop: PrivateShop, puller: TestClient) -> None:
    batch = puller.get(UNITS).json()["units"][0]["batch"]
    file = puller.get(f"{UNITS}/{batch}").json()
    assert file["record"]["batch"] == batch and file["record_altered"] is False
    assert [one["landed_mg"] for one in file["doses"]] == [3_003, 4_503, 22_503]
    assert all(one["raw_before"].startswith("S S") and one["raw_after"] for one in file["doses"])
    assert file["components"][0]["received"][0]["supplier"]
    types = [one["type"] for one in file["entries"]]
    assert types[0] == "unit.planned" and "unit.released" in types and types[-1] == "service.handed_over"
    assert file["seal"]["checkpoint_size"] > file["seal"]["index"] == file["unit"]["released_idx"]
    assert puller.get(f"{UNITS}/SH0042-261122-00099").status_code == 404
