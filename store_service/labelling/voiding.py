"""A printed set that is no longer the unit's: every serial of it is void, and its page says so."""

from __future__ import annotations

from store_service.records.desk import Desk
from store_service.records.events.labelling import LabelVoided
from store_service.records.ledger import Act

from .serials import serials_of


def void_print(desk: Desk, act: Act, unit_id: str, set_serial: str, reason: str) -> None:
    """Void what is not void yet of one printed set; nothing happens when nothing is left."""
    live = [
        one.serial
        for one in serials_of(act.connection, desk.site_id, unit_id)
        if one.set_serial == set_serial and one.state != "voided"
    ]
    if live:
        act.record(LabelVoided(unit_id=unit_id, serial=set_serial, serials=tuple(live), reason=reason))
