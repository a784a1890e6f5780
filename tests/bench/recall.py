"""From a lot to every unit and consumer handle, a million units known, on SQLite and on PostgreSQL.

A thousand shops with a thousand units of two doses each. The lot asked for went into `OF_LOT` units of a hundred shops:
one delivery of a source. Nothing else of the database differs between the two; the rows are made by one statement each.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    Table,
    Text,
    case,
    cast,
    insert,
    literal,
    null,
    select,
    text,
)

from store_service.database.engines import Database
from store_service.database.types import Flag, Instant, Json
from store_service.privacy.vault import Vault, sealed
from store_service.reactions.recalls import callees, effect
from store_service.records.projections.after import recall
from store_service.records.projections.blending import dose, unit
from store_service.records.projections.consultation import service
from store_service.records.projections.stock import container, lot
from store_service.records.tables import metadata
from store_service.trace.queries import units_of_lot
from store_service.trace.recall import lot_reports
from tests.hub.postgres import fresh_database, running_server

UNITS, SHOPS, OF_LOT, TIMES = 1_000_000, 1_000, 2_000, 50
PRODUCT, LOT, AT = "SRC-HYDRA", "HS2609A", datetime(2026, 11, 22, tzinfo=UTC)


def measure() -> dict[str, float]:
    """Median ms on either database of all units of a lot, of the whole drill report of one shop, and of its list of
    whom to call."""
    found: dict[str, float] = {"units": UNITS, "units_of_lot": OF_LOT}
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/fleet.db")
        metadata.create_all(database.writer)
        found |= _timed(database, "sqlite")
        database.close()
    with running_server(safe=True) as uri:
        database = fresh_database(uri)
        found |= _timed(database, "postgres")
        database.close()
    return found


def _timed(database: Database, name: str) -> dict[str, float]:
    _fill(database)
    with database.read() as connection:
        assert len(units_of_lot(connection, PRODUCT, LOT)) == OF_LOT
        fleet, one = [], []
        for _ in range(TIMES):
            began = time.perf_counter()
            units_of_lot(connection, PRODUCT, LOT)
            fleet.append((time.perf_counter() - began) * 1000)
        for _ in range(5):
            began = time.perf_counter()
            reports = [report.to_json() for report in lot_reports(connection, "SH-0", LOT)]
            one.append((time.perf_counter() - began) * 1000)
        assert reports[0]["found"] == OF_LOT // 100
    calling = _calling(database)
    return {
        f"lot_{name}_p50_ms": statistics.median(fleet),
        f"report_{name}_ms": statistics.median(one),
        f"calling_{name}_p50_ms": statistics.median(calling),
    }


def _calling(database: Database) -> list[float]:
    """ms of the list of whom to call, as the officer's page asks for it: every unit of one shop had the lot, every
    consumer left a contact, a third of them were called."""
    desk = SimpleNamespace(site_id="SH-0")
    calls = [
        {"consumer_ref": f"c-{i * SHOPS}", "channel": "phone", "outcome": "reached"} for i in range(UNITS // SHOPS // 3)
    ]
    row = {"store_id": "SH-0", "id": "l-1", "product_id": "SRC-LOTION", "lot_no": "L0", "calls": calls, "open": True}
    with database.write() as connection:
        connection.execute(insert(recall).values({c.name: row.get(c.name, _nothing(c)) for c in recall.columns}))
    with tempfile.TemporaryDirectory() as folder:
        vault = Vault(Database(f"sqlite:///{folder}/vault.db"), b"pepper")
        contacts = [
            {"kind": "contact", "ref": f"c-{i}", "k_record": b"k", "nonce": b"n", "body": b"b", "at": AT}
            for i in range(0, UNITS, SHOPS // 10)
        ]
        with vault.database.write() as connection:
            connection.execute(insert(sealed), contacts)
        with database.read() as connection:
            times = []
            for _ in range(TIMES):
                began = time.perf_counter()
                people = callees(connection, desk, vault, "l-1")  # type: ignore[arg-type]  # only its site is asked
                effect(people)
                times.append((time.perf_counter() - began) * 1000)
        assert len(people) == UNITS // SHOPS and sum(one.settled for one in people) == len(calls)
        vault.database.close()
    return times


def _fill(database: Database) -> None:
    numbers = select(literal(0, Integer).label("i")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < UNITS - 1))
    i = numbers.c.i
    shop, ids = i % SHOPS, cast(i, Text)
    store_id = literal("SH-") + cast(shop, Text)
    every = 100 * (UNITS // SHOPS) // OF_LOT
    asked = (shop < 100) & ((i - shop) % (SHOPS * every) == 0)
    other = literal("L") + cast(i % 500, Text)
    rows: tuple[tuple[Table, dict[str, ColumnElement[Any]]], ...] = (
        (unit, {"id": literal("u-") + ids, "service_id": literal("s-") + ids, "batch": literal("B-") + ids,
                "state": literal("handed_over"), "released_at": literal(AT, Instant),
                "handed_over_at": literal(AT, Instant)}),
        (service, {"id": literal("s-") + ids, "consumer_ref": literal("c-") + ids, "state": literal("handed_over")}),
        (dose, {"id": ids + literal("/1"), "unit_id": literal("u-") + ids, "product_id": literal(PRODUCT),
                "lot_no": case((asked, literal(LOT)), else_=other),
                "landed_mg": literal(1_500)}),
        (dose, {"id": ids + literal("/2"), "unit_id": literal("u-") + ids, "product_id": literal("SRC-LOTION"),
                "lot_no": other, "landed_mg": literal(13_500)}),
    )  # fmt: skip
    with database.write() as connection:
        for table, values in rows:
            values = {"store_id": store_id} | values
            told = {column.name: values.get(column.name, _nothing(column)) for column in table.columns}
            query = select(*(value.label(name) for name, value in told.items())).select_from(numbers)
            connection.execute(insert(table).from_select(list(told), query))
        for table, fixed in (
            (lot, {"id": f"{PRODUCT}/{LOT}", "product_id": PRODUCT, "lot_no": LOT}),
            (container, {"id": "C-1", "product_id": PRODUCT, "lot_no": LOT, "net_mg": 500_000}),
        ):
            row = {"store_id": "SH-0"} | fixed
            connection.execute(insert(table).values({c.name: row.get(c.name, _nothing(c)) for c in table.columns}))
        connection.execute(text("ANALYZE"))


def _nothing(column: Column[Any]) -> ColumnElement[Any]:
    """The least that a column may hold."""
    if column.nullable:
        return null()
    if isinstance(column.type, Instant):
        return literal(AT, Instant)
    if isinstance(column.type, Integer | BigInteger | Flag):
        return literal(0, column.type)
    return literal([], Json) if isinstance(column.type, Json) else literal("", Text())
