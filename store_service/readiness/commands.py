"""Answer standing warnings once a shift, and sign as second person from any screen."""

from __future__ import annotations

from collections.abc import Mapping

from store_service.blending.cases import View
from store_service.people.queries import acting
from store_service.records import seconds
from store_service.records.desk import Desk, Missing, OutOfStep
from store_service.records.events.catalogue import StopRead
from store_service.records.events.site import SecondGiven
from store_service.settings import BenchSettings

from .queries import first_of_the_shift, unread_stops

MAY_SECOND = frozenset({"officer", "releaser", "manager"})


def answer_standing(desk: Desk, bench: BenchSettings, staff_id: str, reasons: Mapping[str, str]) -> None:
    """Answer now what the first service and the first start of the shift would ask; refusals stay what they are.

    Raises NeedsReason for what is left open, ValueError for a reason that is not on the list.
    """
    with desk.act(staff_id, {"answered": "shift"}) as act:
        view = View.at(desk, act.connection)
        first = first_of_the_shift(view, view.at_bench(view.standing(staff_id), bench))
        desk.answer(act, first, f"opening {staff_id}", reasons)


def read_stops(desk: Desk, staff_id: str) -> tuple[str, ...]:
    """A person has read every stop that waits; returns their ids (R-SYN-04)."""
    with desk.act(staff_id, {"read": "stops"}) as act:
        waiting = tuple(one.stop_id for one in unread_stops(act.connection, desk.site_id))
        for stop_id in waiting:
            act.record(StopRead(stop_id=stop_id, by=staff_id))
    return waiting


def second(desk: Desk, staff_id: str, subject: str, rule: str) -> None:
    """Another person in the shop puts his name to a warning or a refusal that wants one; his PIN was checked before.

    Raises Missing where nobody asked, OutOfStep when somebody answered before or the unit has moved on, Refused when
    this person may not work today (gate sign_in), ValueError for the person who asked himself, for one who has no role
    that may sign, and after head office has said no.
    """
    with desk.act(staff_id, {"seconded": subject}) as act:
        asked = seconds.newest(act.connection, desk.site_id, subject, rule)
        if asked is None:
            raise Missing("request for a second person", f"{rule} {subject}")
        if seconds.declined(act.connection, desk.site_id, subject, rule):
            raise ValueError("head office: it has declined, nobody in the shop signs this any more")
        state = seconds.standing(act.connection, asked)
        if state != "open":
            raise OutOfStep(state, "open")
        view = View.at(desk, act.connection)
        desk.require(act, "sign_in", view.standing(staff_id), staff_id)
        person = acting(act.connection, desk.site_id, view.known, staff_id, view.now)
        if staff_id == asked.by:
            raise ValueError(f"second: {staff_id} asked for it, another person must sign")
        if person.staff is None or not MAY_SECOND & set(person.staff.roles):
            raise ValueError(f"second: {staff_id} is neither officer, releaser nor manager")
        act.record(SecondGiven(subject=subject, rule=rule, by=staff_id))
