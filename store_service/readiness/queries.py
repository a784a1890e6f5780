"""One answer to "May I work now?", and what head office stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from store_service.blending.cases import View
from store_service.records.desk import Desk
from store_service.records.projections.catalogue import stop
from store_service.rules.ahead import Deadline, deadlines
from store_service.rules.case import Case
from store_service.rules.dates import beijing_date
from store_service.rules.gates import ask
from store_service.rules.refusal import Finding
from store_service.settings import BenchSettings

AHEAD_DAYS = 30
OF_A_UNIT = ("R-BLD-12", "R-BLD-24")
"""Asked at a start, but of one unit: a shop is ready without them."""


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
