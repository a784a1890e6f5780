"""Personal records that no event cites are forgotten: they are committed first, and the act that meant to cite them may
never have come (RECORD.md §4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from store_service.privacy.vault import Vault
from store_service.records.desk import Desk
from store_service.records.projections.after import complaint, reaction
from store_service.records.projections.blending import unit
from store_service.records.projections.consultation import service
from store_service.records.projections.duties import inspection

GRACE = timedelta(days=1)
"""A visit that is still being told is not an orphan."""


def sweep(desk: Desk, vault: Vault, now: datetime) -> int:
    """Erase answers of visits that were given up or never consulted, names for packs that were never filled, contacts
    that nobody left at a hand-over, and what was told for a case or a visit that never came on record; returns how many
    records."""
    with desk.read() as connection:
        query = select(service.c.id, service.c.consumer_ref, service.c.state, service.c.commitment)
        rows = connection.execute(query.where(service.c.store_id == desk.site_id)).all()
        cases = set(connection.execute(select(reaction.c.id).where(reaction.c.store_id == desk.site_id)).scalars())
        complaints = set(
            connection.execute(select(complaint.c.id).where(complaint.c.store_id == desk.site_id)).scalars()
        )
        visits = set(connection.execute(select(inspection.c.id).where(inspection.c.store_id == desk.site_id)).scalars())
        named = select(unit.c.id).where(
            unit.c.store_id == desk.site_id, unit.c.pack_name.is_not(None), unit.c.state != "dropped"
        )
        names = set(connection.execute(named).scalars())
    cited = {
        "pack_name": names,
        "answers": {row.id for row in rows if row.commitment is not None and row.state != "cancelled"},
        "contact": {row.consumer_ref for row in rows if row.state == "handed_over"},
        "reaction": cases,
        "reaction_contact": cases,
        "complaint": complaints,
        "inspectors": visits,
    }
    return sum(
        vault.erase(ref)
        for kind, known in cited.items()
        for ref, at in vault.refs(kind).items()
        if ref not in known and at < now - GRACE
    )
