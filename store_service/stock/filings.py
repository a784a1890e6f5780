"""What happens on the shelf when a filing ends (R-ADM-23): the shop follows head office's registers by itself."""

from __future__ import annotations

from sqlalchemy import Connection

from store_service.catalogue.queries import Registers, registers
from store_service.records.desk import Desk
from store_service.records.events.stock import ContainerQuarantined
from store_service.records.projections.stock import BY_ITSELF
from store_service.rules.case import Container

from .queries import all_containers

APART = ("quarantine", "return", "destroy")
"""Dispositions of a lot that leave no closed pack on the shelf."""


def follow_filings(desk: Desk) -> list[str]:
    """Quarantine every container that an ended filing leaves unusable; returns their codes.

    Deregistered: what is open, and closed packs of lots that head office wants set apart, back or destroyed; other
    closed retail packs may still be sold. Revoked: everything. Safe to call at any time; records nothing when nothing
    is to be done.
    """
    with desk.read() as connection:
        if not _affected(desk, connection):
            return []
    with desk.act(BY_ITSELF) as act:
        found = _affected(desk, act.connection)
        for one, why in found:
            act.record(ContainerQuarantined(container_id=one.container_id, reason=why))
    return [one.container_id for one, _ in found]


def _affected(desk: Desk, connection: Connection) -> list[tuple[Container, str]]:
    known = registers(connection, desk.site_id, desk.now())
    standing = [one for one in all_containers(connection, desk.site_id) if one.state in ("closed", "opened")]
    return [(one, why) for one in standing if (why := _why(one, known)) is not None]


def _why(one: Container, known: Registers) -> str | None:
    product, lot = known.products.get(one.product_id), known.lots.get((one.product_id, one.lot_no))
    status = product.filing_status if product else "filed"
    if status == "revoked" or (status == "deregistered" and one.state == "opened"):
        return f"R-ADM-23 {status}"
    if status == "deregistered" and lot is not None and lot.disposition in APART:
        return f"R-ADM-23 {status} {lot.disposition}"
    return None
