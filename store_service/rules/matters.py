"""What the gates after the sale look at: the one matter in hand. A part that is None is unknown, and refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """A picture of the skin is about to be kept. `purpose` is skin_analysis or identify; `template` a face template."""

    consent: bool
    purpose: str
    template: bool


@dataclass(frozen=True, slots=True)
class RightsAnswer:
    """A consumer's request is about to be answered. `kept` maps a kind that was asked to be erased to the day until
    which the law keeps it; `hold` is a legal hold that stands on the person."""

    kind: str  # show | copy | correct | erase | explain | close
    outcome: str  # done | partly | refused
    reason: str
    identified: bool
    asked: tuple[str, ...] = ()
    kept: Mapping[str, date] | None = None
    hold: str | None = None


@dataclass(frozen=True, slots=True)
class ReactionCase:
    """A reaction is opened or becomes known earlier. `known_at` is the awareness on record so far."""

    aware_at: datetime | None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Classification:
    severity: str
    before: str
    reason: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A report that goes out: what it names, and what the unit was made of."""

    batch: str | None
    filing_numbers: frozenset[str]
    lots: frozenset[str]
    all_filing_numbers: frozenset[str] | None
    all_lots: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class HoldWord:
    """Somebody says that a lot is to be held. `cases` are the reactions that speak for it."""

    cases: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Disposal:
    """Something kept is about to be destroyed. `what` is sample or returned."""

    what: str
    outcome: str  # destroyed | restocked
    by: str
    second: str | None
    due: date | None = None
    weighed_mg: int | None = None
    hold: str | None = None


@dataclass(frozen=True, slots=True)
class RecallStand:
    """A recall is about to be closed: whom nobody called, and who was tried through one channel only."""

    uncalled: tuple[str, ...] | None
    one_channel: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """Data is about to leave. `recipient` is authority, filer, processor, controller or person."""

    recipient: str
    personal: bool
    country: str
    request_ref: str = ""
    contract_ref: str = ""
    consent: bool = False
    route_ref: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    subject: str
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class BreachClosing:
    """A leak of personal data is about to be closed. Empty strings are missing."""

    told: Mapping[str, str]  # kinds, cause, harm, measures, contact, authority_ref, persons_told


Matter = (
    ImageRequest
    | RightsAnswer
    | ReactionCase
    | Classification
    | Submission
    | HoldWord
    | Disposal
    | RecallStand
    | Sending
    | Correction
    | BreachClosing
)
