"""Everything that the record says of one unit, for head office's quality people and for an inspector.

Read by (connection, site) from projections, log and sealed records alone, so that the shop, head office and a command
line beside a running shop give the same answer. Staff and consumer appear as references, never by name.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from store_service.blending.doses import tolerance
from store_service.blending.queries import Unit, components_of, doses_of, unit_of_batch
from store_service.evidence.errors import EvidenceError
from store_service.labelling.serials import serials_of
from store_service.records.desk import Missing
from store_service.records.event import Event, decode, rfc3339
from store_service.records.projections.blending import unit as unit_table
from store_service.records.projections.consultation import service
from store_service.records.projections.labelling import label
from store_service.records.projections.quality import deviation
from store_service.records.projections.site import finding
from store_service.records.projections.stock import lot
from store_service.records.tables import blob, entry
from store_service.trace.keeping import unit_until
from store_service.trace.proofs import Seal, first_cosigned, first_sealed, seal_of, sealed_record
from store_service.trace.record import shift_of

ENTRIES_READ = 5_000
"""How far from its planning a unit's entries are looked for; a unit is done within some hundred entries."""


def unit_file(connection: Connection, site: str, batch: str) -> dict[str, Any]:
    """The whole file of a unit. Raises Missing for a batch number that was never given."""
    unit = unit_of_batch(connection, site, batch)
    events = _entries(connection, site, unit)
    seal = None if unit.released_idx is None else seal_of(connection, site, unit.released_idx)
    record, altered = _sealed(connection, unit)
    return {
        "store": site,
        "unit": _plain(asdict(unit)),
        "record": record,
        "record_altered": altered,
        "keep_until": None if (day := unit_until(connection, site, unit.id)) is None else day.isoformat(),
        "service": _service(connection, site, unit.service_id),
        "components": [_component(connection, site, part) for part in components_of(connection, site, unit.id)],
        "doses": _doses(connection, site, unit, [event for event, _ in events]),
        "labels": [_plain(asdict(one)) for one in serials_of(connection, site, unit.id)],
        "deviations": _rows(connection, deviation, site, (unit.id,)),
        "findings": _rows(connection, finding, site, (unit.id, unit.service_id, *shift_of(unit))),
        "entries": [
            {"idx": event.idx, "at": rfc3339(event.at), "type": event.type, "actor": event.actor, "leaf": leaf}
            for event, leaf in events
        ],
        "seal": _seal(connection, site, unit, seal),
    }


def label_bitmap(connection: Connection, site: str, sha256: str) -> bytes:
    """The bitmap of a printed label as PNG. Raises Missing for content that is no label of this shop."""
    query = (
        select(blob.c.body)
        .join(label, label.c.bitmap_sha256 == blob.c.sha256)
        .where(label.c.store_id == site, blob.c.sha256 == sha256, blob.c.media == "image/png")
        .limit(1)
    )
    body = connection.execute(query).scalar()
    if body is None:
        raise Missing("label", sha256)
    return bytes(body)


def _sealed(connection: Connection, unit: Unit) -> tuple[Any, bool]:
    try:
        return sealed_record(connection, unit.record_sha256), False
    except EvidenceError:
        return None, True


def _seal(connection: Connection, site: str, unit: Unit, seal: Seal | None) -> dict[str, Any] | None:
    if seal is None or unit.released_idx is None:
        return None
    sealed, cosigned = (
        first_sealed(connection, site, unit.released_idx),
        first_cosigned(connection, site, unit.released_idx),
    )
    return {
        "index": unit.released_idx,
        "checkpoint_size": seal.size,
        "sealed_at": rfc3339(sealed) if sealed else None,
        "cosigned_at": rfc3339(cosigned.at) if cosigned else None,
        "cosigned_by": cosigned.by if cosigned else None,
        "record_sha256": unit.record_sha256,
        "public_sha256": unit.public_sha256,
    }


def _service(connection: Connection, site: str, service_id: str) -> dict[str, Any]:
    names = ("consumer_ref", "state", "opened_at", "opened_by", "notice_version", "consents", "consulted_at",
             "consultation_version", "verdict_at", "verdict_idx", "allowed", "verdict", "explained_at", "explained",
             "handed_over_at", "contact_left", "recall_card")  # fmt: skip
    query = select(*(service.c[name] for name in names)).where(service.c.store_id == site, service.c.id == service_id)
    row = connection.execute(query).mappings().one()
    return {"service_id": service_id, **_plain(dict(row))}


def _component(connection: Connection, site: str, part: Any) -> dict[str, Any]:
    keys = [f"{part.product_id}/{one}" for one in part.lots]
    query = select(lot).where(lot.c.store_id == site, lot.c.id.in_(keys)).order_by(lot.c.id)
    received = [
        {
            "lot": row.lot_no,
            "filing_number": row.filing_number,
            "expiry": row.expiry.isoformat(),
            "supplier": row.supplier,
            "received_at": rfc3339(row.received_at),
            "received_idx": row.received_idx,
        }
        for row in connection.execute(query)
    ]
    return {**_plain(asdict(part)), "tolerance_mg": tolerance(part), "received": received}


def _doses(connection: Connection, site: str, unit: Unit, events: list[Event]) -> list[dict[str, Any]]:
    frames = {
        str(event.data["dose_id"]): (event.data["raw_before"], event.data["raw_after"])
        for event in events
        if event.type == "dose.ended"
    }
    found = []
    for one in doses_of(connection, site, unit.id):
        before, after = frames.get(one.id, ("", ""))
        found.append({**_plain(asdict(one)), "raw_before": before, "raw_after": after})
    return found


def _rows(connection: Connection, table: Table, site: str, subjects: tuple[str, ...]) -> list[dict[str, Any]]:
    query = (
        select(table).where(table.c.store_id == site, table.c.subject.in_(subjects)).order_by(table.c.at, table.c.id)
    )
    return [_plain({key: value for key, value in row.items() if key != "store_id"})
            for row in connection.execute(query).mappings()]  # fmt: skip


def _entries(connection: Connection, site: str, unit: Unit) -> list[tuple[Event, str]]:
    """Entries that name the unit, with their leaf hashes in hexadecimal."""
    planned = select(unit_table.c.planned_idx).where(unit_table.c.store_id == site, unit_table.c.id == unit.id)
    start = connection.execute(planned).scalar_one()
    query = (
        select(entry.c.body, entry.c.leaf)
        .where(entry.c.store_id == site, entry.c.idx >= start, entry.c.idx < start + ENTRIES_READ)
        .order_by(entry.c.idx)
    )
    names = (f'"{unit.id}'.encode(), f'"{unit.service_id}"'.encode())
    return [
        (decode(bytes(body)), bytes(leaf).hex())
        for body, leaf in connection.execute(query)
        if any(name in bytes(body) for name in names)
    ]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {key: _value(value) for key, value in values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.isoformat() if isinstance(value, date) else value
