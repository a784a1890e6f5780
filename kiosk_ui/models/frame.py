"""What every kiosk screen shares: words, the frame around it, ways on, refusals and faults, who signs in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from store_service.rules.refusal import Finding

UnitState = Literal["planned", "stopped", "parked", "dosed", "checked", "signed", "printed", "verified", "released"]
SignInProblem = Literal["wrong_pin", "locked", "unknown_badge"]


@dataclass(frozen=True, slots=True)
class Words:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SimCode:
    """A code that the demo's simulated scanner can enter."""

    code: str
    name: Words


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every kiosk screen. `step` is 1…11 on the rail, None off it."""

    shop: Words
    now: datetime
    step: int | None = None
    person: str | None = None
    training: bool = False
    clock_shifted: bool = False
    head_office_away: bool = False
    personal: bool = False  # consumer's data on screen: the idle guard runs
    busy: bool = False  # dosing or weighing: no wipe
    scan_url: str | None = None
    scan_prefix: str | None = None
    sounds: bool = True
    px_per_mm_x10: int | None = None  # from the screen diagonal that the shop entered
    form_token: str = ""
    sim_codes: tuple[SimCode, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One button that leads on: a link, or with `post` a form of one act."""

    words: Words
    href: str
    post: bool = False
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """Another container that would pass the same gate."""

    code: str
    name: Words
    place: Words
    left_mg: int


@dataclass(frozen=True, slots=True)
class RefusalSheet:
    """A gate's no: every finding. `way` is the one thing to do next; without it the screen below is the place."""

    findings: tuple[Finding, ...]
    way: Way | None = None
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class FaultScreen:
    """What cannot be shown: not found, or a fault of ours with the reference under which it was logged."""

    kind: Literal["missing", "fault", "storage"]
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class ClockScreen:
    """The clock stepped back: what it shows, and who may confirm it. POST /kiosk/clock."""

    now: datetime
    confirmed: bool


@dataclass(frozen=True, slots=True)
class UnitBrief:
    unit_id: str
    name: Words
    state: UnitState
    mass_mg: int
    href: str
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class StaffTile:
    staff_id: str
    name: Words
    role: Words
    blocked: Words | None = None  # reason in words, with its rule


@dataclass(frozen=True, slots=True)
class SignInScreen:
    """Screen 1. POST /kiosk/sign-in {staff_id, pin}; a scanned badge chooses the tile."""

    people: tuple[StaffTile, ...]
    chosen: str | None = None
    problem: SignInProblem | None = None
    tries_left: int = 5
    wait_minutes: int = 0
    back: str = "/kiosk"  # where one stood when the PIN was asked for again


@dataclass(frozen=True, slots=True)
class Item:
    """One tick of a list. `value` is the form value."""

    value: str
    words: Words
    ticked: bool = False
