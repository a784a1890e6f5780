"""A released unit's life as an EPCIS 2.0 document (JSON-LD), for whoever keeps GS1 events.

A rendering, not the record: JSON has no exact masses, and no person or answer appears, nor the visit that joins
several units of one consumer. The digest of the sealed record
stands in it, so that the record can be asked for. An event's id names the shop and the index of the entry that it
renders: the same event has the same id every time, and its leaf can be proved. (Two versions of the CBV's hash
generator disagree about the order of fields, so no hash is claimed.) No GLN is known; places are our own addresses.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from store_service.catalogue.queries import LAST_KNOWN, Registers, registers
from store_service.records.desk import Missing, OutOfStep
from store_service.trace.identifiers import epc_class, epc_instance
from store_service.trace.proofs import sealed_record
from store_service.trace.queries import lot_notices, lots_in

from .record import unit_file

Json = dict[str, Any]
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
BEIJING = timezone(timedelta(hours=8))
OBSERVED = {
    "unit.signed": ("inspecting", "conformant"),
    "service.handed_over": ("retail_selling", "retail_sold"),
    "unit.returned": ("receiving", "returned"),
    "returned.destroyed": ("destroying", "destroyed"),
}
"""Entry type → business step and disposition of the CBV."""


def epcis_document(connection: Connection, site: str, batch: str, public_base: str, now: datetime) -> Json:
    """The document of one unit; masses in grams, times Beijing.

    Raises Missing for a batch number that was never given, or a product that no register knows any more; OutOfStep for
    a unit that was never released; EvidenceError where its sealed record is not the one that was sealed.
    """
    file = unit_file(connection, site, batch)
    unit = file["unit"]
    if unit["released_idx"] is None or unit["serial"] is None:
        raise OutOfStep(unit["state"], "released")
    record, public = file["record"], sealed_record(connection, unit["public_sha256"])
    if record is None or not isinstance(public, dict):
        raise Missing("sealed record", unit["record_sha256"])
    base = public_base.rstrip("/")
    place = f"{base}/site/{site}"
    common = {"readPoint": {"id": f"{place}/bench/{quote(unit['bench_id'], safe='')}"}, "bizLocation": {"id": place}}
    epc = epc_instance(unit["gtin"], unit["serial"])
    events = []
    for idx, at, kind in _told(file["entries"]):
        head = {"eventID": f"{base}/epcis/{site}/{idx}", **_time(at)}
        if kind == "unit.weighed":
            made = _made(unit, record, public, registers(connection, site, LAST_KNOWN))
            events.append(head | made | _named(unit, epc, base) | common)
        else:
            events.append(head | _seen(epc, *OBSERVED[kind]) | common)
    for notice in lot_notices(connection, site, lots_in(connection, site, unit["id"])):
        if notice.status == "recalled":
            named = quote(f"{notice.product_id}/{notice.lot_no}/{unit['serial']}")
            head = {"eventID": f"{base}/epcis/{site}/recall/{named}", **_time(notice.known_at)}
            events.append(head | _seen(epc, "holding", "recalled") | {"bizLocation": {"id": place}})
    return {
        "@context": [CONTEXT, {"blend": f"{base}/ns/blend/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": _stamp(now),
        "epcisBody": {"eventList": events},
    }


def _told(entries: list[Json]) -> list[tuple[int, datetime, str]]:
    """The entries that are rendered, the last of each type: a unit may have been weighed or signed again."""
    last = {one["type"]: one for one in entries if one["type"] in OBSERVED or one["type"] == "unit.weighed"}
    found = [(one["idx"], datetime.fromisoformat(one["at"]), one["type"]) for one in last.values()]
    return sorted(found)


def _made(unit: Json, record: Json, public: Json, known: Registers) -> Json:
    landed: dict[tuple[str, str], int] = {}
    for dose in record["doses"]:
        key = (dose["product"], dose["lot"])
        landed[key] = landed.get(key, 0) + (dose["landed_mg"] or 0)
    return {
        "type": "TransformationEvent",
        "inputQuantityList": [
            {"epcClass": epc_class(_gtin(known, product), lot), "quantity": mg / 1000, "uom": "GRM"}
            for (product, lot), mg in landed.items()
            if mg > 0
        ],
        "bizStep": "commissioning",
        "disposition": "active",
        "sensorElementList": [
            {"sensorReport": [{"type": "Mass", "value": record["check_weigh"]["net_mg"] / 1000, "uom": "GRM"}]},
        ],
        "ilmd": {
            "cbvmda:lotNumber": unit["batch"],
            "cbvmda:itemExpirationDate": unit["use_by"],
            "blend:sources": [one["filing_number"] for one in public["sources"]],
            **_parties(public),
        },
        "blend:recordDigest": f"sha256:{unit['record_sha256']}",
    }


def _named(unit: Json, epc: str, base: str) -> Json:
    return {
        "transformationID": f"{base}/unit/{unit['id']}",
        "outputEPCList": [epc],
        "bizTransactionList": [{"type": "prodorder", "bizTransaction": f"{base}/order/{unit['batch']}"}],
    }


def _parties(public: Json) -> Json:
    parties = {"blend:filer": public["filer"], "blend:responsiblePerson": public.get("responsible")}
    return {key: one["name"] for key, one in parties.items() if one}


def _gtin(known: Registers, product_id: str) -> str:
    if product_id not in known.products:
        raise Missing("product", product_id)
    return known.products[product_id].gtin


def _seen(epc: str, step: str, disposition: str) -> Json:
    return {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "epcList": [epc],
        "bizStep": step,
        "disposition": disposition,
    }


def _time(at: datetime) -> Json:
    return {"eventTime": _stamp(at), "eventTimeZoneOffset": "+08:00"}


def _stamp(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="milliseconds")
