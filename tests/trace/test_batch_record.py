"""The sealed record holds the minimum of R-REC-03, and no unit is released while a part of it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from store_service.blending import commands as blending
from store_service.quality.record import unit_file
from store_service.records.event import PAYLOADS, decode
from store_service.records.projections.blending import unit as unit_table
from store_service.rules.checking import filled
from store_service.rules.refusal import Refused
from tests.faults.laws import log_of
from tests.records.test_golden_events import published
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("record")) as made:
        yield made


def record_of(shop: PrivateShop, unit_id: str) -> dict[str, Any]:
    with shop.shop.desk.read() as connection:
        file = unit_file(connection, shop.shop.desk.site_id, shop.unit(unit_id).batch or "")
    assert file["record_altered"] is False
    record: dict[str, Any] = file["record"]
    return record


def test_who_was_there_who_cleared_and_when_it_ended_are_sealed(shop: PrivateShop) -> None:
    unit_id = shop.released_unit()
    record = record_of(shop, unit_id)
    assert [path for path in shop.shop.desk.ruleset.fill({}).record_fields if not filled(record, path)] == []
    assert OFFICER.staff_id in record["people"]["officers"]
    assert record["people"]["fit_on"] == "2026-11-22"
    at = {one.type: one.at for one in log_of(shop.shop.desk)}
    assert record["clearance"]["by"] == BLENDER.staff_id
    assert set(record["clearance"]["items"]) == {"labels", "lots", "hands"} and record["clearance"]["hands"] is True
    assert datetime.fromisoformat(record["clearance"]["at"]) == at["line.cleared"]
    assert datetime.fromisoformat(record["ended_at"]) == at["unit.inspected"].astimezone(UTC)
    assert record["pack"]["clean"] is True
    assert record["yield_bp"] == record["check_weigh"]["net_mg"] * 10_000 // record["ordered_mg"]


@pytest.mark.parametrize(
    ("column", "path"),
    [
        ("clearance", "clearance.by"),
        ("inspected_at", "ended_at"),
        ("pack_clean", "pack.clean"),
        ("started", "people.officers"),
    ],
)
def test_what_is_missing_keeps_the_unit_here(shop: PrivateShop, column: str, path: str) -> None:
    unit_id = shop.planned_unit()
    shop.cup_unit(unit_id)
    shop.dosed_unit(unit_id)
    shop.signed_unit(unit_id)
    shop.printed_unit(unit_id)
    started = dict(shop.unit(unit_id).started or {})
    value = {**started, "officers": [], "fit_on": None} if column == "started" else None
    with shop.shop.desk.ledger.database.write() as connection:
        connection.execute(update(unit_table).values({column: value}).where(unit_table.c.id == unit_id))
    with pytest.raises(Refused) as no:
        shop.scanned_unit(unit_id)
    (one,) = no.value.verdict.refusals
    assert one.rule == "R-REC-03" and path in one.facts["missing"]  # type: ignore[operator]  # a list of paths
    assert shop.unit(unit_id).state == "verified"


@pytest.mark.parametrize("left_out", ["labels", "lots", "hands"])
def test_a_line_is_cleared_whole_or_not_at_all(shop: PrivateShop, left_out: str) -> None:
    unit_id = shop.planned_unit()
    items = tuple(one for one in ("labels", "lots", "hands") if one != left_out)
    with pytest.raises(ValueError, match=left_out):
        blending.clear_line(shop.shop.desk, BLENDER, shop.station.settings, unit_id, items)


@pytest.mark.parametrize(
    ("kind", "added"),
    [
        ("unit.started", {"officers": (), "fit_on": None}),
        ("service.explained", {"items": ()}),
        ("service.handed_over", {"recall_card": False}),
        ("lot.received", {"read": ()}),
    ],
)
def test_an_entry_of_the_first_shape_says_nothing_of_what_it_did_not_know(kind: str, added: dict[str, Any]) -> None:
    old, new = decode(published()[kind, 1]), published()[kind, 2]
    assert {key: getattr(old.payload, key) for key in added} == added
    assert type(old.payload) is PAYLOADS[kind] is type(decode(new).payload)
