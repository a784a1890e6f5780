"""How long each kind of personal record stays, and what forgets it: two clocks, batch facts and personal facts.

Statutory kinds stay sealed to their day whatever is asked (R-REC-08, R-ADR-06, R-ADR-10); the others end by themselves.
A legal hold on the consumer, the unit or the case stops every clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, or_, select

from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.records.desk import Desk
from store_service.records.events.privacy import PersonalErased
from store_service.records.projections.after import complaint, reaction
from store_service.records.projections.blending import dose, unit
from store_service.records.projections.consultation import service
from store_service.records.projections.duties import inspection
from store_service.records.projections.privacy import erasure, image, legal_hold
from store_service.records.projections.stock import lot
from store_service.rules.dates import beijing_date
from store_service.rules.duties import REACTION_YEARS, SHORT_LIFE_YEARS, keep_until, years_on
from store_service.rules.params import Parameters

from .vault import Vault

STATUTORY = ("contact", "reaction", "reaction_contact")
OF_A_SERVICE = ("answers", "mark_key", "recommendation", "image")
OF_A_UNIT = "pack_name"
INSPECTORS_YEARS = 3
"""Ours: no law says how long the names of an authority's people stay."""
COMPLAINT_YEARS = 3
"""Ours: as long as a reaction's record."""
FOR_EVER = date.max
"""Of a case that is still open: its day is not known yet."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One personal record. `until` is the last day of its clock; `law` says that nobody may end it earlier."""

    kind: str
    ref: str
    until: date
    law: bool


def records_of(connection: Connection, desk: Desk, consumer_ref: str) -> list[Kept]:
    """Everything that the vault may hold of one consumer, whether or not it is there."""
    site, params = desk.site_id, _params(connection, desk)
    visits = connection.execute(
        select(service.c.id, service.c.consulted_at, service.c.opened_at).where(
            service.c.store_id == site, service.c.consumer_ref == consumer_ref
        )
    ).all()
    found = [
        Kept(kind, row.id, until, law=False)
        for row in visits
        for kind, until in _clocks(connection, site, row.id, row.consulted_at or row.opened_at, params)
    ]
    ids = [row.id for row in visits]
    ends = {one.ref: one.until for one in found if one.kind == "answers"}
    found.append(Kept("contact", consumer_ref, contact_until(connection, desk, ids), law=True))
    made = connection.execute(
        select(unit.c.id, unit.c.service_id).where(unit.c.store_id == site, unit.c.service_id.in_(ids))
    ).all()
    found += [Kept(OF_A_UNIT, row.id, ends[row.service_id], law=False) for row in made]
    units = [row.id for row in made]
    cases = select(reaction.c.id).where(reaction.c.store_id == site, reaction.c.unit_id.in_(units))
    for case_id in connection.execute(cases).scalars():
        until = reaction_until(connection, site, case_id)
        found += [Kept(kind, case_id, until, law=True) for kind in ("reaction", "reaction_contact")]
    return found + complaints_of(connection, site, complaint.c.unit_id.in_(units))


def complaints_of(connection: Connection, site: str, where: ColumnElement[bool]) -> list[Kept]:
    """What was said with complaints: so many years from the day, an open one for ever; no law asks for it."""
    query = select(complaint.c.id, complaint.c.at, complaint.c.open).where(complaint.c.store_id == site, where)
    return [
        Kept("complaint", row.id, FOR_EVER if row.open else years_on(beijing_date(row.at), COMPLAINT_YEARS), law=False)
        for row in connection.execute(query)
    ]


def _clocks(
    connection: Connection, site: str, service_id: str, since: datetime, params: Parameters
) -> Iterable[tuple[str, date]]:
    day = beijing_date(since) + timedelta(days=params.answers_days)
    pictured = select(image.c.keep_until).where(image.c.store_id == site, image.c.id == service_id)
    for kind in OF_A_SERVICE:
        yield kind, (connection.execute(pictured).scalar() or day) if kind == "image" else day


def unit_until(connection: Connection, desk: Desk, unit_id: str) -> date | None:
    """The last day of a unit's record: the latest over the unit and every source lot (R-REC-08); None before its
    use-by date is known."""
    row = connection.execute(
        select(unit.c.use_by, unit.c.started_at).where(unit.c.store_id == desk.site_id, unit.c.id == unit_id)
    ).one_or_none()
    if row is None or row.use_by is None or row.started_at is None:
        return None
    used = select(dose.c.product_id, dose.c.lot_no).where(dose.c.store_id == desk.site_id, dose.c.unit_id == unit_id)
    keys = [f"{one.product_id}/{one.lot_no}" for one in connection.execute(used)]
    # The expiry as received: a register may be long out of force when this is asked.
    expiries = list(
        connection.execute(select(lot.c.expiry).where(lot.c.store_id == desk.site_id, lot.c.id.in_(keys))).scalars()
    )
    return keep_until(beijing_date(row.started_at), row.use_by, expiries)


