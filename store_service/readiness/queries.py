"""One answer to "May I work now?", and what waits for a second person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, select

from store_service.blending.cases import View
from store_service.inspections.rounds import entered
from store_service.records.desk import Desk
from store_service.records.projections.catalogue import stop
from store_service.records.projections.site import SECOND_ASKED, SECOND_GIVEN, finding
from store_service.rules.ahead import Deadline, deadlines
from store_service.rules.case import Case
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Product
from store_service.rules.gates import ask
from store_service.rules.params import Parameters
from store_service.rules.refusal import Finding
from store_service.rules.rounds import Done, of_a_product
from store_service.settings import BenchSettings

AHEAD_DAYS = 30
OF_A_UNIT = ("R-BLD-12", "R-BLD-24")
"""Asked at a start, but of one unit: a shop is ready without them."""
LIFTED_BY_A_SECOND = ("R-PPL-07",)
"""Refusals that another person's signature lifts."""


@dataclass(frozen=True, slots=True)
class Ready:
    """`missing` refuses now; `warnings` want a reason once a shift; `ahead` ends within 30 days, the next first."""

    case: Case
    missing: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    ahead: tuple[Deadline, ...]
    today: date

    @property
    def may_work(self) -> bool:
        return not self.missing


def may_i_work(connection: Connection, desk: Desk, bench: BenchSettings, staff_id: str) -> Ready:
    """Everything that stands, asked as the first service and the first start of `staff_id` would ask it."""
    view = View.at(desk, connection)
    case = view.at_bench(view.standing(staff_id), bench)
    opening, start = (ask(gate, case, desk.ruleset) for gate in ("open_service", "start"))
    of_the_bench = [one for one in start.refusals if one.rule not in OF_A_UNIT]
    missing = {(one.rule, one.message_en): one for one in (*opening.refusals, *of_the_bench)}
    params, today = desk.ruleset.fill(case.params), beijing_date(view.now)
    staff = [row for row in view.known.staff.values() if desk.site_id in row.store_ids]
    ends = [
        *deadlines(case, params, desk.ruleset, staff),
        *_duties(connection, desk, case.done, view.known.products.values(), params, today),
        *(
            Deadline(
                "R-SYN-04", f"登记册 {one.kind} 的有效期", f"register {one.kind}", beijing_date(one.valid_to), False
            )
            for one in view.known.standing.values()
            if one.valid_to is not None and not desk.has_hub
        ),
    ]
    return Ready(
        case=case,
        missing=tuple(missing.values()),
        warnings=desk.unanswered(connection, opening, f"opening {staff_id}"),
        notes=opening.notes,
        ahead=tuple(sorted((one for one in ends if 0 <= one.days_left(today) <= AHEAD_DAYS), key=_next_first)),
        today=today,
    )


def _duties(
    connection: Connection, desk: Desk, done: Done, products: Iterable[Product], params: Parameters, today: date
) -> Iterator[Deadline]:
    """Duties with a day: what comes round for a product, and what somebody entered."""
    terms = desk.ruleset.terms
    of_products = [found for one in products for found in of_a_product(one, done, params, today)]
    for one in [*of_products, *entered(connection, desk.site_id)]:
        zh, en = (f"{terms.term(one.kind, language)} {one.subject}".strip() for language in ("zh", "en"))
        yield Deadline(one.rule, zh, en, one.due, warns=False)


def _next_first(one: Deadline) -> tuple[date, str, str]:
    return one.last_day, one.rule, one.what_en


@dataclass(frozen=True, slots=True)
class Stop:
    """What head office stopped, and when this shop heard of it. `kind` is the register's, `items` what it names."""

    stop_id: str
    kind: str
    items: tuple[str, ...]
    received_at: datetime


def unread_stops(connection: Connection, site: str) -> list[Stop]:
    """Stops that nobody has read, oldest first (R-SYN-04)."""
    query = select(stop).where(stop.c.store_id == site, stop.c.read_at.is_(None)).order_by(stop.c.received_at)
    return [Stop(row.id, row.kind, tuple(row.items), row.received_at) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A warning with its reason, or a refusal, that wants a second person. `by` acted first."""

    subject: str
    rule: str
    gate: str
    reason: str | None
    by: str
    at: datetime


def second_asked(connection: Connection, site: str, subject: str, rule: str) -> Asked | None:
    """The newest request for a second person about a subject, None where there is none."""
    found = [one for one in _requests(connection, site, finding.c.subject == subject) if one.rule == rule]
    return found[-1] if found else None


def waiting_for_a_second(connection: Connection, site: str, since: datetime) -> list[Asked]:
    """Requests since then that nobody has signed and that were not answered meanwhile, oldest first."""
    asked = {(one.subject, one.rule): one for one in _requests(connection, site, finding.c.at >= since)}
    done = select(finding.c.subject, finding.c.rules).where(
        finding.c.store_id == site, finding.c.at >= since, finding.c.kind.in_((SECOND_GIVEN, "warning"))
    )
    for subject, rules in connection.execute(done):
        for rule in rules:
            asked.pop((subject, rule), None)
    return sorted(asked.values(), key=lambda one: one.at)


def _requests(connection: Connection, site: str, where: ColumnElement[bool]) -> Iterator[Asked]:
    query = (
        select(finding)
        .where(finding.c.store_id == site, where, finding.c.kind.in_((SECOND_ASKED, "refusal")))
        .order_by(finding.c.idx)
    )
    for row in connection.execute(query):
        for rule in row.rules:
            if row.kind == SECOND_ASKED or rule in LIFTED_BY_A_SECOND:
                yield Asked(row.subject, rule, row.gate, row.reason, row.actor, row.at)
