"""From a label, a batch number or a lot to units, and how a unit stands for whoever scans its label.

Everything here reads projections and sealed records by (connection, site): head office answers as the shop does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

import structlog
from sqlalchemy import Connection, case, func, select

from store_service.blending.queries import Unit, components_of, find_unit, unit_of_batch
from store_service.catalogue.queries import Registers, registers
from store_service.evidence.errors import EvidenceError, ProofFails
from store_service.labelling.serials import Serial, find_serial
from store_service.records.desk import Missing
from store_service.records.projections.blending import dose, unit
from store_service.records.projections.catalogue import hold
from store_service.records.projections.consultation import service
from store_service.records.projections.stock import lot
from store_service.rules.dates import beijing_date

from .archive import Archive
from .identifiers import parse_batch
from .proofs import Cosigned, Seal, first_cosigned, first_sealed, record_file, seal_of

log = structlog.get_logger()
ALWAYS = datetime.min.replace(tzinfo=UTC)
"""A recall that was known stays known, however stale the register has become."""

Verdict = Literal["intact", "voided", "past_use_by", "recalled", "not_found"]


@dataclass(frozen=True, slots=True)
class LotNotice:
    """Head office says of a lot that it is recalled or held. `known_at`: when this site learned it."""

    product_id: str
    lot_no: str
    status: Literal["recalled", "hold"]
    reason: str
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be said of a label. `record` is the sealed public record; only a unit that is released has one."""

    verdict: Verdict
    serial: str = ""
    unit: Unit | None = None
    record: Mapping[str, Any] | None = None
    notices: tuple[LotNotice, ...] = ()
    seal: Seal | None = None
    sealed_at: datetime | None = None
    cosigned: Cosigned | None = None
    english: Mapping[str, str] = field(default_factory=dict)
    """English names by the Chinese ones, as the registers give them: sealed records are in Chinese."""


@dataclass(frozen=True, slots=True)
class LotUse:
    """A unit that a lot went into; `landed_mg` of it, in `doses` doses."""

    store_id: str
    unit_id: str
    batch: str
    state: str
    gtin: str
    serial: str | None
    consumer_ref: str
    doses: int
    landed_mg: int
    released_at: datetime | None
    handed_over_at: datetime | None


def labelled(connection: Connection, site: str, gtin: str, serial: str) -> tuple[Serial, Unit]:
    """The printed piece and its unit. Raises Missing, also when the label bears another product number."""
    found = find_serial(connection, site, serial)
    if found.gtin != gtin:
        raise Missing("label", serial)
    return found, find_unit(connection, site, found.unit_id)


def batched(connection: Connection, site: str, gtin: str, batch: str) -> Unit:
    """The unit of a batch number that stands on a label as its lot. Raises Missing."""
    try:
        number = str(parse_batch(batch))
    except ValueError:
        raise Missing("batch", batch) from None
    found = unit_of_batch(connection, site, number)
    if found.gtin != gtin:
        raise Missing("batch", batch)
    return found


def standing_of_serial(archive: Archive, gtin: str, serial: str) -> Standing:
    """How the unit behind a label stands. A void label tells nothing of its unit."""
    with archive.read() as connection:
        try:
            piece, found = labelled(connection, archive.site, gtin, serial)
        except Missing:
            return Standing("not_found")
        if piece.state == "voided":
            return Standing("voided", serial)
        return _standing(archive, connection, found, serial)


def standing_of_batch(archive: Archive, gtin: str, batch: str) -> Standing:
    """How the unit of a batch number stands."""
    with archive.read() as connection:
        try:
            found = batched(connection, archive.site, gtin, batch)
        except Missing:
            return Standing("not_found")
        return _standing(archive, connection, found, found.serial or "")


def _standing(archive: Archive, connection: Connection, found: Unit, serial: str) -> Standing:
    if found.released_idx is None:
        return Standing("not_found")
    seal = seal_of(connection, archive.site, found.released_idx)
    try:
        file = record_file(connection, archive.site, found.released_idx)
        if seal is None or file is None or not isinstance(file.record, dict):
            return Standing("not_found")
        if file.record.get("batch") != found.batch:
            raise ProofFails(f"the table says {found.batch}, the sealed record {file.record.get('batch')}")
        # "Unaltered" is said of what was just checked: record → entry → tree → signed root, never of a stored flag.
        archive.proofs.proved(found.released_idx, seal, file.entry, archive.log_keys)
    except EvidenceError as broken:
        log.error("trace.altered", site=archive.site, unit=found.id, why=str(broken))
        return Standing("not_found")
    notices = lot_notices(connection, archive.registers_of, lots_in(connection, archive.site, found.id))
    return Standing(
        _verdict(archive, found, file.record, notices),
        serial,
        found,
        file.record,
        notices,
        seal,
        first_sealed(connection, archive.site, found.released_idx),
        first_cosigned(connection, archive.site, found.released_idx),
        english_names(registers(connection, archive.registers_of, ALWAYS)),
    )


def _verdict(archive: Archive, found: Unit, record: Mapping[str, Any], notices: Sequence[LotNotice]) -> Verdict:
    if notices or found.state == "recalled":
        return "recalled"
    use_by = record.get("use_by")
    if isinstance(use_by, str) and beijing_date(archive.now()) > date.fromisoformat(use_by):
        return "past_use_by"
    return "intact"


