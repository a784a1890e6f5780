"""Staff, by id only: names, badges and PINs live in the privacy vault."""

from store_service.records.event import Payload


class FitnessDeclared(Payload, type="fitness.declared"):
    """A person's own statement for this day (R-PPL-05): no wound on the hands, no fever, no skin disease."""

    staff_id: str
    fit: bool


class DutyTaken(Payload, type="duty.taken"):
    staff_id: str


class DutyLeft(Payload, type="duty.left"):
    staff_id: str


class StaffEnrolled(Payload, type="staff.enrolled"):
    """A person may sign in here: name, badge and PIN were set in the vault, `anew` where there were some before.
    `roles` are those of head office's register at that time, none for somebody whom it does not know yet."""

    staff_id: str
    roles: tuple[str, ...]
    anew: bool
    by: str


class StaffRemoved(Payload, type="staff.removed"):
    """A person may sign in here no more: name, badge, PIN and sessions are gone from the vault."""

    staff_id: str
    roles: tuple[str, ...]
    by: str


class UnitTakenOver(Payload, type="unit.taken_over"):
    """Another kiosk took a unit's bench lease by PIN."""

    unit_id: str
    bench_id: str
    staff_id: str
