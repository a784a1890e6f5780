"""An officer who sees something wrong holds an envelope here and now, and need not wait for head office to withdraw it.

It acts as a withdrawn one does, on whatever is not released yet (R-BLD-01), until two persons lift it. Head office sees
the entry; what it has withdrawn itself stays withdrawn.
"""

from __future__ import annotations

from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.privacy.commands import case_of
from store_service.records.desk import Actor, Desk, Missing, OutOfStep
from store_service.records.events.catalogue import EnvelopeFreed, EnvelopeHeld
from store_service.rules.matters import HoldWord


def hold_envelope(desk: Desk, actor: Actor, envelope_id: str, reason: str) -> None:
    """Gate `hold`. Raises Missing for an envelope that no register ever named, OutOfStep for one that is held."""
    with desk.act(actor.staff_id, {"envelope": envelope_id}) as act:
        known = registers(act.connection, desk.site_id, LAST_KNOWN)
        if envelope_id not in known.envelopes:
            raise Missing("envelope", envelope_id)
        if envelope_id in known.held_envelopes:
            raise OutOfStep("held", "not held")
        desk.require(act, "hold", case_of(desk, act, actor.staff_id, HoldWord((), reason)), envelope_id)
        act.record(EnvelopeHeld(envelope_id=envelope_id, reason=reason.strip(), by=actor.staff_id))
        act.seal = True


def free_envelope(desk: Desk, actor: Actor, envelope_id: str, second: str | None, reason: str) -> None:
    """An officer with a reason, and another person whose PIN was checked. Gate `hold`. OutOfStep for one that this shop
    does not hold."""
    if second in (None, actor.staff_id):
        raise ValueError("badge: another person signs too")
    with desk.act(actor.staff_id, {"envelope": envelope_id}) as act:
        if envelope_id not in registers(act.connection, desk.site_id, LAST_KNOWN).held_envelopes:
            raise OutOfStep("not held", "held")
        desk.require(act, "hold", case_of(desk, act, actor.staff_id, HoldWord((), reason)), envelope_id)
        freed = EnvelopeFreed(envelope_id=envelope_id, reason=reason.strip(), by=actor.staff_id, second=second or "")
        act.record(freed)
        act.seal = True
