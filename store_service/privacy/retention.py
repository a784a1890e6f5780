"""How long each class of personal record stays, and the one sweep that lets it go: batch facts stay, personal ones go.

Statutory classes stay sealed to their day whatever is asked (R-REC-08, R-ADR-06, R-ADR-10); the others end by
themselves, with their consent, or on request. A legal hold stops everything. What a crash left between the record of an
erasure and the erasure, or a backup brought back, goes with the next sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import structlog
from sqlalchemy import Connection

from store_service.records.desk import Desk
from store_service.records.events.privacy import PersonalErased
from store_service.rules.dates import beijing_date
from store_service.rules.duties import REACTION_YEARS, SHORT_LIFE_YEARS, years_on
from store_service.trace.keeping import unit_until

from .holds import consumers_of, standing
from .known import FOR_EVER, Known
from .vault import Vault, held

log = structlog.get_logger()
INSPECTORS_YEARS = 3
"""Ours: no law says how long the names of an authority's people stay."""
COMPLAINT_YEARS = 3
"""Ours: as long as a reaction's record."""
GRACE = timedelta(days=1)
"""A visit that is still being told is not an orphan."""

Why = Literal["orphan", "request", "withdrawal", "retention"]
TOLD_ANEW: tuple[Why, ...] = ("withdrawal", "retention")
"""An erasure on request was told when it was asked for; an orphan never came on record."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class of records in the vault. `of`: what its ref names. `law`: nobody may end it earlier; else `consent` is
    the purpose that takes it along when it is taken back ("" for answers: each question has its own)."""

    of: Literal["visit", "unit", "consumer", "case", "complaint", "inspection"]
    until: Callable[[Known, str], date]
    law: bool = False
    consent: str = ""


def _of_visit(known: Known, ref: str) -> date:
    params = known.params
    return known.visits[ref].since + timedelta(days=params.answers_days)


def _of_image(known: Known, ref: str) -> date:
    return known.images.get(ref) or _of_visit(known, ref)


def _of_contact(known: Known, ref: str) -> date:
    """As long as the latest record of a unit that went home (R-ADR-10); yesterday without any."""
    went = [unit_until(known.connection, known.site, one) for one in known.at_home(ref)]
    return max((day for day in went if day is not None), default=known.today - timedelta(days=1))


def _of_case(known: Known, ref: str) -> date:
    """Three years from the report (R-ADR-06); an open case has no day yet."""
    case = known.cases.get(ref)
    if case is None or case.open:
        return FOR_EVER
    told_at = case.reported_at or case.closed_at
    return years_on(beijing_date(told_at), REACTION_YEARS) if told_at else FOR_EVER


def _of_complaint(known: Known, ref: str) -> date:
    """So many years from the day; an open one has no day yet. No law asks for it."""
    told = known.complaints.get(ref)
    return years_on(beijing_date(told.at), COMPLAINT_YEARS) if told and not told.open else FOR_EVER


def _of_inspection(known: Known, ref: str) -> date:
    closed_at = known.inspections.get(ref)
    return years_on(beijing_date(closed_at), INSPECTORS_YEARS) if closed_at else FOR_EVER