def contact_until(connection: Connection, desk: Desk, service_ids: list[str]) -> date:
    """A recall contact stays as long as the latest record of a unit that went home; today's eve without any."""
    went = select(unit.c.id).where(
        unit.c.store_id == desk.site_id, unit.c.service_id.in_(service_ids), unit.c.handed_over_at.is_not(None)
    )
    days = [unit_until(connection, desk, unit_id) for unit_id in connection.execute(went).scalars()]
    return max((day for day in days if day is not None), default=beijing_date(desk.now()) - timedelta(days=1))


def reaction_until(connection: Connection, site: str, case_id: str) -> date:
    """Three years from the report (R-ADR-06); an open case has no day yet."""
    row = connection.execute(
        select(reaction.c.open, reaction.c.reported_at, reaction.c.closed_at).where(
            reaction.c.store_id == site, reaction.c.id == case_id
        )
    ).one_or_none()
    if row is None or row.open:
        return FOR_EVER
    return years_on(beijing_date(row.reported_at or row.closed_at), REACTION_YEARS)


def hold_on(connection: Connection, site: str, *subjects: str) -> str | None:
    """The first legal hold that stands on one of the subjects."""
    query = select(legal_hold.c.id).where(
        legal_hold.c.store_id == site,
        legal_hold.c.subject.in_(subjects),
        legal_hold.c.open == True,  # noqa: E712
    )
    return connection.execute(query.order_by(legal_hold.c.id).limit(1)).scalar()


def hold_of_unit(connection: Connection, site: str, unit_id: str, *subjects: str) -> str | None:
    """A hold on the unit, its visit, its consumer, one of its cases, or one of the other subjects."""
    visits = select(unit.c.service_id).where(unit.c.store_id == site, unit.c.id == unit_id)
    consumers = select(service.c.consumer_ref).where(service.c.store_id == site, service.c.id.in_(visits))
    cases = select(reaction.c.id).where(reaction.c.store_id == site, reaction.c.unit_id == unit_id)
    around = visits.union(consumers, cases)
    found = [unit_id, *subjects, *connection.execute(around).scalars()] if unit_id else list(subjects)
    return hold_on(connection, site, *found)


def hold_of_consumer(connection: Connection, site: str, consumer_ref: str) -> str | None:
    """A hold on the consumer, one of the visits, units or cases."""
    visits = select(service.c.id).where(service.c.store_id == site, service.c.consumer_ref == consumer_ref)
    units = select(unit.c.id).where(unit.c.store_id == site, unit.c.service_id.in_(visits))
    cases = select(reaction.c.id).where(reaction.c.store_id == site, reaction.c.unit_id.in_(units))
    subject = legal_hold.c.subject
    query = select(legal_hold.c.id).where(
        legal_hold.c.store_id == site,
        legal_hold.c.open == True,  # noqa: E712
        or_(subject == consumer_ref, subject.in_(visits), subject.in_(units), subject.in_(cases)),
    )
    return connection.execute(query.order_by(legal_hold.c.id).limit(1)).scalar()


def retire(desk: Desk, vault: Vault) -> int:
    """Forget every record whose clock has run out, on record; returns how many.

    On record first: what a crash leaves in between goes, and is told, with the next run.
    """
    today, done, there = beijing_date(desk.now()), 0, vault.there()
    with desk.read() as connection:
        over = {
            consumer_ref: [one for one in records_of(connection, desk, consumer_ref) if one.until < today]
            for consumer_ref in _ripe(connection, desk, there)
            if hold_of_consumer(connection, desk.site_id, consumer_ref) is None
        }
        over |= _of_no_consumer(connection, desk.site_id, today)
    for subject, records in over.items():
        going = [one for one in records if (one.kind, one.ref) in there]
        if going:
            with desk.act("retention", keyed=False) as act:
                kinds = tuple(sorted({one.kind for one in going}))
                act.record(PersonalErased(subject=subject, kinds=kinds, why="retention"))
            done += len(forget(vault, going))
    return done


