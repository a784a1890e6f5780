"""View models of the kiosk: what each screen needs, filled by the routes from queries.

Masses integer mg, shares integer bp, instants aware UTC, dates Beijing. Text that belongs to the shop's data comes as
`Words`; text that belongs to the screen lives in `i18n/`. A refusal is `rules.refusal.Finding` as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from store_service.rules.refusal import Finding

UnitState = Literal["planned", "stopped", "parked", "dosed", "checked", "signed", "printed", "verified", "released"]
PrinterState = Literal["ready", "paper_out", "ribbon_out", "cover_open", "jam", "paused", "away"]
DoseState = Literal["waiting", "now", "pass", "deviated"]
VisitStage = Literal["consent", "questions", "formula", "units", "hand_over"]
SignInProblem = Literal["wrong_pin", "locked", "unknown_badge"]
GaugeState = Literal["idle", "taring", "filling", "paused", "in_band", "over", "unstable", "lost"]


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
class ReadyCheck:
    key: Literal["people", "room", "devices", "cleaning", "scope"]
    ok: bool
    detail: Words
    href: str | None = None


@dataclass(frozen=True, slots=True)
class UnitBrief:
    unit_id: str
    name: Words
    state: UnitState
    mass_mg: int
    href: str
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceBrief:
    """A visit that was left: when it began and how far it came. Nothing personal."""

    href: str
    opened_at: datetime
    stage: VisitStage


@dataclass(frozen=True, slots=True)
class ReadyScreen:
    """Screen 0. No personal data. `open_units` are stopped or parked ones that wait for a hand; `services` are
    visits that were left before their first unit or after their last."""

    checks: tuple[ReadyCheck, ...]
    signed_in: bool
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
    """ "May I work now?": what refuses, what wants a reason once a shift, what ends in 30 days, who else must sign."""

    may_work: bool
    signed_in: bool
    missing: tuple[ReadyRow, ...] = ()
    warnings: tuple[ReadyRow, ...] = ()
    notes: tuple[ReadyRow, ...] = ()
    ahead: tuple[AheadRow, ...] = ()
    seconds: tuple[SecondRow, ...] = ()
    stops: tuple[StopRow, ...] = ()
    reasons: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class SecondScreen:
    """A second person signs: what for, and who may. `subject` and `rule` go back with the form."""

    subject: str
    rule: str
    title: Words
    by: Words
    people: tuple[StaffTile, ...]


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
class Item:
    """One tick of a list. `value` is the form value."""

    value: str
    words: Words
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class ShiftScreen:
    """Opening of a shift. POST /kiosk/shift/{fitness|room|check-weigh|cleaning|open}.

    Fields: fitness `item` (all statements) or `unfit=1`; room `temp` and `rh` as typed decimals; check-weigh none (it
    reads the scale); cleaning `item`. `current` is None when all is done and the shift may open.
    """

    tasks: tuple[ShiftTask, ...]
    current: Literal["fitness", "room", "check-weigh", "cleaning"] | None
    statements: tuple[Item, ...] = ()
    weights: tuple[CheckWeight, ...] = ()
    cleaning: tuple[Item, ...] = ()
    live_url: str | None = None
    live_mg: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiveField:
    name: str
    label: Words
    value: str = ""
    problem: Words | None = None
    keys: Literal["digits", "text", "date"] = "text"


@dataclass(frozen=True, slots=True)
class ReceiveScreen:
    """Receiving a source lot (R-ADM-13). POST /kiosk/receive with the names of `fields` and of `stated`, which head
    office's lists fix; a scan fills product and lot. `listed`: the list releases this lot."""

    product: Words | None
    filing_number: str | None
    lot_no: str | None
    expiry: date | None
    fields: tuple[ReceiveField, ...]
    stated: tuple[tuple[str, str], ...] = ()
    listed: bool = False


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
class LotCard:
    """One component to be scanned. A second lot of the same component is a card of its own."""

    product_id: str
    name: Words
    needed_mg: int
    state: Literal["waiting", "now", "ok"]
    lot_no: str | None = None
    expiry: date | None = None
    opened: date | None = None
    left_mg: int | None = None
    place: Words | None = None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class LotsScreen:
    """Screen 6. First the line is cleared: POST /kiosk/unit/{id}/start {clearance}; then scans go to
    /kiosk/unit/{id}/scan {code, how=wedge|manual}."""

    unit_id: str
    name: Words
    cards: tuple[LotCard, ...]
    clearance: tuple[Item, ...]
    begun: bool = True  # False: the line is cleared first, then the containers are scanned

    @property
    def complete(self) -> bool:
        return all(card.state == "ok" for card in self.cards)