CLASSES: Mapping[str, Class] = {
    "answers": Class("visit", _of_visit),
    "mark_key": Class("visit", _of_visit, consent="allergy"),
    "recommendation": Class("visit", _of_visit, consent="questionnaire"),
    "image": Class("visit", _of_image, consent="skin_image"),
    "pack_name": Class("unit", lambda known, ref: _of_visit(known, known.units[ref].visit)),
    "contact": Class("consumer", _of_contact, law=True),
    "reaction": Class("case", _of_case, law=True),
    "reaction_contact": Class("case", _of_case, law=True),
    "complaint": Class("complaint", _of_complaint),
    "inspectors": Class("inspection", _of_inspection, law=True),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One personal record. `until` is the last day of its clock; `law` says that nobody may end it earlier."""

    kind: str
    ref: str
    until: date
    law: bool


@dataclass(frozen=True, slots=True)
class Going:
    """A record that goes; `left` is what stays of it where a consent takes only a part."""

    kind: str
    ref: str
    left: Mapping[str, Any] | None = None


def records_of(connection: Connection, desk: Desk, consumer_ref: str) -> list[Kept]:
    """Everything that the vault may hold of one consumer, whether or not it is there."""
    known = Known.of(connection, desk, desk.now(), consumer_ref)
    refs: dict[str, Iterable[str]] = {
        "visit": known.visits,
        "unit": known.units,
        "consumer": (consumer_ref,),
        "case": known.cases,
        "complaint": known.complaints,
    }
    return [
        Kept(kind, ref, one.until(known, ref), one.law) for kind, one in CLASSES.items() for ref in refs.get(one.of, ())
    ]


def taken_along(vault: Vault, visit: str, purposes: Iterable[str], questions: Mapping[str, str]) -> list[Going]:
    """What a consent that is taken back takes with it and that is there. `questions`: purpose by question."""
    gone = set(purposes)
    answers = held(vault, "answers", visit) or {}
    left = {key: value for key, value in answers.items() if questions.get(key.removesuffix("_text")) not in gone}
    whole = [kind for kind, one in CLASSES.items() if one.consent in gone and held(vault, kind, visit) is not None]
    return [*([Going("answers", visit, left)] if left != answers else ()), *(Going(kind, visit) for kind in whole)]


def forget(vault: Vault, going: Iterable[Going | Kept], now: datetime) -> int:
    """Destroy the keys; returns how many records there were. Always after it was put on record."""
    done = 0
    for one in going:
        left = one.left if isinstance(one, Going) else None
        if left is None:
            done += vault.erase(one.ref, (one.kind,))
        else:
            vault.put(one.kind, one.ref, left, now)
            vault.database.forget()
            done += 1
    return done


def sweep(desk: Desk, vault: Vault, questions: Mapping[str, str], now: datetime) -> int:
    """Let go of every record that nothing keeps at this time; returns how many. `questions`: purpose by question."""
    with desk.read() as connection:
        known = Known.of(connection, desk, now)
        subjects = set(standing(connection, desk.site_id).values())
        still = subjects.union(*(consumers_of(connection, desk.site_id, one) for one in subjects))
        over: dict[tuple[str, Why], list[Going]] = {}
        for (kind, ref), at in vault.there().items():
            if kind not in CLASSES:
                continue  # staff, who have a door of their own
            subject = known.owner(CLASSES[kind].of, ref)
            if subject in still or ref in still:
                continue
            try:
                why, going = _over(known, vault, questions, kind, ref, subject, at)
            except Exception:  # what cannot be judged stays, and keeps nobody else's
                log.exception("retention", kind=kind, ref=ref)
                continue
            if why is not None:
                over.setdefault((subject, why), []).extend(going)
    done = 0
    for (subject, why), going in over.items():
        if going and why in TOLD_ANEW:
            kinds = tuple(sorted({one.kind for one in going}))
            with desk.act("retention", keyed=False) as act:
                act.record(PersonalErased(subject=subject, kinds=kinds, why=why))
        done += forget(vault, going, now)
    return done


def _over(
    known: Known, vault: Vault, questions: Mapping[str, str], kind: str, ref: str, subject: str, at: datetime
) -> tuple[Why | None, list[Going]]:
    """Why a record goes, and what of it; None and nothing for one that stays whole."""
    if (why := _why(known, kind, ref, subject, at)) is not None:
        return why, [Going(kind, ref)]
    if kind == "answers" and ref in known.visits and (gone := known.visits[ref].taken_back):
        return "withdrawal", [one for one in taken_along(vault, ref, gone, questions) if one.kind == kind]
    return None, []


def _why(known: Known, kind: str, ref: str, subject: str, at: datetime) -> Why | None:
    one = CLASSES[kind]
    if not known.cites(kind, one.of, ref):
        return "orphan" if at < known.now - GRACE else None
    if not one.law and at < known.asked.get((subject, kind), at):
        return "request"
    if one.of == "visit" and one.consent in known.visits[ref].taken_back:
        return "withdrawal"
    if one.of == "consumer" and years_on(known.newest(ref), SHORT_LIFE_YEARS) > known.today:
        return None  # it stays so long at the least: a shop has thousands of those, and does not reckon each of them
    return "retention" if one.until(known, ref) < known.today else None
