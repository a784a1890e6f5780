"""The kiosk's screens of a unit at the bench: lots, cup, dosing, check weigh, label, and what was stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from .frame import Item, Offer, SignInProblem, StaffTile, Words
from .shop import PrinterState

DoseState = Literal["waiting", "now", "pass", "deviated"]
GaugeState = Literal["idle", "taring", "filling", "paused", "in_band", "over", "unstable", "lost"]


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
    {mixed = yes; appearance, odour, homogeneous = ok|bad}, /sign {signer, pin}."""

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
    to_mix: bool = False
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
