"""The shop's own intake behind the consumer's page: it needs no line to head office."""

from __future__ import annotations

import hashlib

from store_service.privacy.vault import Vault
from store_service.records.desk import Desk, KeyReused, Once, Replayed, once
from store_service.trace.intake import A_LABEL, TOGETHER, Answers, Intake
from store_service.trace.limit import PageLimit

from .commands import Reactions, Told

ACTOR = "page"


def own_intake(desk: Desk, vault: Vault) -> Intake:
    """Cases that are told on the page go into this shop's vault and log."""
    reactions = Reactions(desk, vault)

    def report(unit_id: str, answers: Answers, key: str) -> str:
        told = Told(
            tuple(answers.get("symptom", ())),
            tuple(answers.get("place", ())),
            next(iter(answers.get("began", ())), ""),
            next(iter(answers.get("words", ())), ""),
        )
        digest = hashlib.sha256(repr((unit_id, told)).encode()).hexdigest()
        once.set(Once(key[:80], digest) if len(key) >= 8 else None)
        try:
            return reactions.report(ACTOR, told, unit_id=unit_id, channel="page")
        except Replayed as again:
            return str(again.subject["reaction"])
        except KeyReused as reused:
            raise ValueError("key: belongs to another report") from reused
        finally:
            once.set(None)

    def contact(unit_id: str, case_id: str, text: str) -> None:
        if text.strip():
            reactions.leave_contact(unit_id, case_id, text)

    limit = PageLimit(desk.ledger.clock.mono_ns, A_LABEL, TOGETHER)
    return Intake(report, contact, lambda: desk.ledger.frozen is None, limit)
