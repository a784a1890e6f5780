"""What a gate looks at. A command fills the parts that its gate needs; a part that is None is unknown, and a rule
that needs it refuses. Times are aware UTC instants; dates are Beijing dates; masses mg; shares bp."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from .dossier import (
    AllergenGroup,
    Envelope,
    Filer,
    LotStatus,
    PackSpec,
    Product,
    ReadinessRegister,
    Roster,
    StaffRow,
)
from .matters import Matter
from .restricted import Restriction
from .rounds import Done


@dataclass(frozen=True, slots=True)
class Site:
    """The shop as its store.toml says."""

    store_id: str
    province: str
    ownership: str
    filer: Filer
    licence_number: str | None = None  # the shop's own, where its province asks for one
    licence_valid_to: date | None = None
    benches: int = 1


@dataclass(frozen=True, slots=True)
class Sync:
    """The line to head office. `behind_since`: when the oldest entry was made that head office has not confirmed;
    `unread_since`: since when, with the shop open, a stop that head office pushed down waits to be read."""

    has_hub: bool
    behind_since: datetime | None = None
    unread_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """The person who acts. `staff` is None when head office does not list that id; `fit` is today's own statement."""

    staff_id: str
    staff: StaffRow | None
    fit: bool | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One component of a unit: the product, and the lot and container where one is chosen."""

    product_id: str
    product: Product | None
    share_bp: int = 0
    target_mg: int = 0
    lot: LotStatus | None = None
    container: Container | None = None
    register_attested_at: datetime | None = None
    spare_mg: int = 0  # what further usable containers of the product hold above their heels
    before: Container | None = None  # the container that this component was dosed from first (R-BLD-21)


@dataclass(frozen=True, slots=True)
class Container:
    container_id: str
    product_id: str
    lot_no: str
    kind: str  # retail_pack | cartridge | bulk
    state: str  # closed | opened | empty | quarantined | discarded
    opened_at: datetime | None
    remaining_mg: int
    heel_mg: int
    filled_on: date | None = None
    position: int | None = None  # dispenser channel, None when poured by hand
    set_apart: str | None = None  # why a person quarantined it, also after it was thrown away


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    unit_id: str
    kind: str  # blend | decant
    envelope: Envelope | None
    envelope_id: str
    target_mg: int
    sources: tuple[Source, ...]
    pack: PackSpec | None = None
    ordered_mg: int | None = None  # the fill that was ordered, where a re-ratio has changed `target_mg` since
    used: tuple[Source, ...] = ()  # what is in the cup already: one for each container that a dose came from
    use_by: date | None = None  # as signed


@dataclass(frozen=True, slots=True)
class Consumer:
    """What the screening needs of the consultation; no identity. Answers are lower-case keys."""

    notice_version: str | None
    consents: frozenset[str] = frozenset()  # purposes ticked one by one
    needed_consents: frozenset[str] = frozenset()
    bundled_consent: bool = False
    age: int | None = None
    guardian_consent: bool = False
    consulted_at: datetime | None = None
    allergies: tuple[str, ...] = ()
    conditions: frozenset[str] = frozenset()  # broken_skin, eye_area, infant, pregnant, dermatology, reaction_before
    officer_decisions: Mapping[str, str] = field(default_factory=dict)  # allergen -> allow | refuse
    withdrawn: frozenset[str] = frozenset()  # purposes whose consent was taken back
    review_open: bool = False  # a person's decision on the proposal was asked for and not given yet
    judged_at: datetime | None = None  # when the verdict was given by which a unit starts


@dataclass(frozen=True, slots=True)
class Used:
    """A product that went over the bench since it was cleaned last; `channel` None when it was poured."""

    product_id: str
    product: Product | None
    channel: int | None


@dataclass(frozen=True, slots=True)
class Bench:
    """Scale, room and cleanliness as last recorded."""

    scale_id: str
    certificate_no: str | None
    verified_to: date | None
    resolution_mg: int | None
    checked_at: datetime | None = None
    check_passed: bool | None = None
    cleaned_at: datetime | None = None
    temp_c10: int | None = None
    rh_pct10: int | None = None
    room_recorded_at: datetime | None = None
    cleared_for: str | None = None  # unit_id of the last line clearance
    used: tuple[Used, ...] = ()


@dataclass(frozen=True, slots=True)
class Dosed:
    """One component after its doses."""

    product_id: str
    target_mg: int
    actual_mg: int
    abs_tol_mg: int
    rel_tol_bp: int
    one_sided: bool
    lots: tuple[str, ...]
    containers: tuple[str, ...]
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Cup:
    pack_lot: str | None
    pack_sku: str | None
    own_container: bool
    gross_mg: int | None
    visual_ok: bool | None
    pack_received: bool | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A unit on its way. Instants are None until the step has been taken."""

    unit_id: str
    state: str
    batch: str | None
    started_at: datetime | None = None
    stopped_at: datetime | None = None  # since when it is half made; at a re-ratio since the end of its last dose
    dosed: tuple[Dosed, ...] = ()
    net_mg: int | None = None
    gross_now_mg: int | None = None
    gross_expected_mg: int | None = None
    cup_scanned: str | None = None
    cup_expected: str | None = None  # the code that the half-made unit's cup must answer with
    appearance_ok: bool | None = None
    odour_ok: bool | None = None
    homogeneous_ok: bool | None = None
    mixed: bool | None = None  # the envelope's mixing step was done
    blender_id: str | None = None
    releaser_id: str | None = None
    signed_at: datetime | None = None
    manual_mass: bool = False
    second_person: str | None = None
    open_deviations: int = 0
    use_by: date | None = None
    computed_use_by: date | None = None
    batch_units: int = 1  # units that bear this batch number
    sample_kept: bool = False  # the sample that the province asks for was taken