def english_names(known: Registers) -> dict[str, str]:
    """Product, service and INCI names by Chinese name."""
    names = {one.cn_name: one.inci for product in known.products.values() for one in product.ingredients}
    names |= {one.name_zh: one.name_en for one in known.products.values()}
    return names | {one.name_zh: one.name_en for one in known.envelopes.values()}


def lots_in(connection: Connection, site: str, unit_id: str) -> list[tuple[str, str]]:
    """(product, lot) of everything that went into a unit."""
    return [(part.product_id, one) for part in components_of(connection, site, unit_id) for one in part.lots]


def lot_notices(connection: Connection, site: str, lots: Sequence[tuple[str, str]]) -> tuple[LotNotice, ...]:
    """What the lot register and the holds of `site` say against some lots."""
    known = registers(connection, site, ALWAYS)
    learned = known.standing["lots"].accepted_at if "lots" in known.standing else ALWAYS
    keys = [f"{product_id}/{lot_no}" for product_id, lot_no in lots]
    query = select(hold).where(hold.c.store_id == site, hold.c.id.in_(keys), hold.c.held == True)  # noqa: E712
    held = {(row.product_id, row.lot_no): row for row in connection.execute(query)}
    found = []
    for key in dict.fromkeys(lots):
        status, own = known.lots.get(key), held.get(key)
        if status is not None and status.status == "recalled":
            found.append(LotNotice(*key, "recalled", status.hold or "", learned))
        elif own is not None:
            found.append(LotNotice(*key, "hold", own.reason, own.at))
        elif status is not None and status.hold:
            found.append(LotNotice(*key, "hold", status.hold, learned))
    return tuple(found)


def units_of_lot(connection: Connection, product_id: str, lot_no: str, site: str | None = None) -> list[LotUse]:
    """Every unit for which a dose from the lot was begun, in the order of batch numbers.

    `site` None asks every shop: one of the few questions that fan out (RECORD.md §3), by the index on (product, lot).
    """
    parts = (
        select(
            dose.c.store_id,
            dose.c.unit_id,
            func.count().label("doses"),
            func.coalesce(func.sum(dose.c.landed_mg), 0).label("landed_mg"),
        )
        .where(dose.c.product_id == product_id, dose.c.lot_no == lot_no)
        .group_by(dose.c.store_id, dose.c.unit_id)
    )
    if site is not None:
        parts = parts.where(dose.c.store_id == site)
    used = parts.subquery()
    query = (
        select(
            used.c.store_id,
            used.c.unit_id,
            unit.c.batch,
            unit.c.state,
            unit.c.gtin,
            unit.c.serial,
            service.c.consumer_ref,
            used.c.doses,
            used.c.landed_mg,
            unit.c.released_at,
            unit.c.handed_over_at,
        )
        .join(unit, (unit.c.store_id == used.c.store_id) & (unit.c.id == used.c.unit_id))
        .join(service, (service.c.store_id == unit.c.store_id) & (service.c.id == unit.c.service_id))
        .order_by(used.c.store_id, unit.c.batch)
    )
    return [LotUse(*row) for row in connection.execute(query)]


MADE = dose.join(unit, (unit.c.store_id == dose.c.store_id) & (unit.c.id == dose.c.unit_id)).join(
    service, (service.c.store_id == unit.c.store_id) & (service.c.id == unit.c.service_id)
)


def count_of_lot(connection: Connection, product_id: str, lot_no: str, site: str) -> tuple[int, int]:
    """(units that a lot went into, consumers who took one of them home), counted where they lie."""
    home = case((unit.c.handed_over_at.is_not(None), service.c.consumer_ref))
    query = select(func.count(dose.c.unit_id.distinct()).label("units"), func.count(home.distinct()).label("consumers"))
    row = connection.execute(
        query.select_from(MADE).where(dose.c.store_id == site, dose.c.product_id == product_id, dose.c.lot_no == lot_no)
    ).one()
    return int(row.units), int(row.consumers)


def at_home(
    connection: Connection, product_id: str, lot_no: str, site: str, consumer_ref: str | None = None
) -> list[tuple[str, str]]:
    """(consumer, batch) of every unit of a lot that went home, or of one consumer's, by batch number."""
    query = select(service.c.consumer_ref, unit.c.batch).select_from(MADE)
    query = query.where(dose.c.store_id == site, dose.c.product_id == product_id, dose.c.lot_no == lot_no)
    query = query.where(unit.c.handed_over_at.is_not(None))
    if consumer_ref is not None:
        query = query.where(service.c.consumer_ref == consumer_ref)
    found = {(str(batch), str(ref)) for ref, batch in connection.execute(query)}
    return [(ref, batch) for batch, ref in sorted(found)]


def products_of_lot(connection: Connection, site: str, lot_no: str) -> list[str]:
    """The products that a lot number was received for; two filers' products may share one."""
    query = select(lot.c.product_id).where(lot.c.store_id == site, lot.c.lot_no == lot_no).order_by(lot.c.product_id)
    return list(connection.execute(query).scalars())
