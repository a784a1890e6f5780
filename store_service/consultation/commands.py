"""From the notice to the hand-over. Personal answers are sealed in the vault before the event that cites them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from store_service.blending.cases import View
from store_service.blending.lease import free
from store_service.blending.queries import GONE, units_of
from store_service.catalogue.queries import last_params
from store_service.privacy.retention import forget
from store_service.privacy.vault import Vault, held
from store_service.records.desk import Actor, Desk, OutOfStep
from store_service.records.events.consultation import (
    AllergyDecided,
    ConsentRecorded,
    ConsultationChanged,
    ConsultationRecorded,
    NoticeShown,
    ServiceCancelled,
    ServiceExplained,
    ServiceHandedOver,
    ServiceOpened,
)
from store_service.records.ledger import Act
from store_service.rules.case import Consumer
from store_service.rules.checks.people import stands_as_officer
from store_service.rules.dates import beijing_date
from store_service.rules.refusal import Verdict
from store_service.settings import BenchSettings

from .consents import take_back
from .proposals import keep, proposed, told
from .queries import Service, allergen_mark, answers_of, consumer, explained, find_service
from .texts import Texts
from .verdicts import judge
from .visit import on_open


@dataclass(frozen=True)
class Counter:
    """Where a consumer is served: the desk, the vault and the filer's texts."""

    desk: Desk
    vault: Vault
    texts: Texts

    def open(self, actor: Actor, member: str | None = None, reasons: Mapping[str, str] | None = None) -> str:
        """Open a service; returns its id. Gate `open_service`. `member` is a code that the consumer showed: the same
        code is the same consumer again, under a name that only this shop's vault can make from it."""
        desk, service_id = self.desk, self.desk.new_id("v")
        consumer_ref = desk.new_id("c") if member is None else self.member_ref(member)
        with desk.act(actor.staff_id, {"service": service_id}) as act:
            case = View.at(desk, act.connection).standing(actor.staff_id)
            desk.require(act, "open_service", case, service_id, reasons)
            act.record(ServiceOpened(service_id=service_id, consumer_ref=consumer_ref))
        return service_id

    def member_ref(self, code: str) -> str:
        """The pseudonym of a member code: HMAC under the vault's pepper."""
        return f"c-{self.vault.badge_hmac(f'member {code}')[:24]}"

    def show_notice(self, actor: Actor, service_id: str, version: str) -> None:
        """The notice was on the screen, in this version (R-CON-02)."""
        if version != self.texts.notice.version:
            raise ValueError(f"notice_version: {self.texts.notice.version} is in force")
        with on_open(self.desk, actor, service_id) as (act, _):
            act.record(NoticeShown(service_id=service_id, version=version))

    def consent(self, actor: Actor, service_id: str, ticks: Mapping[str, bool]) -> None:
        """One tick a purpose, given or declined (R-CON-03); a given one that is declined is taken back (R-CON-06).

        Raises ValueError for a purpose that is not asked.
        """
        with on_open(self.desk, actor, service_id) as (act, found):
            if found.notice_version is None:
                self._refuse(act, "consult", actor, found)
            for key, given in ticks.items():
                purpose = self.texts.purpose(key)
                if purpose is None:
                    raise ValueError(f"purposes: {key} is not asked")
                if given or not found.given(key):
                    version = purpose.version
                    act.record(ConsentRecorded(service_id=service_id, purpose=key, version=version, given=given))
            gone = [key for key, given in ticks.items() if found.given(key) and not given]
            going = take_back(act, self.desk, self.vault, self.texts, found, gone)
        forget(self.vault, going, self.desk.now())

    def answer(
        self, actor: Actor, service_id: str, question_id: str, values: Sequence[str], text: Sequence[str] = ()
    ) -> None:
        """Keep one answer in the vault; one that changes a complete consultation takes its verdict away.

        Raises ValueError for a value that is not offered, Refused without consent, OutOfStep once the visit is over.
        """
        question = self.texts.question(question_id)
        if question is None:
            raise ValueError(f"question: {question_id} is not asked")
        unknown = [one for one in values if question.option(one) is None]
        if unknown or (question.kind == "one" and len(values) > 1) or (text and not question.free_text):
            raise ValueError(f"answer: {question_id} does not take {unknown or list(values)}")
        with self.desk.read() as connection:
            found = find_service(connection, self.desk.site_id, service_id)
        if found.state != "open":
            raise OutOfStep(found.state, "open")
        if not found.given(question.purpose):
            if question.necessary:
                with on_open(self.desk, actor, service_id) as (act, standing):
                    self._refuse(act, "consult", actor, standing)
            raise ValueError(f"question: {question_id} needs the consent {question.purpose}")
        kept = answers_of(self.vault, found)
        answers = {**kept, question_id: list(values)}
        if question.free_text:
            answers[f"{question_id}_text"] = [one.strip() for one in text if one.strip()]
        if answers == kept:  # the same answer again must not break the seal of a finished consultation
            return
        with on_open(self.desk, actor, service_id, keyed=False) as (act, standing):  # `finish` may come with the key
            self.vault.put("answers", service_id, answers, self.desk.now())
            if standing.commitment is not None:
                act.record(ConsultationChanged(service_id=service_id))

    def finish(self, actor: Actor, service_id: str, reasons: Mapping[str, str] | None = None) -> None:
        """The consultation is complete: seal the answers, cite their commitment. Gate `consult`.

        Raises NeedsReason for a proposal whose reasons hold a doubtful word (R-CON-10).
        """
        desk = self.desk
        with desk.read() as connection:
            found = find_service(connection, desk.site_id, service_id)
        answers = answers_of(self.vault, found)
        commitment = self.vault.put("answers", service_id, answers, desk.now())
        with on_open(self.desk, actor, service_id) as (act, standing):
            person = self.consumer(standing, answers)
            view = View.at(desk, act.connection)
            made = proposed(self.texts, view.known.envelopes, standing, answers)
            case = replace(view.standing(actor.staff_id), consumer=person, told=told(self.texts, made))
            desk.require(act, "consult", case, service_id, reasons)
            if made is not None:
                keep(act, self.vault, self.texts, standing, made)
            act.record(
                ConsultationRecorded(
                    service_id=service_id,
                    version=self.texts.consultation_version,
                    path="questionnaire" if standing.given("questionnaire") else "minimal",
                    commitment=commitment,
                    guardian_consent=standing.given("guardian"),
                )
            )

    def decide_allergen(self, actor: Actor, service_id: str, allergen: str, decision: str, officer_id: str) -> None:
        """The officer's word on an allergen that could not be told (R-CON-08); the PIN was checked before.

        Raises ValueError for a person who may not stand as this shop's officer today.
        """
        if decision not in ("allow", "refuse"):
            raise ValueError("decision: allow or refuse")
        with self.desk.read() as connection:
            staff = View.at(self.desk, connection).known.staff
        today = beijing_date(self.desk.now())
        if officer_id not in staff or not stands_as_officer(staff[officer_id], staff, self.desk.site, today):
            raise ValueError(f"officer: {officer_id} is no quality-safety officer of this shop today")
        if held(self.vault, "mark_key", service_id) is None:
            self.vault.put("mark_key", service_id, {"key": os.urandom(32).hex()}, self.desk.now())
        with on_open(self.desk, actor, service_id) as (act, _):
            act.record(
                AllergyDecided(
                    service_id=service_id,
                    allergen=allergen_mark(self.vault, service_id, allergen),
                    decision=decision,
                    officer_id=officer_id,
                )
            )

    def cancel(self, actor: Actor, service_id: str, reason: str) -> None:
        """The visit ends without a unit. Raises OutOfStep while one is under way or released."""
        with on_open(self.desk, actor, service_id) as (act, _):
            units = units_of(act.connection, self.desk.site_id, service_id)
            busy = [one for one in units if one.state not in ("planned", *GONE)]
            if busy:
                raise OutOfStep(busy[0].state, "discarded")
            for one in units:
                free(self.desk, act, one.id)
            act.record(ServiceCancelled(service_id=service_id, reason=reason))

    def explain(self, actor: Actor, service_id: str, items: Sequence[str]) -> None:
        """Explained to the consumer, ticked one by one (R-CON-09). Raises ValueError for an item that is none."""
        with on_open(self.desk, actor, service_id) as (act, _):
            wanted = last_params(act.connection, self.desk).explained_items
            if strangers := [one for one in items if one not in wanted]:
                raise ValueError(f"items: {strangers[0][:40]} is none of {', '.join(wanted)}")
            told = tuple(one for one in wanted if one in items)
            act.record(ServiceExplained(service_id=service_id, by=actor.staff_id, items=told))

    def hand_over(
        self, actor: Actor, service_id: str, *, contact: str | None = None, recall_card: bool = False
    ) -> None:
        """Hand the whole service over at once. Gate `hand_over`: two or more products over what was released, each item
        explained, and a way to hear of a recall: a contact, which needs its own consent (R-CON-03), or a card with the
        batch numbers (R-REC-03)."""
        desk, contact = self.desk, (contact or "").strip()
        with desk.act(actor.staff_id, {"service": service_id}) as act:
            found = find_service(act.connection, desk.site_id, service_id)
            units = units_of(act.connection, desk.site_id, service_id)
            waiting = [one for one in units if one.state not in ("released", *GONE)]
            if found.state != "open" or waiting or not any(one.state == "released" for one in units):
                raise OutOfStep(waiting[0].state if waiting else found.state, "released")
            view = View.at(desk, act.connection)
            released = [one for one in units if one.state == "released"]
            left = bool(contact) or held(self.vault, "contact", found.consumer_ref) is not None
            needed = frozenset({"contact"} if contact else ())
            case = replace(
                view.standing(actor.staff_id),
                consumer=replace(
                    self.consumer(found, {}), needed_consents=needed, allergies=self.asked(found).allergies
                ),
                units=tuple(view.planned(one) for one in released),
                explained=explained(found, released),
                recall_by="contact" if left else "card" if recall_card else None,
            )
            desk.require(act, "hand_over", view.knowing(case), service_id)
            if contact:
                self.vault.put("contact", found.consumer_ref, {"phone": contact}, desk.now())
            act.record(
                ServiceHandedOver(
                    service_id=service_id,
                    units=tuple(one.id for one in released),
                    contact_left=left,
                    by=actor.staff_id,
                    recall_card=recall_card,
                )
            )

    def verdict(
        self,
        actor: Actor,
        bench: BenchSettings,
        public_base: str,
        service_id: str,
        reasons: Mapping[str, str] | None = None,
    ) -> Verdict:
        """Judge the planned units together, label text included; on record either way. Gate `verdict`.

        Raises Refused with every "no" of every unit, NeedsReason for warnings that nobody has answered for.
        """
        return judge(self, actor, bench, public_base, service_id, reasons)

    def consumer(self, found: Service, answers: Mapping[str, list[str]]) -> Consumer:
        """The consumer as the gates see him."""
        return consumer(found, answers, self.texts, self.vault)

    def asked(self, found: Service) -> Consumer:
        """The consumer by the answers that the vault holds now."""
        return self.consumer(found, answers_of(self.vault, found))

    def _refuse(self, act: Act, gate: str, actor: Actor, found: Service) -> None:
        """Ask a gate for its refusal; the caller knows that it will come."""
        view = View.at(self.desk, act.connection)
        person = self.consumer(found, {})
        self.desk.require(act, gate, replace(view.standing(actor.staff_id), consumer=person), found.service_id)
