"""A recall in the shop: the list, one entry a call, and a close that nobody was forgotten in (R-ADR-09, R-ADR-11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row

from store_service.privacy.commands import case_of
from store_service.privacy.vault import Vault
from store_service.records.desk import Actor, Desk, Missing, OutOfStep
from store_service.records.events.after import RecallCalled, RecallClosed, RecallOpened, RecallTold
from store_service.records.events.catalogue import LotHeld
from store_service.rules.matters import RecallStand, RecallWord
from store_service.rules.rounds import RECALL_STEPS
from store_service.trace.queries import at_home, count_of_lot, products_of_lot

from . import queries

CHANNELS = ("phone", "message", "letter", "visit")
OUTCOMES = ("reached", "no_answer", "wrong_number", "declined", "returned")
SETTLED = ("reached", "declined", "returned")
RECALLED = "recall"
"""How the reason of a hold begins that a recall made."""


@dataclass(frozen=True, slots=True)
class Callee:
    """One consumer of a recall: the units at home, whether a contact was left, and what came of the calls."""

    consumer_ref: str
    batches: tuple[str, ...]
    contact: bool
    calls: tuple[tuple[str, str], ...]  # (channel, outcome)

    @property
    def settled(self) -> bool:
        return any(outcome in SETTLED for _, outcome in self.calls)


def draw_up(desk: Desk, actor: Actor, product_id: str, lot_no: str, reason: str, *, drill: bool) -> str:
    """Open a recall or its drill; returns its id. A real one is an officer's and holds the lot in the same act
    (R-ADR-09). Gate `recall`. Raises Missing for a lot that never came here."""
    recall_id = desk.new_id("l")
    with desk.act(actor.staff_id, {"recall": recall_id}) as act:
        if product_id not in products_of_lot(act.connection, desk.site_id, lot_no):
            raise Missing("lot", f"{product_id}/{lot_no}")
        case = case_of(desk, act, actor.staff_id, RecallWord(drill, reason))
        desk.require(act, "recall", case, f"{product_id}/{lot_no}")
        if not drill:
            why = f"{RECALLED} {recall_id}: {reason.strip()}"
            act.record(LotHeld(product_id=product_id, lot_no=lot_no, reason=why, by=actor.staff_id))
            act.seal = True
        units, consumers = count_of_lot(act.connection, product_id, lot_no, desk.site_id)
        act.record(
            RecallOpened(
                recall_id=recall_id,
                product_id=product_id,
                lot_no=lot_no,
                reason=reason.strip(),
                drill=drill,
                units=units,
                consumers=consumers,
                by=actor.staff_id,
            )
        )
    return recall_id


def called(desk: Desk, actor: Actor, recall_id: str, consumer_ref: str, channel: str, outcome: str) -> None:
    """One attempt and what came of it. Raises OutOfStep for a closed recall, ValueError for who is not on the list."""
    if channel not in CHANNELS or outcome not in OUTCOMES:
        raise ValueError("channel: is not offered" if channel not in CHANNELS else "outcome: is not offered")
    with desk.act(actor.staff_id, {"recall": recall_id}) as act:
        found = queries.find_recall(act.connection, desk.site_id, recall_id)
        if not found.open:
            raise OutOfStep("closed", "open")
        if not at_home(act.connection, found.product_id, found.lot_no, desk.site_id, consumer_ref):
            raise ValueError("consumer_ref: is not on the list")
        act.record(
            RecallCalled(
                recall_id=recall_id, consumer_ref=consumer_ref, channel=channel, outcome=outcome, by=actor.staff_id
            )
        )


def tell(desk: Desk, actor: Actor, recall_id: str, step: str, ref: str, detail: str) -> None:
    """One of the things that a recall owes (R-ADR-09): `filer_told`, `mpa_reported` with its receipt, `treated` with
    what was done. Raises OutOfStep for a closed recall and for a drill."""
    if step not in RECALL_STEPS:
        raise ValueError("recall_step: is not offered")
    if step == "mpa_reported" and not ref.strip():
        raise ValueError("receipt: the receipt's number is needed")
    if not ref.strip() and not detail.strip():
        raise ValueError("detail: is needed")
    with desk.act(actor.staff_id, {"recall": recall_id}) as act:
        found = queries.find_recall(act.connection, desk.site_id, recall_id)
        if not found.open or found.drill:
            raise OutOfStep("drill" if found.open else "closed", "open")
        act.record(
            RecallTold(recall_id=recall_id, step=step, ref=ref.strip(), detail=detail.strip(), by=actor.staff_id)
        )


def callees(connection: Connection, desk: Desk, vault: Vault, recall_id: str) -> list[Callee]:
    """Whom to call, who is still to be reached first, with the state of each. Contacts themselves are opened one by
    one, on record."""
    people = _people(connection, desk.site_id, queries.find_recall(connection, desk.site_id, recall_id))
    found = _with_contacts(people, vault.among("contact", {one.consumer_ref for one in people}))
    return sorted(found, key=lambda one: (one.settled, not one.contact, bool(one.calls)))


def _people(connection: Connection, site: str, found: Row[Any]) -> list[Callee]:
    """Everybody who took a unit of the lot home, as if nobody had left a contact."""
    units: dict[str, list[str]] = {}
    for consumer_ref, batch in at_home(connection, found.product_id, found.lot_no, site):
        units.setdefault(consumer_ref, []).append(batch)
    calls: dict[str, list[tuple[str, str]]] = {}
    for call in found.calls:
        calls.setdefault(call["consumer_ref"], []).append((call["channel"], call["outcome"]))
    return [Callee(ref, tuple(batches), False, tuple(calls.get(ref, ()))) for ref, batches in units.items()]


def _with_contacts(people: Sequence[Callee], contacts: Collection[str]) -> list[Callee]:
    return [replace(one, contact=one.consumer_ref in contacts) for one in people]


def effect(people: list[Callee]) -> dict[str, int]:
    """Found, reachable, reached, returned and residual, as an audit asks (ISO 22716 §14)."""
    outcomes = Counter(outcome for one in people for outcome in {outcome for _, outcome in one.calls})
    return {
        "found": len(people),
        "with_contact": sum(one.contact for one in people),
        "reached": sum(one.settled for one in people),
        "returned": outcomes["returned"],
        "residual": sum(not one.settled for one in people),
    }


def effect_at_close(found: Row[Any]) -> dict[str, int]:
    """The same of a recall that is over, out of its own record: who was found when it was drawn up, and the calls."""
    outcomes = {(call["consumer_ref"], call["outcome"]) for call in found.calls}
    reached = len({ref for ref, outcome in outcomes if outcome in SETTLED})
    return {
        "found": found.consumers,
        "reached": reached,
        "returned": sum(outcome == "returned" for _, outcome in outcomes),
        "residual": max(0, found.consumers - reached),
    }


def close(desk: Desk, vault: Vault, actor: Actor, recall_id: str) -> None:
    """Everybody with a contact was reached or tried two ways; the filer and its MPA were told, and what came back was
    dealt with. An officer's act, gate `recall_close`. A drill calls and tells nobody."""
    with desk.read() as connection:  # the vault has a lock of its own: nobody waits for it under the record's
        before = {
            one.consumer_ref
            for one in _people(connection, desk.site_id, queries.find_recall(connection, desk.site_id, recall_id))
        }
    without = before - vault.among("contact", before)
    with desk.act(actor.staff_id, {"recall": recall_id}) as act:
        found = queries.find_recall(act.connection, desk.site_id, recall_id)
        if not found.open:
            raise OutOfStep("closed", "open")
        people = [] if found.drill else _people(act.connection, desk.site_id, found)
        open_ = [one for one in people if one.consumer_ref not in without and not one.settled]
        matter = RecallStand(
            uncalled=tuple(one.consumer_ref for one in open_ if not one.calls),
            one_channel=tuple(one.consumer_ref for one in open_ if len({way for way, _ in one.calls}) == 1),
            drill=found.drill,
            undone=tuple(one for one in RECALL_STEPS if one not in {told["step"] for told in found.told or ()}),
        )
        desk.require(act, "recall_close", case_of(desk, act, actor.staff_id, matter), recall_id)
        act.record(RecallClosed(recall_id=recall_id, by=actor.staff_id))
