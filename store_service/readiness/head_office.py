"""Head office's answer to a request for a second person, taken in by the shop that asked."""

from __future__ import annotations

from collections.abc import Sequence

from store_service.evidence.keys import VerifierKey
from store_service.evidence.second import verify_answer
from store_service.records import seconds
from store_service.records.desk import Desk
from store_service.records.events.site import SecondReceived
from store_service.records.projections.site import SETTLED


def take_answer(desk: Desk, note: str, keys: Sequence[VerifierKey]) -> str | None:
    """Verify a signed answer and put it on record; the effect it has, None when it is on record already.

    It settles its request as a signature given in the shop does, unless it was `late` (answered before) or the thing
    is `gone` (the unit has moved on, the request is older than a day). Raises NoteRefused for a wrong signature and
    ValueError for an answer to nothing that this shop asked: another shop's, another entry's, the asker's own.
    """
    answer, key = verify_answer(note, keys)
    site = desk.site_id
    if answer.origin != desk.ledger.key.name:
        raise ValueError(f"an answer to {answer.origin[:80]}, not to this shop")
    with desk.act("sync") as act:
        asked = seconds.request_at(act.connection, site, answer.asked_idx)
        leaf = seconds.leaf_of(act.connection, site, answer.asked_idx)
        if asked is None or (leaf, asked.rule, asked.subject) != (answer.asked_sha256, answer.rule, answer.subject):
            raise ValueError(f"entry {answer.asked_idx} does not ask what the answer answers")
        if answer.by == asked.by:
            raise ValueError(f"{answer.by} asked for it, another person must sign")
        if seconds.answered(act.connection, site, [asked.idx]):
            return None
        standing = seconds.standing(act.connection, asked)
        old = desk.now() - asked.at > seconds.WAITS
        effect = {"open": "gone" if old else SETTLED, "gone": "gone"}.get(standing, "late")
        act.record(
            SecondReceived(
                asked_idx=asked.idx,
                asked_sha256=answer.asked_sha256,
                subject=asked.subject,
                rule=asked.rule,
                agreed=answer.agreed,
                reason=answer.reason,
                by=answer.by,
                answered_at=answer.at,
                key=str(key),
                effect=effect,
            )
        )
        act.seal = desk.ledger.frozen is None
    return effect
