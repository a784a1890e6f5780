"""Head office answers its shops' requests for a second person; the answer and its way back (protocol §5).

A request stays in the queue until somebody answers it, here or in its shop, for a day at most. What a shop has put on
its record is not sent again.
"""

from __future__ import annotations

from sqlalchemy import Connection, Row, select

from store_service.catalogue.commands import NotTwoPersons
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.evidence.second import Answer as SignedAnswer
from store_service.evidence.second import sign_answer
from store_service.records.desk import Missing, OutOfStep
from store_service.records.events.site import SecondAnswered
from store_service.records.projections.site import finding, second_answer
from store_service.records.seconds import WAITS, Asked, answered, leaf_of, newest, standing

from .hub import Enrolled, Hub, Signer, token_digest

A_PULL = 50
"""Answers that a shop is given at once, the oldest first."""
MAX_REASON = 200


def signer(hub: Hub, token: str, staff_id: str | None = None) -> Signer | None:
    """Whose token it is, if he may sign; with a name, only if it is that person's."""
    found = hub.signers.get(token_digest(token.strip()))
    return found if found is not None and staff_id in (None, found.staff_id) else None


def answer(hub: Hub, store_id: str, idx: int, sha256: str, *, by: Signer, agreed: bool, reason: str = "") -> None:
    """A person of head office signs for a request, or declines with a reason; an event of head office's log.

    Raises Missing for what is not (or no longer) the open request that was looked at, OutOfStep when a colleague has
    answered it, NotTwoPersons for the person who asked, ValueError without a reason or for somebody under a ban.
    """
    reason = " ".join(reason.split())
    if len(reason) > MAX_REASON or not reason.isprintable():
        raise ValueError(f"reason: at most {MAX_REASON} letters")
    if not agreed and not reason:
        raise ValueError("reason: a request is declined with one")
    shop = hub.by_store(store_id)
    with hub.desk.act(by.staff_id) as act:
        asked = _still_open(act.connection, hub, store_id, idx)
        if shop is None or asked is None or leaf_of(act.connection, store_id, idx) != sha256:
            raise Missing("request for a second person", f"{store_id} {idx}")
        if any((row.origin, row.asked_idx) == (shop.origin, idx) for row in recent(act.connection, hub)):
            raise OutOfStep("answered", "open")
        if by.staff_id == asked.by:
            raise NotTwoPersons("the person who asked does not sign for himself")
        staff = registers(act.connection, hub.desk.site_id, LAST_KNOWN).staff.get(by.staff_id)
        if staff is not None and staff.banned:
            raise ValueError(f"by: {by.staff_id} is banned from working in cosmetics (R-PPL-08)")
        act.record(
            SecondAnswered(
                store_id=store_id,
                origin=shop.origin,
                asked_idx=idx,
                asked_sha256=sha256,
                subject=asked.subject,
                rule=asked.rule,
                agreed=agreed,
                reason=reason,
                by=by.staff_id,
            )
        )
        act.seal = True


def notes(hub: Hub, shop: Enrolled) -> list[str]:
    """The signed answers that a shop has not put on its record yet, by what head office holds of it."""
    with hub.desk.read() as connection:
        mine = [row for row in recent(connection, hub, shop.store_id) if row.origin == shop.origin]
        there = answered(connection, shop.store_id, [row.asked_idx for row in mine]) if mine else set()
    return [
        sign_answer(
            SignedAnswer(
                origin=row.origin,
                asked_idx=row.asked_idx,
                asked_sha256=row.asked_sha256,
                rule=row.rule,
                subject=row.subject,
                agreed=row.agreed,
                by=row.by,
                reason=row.reason,
                at=row.at.replace(microsecond=0),
            ),
            hub.snapshot_key,
        )
        for row in mine
        if row.asked_idx not in there
    ][:A_PULL]


def _still_open(connection: Connection, hub: Hub, store_id: str, idx: int) -> Asked | None:
    """The request at an index, if it is the newest of its kind, open and not older than a day."""
    row = connection.execute(
        select(finding.c.subject, finding.c.rules).where(finding.c.store_id == store_id, finding.c.id == f"{idx:010d}")
    ).one_or_none()
    asked = newest(connection, store_id, row.subject, row.rules[0]) if row else None
    if asked is None or asked.idx != idx or standing(connection, asked) != "open" or hub.now() - asked.at > WAITS:
        return None
    return asked


def recent(connection: Connection, hub: Hub, shop: str | None = None) -> list[Row[tuple[object, ...]]]:
    """Head office's answers of the last day, the oldest first."""
    query = select(second_answer).where(
        second_answer.c.store_id == hub.desk.site_id, second_answer.c.at >= hub.now() - WAITS
    )
    if shop is not None:
        query = query.where(second_answer.c.shop == shop)
    return list(connection.execute(query.order_by(second_answer.c.at)).all())
