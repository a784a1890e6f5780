"""One answer to "May I work now?", and what head office stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, select

from store_service.blending.cases import View
from store_service.inspections.rounds import entered
from store_service.people.queries import acting
from store_service.records.desk import Desk
from store_service.records.projections.catalogue import stop
from store_service.rules.ahead import Deadline, deadlines
from store_service.rules.case import Case, PlannedUnit
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Product
from store_service.rules.gates import ask
from store_service.rules.params import Parameters
from store_service.rules.refusal import Finding, Verdict
from store_service.rules.rounds import Done, of_a_product
from store_service.settings import BenchSettings

AHEAD_DAYS = 30
NOBODY = "-"
OF_A_UNIT = ("R-BLD-12", "R-BLD-24", "R-CON-01")
"""Asked at a start, but of one unit and its consumer: a shop is ready without them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the shop stands, as whoever comes closest to blending finds it. `missing` stops the whole shop; `own` only
    the person who asks, where one of `able` may; `asked` is what the first service of `by` would say: of who asks."""

    case: Case
    missing: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    able: tuple[str, ...]
    own: tuple[Finding, ...]
    by: str
    asked: Verdict


@dataclass(frozen=True, slots=True)
class Ready:
    """`missing` stops the whole shop now, `own` only the person who asks, where one of `able` may; `warnings` want a
    reason once a shift; `notes` stop nothing, also where one envelope of several is refused; `ahead` ends within 30
    days, the next first."""

    missing: tuple[Finding, ...]
    own: tuple[Finding, ...]
    able: tuple[str, ...]
    warnings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    ahead: tuple[Deadline, ...]
    today: date

    @property
    def may_work(self) -> bool:
        return not self.missing

    @property
    def may_start(self) -> bool:
        """The person who asks may blend himself."""
        return self.may_work and not self.own


def standing_of_the_shop(view: View, bench: BenchSettings, asks: str | None) -> Standing:
    """The shop may blend when one of its people may, whoever asks. `asks`: who is signed in, None for nobody."""
    desk, known = view.desk, view.known
    rows = [row for row in known.staff.values() if desk.site_id in row.store_ids]
    blenders = [row.staff_id for row in rows if "blender" in row.roles]
    people = list(dict.fromkeys((*([asks] if asks else ()), *sorted(row.staff_id for row in rows)))) or [NOBODY]
    bare = view.at_bench(view.standing(people[0]), bench)
    cases = {one: replace(bare, person=acting(view.connection, desk.site_id, known, one, view.now)) for one in people}
    first = {one: first_of_the_shift(view, case) for one, case in cases.items()}
    personal = {one: _of_the_person(first[one], ask("sign_in", cases[one], desk.ruleset)) for one in people}
    best = min(people, key=lambda one: (one not in blenders, len(personal[one])))
    missing = _once((*first[best].refusals, *personal[best]))
    return Standing(
        case=cases[best],
        missing=missing,
        notes=first[best].notes,
        able=tuple(one for one in sorted(people) if not personal[one]),
        own=tuple(one for one in personal[asks] if one not in missing) if asks else (),
        by=asks or best,
        asked=first[asks or best],
    )


def _of_the_person(*said: Verdict) -> tuple[Finding, ...]:
    """What is refused because of who acts: another person may."""
    return _once(one for verdict in said for one in verdict.refusals if "staff_id" in one.facts)


def may_i_work(connection: Connection, desk: Desk, bench: BenchSettings, staff_id: str | None) -> Ready:
    """Everything that stands, asked as the first service and the first start would ask it: of the shop, and of
    `staff_id` where somebody is signed in. Its warnings are his to answer, else of who may blend."""
    view = View.at(desk, connection)
    shop = standing_of_the_shop(view, bench, staff_id)
    case = shop.case
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
        missing=shop.missing,
        own=shop.own,
        able=shop.able,
        warnings=desk.unanswered(connection, shop.asked, f"opening {shop.by}"),
        notes=shop.notes,
        ahead=tuple(sorted((one for one in ends if 0 <= one.days_left(today) <= AHEAD_DAYS), key=_next_first)),
        today=today,
    )


def first_of_the_shift(view: View, case: Case) -> Verdict:
    """What the first service and the first start would say of shop, person, bench and room.

    Bench and room are asked for every envelope that is approved. Where no blend could be started that is a refusal
    here, decants or not; what refuses some of them is only told.
    """
    opening = ask("open_service", case, view.desk.ruleset)
    bare = ask("start", case, view.desk.ruleset)
    units = list(_approved(view))
    starts = [ask("start", replace(case, units=(one,)), view.desk.ruleset) for one in units]
    refused, *of_each = [[one for one in start.refusals if one.rule not in OF_A_UNIT] for start in (bare, *starts)]
    of_some = [one for found in of_each for one in found]
    blends = [found for one, found in zip(units, of_each, strict=True) if one.kind == "blend"] or of_each
    none_left = bool(blends) and all(blends)
    warned = [one for start in (bare, *starts) for one in start.warnings if one.rule not in OF_A_UNIT]
    stops = _once((*opening.refusals, *refused, *(of_some if none_left else ())))
    return Verdict(
        opening.gate,
        stops,
        _once((*opening.warnings, *warned)),
        tuple(dict.fromkeys((*opening.asked, *bare.asked))),
        _once((*opening.notes, *(one for one in of_some if one not in stops))),
    )


def _approved(view: View) -> Iterator[PlannedUnit]:
    """An empty unit of each envelope that may be chosen."""
    for one in view.known.envelopes.values():
        if one.status == "approved":
            yield PlannedUnit(one.envelope_id, one.kind, one, one.envelope_id, 0, ())


def _once(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({(one.rule, one.message_en): one for one in found}.values())


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
