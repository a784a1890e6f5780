"""Who declared fitness today, who is on duty."""

from sqlalchemy import Column

from store_service.database.types import Day, Flag, Instant
from store_service.records.events.people import DutyLeft, DutyTaken, FitnessDeclared
from store_service.records.projection import Projection
from store_service.rules.dates import beijing_date

from .columns import projected

person = projected(
    "person",
    Column("fit", Flag),
    Column("fit_on", Day),
    Column("on_duty", Flag),
    Column("duty_at", Instant),
)

people = Projection(person)
people.on(
    FitnessDeclared,
    by=lambda p: p.staff_id,
    then=lambda row, p, e: {"fit": p.fit, "fit_on": beijing_date(e.at), "on_duty": bool(row["on_duty"])},
)
people.on(DutyTaken, by=lambda p: p.staff_id, then=lambda row, p, e: {"on_duty": True, "duty_at": e.at})
people.on(DutyLeft, by=lambda p: p.staff_id, then=lambda row, p, e: {"on_duty": False})
