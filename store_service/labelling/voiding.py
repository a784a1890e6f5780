"""A set that is no longer the unit's, or of which nobody knows whether it came out: every serial of it is void, and its
page says so."""

from __future__ import annotations

from store_service.records.desk import Desk
from store_service.records.events.labelling import LabelFailed, LabelVoided
from store_service.records.ledger import Act

from .serials import Serial, reserved_serials, serials_of


def void_print(desk: Desk, act: Act, unit_id: str, set_serial: str, reason: str) -> None:
    """Void what was printed of one set and is not void yet; nothing happens when nothing is left."""
    live = [
        one.serial
        for one in serials_of(act.connection, desk.site_id, unit_id)
        if one.set_serial == set_serial and one.state in ("printed", "verified")
    ]
    if live:
        act.record(LabelVoided(unit_id=unit_id, serial=set_serial, serials=tuple(live), reason=reason))


def void_unconfirmed(desk: Desk, act: Act, fault: str, unit_id: str | None = None) -> None:
    """Void every set, of one unit or of the shop, that was reserved and never confirmed."""
    sets: dict[tuple[str, str], list[Serial]] = {}
    for one in reserved_serials(act.connection, desk.site_id):
        if unit_id in (None, one.unit_id):
            sets.setdefault((one.unit_id, one.set_serial), []).append(one)
    for (unit, set_serial), pieces in sets.items():
        serials = tuple(one.serial for one in pieces)
        act.record(LabelFailed(unit_id=unit, serial=set_serial, serials=serials, fault=fault))
