"""One unit's record: whole for QA, and the consumer's part of it. Both are pure renderings of what the log says.

Values are strings, integers, booleans, null, lists and objects, so that canonical bytes and their digest are exact.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from store_service.blending.doses import complete, over, tolerance
from store_service.blending.queries import Component, Unit, components_of, doses_of, find_unit
from store_service.catalogue.directory import label_warnings
from store_service.catalogue.queries import Registers
from store_service.consultation.queries import find_service
from store_service.records.desk import Desk
from store_service.records.event import rfc3339
from store_service.records.projections.labelling import label
from store_service.records.projections.quality import deviation
from store_service.records.projections.site import finding
from store_service.rules.amounts import WHOLE_BP, mass_text
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Party
from store_service.rules.merge import ingredients_text
from store_service.rules.parties import abroad, answering
from store_service.stock.queries import find_container

Json = dict[str, Any]


def _at(instant: datetime | None) -> str | None:
    return rfc3339(instant) if instant else None


def unit_record(connection: Connection, desk: Desk, known: Registers, unit_id: str) -> Json:
    """The whole record of a unit as it stands (R-REC-03)."""
    site = desk.site_id
    unit = find_unit(connection, site, unit_id)
    service = find_service(connection, site, unit.service_id)
    envelope = known.envelopes.get(unit.envelope_id)
    return {
        "batch": unit.batch,
        "unit": unit.id,
        "kind": unit.kind,
        "state": unit.state,
        "name": unit.name_zh,
        "gtin": unit.gtin,
        "envelope": {
            "id": unit.envelope_id,
            "version": unit.envelope_version,
            "approval": envelope.approval_ref if envelope else None,
            "mixing_step": envelope.mixing_step if envelope else None,
        },
        "store": _store(desk, unit),
        "service": {
            "id": service.service_id,
            "consumer": service.consumer_ref,
            "notice": service.notice_version,
            "consents": {key: dict(value) for key, value in sorted(service.consents.items())},
            "consulted_at": _at(service.consulted_at),
            "verdict": dict(service.verdict) if service.verdict else None,
            "explained_at": _at(service.explained_at),
        },
        "people": {
            "blender": unit.blender_id,
            "fit_on": (unit.started or {}).get("fit_on"),
            "officers": list((unit.started or {}).get("officers", ())),
            "releaser": unit.releaser_id,
        },
        "clearance": _clearance(unit),
        "started": dict(unit.started) if unit.started else None,
        "started_at": _at(unit.started_at),
        "ended_at": _at(unit.inspected_at),
        "target_mg": unit.target_mg,
        "ordered_mg": unit.ordered_mg,
        "reratios": unit.reratios or [],
        "pack_name": unit.pack_name,
        "pack": {"sku": unit.pack_sku, "lot": unit.pack_lot, "clean": unit.pack_clean, "empty_mg": unit.empty_mg},
        "components": [_component(connection, desk, known, part) for part in components_of(connection, site, unit_id)],
        "doses": [
            {
                "dose": one.id,
                "product": one.product_id,
                "lot": one.lot_no,
                "container": one.container_id,
                "how": one.kind,
                "target_mg": one.target_mg,
                "gross_before_mg": one.gross_before_mg,
                "gross_after_mg": one.gross_after_mg,
                "landed_mg": one.landed_mg,
                "outcome": one.outcome,
                "fault": one.fault,
                "started_at": _at(one.started_at),
                "ended_at": _at(one.ended_at),
            }
            for one in doses_of(connection, site, unit_id)
        ],
        "check_weigh": {
            "gross_mg": unit.gross_mg,
            "net_mg": unit.net_mg,
            "sum_mg": unit.sum_mg,
            "at": _at(unit.weighed_at),
        },
        "yield_bp": None if unit.net_mg is None or not unit.ordered_mg else unit.net_mg * WHOLE_BP // unit.ordered_mg,
        "inspection": dict(unit.inspection) if unit.inspection else None,
        "resumes": unit.resumes,
        "use_by": unit.use_by.isoformat() if unit.use_by else None,
        "bounded_by": unit.bounded_by,
        "label_net_mg": unit.label_net_mg,
        "signed_at": _at(unit.signed_at),
        "deviations": _deviations(connection, site, unit_id),
        "findings": _findings(connection, site, (unit_id, unit.service_id, *shift_of(unit))),
        "labels": _labels(connection, site, unit_id),
        "rules": judged_by(desk, known),
        "build": desk.build,
    }


def judged_by(desk: Desk, known: Registers) -> Json:
    """The law that judged a unit: the rule set, every parameter as it stood here, and the registers in force."""
    return {
        "version": desk.ruleset.version,
        "sha256": desk.ruleset.digest,
        "params": {name: _parameter(value) for name, value in sorted(known.params(desk).items())},
        "registers": {
            kind: {"version": one.version, "sha256": one.sha256} for kind, one in sorted(known.standing.items())
        },
    }


def _parameter(value: object) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return [str(one) for one in value] if isinstance(value, tuple) else value


def _clearance(unit: Unit) -> Json | None:
    """Who looked over the line and when, what was ticked, and clean hands by themselves (R-BLD-12, 13)."""
    told = unit.clearance
    return {**told, "hands": True if "hands" in told["items"] else None} if told else None


def shift_of(unit: Unit) -> tuple[str, ...]:
    """What was answered for the whole shift on the day of this unit, and for its blender in it."""
    if unit.started_at is None:
        return ()
    day = f"shift {beijing_date(unit.started_at).isoformat()}"
    return (day, *((f"{day} {unit.blender_id}",) if unit.blender_id else ()))


def _store(desk: Desk, unit: Unit) -> Json:
    shop = desk.shop
    return {
        "id": desk.site_id,
        "name": shop.name_zh if shop else "",
        "province": shop.province if shop else "",
        "roster": (unit.started or {}).get("roster_doc", ""),
        "bench": unit.bench_id,
    }


def _component(connection: Connection, desk: Desk, known: Registers, part: Component) -> Json:
    product = known.products.get(part.product_id)
    return {
        "product": part.product_id,
        "filing_number": product.filing_number if product else None,
        "name": product.name_zh if product else None,
        "responsible": product.responsible.name if product and product.responsible and abroad(product) else None,
        "share_bp": part.share_bp,
        "target_mg": part.target_mg,
        "written_bp": part.written_bp,
        "written_mg": part.written_mg,
        "actual_mg": part.actual_mg,
        "tolerance_mg": tolerance(part),
        "one_sided": bool(part.one_sided),
        "manual": part.manual,
        "from": [_from(connection, desk, known, part.product_id, one) for one in part.containers],
    }


def _from(connection: Connection, desk: Desk, known: Registers, product_id: str, container_id: str) -> Json:
    one = find_container(connection, desk.site_id, container_id)
    lot = known.lots.get((product_id, one.lot_no)) if one else None
    return {
        "container": container_id,
        "lot": one.lot_no if one else None,
        "expiry": lot.expiry.isoformat() if lot else None,
        "sample": lot.sample_ref if lot else None,
        "opened_at": _at(one.opened_at) if one else None,
    }


def _deviations(connection: Connection, site: str, unit_id: str) -> list[Json]:
    query = (
        select(deviation).where(deviation.c.store_id == site, deviation.c.subject == unit_id).order_by(deviation.c.at)
    )
    return [
        {"id": row.id, "kind": row.kind, "detail": row.detail, "open": row.open, "decision": row.decision}
        for row in connection.execute(query)
    ]


def _findings(connection: Connection, site: str, subjects: tuple[str, ...]) -> list[Json]:
    query = select(finding).where(finding.c.store_id == site, finding.c.subject.in_(subjects)).order_by(finding.c.id)
    return [
        {
            "kind": row.kind,
            "gate": row.gate,
            "rules": row.rules,
            "reason": row.reason,
            "saying": row.saying,
            "facts": row.facts,
            "by": row.actor,
            "at": _at(row.at),
        }
        | ({"place": row.place} if row.place else {})
        for row in connection.execute(query)
    ]


def _labels(connection: Connection, site: str, unit_id: str) -> list[Json]:
    query = (
        select(label)
        .where(label.c.store_id == site, label.c.unit_id == unit_id)
        .order_by(label.c.printed_at, label.c.number)
    )
    return [
        {
            "serial": row.id,
            "medium": row.medium,
            "state": row.state,
            "reprint": row.reprint,
            "bitmap_sha256": row.bitmap_sha256,
            "printed_at": _at(row.printed_at),
        }
        for row in connection.execute(query)
    ]


def public_record(connection: Connection, desk: Desk, known: Registers, unit_id: str) -> Json:
    """What the consumer may see: no name, no answer, no staff (ui note §3.2)."""
    unit = find_unit(connection, desk.site_id, unit_id)
    parts = components_of(connection, desk.site_id, unit_id)
    envelope = known.envelopes.get(unit.envelope_id)
    formula = [(known.products[part.product_id], part.share_bp) for part in parts]
    own = desk.site.filer if desk.site else None
    filer, responsible = answering(own, formula[0][0]) if own else (None, None)
    return {
        "batch": unit.batch,
        "gtin": unit.gtin,
        "serial": unit.serial,
        "kind": unit.kind,
        "name": unit.name_zh,
        "net_content": mass_text(unit.label_net_mg or 0, _step(unit)),
        "blend_date": beijing_date(unit.started_at).isoformat() if unit.started_at else None,
        "use_by": unit.use_by.isoformat() if unit.use_by else None,
        "bounded_by": _bound(unit, known),
        "store": {
            "id": desk.site_id,
            "name": desk.shop.name_zh if desk.shop else "",
            "address": desk.shop.address if desk.shop else "",
            "phone": desk.shop.phone if desk.shop else "",
        },
        "filer": _company(filer, "" if responsible or own is None else own.phone),
        "responsible": _company(responsible, own.phone if own else ""),
        "licence": own.licence.number if own else None,
        "directions": envelope.directions if envelope else "",
        "warnings": list(label_warnings(connection, desk, known, formula)),
        "storage": list(dict.fromkeys(product.storage for product, _ in formula)),
        "ingredients": ingredients_text(formula),
        "sources": [_source(connection, desk, known, part) for part in parts],
        "released_at": _at(desk.now()),
    }


def _company(party: Party | None, phone: str) -> Json | None:
    return {"name": party.name, "address": party.address, "phone": phone} if party else None


def _bound(unit: Unit, known: Registers) -> Json | None:
    """What set the use-by date: `rules.merge.Bound.what` taken apart, the source by its name."""
    if not unit.bounded_by:
        return None
    part, _, kind = unit.bounded_by.rpartition(" ")
    product = known.products.get(part)
    return {"kind": kind, "source": product.name_zh if product else part}


def _step(unit: Unit) -> int:
    """The step in which the label shows its figure: three significant digits."""
    return int(10 ** max(0, len(str(unit.label_net_mg or 0)) - 3))


def _source(connection: Connection, desk: Desk, known: Registers, part: Component) -> Json:
    product = known.products[part.product_id]
    lots = [_from(connection, desk, known, part.product_id, one) for one in part.containers]
    return {
        "name": product.name_zh,
        "filing_number": product.filing_number,
        "share_bp": part.share_bp,
        "mass_mg": part.actual_mg,
        "within_tolerance": complete(part) and not over(part),
        "lots": [{"lot": one["lot"], "expiry": one["expiry"]} for one in lots],
    }
