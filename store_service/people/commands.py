"""Enrol and remove; sign in, declare fitness, take and leave duty."""

from __future__ import annotations

from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.privacy.vault import Vault
from store_service.records.desk import Desk, Missing
from store_service.records.events.people import DutyLeft, DutyTaken, FitnessDeclared, StaffEnrolled, StaffRemoved
from store_service.records.events.site import ClockConfirmed, ShiftClosed, ShiftOpened
from store_service.records.ledger import Act
from store_service.rules.case import Case

from . import credentials
from .credentials import Enrolled
from .queries import acting, officers_on_duty, on_duty, shift_opened_at


def enrol(desk: Desk, vault: Vault, person: Enrolled, pin: str, by: str) -> None:
    """Set a person's name, badge and six-digit PIN, or set them anew; on record by id and roles alone. Raises
    ValueError for a PIN of another shape and a badge that is somebody else's."""
    known = credentials.whose_badge(vault, person.badge)
    if known is not None and known != person.staff_id:
        raise ValueError(f"the badge {person.badge} is {known}'s")
    with desk.act(by, {"staff": person.staff_id}) as act:
        anew = person.staff_id in credentials.roll(vault)
        credentials.enrol(vault, person, pin, desk.now())
        roles = _roles(desk, act, person.staff_id)
        act.record(StaffEnrolled(staff_id=person.staff_id, roles=roles, anew=anew, by=by))


def remove(desk: Desk, vault: Vault, staff_id: str, by: str) -> None:
    """A person leaves. Raises Missing for somebody who has no badge here."""
    if staff_id not in credentials.roll(vault):
        raise Missing("staff", staff_id)
    with desk.act(by, {"staff": staff_id}) as act:
        act.record(StaffRemoved(staff_id=staff_id, roles=_roles(desk, act, staff_id), by=by))
    credentials.forget(vault, staff_id)


def _roles(desk: Desk, act: Act, staff_id: str) -> tuple[str, ...]:
    told = registers(act.connection, desk.site_id, LAST_KNOWN).staff.get(staff_id)
    return tuple(told.roles) if told is not None else ()


def sign_in(desk: Desk, vault: Vault, badge: str, pin: str, kiosk: str) -> tuple[str, str]:
    """(token, staff id). Raises WrongPin, or Refused when this person may not work today (gate sign_in)."""
    staff_id = credentials.check_pin(vault, badge, pin, desk.now())
    admit(desk, staff_id)
    return credentials.open_session(vault, staff_id, kiosk, desk.now()), staff_id


def second_person(desk: Desk, vault: Vault, badge: str, pin: str) -> str:
    """The id of another person who signs here and now, without a session. Raises as sign_in."""
    staff_id = credentials.check_pin(vault, badge, pin, desk.now())
    admit(desk, staff_id)
    return staff_id


def admit(desk: Desk, staff_id: str) -> None:
    """Ask the gate sign_in for a person whose PIN was right, by the last roles that are known: reactions, rights,
    recalls and inspections go on when a stale register stops blending, which its own gates refuse."""
    with desk.act(staff_id, keyed=False) as act:
        known = registers(act.connection, desk.site_id, LAST_KNOWN)
        person = acting(act.connection, desk.site_id, known, staff_id, desk.now())
        case = Case(now=desk.now(), site=desk.site, params=known.params(desk), roster=known.roster, person=person)
        desk.require(act, "sign_in", case, staff_id)


def declare_fitness(desk: Desk, staff_id: str, fit: bool) -> None:
    """A person's statement for today (R-PPL-05)."""
    with desk.act(staff_id, {"fit": fit}) as act:
        act.record(FitnessDeclared(staff_id=staff_id, fit=fit))


def take_duty(desk: Desk, staff_id: str) -> None:
    with desk.act(staff_id) as act:
        act.record(DutyTaken(staff_id=staff_id))


def leave_duty(desk: Desk, staff_id: str) -> None:
    """A person goes before the shift ends: what is begun from now on does not name them. Leaving twice changes
    nothing."""
    with desk.act(staff_id, {"on_duty": False}) as act:
        if staff_id in on_duty(act.connection, desk.site_id, desk.now()):
            act.record(DutyLeft(staff_id=staff_id))


def open_shift(desk: Desk, staff_id: str) -> None:
    """The shift opens, on record with the officer on duty, which an officer who opens it is from now on; without one
    nothing is begun (R-PPL-02). Opening an open shift changes nothing else."""
    with desk.act(staff_id, {"shift_open": True}) as act:
        now = desk.now()
        known = registers(act.connection, desk.site_id, now)
        told = known.staff.get(staff_id)
        officers = officers_on_duty(act.connection, desk.site_id, known, desk.site, now)
        if told is not None and "officer" in told.roles and staff_id not in officers:
            act.record(DutyTaken(staff_id=staff_id))
            officers = (staff_id, *officers)
        if shift_opened_at(act.connection, desk.site_id, now) is None:
            act.record(ShiftOpened(officer_id=_named(officers, staff_id)))


def close_shift(desk: Desk, staff_id: str) -> None:
    """The shift ends with a checkpoint, and with it everybody's duty; closing a closed shift changes nothing."""
    with desk.act(staff_id, {"shift_open": False}) as act:
        now = desk.now()
        if shift_opened_at(act.connection, desk.site_id, now) is None:
            return
        known = registers(act.connection, desk.site_id, now)
        officers = officers_on_duty(act.connection, desk.site_id, known, desk.site, now)
        for one in on_duty(act.connection, desk.site_id, now):
            act.record(DutyLeft(staff_id=one))
        act.record(ShiftClosed(officer_id=_named(officers, staff_id)))
        act.seal = True


def _named(officers: tuple[str, ...], staff_id: str) -> str:
    """The officer by whom a shift goes on record: the one who acts, else one on duty, else nobody."""
    return staff_id if staff_id in officers else next(iter(officers), "")


def confirm_clock(desk: Desk, staff_id: str) -> None:
    """A person has looked at the clock after it stepped back (RECORD.md §2)."""
    with desk.act(staff_id, {"clock_ok": True}) as act:
        act.record(ClockConfirmed())