@dataclass(frozen=True, slots=True)
class CupScreen:
    """Screen 6, last part: the empty cup. POST /kiosk/unit/{id}/cup {visual=ok}; the pack's lot is scanned."""

    unit_id: str
    pack: Words
    pack_lot: str | None
    tare_min_mg: int
    tare_max_mg: int
    live_url: str
    live_mg: int | None
    stable: bool
    inspections: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A linear gauge from 0 to `full_mg`, and a second, linear bar of ± four tolerances around the target.

    `mg` is the last true reading; with `state` = lost it is `age_s` old.
    """

    mg: int
    target_mg: int
    low_mg: int
    high_mg: int
    state: GaugeState = "filling"
    stable: bool = True
    age_s: int = 0

    @property
    def _half_mg(self) -> int:
        """Half the band: the tolerance, also of a one-sided component, whose band ends at its target."""
        return max((self.high_mg - self.low_mg) // 2, 1)

    @property
    def full_mg(self) -> int:
        return max(self.target_mg * 11 // 10, self.target_mg + 3 * self._half_mg)

    @property
    def near_from_mg(self) -> int:
        return self.target_mg - 4 * self._half_mg

    @property
    def near_to_mg(self) -> int:
        return self.target_mg + 4 * self._half_mg

    def permille(self, mg: int) -> int:
        """Position on the main bar, 0…1000."""
        return max(0, min(1000, mg * 1000 // self.full_mg))

    def near_permille(self, mg: int) -> int:
        """Position on the bar near the target, 0…1000."""
        return max(0, min(1000, (mg - self.near_from_mg) * 1000 // (self.near_to_mg - self.near_from_mg)))

    @property
    def live(self) -> dict[str, int]:
        """The gauge's part of a live frame: CSS variables in permille, `now` in mg."""
        within = min(self.mg, self.high_mg)
        return {
            "now": self.mg,
            "fill": self.permille(within),
            "over": self.permille(self.mg),
            "near": self.near_permille(within),
            "near-over": self.near_permille(self.mg),
        }


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """`tolerance_mg` is how far under its target it may end; `over_mg` how far over, None: as far as under."""

    name: Words
    target_mg: int
    tolerance_mg: int
    state: DoseState
    actual_mg: int | None = None
    lots: tuple[str, ...] = ()
    over_mg: int | None = None


@dataclass(frozen=True, slots=True)
class DosingScreen:
    """Screen 7. POST /kiosk/unit/{id}/dose {act=begin|end} (poured, or not begun), /stop, /pause, /resume."""

    unit_id: str
    name: Words
    lot_no: str
    bench: Words
    by_hand: bool
    number: int
    rows: tuple[ComponentRow, ...]
    gauge: Gauge
    live_url: str
    seconds_left: int | None = None
    begun: bool = True
    container: str = ""
    place: Words | None = None
    over_help: str = ""  # while too much is being poured: whether the rest can make up for it


