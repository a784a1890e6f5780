"""Open a case on suspicion, say how grave it is, report it against every source, hold a lot (R-ADR-01 to 08).

What a person told is sealed in the vault under the case; the log knows that there is a case, of which unit, since when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store_service.blending.queries import find_unit
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.privacy.commands import case_of
from store_service.privacy.vault import Vault, held
from store_service.records.desk import Actor, Desk, Missing, OutOfStep
from store_service.records.events.after import (
    HoldConfirmed,
    ReactionAware,
    ReactionClassified,
    ReactionClosed,
    ReactionContactLeft,
    ReactionLinked,
    ReactionReported,
    ReactionSubmitted,
    ReactionSupplemented,
)
from store_service.records.events.catalogue import LotFreed, LotHeld
from store_service.rules.matters import CaseClosing, Classification, HoldWord, ReactionCase, Submission
from store_service.trace.queries import products_of_lot

from . import queries

SYMPTOMS = ("itch", "burning", "pain", "dryness", "tightness", "redness", "swelling", "blister", "other")
PLACES = ("forehead", "eyes", "cheeks", "nose", "chin", "neck", "body", "other")
BEGAN = ("today", "yesterday", "this_week", "earlier")
CHANNELS = ("page", "counter", "phone", "authority")
REPORTS = ("report", "selfcheck", "supplement")
NOTICE = "R1"
"""The notice on the consumer's form, and the counter's; its words stand in the faces' books under `reaction`."""
WORDS, MOST_WORDS = 600, 6_000
"""Of one telling, and of a case with all that was added."""
CONTACT = 80


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of a reaction: keys of the lists above, own words, and nothing that is asked by force."""

    symptoms: tuple[str, ...]
    places: tuple[str, ...] = ()
    began: str = ""
    words: str = ""

    def sealed(self) -> dict[str, object]:
        """As it goes into the vault. Raises ValueError for a key that is not offered and for a case of nothing."""
        for name, given, offered in (("symptoms", self.symptoms, SYMPTOMS), ("places", self.places, PLACES)):
            if unknown := set(given) - set(offered):
                raise ValueError(f"{name}: {sorted(unknown)[0][:40]} is not offered")
        if self.began and self.began not in BEGAN:
            raise ValueError("began: is not offered")
        if not self.symptoms and not self.words.strip():
            raise ValueError("symptoms: choose one, or write what happened")
        return {
            "symptoms": sorted(set(self.symptoms)),
            "places": sorted(set(self.places)),
            "began": self.began,
            "words": self.words.strip()[:MOST_WORDS],
        }

    def after(self, before: Mapping[str, Any]) -> Told:
        """With what was told before: nothing that a person said is lost."""
        words = [one for one in (str(before.get("words", "")), self.words.strip()[:WORDS]) if one]
        return Told(
            (*before.get("symptoms", ()), *self.symptoms),
            (*before.get("places", ()), *self.places),
            self.began or str(before.get("began", "")),
            "\n".join(words),
        )


@dataclass(frozen=True)
class Reactions:
    """The shop's reaction cases."""

    desk: Desk
    vault: Vault

    def report(
        self,
        actor: str,
        told: Told,
        *,
        unit_id: str = "",
        channel: str,
        aware_at: datetime | None = None,
        contact: str = "",
        reasons: Mapping[str, str] | None = None,
    ) -> str:
        """Open a case; returns its id. `aware_at` is the earliest word to anybody here, now by default. Gate
        `reaction`: a late case needs a reason. The bottle may be unknown."""
        if channel not in CHANNELS:
            raise ValueError("channel: is not offered")
        sealed, case_id = told.sealed(), self.desk.new_id("r")
        with self.desk.act(actor, {"reaction": case_id}) as act:
            unit = find_unit(act.connection, self.desk.site_id, unit_id) if unit_id else None
            now = self.desk.now()
            matter = ReactionCase(aware_at or now)
            self.desk.require(act, "reaction", case_of(self.desk, act, actor, matter), case_id, reasons)
            commitment = self.vault.put("reaction", case_id, sealed, now)
            if contact.strip():
                self.vault.put("reaction_contact", case_id, {"contact": contact.strip()[:CONTACT]}, now)
            act.record(
                ReactionReported(
                    case_id=case_id,
                    unit_id=unit.id if unit else "",
                    batch=(unit.batch or "") if unit else "",
                    channel=channel,
                    aware_at=aware_at or now,
                    told=commitment,
                    notice_version=NOTICE,
                    contact_left=bool(contact.strip()),
                )
            )
            act.seal = True
        return case_id

    def add(self, actor: str, case_id: str, told: Told) -> None:
        """New facts join what was told before, and the case is open again (R-ADR-03: a supplement goes out). Raises
        Missing."""
        told.sealed()  # what is not offered is refused before anything is opened
        with self.desk.act(actor, {"reaction": case_id}) as act:
            queries.find_case(act.connection, self.desk.site_id, case_id)
            before = held(self.vault, "reaction", case_id) or {}
            whole = told.after(before).sealed()
            commitment = self.vault.put("reaction", case_id, whole, self.desk.now())
            act.record(ReactionSupplemented(case_id=case_id, told=commitment, by=actor))

    def leave_contact(self, unit_id: str, case_id: str, contact: str) -> None:
        """A way to reach who reported; it stands in the vault only. Raises Missing, also for a case of another unit: a
        label opens its own cases alone."""
        with self.desk.act("page", {"reaction": case_id}) as act:
            if queries.find_case(act.connection, self.desk.site_id, case_id).unit_id != unit_id:
                raise Missing("reaction", case_id)
            self.vault.put("reaction_contact", case_id, {"contact": contact.strip()[:CONTACT]}, self.desk.now())
            act.record(ReactionContactLeft(case_id=case_id, notice_version=NOTICE))

    def known_earlier(self, actor: Actor, case_id: str, aware_at: datetime) -> None:
        """Somebody here knew before: the clock starts there (R-ADR-02). It never starts later."""
        with self.desk.act(actor.staff_id, {"reaction": case_id}) as act:
            found = queries.find_case(act.connection, self.desk.site_id, case_id)
            matter = ReactionCase(aware_at, found.aware_at)
            case = case_of(self.desk, act, actor.staff_id, matter)
            self.desk.require(act, "reaction", case, case_id, {"R-ADR-01": "known_earlier"})
            act.record(ReactionAware(case_id=case_id, aware_at=aware_at, by=actor.staff_id))

    def link(self, actor: Actor, case_id: str, unit_id: str) -> None:
        """The bottle was found."""
        with self.desk.act(actor.staff_id, {"reaction": case_id}) as act:
            queries.find_case(act.connection, self.desk.site_id, case_id)
            unit = find_unit(act.connection, self.desk.site_id, unit_id)
            act.record(ReactionLinked(case_id=case_id, unit_id=unit.id, batch=unit.batch or "", by=actor.staff_id))

    def classify(self, actor: Actor, case_id: str, severity: str, reason: str) -> None:
        """An officer says how grave a case is (R-ADR-04). Gate `classify`."""
        with self.desk.act(actor.staff_id, {"reaction": case_id}) as act:
            found = queries.find_case(act.connection, self.desk.site_id, case_id)
            matter = Classification(severity, found.severity, reason)
            self.desk.require(act, "classify", case_of(self.desk, act, actor.staff_id, matter), case_id)
            act.record(ReactionClassified(case_id=case_id, severity=severity, reason=reason.strip(), by=actor.staff_id))

    def submit(
        self,
        actor: Actor,
        case_id: str,
        kind: str,
        receipt: str,
        filing_numbers: Sequence[str] | None = None,
        lots: Sequence[str] | None = None,
    ) -> None:
        """A report went out with this receipt; by default it names everything. Gate `submit`: an officer has classified
        the case, the receipt is there, every source is named (R-ADR-02, 04, 05)."""
        if kind not in REPORTS:
            raise ValueError("kind: is not offered")
        with self.desk.act(actor.staff_id, {"reaction": case_id}) as act:
            found = queries.find_case(act.connection, self.desk.site_id, case_id)
            every = queries.sources_of(act.connection, self.desk.site_id, found.unit_id)
            numbers, all_lots = every if every else (None, None)
            matter = Submission(
                batch=found.batch or None,
                filing_numbers=frozenset(filing_numbers if filing_numbers is not None else numbers or ()),
                lots=frozenset(lots if lots is not None else all_lots or ()),
                all_filing_numbers=numbers,
                all_lots=all_lots,
                severity=found.severity,
                receipt=receipt,
            )
            self.desk.require(act, "submit", case_of(self.desk, act, actor.staff_id, matter), case_id)
            act.record(
                ReactionSubmitted(
                    case_id=case_id,
                    kind=kind,
                    batch=found.batch,
                    filing_numbers=tuple(sorted(matter.filing_numbers)),
                    lots=tuple(sorted(matter.lots)),
                    receipt=receipt.strip(),
                    by=actor.staff_id,
                )
            )

    def close(self, actor: Actor, case_id: str, conclusion: str) -> None:
        """An officer closes a classified case whose report went out with a receipt, a grave one after its self-check.
        Gate `case_close` (R-ADR-02, 03, 04). Raises OutOfStep for one that is closed.

        A case whose bottle nobody found has nothing to report against (R-ADR-05): its conclusion says why.
        """
        with self.desk.act(actor.staff_id, {"reaction": case_id}) as act:
            found = queries.find_case(act.connection, self.desk.site_id, case_id)
            if not found.open:
                raise OutOfStep("closed", "open")
            receipted = {one["kind"] for one in found.submissions if one["receipt"]}
            matter = CaseClosing(
                severity=found.severity,
                bottle=bool(found.unit_id),
                reported="report" in receipted,
                selfchecked="selfcheck" in receipted,
                conclusion=conclusion,
            )
            self.desk.require(act, "case_close", case_of(self.desk, act, actor.staff_id, matter), case_id)
            act.record(ReactionClosed(case_id=case_id, conclusion=conclusion.strip(), by=actor.staff_id))

    def hold_lot(self, actor: Actor, product_id: str, lot_no: str, cases: Sequence[str], reason: str = "") -> None:
        """A person's word holds a lot here and now; it reaches the next dose (R-ADR-08). Gate `hold`. Raises Missing
        for a lot that never came here."""
        with self.desk.act(actor.staff_id, {"lot": f"{product_id}/{lot_no}"}) as act:
            matter = HoldWord(tuple(cases), reason)
            subject = f"{product_id}/{lot_no}"
            if product_id not in products_of_lot(act.connection, self.desk.site_id, lot_no):
                raise Missing("lot", subject)
            self.desk.require(act, "hold", case_of(self.desk, act, actor.staff_id, matter), subject)
            why = reason.strip() or "reactions"
            act.record(HoldConfirmed(product_id=product_id, lot_no=lot_no, cases=tuple(cases), by=actor.staff_id))
            act.record(LotHeld(product_id=product_id, lot_no=lot_no, reason=why, by=actor.staff_id))
            act.seal = True

    def free_lot(self, actor: Actor, product_id: str, lot_no: str, second: str | None, reason: str) -> None:
        """Lift a hold that this shop made itself: an officer with a reason, and another person whose PIN was checked.
        What head office holds stays held. OutOfStep for a lot that the shop does not hold. Gate `hold`."""
        if second in (None, actor.staff_id):
            raise ValueError("badge: another person signs too")
        subject = f"{product_id}/{lot_no}"
        with self.desk.act(actor.staff_id, {"lot": subject}) as act:
            if (product_id, lot_no) not in registers(act.connection, self.desk.site_id, LAST_KNOWN).held:
                raise OutOfStep("not held", "held")
            recalled = queries.open_recall(act.connection, self.desk.site_id, product_id, lot_no)
            word = HoldWord((), reason, recalled)
            self.desk.require(act, "hold", case_of(self.desk, act, actor.staff_id, word), subject)
            act.record(
                LotFreed(
                    product_id=product_id, lot_no=lot_no, reason=reason.strip(), by=actor.staff_id, second=second or ""
                )
            )
            act.seal = True
