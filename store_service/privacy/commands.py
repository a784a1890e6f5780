"""The rights desk (PIPL 44-50): see, copy, correct, erase, have explained, close; holds and breaches.

Erasing destroys keys in the vault. The log keeps what was decided, under a pseudonym, so that genealogy and proofs stay
whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from store_service.catalogue.queries import LAST_KNOWN, last_params, registers
from store_service.people.queries import acting
from store_service.records.desk import Actor, Desk, Missing, OutOfStep
from store_service.records.events.privacy import (
    BreachClosed,
    BreachRecorded,
    LegalHoldLifted,
    LegalHoldSet,
    PersonalCorrected,
    PersonalErased,
    PersonalShown,
    RightsAnswered,
    RightsRequested,
)
from store_service.records.ledger import Act
from store_service.rules.case import Case
from store_service.rules.dates import beijing_date
from store_service.rules.matters import BreachClosing, EvidenceWord, Matter, RightsAnswer

from . import queries
from .holds import hold_of
from .known import FOR_EVER
from .retention import Kept, forget, records_of
from .vault import Vault, held

REQUESTS = ("show", "copy", "correct", "erase", "explain", "close")
OUTCOMES = ("done", "partly", "refused")
STATUTORY_REASON = "statutory"


@dataclass(frozen=True)
class RightsDesk:
    """Where a consumer's request is taken and answered."""

    desk: Desk
    vault: Vault

    def ask(self, actor: Actor, consumer_ref: str, kind: str, identified_by: str) -> str:
        """Take a request; returns its id. `consumer_ref` was found by `queries.whose`, so the person is known."""
        if kind not in REQUESTS:
            raise ValueError(f"kind: one of {', '.join(REQUESTS)}")
        request_id = self.desk.new_id("q")
        with self.desk.act(actor.staff_id, {"rights": request_id}) as act:
            days = last_params(act.connection, self.desk).rights_days
            act.record(
                RightsRequested(
                    request_id=request_id,
                    consumer_ref=consumer_ref,
                    kind=kind,
                    identified_by=identified_by,
                    due=beijing_date(self.desk.now()) + timedelta(days=days),
                )
            )
        return request_id

    def show(self, actor: Actor, request_id: str) -> dict[str, Any]:
        """What is known of the person: `{kind: {ref: record}}`, with what was erased and until when the rest stays.

        Opening it is on record. Gate `rights`: only an officer or the manager does. OutOfStep once it is answered.
        """
        with self.desk.act(actor.staff_id, keyed=False) as act:
            found = self._open_request(act, request_id)
            may_open(self.desk, act, actor, found.consumer_ref)
            whole = records_of(act.connection, self.desk, found.consumer_ref)
            records = [one for one in whole if one.kind != "mark_key"]  # ours, and nothing about the person
            opened = {one: self._open(one) for one in records}
            seen = {one: body for one, body in opened.items() if body is not None}
            kinds = tuple(sorted({one.kind for one in seen}))
            act.record(PersonalShown(subject=found.consumer_ref, kinds=kinds, purpose=found.kind, by=actor.staff_id))
        return {
            "consumer_ref": found.consumer_ref,
            "records": [
                {"kind": one.kind, "ref": one.ref, "until": _day(one.until), "law": one.law, "data": body}
                for one, body in seen.items()
            ],
        }

    def copy(self, actor: Actor, request_id: str) -> dict[str, Any]:
        """As `show`, to be given to the person (PIPL 45). OutOfStep for a request that asked for something else."""
        with self.desk.read() as connection:
            found = queries.find_request(connection, self.desk.site_id, request_id)
        if found.kind != "copy":
            raise OutOfStep(found.kind, "copy")
        return self.show(actor, request_id)

    def correct_contact(self, actor: Actor, request_id: str, contact: str) -> None:
        """Replace the recall contact, on the person's request. OutOfStep once it is answered; Missing where none was
        left: a new one takes its consent at the counter (R-CON-03)."""
        with self.desk.act(actor.staff_id, {"rights": request_id}) as act:
            found = self._open_request(act, request_id)
            may_open(self.desk, act, actor, found.consumer_ref)
            if held(self.vault, "contact", found.consumer_ref) is None:
                raise Missing("contact", found.consumer_ref)
            sealed = self.vault.put("contact", found.consumer_ref, {"phone": contact.strip()}, self.desk.now())
            self.vault.database.forget()
            act.record(
                PersonalCorrected(subject=found.consumer_ref, kind="contact", commitment=sealed, by=actor.staff_id)
            )

    def answer(
        self,
        actor: Actor,
        request_id: str,
        outcome: str = "done",
        reason: str = "",
        kinds: tuple[str, ...] | None = None,
    ) -> str:
        """Answer a request; returns the outcome. Gate `rights`.

        An erasure without `kinds` takes everything that the law lets go and is `partly` done when something stays;
        with `kinds` it takes exactly those, and one that the law keeps is refused (R-ADR-10).
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome: one of {', '.join(OUTCOMES)}")
        with self.desk.act(actor.staff_id, {"rights": request_id}) as act:
            site = self.desk.site_id
            found = self._open_request(act, request_id)
            erasing = found.kind in ("erase", "close") and outcome != "refused"
            there = [one for one in records_of(act.connection, self.desk, found.consumer_ref) if self._is_there(one)]
            kept = [one for one in there if one.law and one.until >= beijing_date(self.desk.now())]
            going = [one for one in there if (one not in kept if kinds is None else one.kind in kinds)]
            if erasing and kinds is None and kept and outcome == "done":
                outcome, reason = "partly", reason or STATUTORY_REASON
            matter = RightsAnswer(
                kind=found.kind,
                outcome=outcome,
                reason=reason,
                identified=True,
                asked=tuple(sorted({one.kind for one in going})) if erasing else (),
                kept={one.kind: one.until for one in kept},
                hold=hold_of(act.connection, site, consumer_ref=found.consumer_ref),
            )
            self.desk.require(act, "rights", self._case(act, actor, matter), request_id)
            if erasing and going:
                erased = tuple(sorted({one.kind for one in going}))
                act.record(PersonalErased(subject=found.consumer_ref, kinds=erased, why="request"))
            stays = kept if erasing else []
            until = [one.until for one in stays if one.until != FOR_EVER]
            act.record(
                RightsAnswered(
                    request_id=request_id,
                    outcome=outcome,
                    reason=reason,
                    kept=tuple(sorted({one.kind for one in stays})),
                    kept_until=max(until) if until and len(until) == len(stays) else None,
                    by=actor.staff_id,
                )
            )
        if erasing:
            forget(self.vault, going, self.desk.now())  # the next sweep makes up for what ends in between
        return outcome

    def hold(self, actor: Actor, subject: str, reason: str) -> str:
        """A case is open: nothing of the subject goes until it is lifted. `subject` is the id of a consumer, visit,
        unit, case, sample, return, lot or inspection, a batch number or a label's code; Missing for anything else.
        Gate `legal_hold`."""
        hold_id = self.desk.new_id("h")
        with self.desk.act(actor.staff_id, {"hold": hold_id}) as act:
            about = queries.subject_of(act.connection, self.desk.site_id, subject)
            word = EvidenceWord(about, reason, lifts=False, by=actor.staff_id)
            self.desk.require(act, "legal_hold", self._case(act, actor, word), about)
            act.record(LegalHoldSet(hold_id=hold_id, subject=about, reason=reason.strip(), by=actor.staff_id))
        return hold_id

    def lift(self, actor: Actor, hold_id: str, reason: str, second: str | None) -> None:
        """Two persons end a hold; the second one's PIN was checked before. Gate `legal_hold`. Raises Missing, and
        OutOfStep for one that is lifted."""
        with self.desk.act(actor.staff_id, {"hold": hold_id}) as act:
            found = queries.holds(act.connection, self.desk.site_id).get(hold_id)
            if found is None:
                raise Missing("hold", hold_id)
            if not found.open:
                raise OutOfStep("lifted", "open")
            word = EvidenceWord(found.subject, reason, lifts=True, by=actor.staff_id, second=second)
            self.desk.require(act, "legal_hold", self._case(act, actor, word), hold_id)
            act.record(LegalHoldLifted(hold_id=hold_id, reason=reason.strip(), by=actor.staff_id, second=second or ""))

    def breach(self, actor: Actor, kinds: str, aware_at: datetime) -> str:
        """Personal data leaked, was lost or altered (R-PRV-07)."""
        breach_id = self.desk.new_id("b")
        with self.desk.act(actor.staff_id, {"breach": breach_id}) as act:
            act.record(BreachRecorded(breach_id=breach_id, aware_at=aware_at, kinds=kinds, by=actor.staff_id))
        return breach_id

    def close_breach(self, actor: Actor, breach_id: str, told: Mapping[str, str]) -> None:
        """Gate `breach_close`: authority and persons were told everything that the law names."""
        with self.desk.act(actor.staff_id, {"breach": breach_id}) as act:
            found = queries.breaches(act.connection, self.desk.site_id).get(breach_id)
            if found is None:
                raise Missing("breach", breach_id)
            if not found.open:
                raise OutOfStep("closed", "open")
            whole = {"kinds": found.kinds, **told}
            self.desk.require(act, "breach_close", self._case(act, actor, BreachClosing(whole)), breach_id)
            names = ("cause", "harm", "measures", "contact", "authority_ref", "persons_told")
            act.record(
                BreachClosed(breach_id=breach_id, by=actor.staff_id, **{name: whole.get(name, "") for name in names})
            )

    def _open(self, one: Kept) -> dict[str, Any] | None:
        return held(self.vault, one.kind, one.ref)

    def _open_request(self, act: Act, request_id: str) -> queries.Request:
        found = queries.find_request(act.connection, self.desk.site_id, request_id)
        if not found.open:
            raise OutOfStep("answered", "open")
        return found

    def _is_there(self, one: Kept) -> bool:
        return self._open(one) is not None

    def _case(self, act: Act, actor: Actor, matter: Matter) -> Case:
        return case_of(self.desk, act, actor.staff_id, matter)


def case_of(desk: Desk, act: Act, staff_id: str, matter: Matter) -> Case:
    """What a gate after the sale looks at: the person who acts, by the last roles that are known, and the matter."""
    now = desk.now()
    known = registers(act.connection, desk.site_id, LAST_KNOWN)
    return Case(
        now=now,
        site=desk.site,
        params=known.params(desk),
        person=acting(act.connection, desk.site_id, known, staff_id, now),
        matter=matter,
    )


def may_open(desk: Desk, act: Act, actor: Actor, subject: str) -> None:
    """Raises Refused for a person who may not open personal records (R-PRV-03)."""
    looking = RightsAnswer(kind="show", outcome="done", reason="", identified=True)
    desk.require(act, "rights", case_of(desk, act, actor.staff_id, looking), subject)


def opened_record(
    desk: Desk, vault: Vault, actor: Actor, ref: str, kinds: tuple[str, ...], purpose: str
) -> dict[str, dict[str, Any]]:
    """The records of some kinds under one reference, by kind; opening them is on record, and for a purpose. Gate
    `rights`."""
    with desk.act(actor.staff_id, keyed=False) as act:
        may_open(desk, act, actor, ref)
        seen = {kind: body for kind in kinds if (body := held(vault, kind, ref)) is not None}
        act.record(PersonalShown(subject=ref, kinds=tuple(sorted(seen)), purpose=purpose, by=actor.staff_id))
    return seen


def _day(day: date) -> str | None:
    return None if day == FOR_EVER else day.isoformat()