@dataclass(frozen=True, slots=True)
class Signing:
    """A signature: who may give it, what it means, the tail of the record's hash. Fields `signer`, `pin`."""

    meaning: Words
    signers: tuple[StaffTile, ...]
    record_tail: str
    problem: SignInProblem | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A re-ratio that the signature confirms: the component, what landed, what it was to be; the fill then and now."""

    name: Words
    actual_mg: int
    target_mg: int
    old_fill_mg: int
    fill_mg: int


@dataclass(frozen=True, slots=True)
class WeighScreen:
    """Screen 8, in three stages: weigh → inspect → sign. POST /kiosk/unit/{id}/weigh, /inspect
    {appearance, odour, homogeneous = ok|bad}, /sign {signer, pin}."""

    unit_id: str
    name: Words
    stage: Literal["weigh", "inspect", "sign"]
    live_url: str
    live_mg: int | None
    stable: bool
    tare_mg: int
    doses_mg: int
    tolerance_mg: int
    gross_mg: int | None = None
    mixing: Words | None = None
    appearance: Words | None = None
    content: str | None = None
    signing: Signing | None = None
    corrections: tuple[Correction, ...] = ()

    @property
    def net_mg(self) -> int | None:
        return None if self.gross_mg is None else self.gross_mg - self.tare_mg

    @property
    def within(self) -> bool | None:
        return None if self.net_mg is None else abs(self.net_mg - self.doses_mg) <= self.tolerance_mg


@dataclass(frozen=True, slots=True)
class LabelPart:
    """One physical label. `image_url` is the printed bitmap itself, `dots_*` its size."""

    number: int
    image_url: str
    alt: Words
    width_mm: int
    height_mm: int
    dots_w: int
    dots_h: int
    serial: str
    state: Literal["preview", "printing", "printed", "scanned", "voided"]


@dataclass(frozen=True, slots=True)
class LintLine:
    rule: str
    words: Words
    ok: bool


@dataclass(frozen=True, slots=True)
class LabelScreen:
    """Screen 9. POST /kiosk/unit/{id}/print {why, on}; scans to /scan-back; with the printer out, /park {tag}.

    `second` is the second printer, None without one; `void` are the serials of a print that was not confirmed.
    """

    unit_id: str
    parts: tuple[LabelPart, ...]
    lint: tuple[LintLine, ...]
    printer: PrinterState = "ready"
    second: PrinterState | None = None
    void: tuple[str, ...] = ()

    @property
    def printed(self) -> bool:
        return all(part.state in ("printed", "scanned") for part in self.parts)


@dataclass(frozen=True, slots=True)
class HandoverUnit:
    name: Words
    batch: str
    content: str
    use_by: date
    directions: Words
    warnings: tuple[Words, ...]
    qr_url: str
    bound_by: Words | None = None


@dataclass(frozen=True, slots=True)
class HandoverScreen:
    """Screen 10, turned to the consumer. POST /kiosk/service/{id}/hand-over {explained=1}."""

    service_id: str
    units: tuple[HandoverUnit, ...]
    phone: str


@dataclass(frozen=True, slots=True)
class DoneScreen:
    """Screen 11."""

    batches: tuple[str, ...]
    minutes: int
    wiped_at: datetime
    clean: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class ResumeScreen:
    """D8. POST /kiosk/unit/{id}/resume, /discard, or /empty {code}; scans of the cup's pack or of the next container
    go to /scan. `gross_now_mg` None: the scale has not answered yet."""

    unit_id: str
    batch: str
    name: Words
    component: Words
    number: int
    rows: tuple[ComponentRow, ...]
    dosed_mg: int
    target_mg: int
    stopped_at: datetime
    usable_until: datetime
    expected_mg: int
    gross_now_mg: int | None
    same_cup: bool | None
    live_url: str
    why: Words | None = None
    remedy: Words | None = None
    cup_code: str = ""
    scanned: bool = False
    container: str = ""  # the container that this component is dosed from
    may_be_empty: bool = False  # the pump ran and nothing came: ask for the next container first
    next_container: Offer | None = None  # what would pass when the first one is empty (R-BLD-21)


@dataclass(frozen=True, slots=True)
class ParkedScreen:
    """A parked unit: its tag is scanned to take it back. POST /kiosk/unit/{id}/unpark {code} or /discard."""

    unit_id: str
    name: Words
    tag: str
    state: str


@dataclass(frozen=True, slots=True)
class HeldScreen:
    """A unit that another kiosk holds. POST /kiosk/unit/{id}/take-over {pin}: the signed-in person takes it over."""

    unit_id: str
    name: Words
    batch: str
    holder: str
    kiosk: str
    state: str
    live_url: str
    live_mg: int | None
    stable: bool
    person: str


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
