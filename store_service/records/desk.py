"""Where a command stands: on which log, by which law, in which shop, at what time.

A command opens one act, asks its gate inside it, records events, and leaves; a refusal rolls everything back and is
then put on record by itself (`act.refused`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from store_service.rules.again import kept, same
from store_service.rules.case import Case, Site
from store_service.rules.catalogue import RuleSet
from store_service.rules.dates import beijing_date
from store_service.rules.gates import ask
from store_service.rules.refusal import Facts, Finding, Refused, Verdict
from store_service.settings import Shop

from .events.site import ActRefused, SecondAsked, WarningAccepted
from .ledger import Act, Ledger
from .projections.site import SECOND_GIVEN, finding
from .seconds import WAITS, newest, standing
from .tables import idempotency

Subject = Mapping[str, Any]
"""`{"unit": id}` and the like, rendered anew by its noun; or the whole of a small answer."""
ANY_WARNING = "*"
"""Key of a reason that answers for every warning of the gate."""


class Missing(Exception):
    """There is no such thing here: HTTP 404."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind, self.key = kind, key
        super().__init__(f"no {kind} {key}")


class Replayed(Exception):
    """The same request was carried out before; `subject` says whose state is the answer."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        super().__init__("replayed")


class KeyReused(Exception):
    """The idempotency key belongs to another request: HTTP 422."""


class InProgress(Exception):
    """The same request is being carried out right now: HTTP 409 `/in-progress`."""


class NeedsReason(Exception):
    """A warning stands; it takes a reason from the list and a name: HTTP 409 `/needs-reason`.

    `waiting` has its reason already and wants the second person: rule → what the second person signs for.
    """

    def __init__(self, verdict: Verdict, waiting: Mapping[str, str] | None = None) -> None:
        self.verdict, self.waiting = verdict, dict(waiting or {})
        super().__init__(", ".join(one.rule for one in verdict.warnings))


class OutOfStep(Exception):
    """The thing is not in a state in which this can be done (another screen was faster, or a double tap)."""

    def __init__(self, state: str, wanted: str) -> None:
        self.state, self.wanted = state, wanted
        super().__init__(f"is {state}, not {wanted}")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and at which kiosk."""

    staff_id: str
    kiosk: str


@dataclass(frozen=True, slots=True)
class Once:
    """The idempotency key of the request that is being served (RECORD.md §3)."""

    key: str
    request_hash: str


once: ContextVar[Once | None] = ContextVar("once", default=None)


