"""What is in a bottle stays in it: lots, filings and the envelope are asked again of a unit that was begun."""

from __future__ import annotations

from collections.abc import Iterator

from store_service.rules.case import Case, PlannedUnit, Source
from store_service.rules.checking import No, check, made_of, named, no, units_of
from store_service.rules.dates import beijing_date
from store_service.rules.params import Parameters

UNFINISHED = ("dose", "sign", "print", "release")
LOST = ("revoked", "unknown")
"""Filings of which nothing may be handed over. One that the filer gave up of himself (deregistered) stops what is not
released yet; what is, may go, as retail packs may (R-ADM-23)."""


@check("R-ADR-09", *UNFINISHED)
def lots_of_an_open_job(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-09: a lot that is held, recalled, out of date or not listed stops every open job that it is part of. The
    source in hand is R-BLD-04's."""
    if case.unit is None:
        yield no("unknown", product_zh=None, product_en=None, unit_id=None, lot_no=None)
        return
    in_hand = (case.source.product_id, case.source.lot) if case.source is not None else None
    for source in made_of(case.unit):
        if (source.product_id, source.lot) != in_hand:
            yield from _bad_lot(case, case.unit, source)


@check("R-ADR-09", "hand_over")
def lots_of_what_is_handed_over(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-09: a released unit is kept back while one of its lots is held, recalled, out of date or not listed."""
    for unit in case.units:
        for source in made_of(unit):
            for bad in _bad_lot(case, unit, source):
                yield No(f"kept_{bad.saying}", bad.facts)


def _bad_lot(case: Case, unit: PlannedUnit, source: Source) -> Iterator[No]:
    lot, today = source.lot, beijing_date(case.now)
    facts = {**named(source), "unit_id": unit.unit_id, "lot_no": lot.lot_no if lot else None}
    if lot is None:
        yield no("unknown", **facts)
        return
    if lot.hold:
        yield no("held", **facts, hold=lot.hold)
    if lot.status != "released" or lot.expiry < today:
        yield no("dead", **facts, lot_status=lot.status, expiry=lot.expiry, today=today)


@check("R-BLD-05", *UNFINISHED)
def containers_of_an_open_job(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-05: what came from a container that somebody has set apart since goes no further. The one in hand is
    judged by its state."""
    in_hand = case.source.container if case.source is not None else None
    for unit in (case.unit,) if case.unit is not None else ():
        for source in _set_apart(unit):
            if in_hand is None or source.container is None or source.container.container_id != in_hand.container_id:
                yield no("set_apart", **_apart(unit, source))


@check("R-BLD-05", "hand_over")
def containers_of_what_is_handed_over(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-05: a released unit is kept back when a container that it came from was set apart since."""
    for unit in case.units:
        for source in _set_apart(unit):
            yield no("kept_set_apart", **_apart(unit, source))


def _set_apart(unit: PlannedUnit) -> list[Source]:
    return [source for source in unit.used if source.container is None or source.container.set_apart is not None]


def _apart(unit: PlannedUnit, source: Source) -> dict[str, str | None]:
    container = source.container
    return {
        **named(source),
        "unit_id": unit.unit_id,
        "container_id": container.container_id if container else None,
        "reason": container.set_apart if container else None,
    }


@check("R-ADM-01", "hand_over")
def filed_when_handed_over(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-01: a released unit is kept back when a filing in it was revoked or is not known."""
    for unit in case.units:
        for source in made_of(unit):
            status = source.product.filing_status if source.product is not None else "unknown"
            if status in LOST:
                yield no("kept", **named(source), unit_id=unit.unit_id, filing_status=status)


@check("R-BLD-01", "start")
def envelope_approved_at_the_start(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-01, R-SYN-04: the very version that was judged is approved when the unit starts."""
    for unit in units_of(case):
        yield from _not_approved(unit, "unknown", "withdrawn")


@check("R-BLD-01", *UNFINISHED)
def envelope_still_approved(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-01, R-SYN-04: nothing more is dosed, signed, printed or released by a version that was withdrawn since."""
    for unit in units_of(case):
        yield from _not_approved(unit, "gone", "stopped")


def _not_approved(unit: PlannedUnit, unknown: str, withdrawn: str) -> Iterator[No]:
    if unit.envelope is None:
        yield no(unknown, unit_id=unit.unit_id, envelope_id=unit.envelope_id)
    elif unit.envelope.status != "approved":
        facts = {"unit_id": unit.unit_id, "envelope_id": unit.envelope_id, "version": unit.envelope.version}
        yield no(withdrawn, **facts, envelope_status=unit.envelope.status)
