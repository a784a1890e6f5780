"""Complaints without a clock (R-ADR-13) and units that come back: never to stock, destroyed by two (R-ADR-12, 14)."""

from __future__ import annotations

from dataclasses import dataclass

from store_service.blending.queries import find_unit
from store_service.privacy.commands import case_of
from store_service.privacy.holds import hold_of
from store_service.privacy.vault import Vault
from store_service.records.desk import Actor, Desk, OutOfStep
from store_service.records.events.after import (
    ComplaintClosed,
    ComplaintRecorded,
    ComplaintTold,
    ReturnedDestroyed,
    UnitReturned,
)
from store_service.rules.matters import Disposal

from . import queries

COMPLAINTS = ("leak", "smell", "short_weight", "wrong_label", "appearance", "other")
REASONS = ("reaction", "complaint", "recall", "past_use_by", "changed_mind", "other")


@dataclass(frozen=True, slots=True)
class Grievance:
    """What the consumer says of it, the way to be reached, and the number of a photo that is kept."""

    words: str = ""
    contact: str = ""
    photo: str = ""


def complain(
    desk: Desk, vault: Vault, actor: Actor, kind: str, unit_id: str = "", told: Grievance | None = None
) -> str:
    """Take down a complaint; returns its id. The unit may be unknown. What was said stays in the vault."""
    if kind not in COMPLAINTS:
        raise ValueError("kind: is not offered")
    complaint_id = desk.new_id("k")
    told = told or Grievance()
    said = {"words": told.words.strip(), "contact": told.contact.strip(), "photo": told.photo.strip()}
    with desk.act(actor.staff_id, {"complaint": complaint_id}) as act:
        unit = find_unit(act.connection, desk.site_id, unit_id) if unit_id else None
        act.record(
            ComplaintRecorded(
                complaint_id=complaint_id,
                unit_id=unit.id if unit else "",
                batch=(unit.batch or "") if unit else "",
                kind=kind,
                by=actor.staff_id,
            )
        )
        if any(said.values()):
            act.record(
                ComplaintTold(
                    complaint_id=complaint_id,
                    told=vault.put("complaint", complaint_id, said, desk.now()),
                    contact_left=bool(said["contact"]),
                    photo=bool(said["photo"]),
                )
            )
    return complaint_id


def settle(desk: Desk, actor: Actor, complaint_id: str, outcome: str) -> None:
    """Close a complaint. Raises Missing, OutOfStep for one that is closed."""
    if not outcome.strip():
        raise ValueError("outcome: is needed")
    with desk.act(actor.staff_id, {"complaint": complaint_id}) as act:
        found = queries.find_complaint(act.connection, desk.site_id, complaint_id)
        if not found.open:
            raise OutOfStep("closed", "open")
        act.record(ComplaintClosed(complaint_id=complaint_id, outcome=outcome.strip(), by=actor.staff_id))


def take_back(desk: Desk, actor: Actor, unit_id: str, reason: str, gross_mg: int | None, place: str) -> str:
    """A unit comes back: scanned, weighed, put into quarantine; returns the return's id.

    Raises OutOfStep for a unit that never left.
    """
    if reason not in REASONS:
        raise ValueError("reason: is not offered")
    return_id = desk.new_id("z")
    with desk.act(actor.staff_id, {"return": return_id}) as act:
        unit = find_unit(act.connection, desk.site_id, unit_id)
        if unit.state not in ("released", "handed_over", "recalled"):
            raise OutOfStep(unit.state, "handed_over")
        act.record(
            UnitReturned(
                return_id=return_id,
                unit_id=unit.id,
                batch=unit.batch or "",
                reason=reason,
                gross_mg=gross_mg,
                place=place.strip(),
                by=actor.staff_id,
            )
        )
    return return_id


def destroy(
    desk: Desk, actor: Actor, return_id: str, method: str, second: str | None, outcome: str = "destroyed"
) -> None:
    """Two persons destroy what came back; the second one's PIN was checked before. Gate `dispose`.

    Raises OutOfStep for one that is destroyed.
    """
    with desk.act(actor.staff_id, {"return": return_id}) as act:
        found = queries.find_return(act.connection, desk.site_id, return_id)
        if found.destroyed_at is not None:
            raise OutOfStep("destroyed", "in quarantine")
        matter = Disposal(
            what="returned",
            outcome=outcome,
            by=actor.staff_id,
            second=second,
            weighed_mg=found.gross_mg,
            hold=hold_of(act.connection, desk.site_id, return_id, unit_id=found.unit_id),
        )
        desk.require(act, "dispose", case_of(desk, act, actor.staff_id, matter), return_id)
        act.record(
            ReturnedDestroyed(
                return_id=return_id,
                unit_id=found.unit_id,
                method=method.strip(),
                by=actor.staff_id,
                second=second or "",
            )
        )
