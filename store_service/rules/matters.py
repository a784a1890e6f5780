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
    severity: str = "unclassified"
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class CaseClosing:
    """A case is about to be closed. `reported` and `selfchecked`: with a receipt; `bottle`: the unit is known, so there
    is something to report against."""

    severity: str
    bottle: bool
    reported: bool
    selfchecked: bool
    conclusion: str


@dataclass(frozen=True, slots=True)
class HoldWord:
    """Somebody says that a lot is to be held. `cases` are the reactions that speak for it; `recall` is the open recall
    under a hold that is to be lifted."""

    cases: tuple[str, ...]
    reason: str
    recall: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceWord:
    """A legal hold is about to be set on `subject`, or lifted: then `second` signs beside `by`."""

    subject: str
    reason: str
    lifts: bool
    by: str
    second: str | None = None


PULLED = "pulled"
"""Some of a sample is taken out for a purpose: neither its day nor a second person is asked for."""


@dataclass(frozen=True, slots=True)
class Disposal:
    """Something kept is about to be destroyed, or some of a sample taken out. `what` is sample, returned or waste: what
    failed or may not be used."""

    what: str
    outcome: str  # destroyed | restocked | pulled
    by: str
    second: str | None
    due: date | None = None
    weighed_mg: int | None = None
    hold: str | None = None


@dataclass(frozen=True, slots=True)
class RecallWord:
    """Somebody draws up a recall, or the drill of one."""

    drill: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RecallStand:
    """A recall is about to be closed: whom nobody called, who was tried through one channel only, and which of its
    steps (rules.rounds.RECALL_STEPS) nobody has recorded. A drill has none."""

    uncalled: tuple[str, ...] | None
    one_channel: tuple[str, ...] = ()
    drill: bool = False
    undone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyMove:
    """A step of a duty. `ends`: it says that the duty is done or sent; `decided`: the decision stands on record.
    `decided_by` is who is said to have decided now, `heads` the head of quality and the deputy."""

    kind: str
    step: str
    ref: str
    ends: bool
    decided: bool = False
    decided_by: str = ""
    heads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Application:
    """The application for the pilot: begun, or about to be sent with these parts of its package."""

    sending: bool
    parts: frozenset[str] = frozenset()


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
    | CaseClosing
    | HoldWord
    | EvidenceWord
    | Disposal
    | RecallWord
    | RecallStand
    | DutyMove
    | Application
    | Sending
    | Correction
    | BreachClosing
)
