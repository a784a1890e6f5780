"""R-PPL: who acts. What was learned stands in `training`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from store_service.rules.case import Case, Person, Site
from store_service.rules.checking import UNKNOWN, No, check, no, units_of
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import StaffRow
from store_service.rules.params import Parameters

AT_THE_BENCH = ("open_service", "verdict", "start")
ON_A_UNIT = ("scan", "cup", "dose", "reratio", "weigh", "sign", "print", "release", "resume", "hand_over")
"""A ban that comes in mid-shift ends the work of whoever is signed in still."""


def stands_as_officer(row: StaffRow, staff: Mapping[str, StaffRow], site: Site | None, today: date) -> bool:
    """R-PPL-02: an officer of this shop, or a deputy whom head office names for one; authorised today, not banned."""
    if row.banned or not row.authorised_from <= today <= row.authorised_to:
        return False
    if site is None or site.store_id not in row.store_ids:
        return False
    if "officer" in row.roles:
        return True
    stood_for = [staff[one] for one in row.deputy_for if one in staff]
    return any("officer" in one.roles and site.store_id in one.store_ids for one in stood_for)


def _who(case: Case) -> str:
    return case.person.staff_id if case.person else UNKNOWN


@check("R-PPL-02", *AT_THE_BENCH)
def officer_on_duty(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-02: a named quality-safety officer is on duty in the shop."""
    on_duty = case.officers_on_duty
    if on_duty is None:
        yield no("unknown", on_duty=None, needed=params.officer_per_store)
    elif len(set(on_duty)) < params.officer_per_store:
        yield no("none", on_duty=sorted(set(on_duty)), needed=params.officer_per_store)


@check("R-PPL-03", "sign_in", *AT_THE_BENCH)
def authorised_here(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-03: listed by head office, employed by the filer, authorised for this shop on this day."""
    person, site = case.person, case.site
    if person is None or person.staff is None or site is None:
        yield no("unknown", staff_id=_who(case))
        return
    staff, today = person.staff, beijing_date(case.now)
    if staff.employer_id != site.filer.filer_id:
        yield no("employer", staff_id=person.staff_id, employer_id=staff.employer_id, filer_id=site.filer.filer_id)
    if site.store_id not in staff.store_ids:
        yield no("other_store", staff_id=person.staff_id, store_id=site.store_id, store_ids=staff.store_ids)
    if not staff.authorised_from <= today <= staff.authorised_to:
        yield no(
            "lapsed",
            staff_id=person.staff_id,
            today=today,
            valid_from=staff.authorised_from,
            valid_to=staff.authorised_to,
        )


@check("R-PPL-03", *AT_THE_BENCH)
def authorised_to_blend(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-03: a blender, authorised for the envelope and, once there is a bench, for its scale."""
    if case.person is None or case.person.staff is None:
        return
    staff = case.person.staff
    if "blender" not in staff.roles:
        yield no("role", staff_id=staff.staff_id, roles=staff.roles, needed_role="blender")
    for unit in units_of(case):
        if not _covers(staff.envelopes, unit.envelope_id):
            yield no("envelope", staff_id=staff.staff_id, envelope_id=unit.envelope_id, envelopes=staff.envelopes)
    if case.bench is not None and not _covers(staff.devices, case.bench.scale_id):
        yield no("device", staff_id=staff.staff_id, device_id=case.bench.scale_id, devices=staff.devices)


def _covers(listed: tuple[str, ...], wanted: str) -> bool:
    return "*" in listed or wanted in listed


@check("R-PPL-09", "sign_in")
def own_account(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-09: the account was reviewed and has not ended. One badge is one person; there is no other way in."""
    staff, today = (case.person.staff if case.person else None), beijing_date(case.now)
    if staff is not None and staff.account_to is not None and today > staff.account_to:
        yield no("expired", staff_id=staff.staff_id, valid_to=staff.account_to, today=today)


@check("R-PPL-08", "sign_in", *AT_THE_BENCH, *ON_A_UNIT)
def not_banned(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-08: nobody under an industry ban works here."""
    if case.person and case.person.staff and case.person.staff.banned:
        yield no("banned", staff_id=_who(case), banned=True)


@check("R-PPL-04", "sign_in", *AT_THE_BENCH)
def health_checked(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-04: health check within the year."""
    if case.person is None or case.person.staff is None:
        yield no("unknown", staff_id=_who(case), health_checked=None)
        return
    checked = case.person.staff.health_checked
    valid_to = checked + timedelta(days=params.health_valid_days)
    if beijing_date(case.now) > valid_to:
        yield no("lapsed", staff_id=_who(case), health_checked=checked, valid_to=valid_to, today=beijing_date(case.now))


@check("R-PPL-04", "sign_in", *AT_THE_BENCH)
def fit_for_contact(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-04: the last check found nothing that bars direct work. No disease is named here or anywhere."""
    if case.person and case.person.staff and case.person.staff.health_result == "unfit":
        yield no("unfit", staff_id=_who(case), health_result="unfit")


@check("R-PPL-04", "open_service")
def result_known(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-04: a register that was published before results were asked for names a day only: that warns."""
    staff = case.person.staff if case.person else None
    if staff is not None and staff.health_result is None:
        yield no("no_result", staff_id=_who(case), health_checked=staff.health_checked, health_result=None)


@check("R-PPL-05", *AT_THE_BENCH)
def fit_today(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-05: today's own statement of fitness."""
    fit = case.person.fit if case.person else None
    if fit is None:
        yield no("unknown", staff_id=_who(case), fit=None)
    elif not fit:
        yield no("unfit", staff_id=_who(case), fit=False)


@check("R-PPL-07", "sign")
def duties_apart(case: Case, params: Parameters) -> Iterator[No]:
    """R-PPL-07 as amended: a releaser signs; his own blend only with a second person where it was typed, deviated
    or large."""
    person, progress = case.person, case.progress
    if person is None or person.staff is None or progress is None or progress.blender_id is None:
        yield no("unknown", releaser_id=_who(case), blender_id=progress.blender_id if progress else None)
        return
    if "releaser" not in person.staff.roles:
        yield no("role", staff_id=person.staff_id, roles=person.staff.roles, needed_role="releaser")
    manual = progress.manual_mass or any(dosed.manual for dosed in progress.dosed)
    second = _second(person, progress.blender_id, progress.second_person)
    if manual and not second:
        yield no("manual", releaser_id=person.staff_id, blender_id=progress.blender_id, manual_mass=True)
    elif person.staff_id == progress.blender_id and not second:
        large = (progress.net_mg or 0) > params.four_eyes_above_mg
        strict = params.four_eyes and (large or progress.open_deviations > 0)
        yield no(
            "same_person" if strict else "same_person_small",
            releaser_id=person.staff_id,
            blender_id=progress.blender_id,
            net_mg=progress.net_mg,
            limit_mg=params.four_eyes_above_mg,
            open_deviations=progress.open_deviations,
        )


def _second(signer: Person, blender_id: str, second_person: str | None) -> bool:
    """Somebody other than the blender has seen it: the signer, or the second person named on the record."""
    return signer.staff_id != blender_id or (second_person is not None and second_person != blender_id)
