"""What was done of the duties that come round, out of the record; and what is open, with its day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, func, select

from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.records.desk import Desk
from store_service.records.projections.after import recall
from store_service.records.projections.duties import duty, inspection
from store_service.records.projections.stock import lot
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Product
from store_service.rules.params import Parameters
from store_service.rules.rounds import Done, Round, of_a_product, of_the_shop

ENDED = ("done", "reported")
RULES = {
    "annual_report": "R-ANN-10",
    "self_inspection": "R-ANN-02",
    "pilot_report": "R-ANN-06",
    "pilot_application": "R-ANN-07",
    "major_issue": "R-ANN-08",
    "change_report": "R-ANN-04",
    "change_of_name": "R-ANN-04",
    "licence_renewal": "R-ANN-05",
    "restart_check": "R-ANN-03",
    "recall_drill": "R-REC-04",
}
"""The rule that a kind of duty is of."""


def done_of(connection: Connection, site: str) -> Done:
    """What the record tells: a drill is a recall that was closed, or one entered as done among the duties."""
    ended: dict[str, list[date]] = {}
    reports = set[tuple[str, int]]()
    rounds = ("self_inspection", "recall_drill", "annual_report")
    query = select(duty.c.kind, duty.c.subject, duty.c.steps)
    for row in connection.execute(query.where(duty.c.store_id == site, duty.c.kind.in_(rounds))):
        days = [date.fromisoformat(one["on"]) for one in row.steps if one["step"] in ENDED]
        ended.setdefault(row.kind, []).extend(days)
        product_id, _, year = row.subject.partition("/")
        sent = any(one["step"] in ("submitted", *ENDED) and one["ref"] for one in row.steps)
        if row.kind == "annual_report" and year.isdecimal() and sent:
            reports.add((product_id, int(year)))
    closed = connection.execute(select(func.max(recall.c.closed_at)).where(recall.c.store_id == site)).scalar()
    began = connection.execute(select(func.min(lot.c.received_at)).where(lot.c.store_id == site)).scalar()
    visited = connection.execute(select(func.max(inspection.c.at)).where(inspection.c.store_id == site)).scalar()
    drills = [*ended.get("recall_drill", ()), *([beijing_date(closed)] if closed else ())]
    return Done(
        began=beijing_date(began) if began else None,
        self_inspected=max(ended.get("self_inspection", ()), default=None),
        drilled=max(drills, default=None),
        visited=beijing_date(visited) if visited else None,
        reports=frozenset(reports),
    )


def open_rounds(connection: Connection, desk: Desk) -> list[Round]:
    """What comes round by itself and is open, for the shop and for every product of the register; the next first."""
    known = registers(connection, desk.site_id, LAST_KNOWN)
    params, today = desk.ruleset.fill(known.params(desk)), beijing_date(desk.now())
    return rounds_of(done_of(connection, desk.site_id), known.products.values(), params, today)


def rounds_of(done: Done, products: Iterable[Product], params: Parameters, today: date) -> list[Round]:
    """The shop's own and those of every product, the next first."""
    of_products = (found for one in products for found in of_a_product(one, done, params, today))
    return sorted([*of_the_shop(done, params), *of_products], key=lambda one: (one.due, one.kind, one.subject))


def entered(connection: Connection, site: str) -> list[Round]:
    """Open duties that somebody entered with a day."""
    query = select(duty.c.kind, duty.c.subject, duty.c.due).where(
        duty.c.store_id == site, duty.c.open.is_(True), duty.c.due.is_not(None)
    )
    return [Round(row.kind, RULES[row.kind], row.subject, row.due) for row in connection.execute(query)]


def report_subject(connection: Connection, desk: Desk, text: str) -> str:
    """`product/year` as given. Raises ValueError for a product that is not in the register, and for a year that is not
    over, or none of the pilot."""
    product_id, _, year = text.partition("/")
    if product_id not in registers(connection, desk.site_id, LAST_KNOWN).products:
        raise ValueError("report_product: is not in the register")
    if not (len(year) == 4 and year.isdecimal() and 2020 <= int(year) < beijing_date(desk.now()).year):
        raise ValueError("report_year: is not over")
    return text


def day_of(desk: Desk, on: date | None) -> date:
    """The Beijing day of a step: the one that was told, today where none was. Raises ValueError for one to come."""
    today = beijing_date(desk.now())
    if on is not None and on > today:
        raise ValueError("on: lies ahead")
    return on or today
