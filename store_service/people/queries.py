"""A person as a gate sees him, and who is on duty."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from store_service.catalogue.queries import Registers
from store_service.records.projections.people import person
from store_service.records.projections.site import site_state
from store_service.rules.case import Person, Site
from store_service.rules.checks.people import stands_as_officer
from store_service.rules.dates import beijing_date


def acting(connection: Connection, site: str, registers: Registers, staff_id: str, now: datetime) -> Person:
    """The person with head office's row and today's own statement of fitness (None when there is none today)."""
    row = connection.execute(select(person).where(person.c.store_id == site, person.c.id == staff_id)).one_or_none()
    fit = row.fit if row is not None and row.fit_on == beijing_date(now) else None
    return Person(staff_id=staff_id, staff=registers.staff.get(staff_id), fit=fit)


def officers_on_duty(
    connection: Connection, site: str, registers: Registers, shop: Site | None, now: datetime
) -> tuple[str, ...]:
    """Who took duty today and whom head office lets stand as quality-safety officer of this shop (R-PPL-02)."""
    today = beijing_date(now)
    return tuple(
        staff_id
        for staff_id in on_duty(connection, site, now)
        if (row := registers.staff.get(staff_id)) is not None and stands_as_officer(row, registers.staff, shop, today)
    )


def on_duty(connection: Connection, site: str, now: datetime) -> tuple[str, ...]:
    """Everybody who took duty today and has not left it: a duty that nobody ended, ended with its day."""
    query = select(person).where(person.c.store_id == site, person.c.on_duty == True).order_by(person.c.id)  # noqa: E712
    return tuple(row.id for row in connection.execute(query) if beijing_date(row.duty_at) == beijing_date(now))


def shift_opened_at(connection: Connection, site: str, now: datetime) -> datetime | None:
    """When today's shift was opened; None while none is open. A shift that nobody closed ended with its day."""
    query = select(site_state.c.shift_open, site_state.c.shift_at).where(site_state.c.store_id == site)
    row = connection.execute(query).one_or_none()
    if row is None or not row.shift_open or beijing_date(row.shift_at) != beijing_date(now):
        return None
    opened: datetime = row.shift_at
    return opened


def fitness_today(connection: Connection, site: str, now: datetime) -> dict[str, bool]:
    """Every statement of fitness made today."""
    query = select(person.c.id, person.c.fit).where(person.c.store_id == site, person.c.fit_on == beijing_date(now))
    return {row.id: row.fit for row in connection.execute(query)}
