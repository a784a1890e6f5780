"""Where a command stands: on which log, by which law, in which shop, at what time.

A command opens one act, asks its gate inside it, records events, and leaves; a refusal rolls everything back and is
then put on record by itself (`act.refused`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from store_service.rules.case import Case, Site
from store_service.rules.catalogue import RuleSet
from store_service.rules.gates import ask
from store_service.rules.refusal import Refused, Verdict
from store_service.settings import Shop

from .events.site import ActRefused, WarningAccepted
from .ledger import Act, Ledger
from .projections.site import finding
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
    """A warning stands; it takes a reason from the list and a name: HTTP 409 `/needs-reason`."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
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
            with self.ledger.act(actor) as act:
                rules = tuple(dict.fromkeys(one.rule for one in refused.verdict.refusals))
                act.record(ActRefused(gate=refused.verdict.gate, subject=refused.subject, rules=rules))
            raise

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
        self, act: Act, gate: str, case: Case, subject: str, reasons: Mapping[str, str] | None = None
    ) -> Verdict:
        """Ask a gate. Raises Refused with every "no", or NeedsReason for warnings that nobody has answered for.

        A warning is answered once for its subject; `reasons` maps rule id, or ANY_WARNING, to a reason from the list.
        """
        verdict = ask(gate, case, self.ruleset)
        if not verdict.allowed:
            raise RefusedAct(verdict, subject)
        open_warnings = {one.rule for one in verdict.warnings} - self._answered(act.connection, subject)
        given = reasons or {}
        for rule in sorted(open_warnings):
            reason = given.get(rule) or given.get(ANY_WARNING)
            if reason:
                act.record(WarningAccepted(gate=gate, subject=subject, rule=rule, reason=reason, by=act.actor))
                open_warnings.discard(rule)
        if open_warnings:
            raise NeedsReason(verdict)
        return verdict

    def _answered(self, connection: Connection, subject: str) -> set[str]:
        query = select(finding.c.rules).where(
            finding.c.store_id == self.site_id, finding.c.subject == subject, finding.c.kind == "warning"
        )
        return {rule for (rules,) in connection.execute(query) for rule in rules}


class RefusedAct(Refused):
    """A refusal with the thing that it was said of."""

    def __init__(self, verdict: Verdict, subject: str) -> None:
        self.subject = subject
        super().__init__(verdict)