def erase_again(desk: Desk, vault: Vault) -> int:
    """Erase what a request had erased and what is there all the same: the process ended between the record and the
    erasure, or the vault came out of a backup. Returns how many; what was told anew since is left alone.

    Only kinds that no law keeps: of those a request takes every one, and the others go by `retire`.
    """
    site = desk.site_id
    with desk.read() as connection:
        told = connection.execute(
            select(erasure.c.subject, erasure.c.kinds, erasure.c.at)
            .where(erasure.c.store_id == site, erasure.c.why == "request")
            .order_by(erasure.c.at)
        )
        ended = {(row.subject, kind): row.at for row in told for kind in row.kinds if kind not in STATUTORY}
        visits = select(service.c.id, service.c.consumer_ref).where(service.c.store_id == site)
        owner = {row.id: row.consumer_ref for row in connection.execute(visits)} if ended else {}
        made = select(unit.c.id, unit.c.service_id).where(unit.c.store_id == site, unit.c.pack_name.is_not(None))
        owner |= {row.id: owner.get(row.service_id, "") for row in connection.execute(made)} if ended else {}
        owner |= _complainers(connection, site) if ended else {}
    back = [
        Kept(kind, ref, beijing_date(at), law=False)
        for (kind, ref), at in (vault.there() if ended else {}).items()
        if (over := ended.get((owner.get(ref, ref), kind))) is not None and at < over
    ]
    return len(forget(vault, back))


def _ripe(connection: Connection, desk: Desk, there: Mapping[tuple[str, str], datetime]) -> set[str]:
    """Consumers of whom something is there that could be over. A contact alone stays two years at the least: a shop
    has thousands of those, and does not look at each of them."""
    visits = select(service.c.id, service.c.consumer_ref, service.c.opened_at).where(service.c.store_id == desk.site_id)
    cases = (
        select(reaction.c.id, service.c.consumer_ref)
        .join(unit, (unit.c.store_id == reaction.c.store_id) & (unit.c.id == reaction.c.unit_id))
        .join(service, (service.c.store_id == unit.c.store_id) & (service.c.id == unit.c.service_id))
        .where(reaction.c.store_id == desk.site_id)
    )
    old = desk.now() - timedelta(days=365 * SHORT_LIFE_YEARS)
    ripe = {
        row.consumer_ref
        for row in connection.execute(visits)
        if any((kind, row.id) in there for kind in OF_A_SERVICE)
        or (row.opened_at <= old and ("contact", row.consumer_ref) in there)
    }
    told = connection.execute(cases)
    ripe |= {ref for key, ref in _complainers(connection, desk.site_id).items() if ("complaint", key) in there}
    return ripe | {
        row.consumer_ref for row in told if any((kind, row.id) in there for kind in ("reaction", "reaction_contact"))
    }


def _complainers(connection: Connection, site: str) -> dict[str, str]:
    """The consumer of each complaint whose unit is known."""
    query = (
        select(complaint.c.id, service.c.consumer_ref)
        .join(unit, (unit.c.store_id == complaint.c.store_id) & (unit.c.id == complaint.c.unit_id))
        .join(service, (service.c.store_id == unit.c.store_id) & (service.c.id == unit.c.service_id))
        .where(complaint.c.store_id == site)
    )
    return {row.id: row.consumer_ref for row in connection.execute(query)}


def _of_no_consumer(connection: Connection, site: str, today: date) -> dict[str, list[Kept]]:
    """Cases whose bottle nobody knows, and inspectors' names, once their years are over."""
    found: dict[str, list[Kept]] = {}
    lost = select(reaction.c.id).where(reaction.c.store_id == site, reaction.c.unit_id == "")
    for case_id in connection.execute(lost).scalars():
        until = reaction_until(connection, site, case_id)
        found[case_id] = [Kept(kind, case_id, until, law=True) for kind in ("reaction", "reaction_contact")]
    found |= {one.ref: [one] for one in complaints_of(connection, site, complaint.c.unit_id == "")}
    closed = select(inspection.c.id, inspection.c.closed_at).where(
        inspection.c.store_id == site, inspection.c.closed_at.is_not(None)
    )
    for row in connection.execute(closed):
        until = years_on(beijing_date(row.closed_at), INSPECTORS_YEARS)
        found[row.id] = [Kept("inspectors", row.id, until, law=True)]
    return {
        subject: records
        for subject, records in found.items()
        if records[0].until < today and hold_on(connection, site, subject) is None
    }


def forget(vault: Vault, records: Iterable[Kept]) -> list[Kept]:
    """Destroy the keys; the ones that were there."""
    return [one for one in records if vault.erase(one.ref, (one.kind,))]


def _params(connection: Connection, desk: Desk) -> Parameters:
    return desk.ruleset.fill(registers(connection, desk.site_id, LAST_KNOWN).params(desk))
