"""A unit's life as GS1 events: GS1's schema first, then what that schema lets pass."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy import select

from store_service.evidence.canonical import sha256_hex
from store_service.records.projections.blending import unit
from store_service.records.tables import blob
from store_service.trace.identifiers import gtin_valid
from tests.catalogue.test_ingredients import given_file
from tests.shops import PrivateShop

from .test_tools import first_batch, run

GS1 = re.compile(r"https://id\.gs1\.org/01/(\d{14})/(10|21)/[^/?]+")


@cache
def schema() -> Any:
    return jsonschema_rs.validator_for(json.loads(given_file("EPCIS_SCHEMA")), validate_formats=True)


def document(shop: PrivateShop) -> dict[str, Any]:
    code, (found,) = run(shop, "epcis", first_batch(shop))
    assert code == 0
    return dict(found)


def test_gs1s_schema_accepts_the_document_and_would_refuse_another(shop: PrivateShop) -> None:
    found = document(shop)
    schema().validate(found)
    event = found["epcisBody"]["eventList"][0]
    del event["eventTimeZoneOffset"]
    assert not schema().is_valid(found)


def test_the_document_tells_the_making_the_inspection_and_the_sale(shop: PrivateShop) -> None:
    made, inspected, sold = document(shop)["epcisBody"]["eventList"]
    assert (made["type"], made["bizStep"]) == ("TransformationEvent", "commissioning")
    assert (inspected["bizStep"], inspected["disposition"]) == ("inspecting", "conformant")
    assert (sold["bizStep"], sold["disposition"]) == ("retail_selling", "retail_sold")
    assert made["outputEPCList"] == inspected["epcList"] == sold["epcList"]
    assert made["eventTime"] <= inspected["eventTime"] <= sold["eventTime"]


def test_what_gs1s_schema_lets_pass_holds_too(shop: PrivateShop) -> None:
    """Check digits, one key and no query in an EPC, a unit to every mass, inputs that add up to the output."""
    made = document(shop)["epcisBody"]["eventList"][0]
    inputs = made["inputQuantityList"]
    for epc in [*made["outputEPCList"], *(one["epcClass"] for one in inputs)]:
        key = GS1.fullmatch(epc)
        assert key is not None and gtin_valid(key[1])
    assert len(inputs) >= 2 and {one["uom"] for one in inputs} == {"GRM"}
    (report,) = made["sensorElementList"][0]["sensorReport"]
    assert sum(round(one["quantity"] * 1000) for one in inputs) == pytest.approx(report["value"] * 1000, abs=100)
    with shop.shop.desk.read() as connection:
        weighed = select(unit.c.net_mg).where(unit.c.batch == made["ilmd"]["cbvmda:lotNumber"])
        assert round(report["value"] * 1000) == connection.execute(weighed).scalar_one()


def test_the_same_event_has_the_same_id_and_leads_to_the_sealed_record(shop: PrivateShop) -> None:
    first, again = (document(shop)["epcisBody"]["eventList"] for _ in range(2))
    ids = [one["eventID"] for one in first]
    assert ids == [one["eventID"] for one in again] and len(set(ids)) == len(ids)
    digest = first[0]["blend:recordDigest"].removeprefix("sha256:")
    with shop.shop.desk.read() as connection:
        body = connection.execute(select(blob.c.body).where(blob.c.sha256 == digest)).scalar_one()
    assert sha256_hex(bytes(body)) == digest and first[0]["ilmd"]["cbvmda:lotNumber"].encode() in bytes(body)


def test_nothing_in_it_joins_the_units_of_one_consumer(shop: PrivateShop) -> None:
    found = document(shop)
    made = found["epcisBody"]["eventList"][0]
    with shop.shop.desk.read() as connection:
        of_batch = select(unit.c.service_id).where(unit.c.batch == made["ilmd"]["cbvmda:lotNumber"])
        visit = connection.execute(of_batch).scalar_one()
    assert visit not in json.dumps(found)
    assert made["bizTransactionList"][0]["bizTransaction"].endswith(f"/order/{made['ilmd']['cbvmda:lotNumber']}")


def test_a_unit_that_was_never_released_has_no_document(shop: PrivateShop) -> None:
    with shop.shop.desk.read() as connection:
        batch = connection.execute(select(unit.c.batch).where(unit.c.state == "stopped")).scalar_one()
    assert run(shop, "epcis", batch) == (1, [])
