"""The kiosk's screens of a visit: consent, questions, formula, verdict, hand-over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from store_service.rules.refusal import Finding

from .frame import Item, StaffTile, UnitBrief, Way, Words


@dataclass(frozen=True, slots=True)
class ConsentText:
    purpose: str
    version: str
    title: Words
    body: Words
    needed: bool = True
    sensitive: bool = False
    given: bool = False


@dataclass(frozen=True, slots=True)
class ConsentScreen:
    """Screen 2. POST /kiosk/service/{id}/consent {purpose…, notice_version}; a scanned code to /member chooses the
    member. `member` is the tail of that code."""

    service_id: str
    notice_version: str
    notice: Words
    texts: tuple[ConsentText, ...]
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    key: str
    kind: Literal["one", "many", "number"]
    words: Words
    why: Words
    options: tuple[Item, ...] = ()
    may_skip: bool = True
    value: str = ""
    unit: Words | None = None
    free_text: bool = False  # names that are not listed: field `text`, separated by commas


@dataclass(frozen=True, slots=True)
class ConsultationScreen:
    """Screen 3. POST /kiosk/service/{id}/consultation {question, answer…} or {question, act=skip|back}."""

    service_id: str
    question: Question
    index: int  # from 1
    count: int
    photo: bool = False  # the consumer has agreed to a picture: GET /kiosk/service/{id}/photo


@dataclass(frozen=True, slots=True)
class PhotoScreen:
    """POST /kiosk/service/{id}/photo {body}, the picture in base64; …/photo/delete takes consent and picture back."""

    service_id: str
    consent: Words
    kept_until: date | None = None  # a picture is in the vault
    shown: bool = False  # and may still be looked at on this screen


@dataclass(frozen=True, slots=True)
class FormulaRow:
    product_id: str
    name: Words
    share_bp: int
    min_bp: int
    max_bp: int
    target_mg: int
    because: Words
    may_plus: bool = True
    may_minus: bool = True


@dataclass(frozen=True, slots=True)
class Fill:
    mass_mg: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FormulaScreen:
    """Screen 4. POST /kiosk/service/{id}/formula {act}: `plus:<product_id>`, `minus:<product_id>`, `fill:<mg>`,
    `repeat`, `add`, `name` with `text`, `confirm`."""

    service_id: str
    unit_no: int
    unit_count: int
    name: Words
    kind: Literal["blend", "decant"]
    rows: tuple[FormulaRow, ...]
    fills: tuple[Fill, ...]
    fill_mg: int
    in_use_days: int
    last: Words | None = None  # "repeat my last", judged again
    others: tuple[Alternative, ...] = ()  # what else is validated: act `use:<envelope>`
    names: tuple[Words, ...] = ()  # every unit of the service: act `show:<n>`, `remove`
    pack_name: str = ""  # what the consumer wants on the pack: act `name` with `text`


@dataclass(frozen=True, slots=True)
class RuleLine:
    rule: str
    title: Words


@dataclass(frozen=True, slots=True)
class Alternative:
    """What may be offered instead; POST /kiosk/service/{id}/formula {act}."""

    name: Words
    because: Words
    act: str


@dataclass(frozen=True, slots=True)
class VerdictScreen:
    """Screen 5. POST /kiosk/service/{id}/verdict {reason?} accepts an allowed verdict with its warnings."""

    service_id: str
    asked: tuple[RuleLine, ...]
    units: tuple[UnitBrief, ...]
    warnings: tuple[Finding, ...] = ()
    refusals: tuple[Finding, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """An allergen that the lists cannot tell: the declared word against what the units hold."""

    allergen: str
    may_hide_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfficerScreen:
    """R-CON-08 undecided. POST /kiosk/service/{id}/officer {allergen, decision=allow|refuse, signer, pin}."""

    service_id: str
    open: tuple[Undecided, ...]
    ingredients: tuple[tuple[Words, str], ...]  # unit's name and its whole list of ingredients
    officers: tuple[StaffTile, ...]


@dataclass(frozen=True, slots=True)
class HandoverUnit:
    name: Words
    batch: str
    content: str
    use_by: date
    qr_url: str


@dataclass(frozen=True, slots=True)
class ToldItem:
    """One thing that is explained, in the words of every unit that differs in it."""

    value: str
    words: Words
    said: tuple[Words, ...]
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class HandoverScreen:
    """Screen 10, turned to the consumer. POST /kiosk/service/{id}/hand-over {explained… one a tick, contact?,
    recall_card=1?}. The phone is asked of those who agreed to leave one; `contact_kept`: it is there already."""

    service_id: str
    units: tuple[HandoverUnit, ...]
    items: tuple[ToldItem, ...]
    phone: str
    asks_contact: bool = False
    contact_kept: bool = False


@dataclass(frozen=True, slots=True)
class DoneScreen:
    """Screen 11."""

    batches: tuple[str, ...]
    minutes: int
    wiped_at: datetime
    clean: tuple[Item, ...] = ()
