"""What the record knows of the visits, units, cases, complaints and inspections that personal records are kept for,
read at once for one consumer or for the whole shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from store_service.catalogue.queries import last_params
from store_service.records.desk import Desk
from store_service.records.projections.after import complaint, reaction
from store_service.records.projections.blending import unit
from store_service.records.projections.consultation import service
from store_service.records.projections.duties import inspection
from store_service.records.projections.privacy import erasure, image
from store_service.rules.dates import beijing_date
from store_service.rules.params import Parameters

FOR_EVER = date.max
"""Of a case that is still open: its day is not known yet."""
LONG_AGO = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Visit:
    """`since`: the day of the consultation. `told`: it was consulted and not given up. `taken_back`: purposes."""

    consumer: str
    since: date
    told: bool
    handed_over: bool
    taken_back: frozenset[str]


@dataclass(frozen=True, slots=True)
class Made:
    visit: str
    at_home: bool
    named: bool


@dataclass(frozen=True, slots=True)
class Case:
    unit: str
    open: bool
    reported_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Complaint:
    unit: str
    open: bool
    at: datetime


@dataclass
class Known:
    """`asked`: when a consumer last asked to have a kind erased. `images`: the last day of each visit's picture."""

    connection: Connection
    site: str
    now: datetime
    params: Parameters
    visits: dict[str, Visit] = field(default_factory=dict)
    units: dict[str, Made] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    complaints: dict[str, Complaint] = field(default_factory=dict)
    images: dict[str, date] = field(default_factory=dict)
    inspections: dict[str, datetime | None] = field(default_factory=dict)
    asked: dict[tuple[str, str], datetime] = field(default_factory=dict)
    by_consumer: dict[str, list[str]] = field(default_factory=dict)
    by_visit: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, desk: Desk, now: datetime, consumer_ref: str | None = None) -> Known:
        """Of everybody, or of one consumer and without the inspections."""
        site = desk.site_id
        params = last_params(connection, desk)
        self = cls(connection, site, now, params)
        mine = service.c.store_id == site
        if consumer_ref is not None:
            mine &= service.c.consumer_ref == consumer_ref
        visits = select(service.c.id).where(mine)
        self._read(mine)
        made = (unit.c.store_id == site) & unit.c.service_id.in_(visits) if consumer_ref else unit.c.store_id == site
        query = select(unit.c.id, unit.c.service_id, unit.c.state, unit.c.handed_over_at, unit.c.pack_name)
        for key, visit, state, handed_over_at, name in connection.execute(query.where(made)):
            self.by_visit.setdefault(visit, []).append(key)
            self.units[key] = Made(visit, handed_over_at is not None, name is not None and state != "dropped")
        cases = select(reaction.c.id, reaction.c.unit_id, reaction.c.open, reaction.c.reported_at, reaction.c.closed_at)
        heard = reaction.c.store_id == site
        if consumer_ref is not None:
            heard &= reaction.c.unit_id.in_(select(unit.c.id).where(made))
        self.cases = {key: Case(*about) for key, *about in connection.execute(cases.where(heard))}
        said = complaint.c.store_id == site
        if consumer_ref is not None:
            said &= complaint.c.unit_id.in_(select(unit.c.id).where(made))
        complaints = select(complaint.c.id, complaint.c.unit_id, complaint.c.open, complaint.c.at).where(said)
        self.complaints = {key: Complaint(*about) for key, *about in connection.execute(complaints)}
        pictures = select(image.c.id, image.c.keep_until).where(image.c.store_id == site)
        if consumer_ref is not None:
            pictures = pictures.where(image.c.id.in_(visits))
        self.images = {row.id: row.keep_until for row in connection.execute(pictures)}
        if consumer_ref is None:
            visited = select(inspection.c.id, inspection.c.closed_at).where(inspection.c.store_id == site)
            self.inspections = {row.id: row.closed_at for row in connection.execute(visited)}
            told = select(erasure.c.subject, erasure.c.kinds, erasure.c.at).order_by(erasure.c.at)
            for row in connection.execute(told.where(erasure.c.store_id == site, erasure.c.why == "request")):
                self.asked |= {(row.subject, kind): row.at for kind in row.kinds}
        return self

    def _read(self, mine: Any) -> None:
        query = select(service.c.id, service.c.consumer_ref, service.c.state, service.c.opened_at)
        query = query.add_columns(service.c.consulted_at, service.c.commitment, service.c.consents)
        for row in self.connection.execute(query.where(mine)):
            told = {key for key, one in (row.consents or {}).items() if one.get("withdrawn") and not one.get("given")}
            self.visits[row.id] = Visit(
                row.consumer_ref,
                beijing_date(row.consulted_at or row.opened_at),
                row.commitment is not None and row.state != "cancelled",
                row.state == "handed_over",
                frozenset(told),
            )
            self.by_consumer.setdefault(row.consumer_ref, []).append(row.id)

    @property
    def today(self) -> date:
        return beijing_date(self.now)

    def owner(self, of: str, ref: str) -> str:
        """The consumer whom a record is about; the ref itself where nobody knows one."""
        if of in ("case", "complaint"):
            case = self.cases.get(ref) if of == "case" else self.complaints.get(ref)
            ref, of = (case.unit, "unit") if case and case.unit in self.units else (ref, "")
        if of == "unit":
            ref, of = (self.units[ref].visit, "visit") if ref in self.units else (ref, "")
        return self.visits[ref].consumer if of == "visit" and ref in self.visits else ref

    def cites(self, kind: str, of: str, ref: str) -> bool:
        """Whether something on record speaks of it: it is committed first, and the act may never have come."""
        if of == "visit":
            return ref in self.visits and self.visits[ref].told
        if of == "unit":
            return ref in self.units and self.units[ref].named
        if of == "consumer":
            return any(self.visits[one].handed_over for one in self.by_consumer.get(ref, ()))
        told: dict[str, Mapping[str, object]] = {
            "case": self.cases,
            "complaint": self.complaints,
            "inspection": self.inspections,
        }
        return ref in told[of]

    def at_home(self, consumer_ref: str) -> list[str]:
        """The units that a consumer took home."""
        made = (one for visit in self.by_consumer.get(consumer_ref, ()) for one in self.by_visit.get(visit, ()))
        return [one for one in made if self.units[one].at_home]

    def newest(self, consumer_ref: str) -> date:
        """The day of a consumer's last visit."""
        return max((self.visits[one].since for one in self.by_consumer.get(consumer_ref, ())), default=LONG_AGO)
