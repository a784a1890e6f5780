"""The kiosk's screens around the service: ready, shift, receiving, devices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from .frame import Item, StaffTile, UnitBrief, Way, Words

PrinterState = Literal["ready", "paper_out", "ribbon_out", "cover_open", "jam", "paused", "away"]
VisitStage = Literal["consent", "questions", "formula", "units", "hand_over"]


SIGN_IN = "/kiosk/sign-in"


@dataclass(frozen=True, slots=True)
class ReadyCheck:
    key: Literal["people", "room", "devices", "cleaning", "scope"]
    ok: bool
    detail: Words
    href: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceBrief:
    """A visit that was left: when it began and how far it came. Nothing personal."""

    href: str
    opened_at: datetime
    stage: VisitStage


@dataclass(frozen=True, slots=True)
class ReadyScreen:
    """Screen 0. No personal data. `open_units` are stopped or parked ones that wait for a hand; `services` are
    visits that were left before their first unit or after their last. `own`: why the person who is signed in may not
    blend himself, where others may; `own_href`: the screen for it."""

    checks: tuple[ReadyCheck, ...]
    signed_in: bool
    own: Words | None = None
    own_href: str = SIGN_IN
    open_units: tuple[UnitBrief, ...] = ()
    services: tuple[ServiceBrief, ...] = ()

    @property
    def may_work(self) -> bool:
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class ReadyRow:
    """One rule that stands in the way or wants a reason: its words, the next step, and the screen for it."""

    rule: str
    title: Words
    message: Words
    next: Words
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class AheadRow:
    """What ends on `last_day`, in `days` days."""

    rule: str
    what: Words
    last_day: date
    days: int


@dataclass(frozen=True, slots=True)
class SecondRow:
    """A warning or refusal that waits for a second person; `by` acted first."""

    rule: str
    title: Words
    by: Words
    at: datetime
    href: str


@dataclass(frozen=True, slots=True)
class StopRow:
    """A stop of head office that nobody here has read: what it names, and when it came."""

    what: Words
    items: tuple[str, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class MayWorkScreen:
    """ "May I work now?": what stops the shop, what wants a reason once a shift, what ends in 30 days, who else must
    sign. `own` stops the person who is signed in only; `able` may blend, by name."""

    may_work: bool
    signed_in: bool
    own: tuple[ReadyRow, ...] = ()
    able: tuple[Words, ...] = ()
    missing: tuple[ReadyRow, ...] = ()
    warnings: tuple[ReadyRow, ...] = ()
    notes: tuple[ReadyRow, ...] = ()
    ahead: tuple[AheadRow, ...] = ()
    seconds: tuple[SecondRow, ...] = ()
    stops: tuple[StopRow, ...] = ()
    reasons: tuple[Item, ...] = ()

    @property
    def own_href(self) -> str:
        """The screen for what stops the person only: his own statement of today, else another person's sign-in."""
        return next((one.way.href for one in self.own if one.way), SIGN_IN)


@dataclass(frozen=True, slots=True)
class SecondEnd:
    """Who answered a request, and when; `head_office`: there, with a reason for a no."""

    by: Words
    at: datetime
    head_office: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SecondScreen:
    """A second person signs: what for, and who may. `subject`, `rule` and `back` go back with the form. `head_office`:
    there is one, and it has the request; `only_head_office`: it said no before, so nobody in the shop signs."""

    subject: str
    rule: str
    title: Words
    told: Words
    by: Words
    people: tuple[StaffTile, ...]
    state: Literal["open", "signed", "declined", "gone"] = "open"
    head_office: bool = True
    only_head_office: bool = False
    end: SecondEnd | None = None
    live_url: str = "/gallery/still"
    back: str = "/kiosk/ready"


@dataclass(frozen=True, slots=True)
class ShiftTask:
    key: Literal["fitness", "room", "check-weigh", "cleaning"]
    done: bool
    at: datetime | None = None
    detail: Words | None = None


@dataclass(frozen=True, slots=True)
class CheckWeight:
    """One test weight. `reading_mg` is None until it has been read from the scale."""

    nominal_mg: int
    tolerance_mg: int
    reading_mg: int | None = None

    @property
    def passed(self) -> bool | None:
        return None if self.reading_mg is None else abs(self.reading_mg - self.nominal_mg) <= self.tolerance_mg


@dataclass(frozen=True, slots=True)
class ShiftScreen:
    """Opening and end of a shift. POST /kiosk/shift/{fitness|room|check-weigh|cleaning|open|close}.

    Fields: fitness `item` (all statements) or `unfit=1`; room `temp` and `rh` as typed decimals; check-weigh none (it
    reads the scale); cleaning `item`. `current` is None when all is done and the shift may open, or was at
    `opened_at`; `waiting` units are unfinished.
    """

    tasks: tuple[ShiftTask, ...]
    current: Literal["fitness", "room", "check-weigh", "cleaning"] | None
    statements: tuple[Item, ...] = ()
    weights: tuple[CheckWeight, ...] = ()
    cleaning: tuple[Item, ...] = ()
    live_url: str | None = None
    live_mg: int | None = None
    opened_at: datetime | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class ReceiveField:
    name: str
    label: Words
    value: str = ""
    problem: Words | None = None
    keys: Literal["digits", "text", "date"] = "text"


@dataclass(frozen=True, slots=True)
class ReceiveScreen:
    """Receiving a source lot (R-ADM-13). POST /kiosk/receive with the names of `fields`, of `stated`, which the scan
    has told, and `name_same=1`. `filing_number` is shown without its last digits, `expiry` (the list's) only where the
    code has told the pack's own (`read_expiry`). `listed`: the list releases this lot."""

    product: Words | None
    filing_number: str | None
    lot_no: str | None
    expiry: date | None
    fields: tuple[ReceiveField, ...]
    stated: tuple[tuple[str, str], ...] = ()
    listed: bool = False
    read_expiry: str | None = None
    name_ticked: bool = False


@dataclass(frozen=True, slots=True)
class DeviceRow:
    kind: str  # scale | dispenser | printer | scanner | clock | disk | head_office
    name: str
    state: Literal["ok", "warn", "down"]
    detail: Words
    last_good: datetime | None = None
    steps: tuple[Words, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class HealthScreen:
    """D1."""

    devices: tuple[DeviceRow, ...]

    @property
    def troubles(self) -> int:
        return sum(device.state != "ok" for device in self.devices)
