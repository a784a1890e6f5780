"""What quality people at head office do to shops and lots; registers are published by `catalogue.commands`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from store_service.catalogue.commands import NotTwoPersons, free_lot, hold_lot
from store_service.catalogue.queries import registers
from store_service.evidence.keys import KeyType, VerifierKey
from store_service.records.desk import Missing
from store_service.records.projection import upsert
from store_service.records.projections.catalogue import hold as holds

from .hub import Hub, token_digest
from .standing import change, enrolled, locked
from .tables import enrolment, incident, mirror


def enrol(hub: Hub, store_id: str, origin: str, log_keys: Sequence[VerifierKey], token: str) -> None:
    """Let a shop in, or replace its token or keys; what is held of it stays. Raises ValueError for unfit keys."""
    if store_id == hub.desk.site_id:
        raise ValueError(f"store_id: {store_id} is head office itself")
    if not log_keys or any(key.kind is not KeyType.ED25519 or key.name != origin for key in log_keys):
        raise ValueError(f"log_keys: at least one, all Ed25519 and named {origin}")
    row = {
        "store_id": store_id,
        "origin": origin,
        "log_keys": [str(key) for key in log_keys],
        "token_sha256": token_digest(token),
        "enrolled_at": hub.now(),
        "seen_at": None,
    }
    with hub.database.write() as connection:
        standing = connection.execute(select(enrolment.c.origin).where(enrolment.c.store_id == store_id)).scalar()
        if standing is not None and standing != origin:
            raise ValueError(f"origin: {store_id} is enrolled with {standing}")
        upsert(connection, enrolment, [row])
        if connection.execute(select(mirror.c.size).where(mirror.c.store_id == store_id)).scalar() is None:
            enrolled(connection, store_id)


def lift_freeze(hub: Hub, store_id: str, *, by: str, second: str) -> None:
    """QA has looked at both sides and lets the shop go on; two persons. Both sides stay on record."""
    if by == second:
        raise NotTwoPersons("a fork is lifted by two persons")
    if hub.by_store(store_id) is None:
        raise Missing("shop", store_id)
    now = hub.now()
    with hub.database.write() as connection:
        locked(connection, store_id)
        change(connection, store_id, frozen_at=None, frozen_why=None)
        connection.execute(
            update(incident)
            .where(incident.c.store_id == store_id, incident.c.lifted_at.is_(None))
            .values(lifted_at=now, lifted_by=by, second=second)
        )


def hold(hub: Hub, product_id: str, lot_no: str, *, reason: str, by: str) -> None:
    """Stop a lot in every shop. Raises Missing for a lot that is not listed: a slip must not stop nothing."""
    _listed(hub, product_id, lot_no)
    hold_lot(hub.desk, product_id, lot_no, reason=reason, by=by)


def free(hub: Hub, product_id: str, lot_no: str, *, reason: str, by: str, second: str) -> None:
    """Lift a hold; two persons. Raises Missing if there is none."""
    with hub.desk.read() as connection:
        query = select(holds.c.held).where(
            holds.c.store_id == hub.desk.site_id, holds.c.product_id == product_id, holds.c.lot_no == lot_no
        )
        if connection.execute(query).scalar() is not True:
            raise Missing("hold", f"{product_id}/{lot_no}")
    free_lot(hub.desk, product_id, lot_no, reason=reason, by=by, second=second)


def _listed(hub: Hub, product_id: str, lot_no: str) -> None:
    with hub.desk.read() as connection:
        lots = registers(connection, hub.desk.site_id, hub.now()).lots
    if (product_id, lot_no) not in lots:
        raise Missing("lot", f"{product_id}/{lot_no}")
