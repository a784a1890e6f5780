"""R-SCP: the enterprise, its licence, and the shop as its own place of business."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from store_service.rules.case import Case
from store_service.rules.checking import No, check, named, no, products_of
from store_service.rules.dates import beijing_date
from store_service.rules.merge import add_months
from store_service.rules.numbers import parse_licence
from store_service.rules.params import Parameters
from store_service.rules.parties import abroad

from .scope import STANDING, ours

AT_THE_BENCH = ("start", "dose")


@check("R-SCP-04", "open_service", "verdict", "start")
def own_place(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-04: the enterprise's own shop, or a kind of place that the notice itself accepts."""
    if case.site is None:
        yield no("unknown", ownership=None)
        return
    row, ownership = ours(case), case.site.ownership
    if ownership not in params.allowed_ownership and (row is None or row.ownership != ownership):
        yield no("other", ownership=ownership, allowed=params.allowed_ownership)


@check("R-SCP-05", *AT_THE_BENCH)
def by_its_own_people_on_site(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-05: on a bench of this very site, by a person whom the enterprise employs."""
    site, row = case.site, ours(case)
    staff = case.person.staff if case.person else None
    if site is None or staff is None or case.bench is None:
        yield no("unknown", staff_id=case.person.staff_id if case.person else None, store_id=site and site.store_id)
        return
    if staff.employer_id != site.filer.filer_id:
        yield no("contracted", staff_id=staff.staff_id, employer_id=staff.employer_id, filer_id=site.filer.filer_id)
    if row is not None and row.benches is not None and case.bench.scale_id not in row.benches:
        yield no("bench", doc_no=row.doc_no, device_id=case.bench.scale_id, devices=row.benches)


@check("R-SCP-08", "open_service")
def no_recent_penalty(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-08 as amended: a penalty or failed sampling bars an application; here, in a running shop, it alerts."""
    for saying, day in _looked_back(case, params):
        told = no(saying, event_on=day, months=params.penalty_lookback_months)
        yield No(told.saying, told.facts, per=f"R-SCP-08 {saying} {day}")


@check("R-SCP-08", "apply")
def bars_an_application(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-08 as amended: an enterprise that was penalised, or whose sampling failed, does not apply."""
    for saying, day in _looked_back(case, params):
        yield no(f"{saying}_bars", event_on=day, months=params.penalty_lookback_months)


def _looked_back(case: Case, params: Parameters) -> Iterator[tuple[str, date]]:
    if case.site is None:
        return
    filer = case.site.filer
    since = add_months(beijing_date(case.now), -params.penalty_lookback_months)
    events: list[tuple[str, date | None]] = [("penalty", filer.penalty_on)]
    if params.also_no_failed_sampling:
        events.append(("sampling", filer.failed_sampling_on))
    yield from ((saying, day) for saying, day in events if day is not None and day >= since)


@check("R-SCP-09", *STANDING, "apply")
def production_licence(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-09: a well-formed production licence that has not ended."""
    if case.site is None:
        yield no("unknown", licence_no=None)
        return
    licence, today = case.site.filer.licence, beijing_date(case.now)
    if parse_licence(licence.number) is None:
        yield no("form", licence_no=licence.number or None)
    if today > licence.valid_to:
        yield no("lapsed", licence_no=licence.number, valid_to=licence.valid_to, today=today)


@check("R-SCP-09", "verdict")
def licensed_unit(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-09: the form of what is blended belongs to a unit (单元) of the licence; a form that no unit is known for
    is not licensed."""
    if case.site is None:
        return
    units = dict(pair.split("=", 1) for pair in params.licence_units)
    for source in products_of(case):
        if source.product is None:
            continue
        needed = units.get(source.product.form)
        if needed is None or needed not in case.site.filer.licence.units:
            yield no(
                "unit",
                **named(source),
                form=source.product.form,
                needed_unit=needed,
                licence_units=case.site.filer.licence.units,
            )


@check("R-SCP-10", "open_service", "verdict", "start")
def store_licence(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-10 as amended: the shop's licence, or a roster notice that stands for it."""
    row = ours(case)
    if not params.store_licence_required or (row is not None and row.replaces_licence):
        return
    number = case.site.licence_number if case.site else None
    valid_to = case.site.licence_valid_to if case.site else None
    today = beijing_date(case.now)
    if not number or valid_to is None:
        yield no("absent", licence_no=number, province=case.site.province if case.site else None)
    elif today > valid_to:
        yield no("lapsed", licence_no=number, valid_to=valid_to, today=today)


@check("R-SCP-11", "open_service", "verdict", "start", "apply")
def overseas_authorisation(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-11: a domestic responsible person acts by the overseas filer's written authorisation."""
    if case.site is None or case.site.filer.kind == "filer":
        return
    filer, today = case.site.filer, beijing_date(case.now)
    if filer.authorisation is None:
        yield no("absent", filer_id=filer.filer_id)
    elif today > filer.authorisation.valid_to:
        yield no("lapsed", doc_no=filer.authorisation.number, valid_to=filer.authorisation.valid_to, today=today)


@check("R-SCP-11", "verdict", "start")
def represented_at_home(case: Case, params: Parameters) -> Iterator[No]:
    """R-SCP-11: a source from abroad names its overseas filer and the domestic responsible person, who is this very
    enterprise and acts by that filer's authorisation."""
    own = case.site.filer if case.site else None
    for source in products_of(case):
        product = source.product
        if product is None or own is None or not abroad(product):
            continue
        filer, responsible = product.overseas_filer, product.responsible
        parties = {"overseas_filer": filer, "responsible": responsible}
        missing = [key for key, one in parties.items() if one is None or not (one.name.strip() and one.address.strip())]
        if missing or filer is None or responsible is None:
            yield no("unnamed", **named(source), missing=missing)
        elif responsible.name != own.name:
            yield no("other_person", **named(source), responsible=responsible.name, own_name=own.name)
        elif own.authorisation is None or own.authorisation.overseas_filer != filer.name:
            by = own.authorisation.overseas_filer if own.authorisation else None
            yield no("other_filer", **named(source), overseas_filer=filer.name, authorised_by=by)