@dataclass
class Desk:
    """What every command is given. `site` and `shop` are None at the hub, which is no shop."""

    ledger: Ledger
    ruleset: RuleSet
    site: Site | None
    shop: Shop | None = None
    build: str = "0.1.0"
    has_hub: bool = False
    random: Callable[[int], int] = secrets.randbelow
    _running: set[tuple[str, str]] = field(default_factory=set)

    def now(self) -> datetime:
        return self.ledger.clock.now()

    @property
    def site_id(self) -> str:
        return self.ledger.site

    def new_id(self, prefix: str) -> str:
        """An id that says nothing and is not used again: prefix and 80 random bits."""
        alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
        return f"{prefix}-" + "".join(alphabet[self.random(32)] for _ in range(16))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.ledger.read() as connection:
            yield connection

    @contextmanager
    def act(self, actor: str, answer: Subject | None = None, *, keyed: bool = True) -> Iterator[Act]:
        """One act by `actor`; `answer` names the subject whose state a replay of the same request renders.

        The first keyed act of a request carries its idempotency key; an act beside it, such as asking whether the
        second person may sign at all, is not keyed.
        """
        request = once.get() if keyed else None
        if request is None:
            with self._recorded(actor) as act:
                yield act
            return
        running = (actor, request.key)
        if running in self._running:
            raise InProgress
        self._running.add(running)
        try:
            with self._recorded(actor) as act:
                self._replay(act, request)
                once.set(None)
                yield act
                self._remember(act, request, answer or {})
        finally:
            self._running.discard(running)

    @contextmanager
    def _recorded(self, actor: str) -> Iterator[Act]:
        try:
            with self.ledger.act(actor) as act:
                yield act
        except RefusedAct as refused:
            found = refused.verdict.refusals
            with self.ledger.act(actor) as act:
                rules = tuple(dict.fromkeys(one.rule for one in found))
                act.record(ActRefused(gate=refused.verdict.gate, subject=refused.subject, rules=rules))
                if all(one.second_person for one in found):
                    self._ask(act, [_request(refused.verdict.gate, refused.subject, one, "", actor) for one in found])
            raise
        except Waiting as no:
            with self.ledger.act(actor) as act:
                self._ask(act, no.asked)
            raise

    def _ask(self, act: Act, asked: Sequence[SecondAsked]) -> None:
        """Put requests for a second person on record, sealed so that they leave for head office at once. The same
        request by the same person, still open, is not made twice: an answer to it would miss the newer one."""
        for one in asked:
            last = newest(act.connection, self.site_id, one.subject, one.rule)
            same = last is not None and (last.gate, last.reason or "", last.by, last.zh, last.en) == (
                one.gate, one.reason, one.by, one.zh, one.en
            )  # fmt: skip
            fresh = last is not None and last.at > self.now() - WAITS
            if last is None or not same or not fresh or standing(act.connection, last) != "open":
                act.record(one)
        act.seal = self.ledger.frozen is None

    def _replay(self, act: Act, request: Once) -> None:
        row = act.connection.execute(
            select(idempotency).where(
                idempotency.c.store_id == self.site_id,
                idempotency.c.actor == act.actor,
                idempotency.c.key == request.key,
            )
        ).one_or_none()
        if row is None:
            return
        if row.request_hash != request.request_hash:
            raise KeyReused
        raise Replayed(row.subject)

    def _remember(self, act: Act, request: Once, answer: Subject) -> None:
        act.connection.execute(
            insert(idempotency).values(
                store_id=self.site_id,
                actor=act.actor,
                key=request.key,
                request_hash=request.request_hash,
                status=200,
                first_idx=act.size,
                last_idx=act.size + len(act.events) - 1,
                subject=dict(answer),
                at=self.now(),
            )
        )

    def require(
        self,
        act: Act,
        gate: str,
        case: Case,
        subject: str,
        reasons: Mapping[str, str] | None = None,
        before: str | None = None,
    ) -> Verdict:
        """Ask a gate. Raises Refused with every "no", or NeedsReason for warnings that nobody has answered for.

        A warning is answered once for its subject, until it says something else; `reasons` maps rule id, or
        ANY_WARNING, to a reason from the list. What was accepted of the subject `before` is accepted here too.
        """
        verdict = ask(gate, case, self.ruleset)
        self.abide(act, verdict, subject, reasons, before)
        return verdict

    def abide(
        self,
        act: Act,
        verdict: Verdict,
        subject: str,
        reasons: Mapping[str, str] | None = None,
        before: str | None = None,
    ) -> None:
        """Do what a gate said; raises as `require`."""
        if not verdict.allowed:
            raise RefusedAct(verdict, subject)
        self.answer(act, verdict, subject, reasons, before)

    def answer(
        self,
        act: Act,
        verdict: Verdict,
        subject: str,
        reasons: Mapping[str, str] | None = None,
        before: str | None = None,
    ) -> None:
        """Put the warnings of a verdict on record with their reasons. Raises NeedsReason for what stays open, and
        ValueError for a reason that is not on the list."""
        given, still, asked = reasons or {}, list[Finding](), list[SecondAsked]()
        answered = list[tuple[str, str, str, Facts]]()
        for one in verdict.warnings:
            about = self.about(one, subject)
            this = (about, one.rule, one.saying, one.facts)
            if this in answered or self._accepted(act.connection, about, one) is not None:
                continue
            reason = given.get(one.rule) or given.get(ANY_WARNING)
            if not reason and before is not None:
                reason = self._accepted(act.connection, self.about(one, before), one)
            if reason and reason not in self.ruleset.reasons:
                raise ValueError(f"reason: {reason[:40]} is not on the list")
            if reason and one.second_person and not self._seconded(act, about, one.rule):
                asked.append(_request(verdict.gate, about, one, reason, act.actor))
            elif reason:
                act.record(
                    WarningAccepted(
                        gate=verdict.gate,
                        subject=about,
                        rule=one.rule,
                        reason=reason,
                        by=act.actor,
                        saying=one.saying,
                        facts=dict(kept(one.facts)),
                    )
                )
                answered.append(this)
                continue
            still.append(one)
        if asked:
            raise Waiting(replace(verdict, warnings=tuple(still)), tuple(asked))
        if still:
            raise NeedsReason(replace(verdict, warnings=tuple(still)))

    def unanswered(self, connection: Connection, verdict: Verdict, subject: str) -> tuple[Finding, ...]:
        """The warnings of a verdict that nobody has answered for yet."""
        return tuple(
            one for one in verdict.warnings if self._accepted(connection, self.about(one, subject), one) is None
        )

    def about(self, one: Finding, subject: str) -> str:
        """What a warning is answered for: one end, the shift (of one person where it names one), or `subject`."""
        if one.per is not None:
            return one.per
        if one.every != "shift":
            return subject
        return " ".join(["shift", beijing_date(self.now()).isoformat(), *_person_of(one)])

    def second_for(self, connection: Connection, subject: str, rule: str) -> str | None:
        """Who signed last as second person for a rule about a subject."""
        names = self._found(connection, SECOND_GIVEN, subject, rule)
        return names[-1] if names else None

    def _accepted(self, connection: Connection, subject: str, one: Finding) -> str | None:
        """The reason with which this very warning was accepted for a subject; None while nobody has."""
        query = select(finding.c.rules, finding.c.saying, finding.c.facts, finding.c.reason).where(
            finding.c.store_id == self.site_id, finding.c.subject == subject, finding.c.kind == "warning"
        )
        found = (row for row in connection.execute(query) if one.rule in row.rules and row.saying == one.saying)
        return next((str(row.reason) for row in found if same(row.facts or {}, one.facts)), None)

    def _seconded(self, act: Act, subject: str, rule: str) -> bool:
        """Somebody else has signed since this rule was last accepted for the subject: a signature is spent by it."""
        query = (
            select(finding.c.kind, finding.c.rules, finding.c.actor)
            .where(
                finding.c.store_id == self.site_id,
                finding.c.subject == subject,
                finding.c.kind.in_((SECOND_GIVEN, "warning")),
            )
            .order_by(finding.c.idx)
        )
        signed = False
        for row in act.connection.execute(query):
            if rule in row.rules:
                signed = row.kind == SECOND_GIVEN and (signed or row.actor != act.actor)
        return signed

    def _found(self, connection: Connection, kind: str, subject: str, rule: str) -> list[str]:
        """The names behind what stands on record of a rule about a subject, in order."""
        query = (
            select(finding.c.rules, finding.c.actor)
            .where(finding.c.store_id == self.site_id, finding.c.subject == subject, finding.c.kind == kind)
            .order_by(finding.c.idx)
        )
        return [row.actor for row in connection.execute(query) if rule in row.rules]


class RefusedAct(Refused):
    """A refusal with the thing that it was said of."""

    def __init__(self, verdict: Verdict, subject: str) -> None:
        self.subject = subject
        super().__init__(verdict)


class Waiting(NeedsReason):
    """Warnings with a reason that wait for a second person; who asked is put on record by itself."""

    def __init__(self, verdict: Verdict, asked: tuple[SecondAsked, ...]) -> None:
        self.asked = asked
        super().__init__(verdict, {one.rule: one.subject for one in asked})


def _request(gate: str, subject: str, one: Finding, reason: str, by: str) -> SecondAsked:
    words = {"zh": one.message_zh, "en": one.message_en}
    return SecondAsked(gate=gate, subject=subject, rule=one.rule, reason=reason, by=by, **words)


def _person_of(one: Finding) -> tuple[str, ...]:
    staff_id = one.facts.get("staff_id")
    return (str(staff_id),) if staff_id else ()