@dataclass(frozen=True, slots=True)
class LabelPart:
    """One physical label or leaflet as laid out."""

    medium: str  # label | leaflet
    serial: str
    printed_at: datetime | None = None
    scanned_back_at: datetime | None = None
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """The QR: what is in it, and its side without the quiet zone in 0.01 mm."""

    text: str
    side_mm_x100: int


@dataclass(frozen=True, slots=True)
class Label:
    """The text and the layout of one unit's label set. `items` maps R-LAB-02/03 item keys to the printed text:
    name, filer, filer_address, producer, producer_address, producer_licence, standard, ingredients, net_content,
    use_by, directions, warnings, personalised, batch, blend_date, store, sources, storage."""

    items: Mapping[str, str]
    on_pack: frozenset[str]  # item keys that stand on the pack itself, the others on the leaflet
    fits: bool
    net_mg: int
    net_numeral_mm_x100: int
    min_char_mm_x100: int
    parts: tuple[LabelPart, ...] = ()
    leaflet: bool = False
    free_text: tuple[str, ...] = ()
    code: Code | None = None
    on_code: frozenset[str] = frozenset()  # item keys that can be read behind the QR only
    foreign_larger: tuple[str, ...] = ()  # items whose foreign letters are set larger than their Chinese
    name_requested: bool = False  # the consumer asked for the name on the pack
    stock: str = ""
    fits_on: tuple[str, ...] = ()  # other stocks that the text would fit
    edge_mg: int | None = None  # a mass within tolerance without room for the text that fits at the target


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery line as typed at the door (R-ADM-13). Empty strings are missing."""

    product_id: str
    product: Product | None
    lot: LotStatus | None
    fields: Mapping[str, str]
    register_attested_at: datetime | None = None
    expiry: date | None = None  # as read from the pack
    containers: tuple[Container, ...] = ()  # packs of the delivery that get a container code


@dataclass(frozen=True, slots=True)
class Case:
    now: datetime
    site: Site | None
    params: Mapping[str, object]
    roster: Roster | None = None
    person: Person | None = None
    officers_on_duty: tuple[str, ...] | None = None
    consumer: Consumer | None = None
    shelf: tuple[Product, ...] = ()  # what the shop has in usable containers
    units: tuple[PlannedUnit, ...] = ()
    unit: PlannedUnit | None = None
    source: Source | None = None  # the one in hand at scan and dose
    bench: Bench | None = None
    cup: Cup | None = None
    progress: Progress | None = None
    label: Label | None = None
    receipt: Receipt | None = None
    allergen_groups: tuple[AllergenGroup, ...] = ()
    restrictions: tuple[Restriction, ...] = ()  # of every ingredient of the units, as the directory knows them
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # declared allergen → official names
    clock_ok: bool | None = None
    readiness: ReadinessRegister | None = None
    sync: Sync | None = None
    started_today: int | None = None  # units begun on this Beijing date
    last_blend_on: date | None = None  # the last Beijing date on which a unit was begun; None in a new shop
    restart_checked_on: date | None = None  # when the shop checked itself for a restart last
    done: Done = field(default_factory=Done)  # of the duties that come round
    record: Mapping[str, object] | None = None  # the unit's record as it would be sealed
    explained: tuple[str, ...] | None = None  # what was told to the consumer, ticked one by one
    recall_by: str | None = None  # how the consumer hears of a recall: contact | card
    texts: Mapping[str, str] = field(default_factory=dict)  # names, nicknames, notes to be screened
    name_fits: bool | None = None  # the label has room for the name that the consumer wants on it
    told: Mapping[str, str] = field(default_factory=dict)  # what is said of the proposal, screened as R-CON-10
    matter: Matter | None = None  # the one in hand after the sale
