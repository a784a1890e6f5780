"""Documents that head office publishes and a shop receives as signed snapshots.

Masses are integer milligrams, shares integer basis points, concentrations integer parts per million by mass.
Everything is closed: an unknown field is malformed input, never ignored.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

NAME = 200
"""Longest product name in characters: no label has room for more."""
TEXT = 20_000
"""Longest text of any field: as much as is ever screened (R-WORD-08)."""


class Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=TEXT)


class StatusSince(Document):
    """From `since` (Beijing) on an ingredient is under its watch ("new"), listed as used, or struck off."""

    since: date
    status: Literal["used", "new", "cancelled"]


class Ingredient(Document):
    """`history`, where there is one, wins over `status`: being new is a matter of the day (R-ADM-08). `ppm` None: the
    filer does not supply it; a product's ingredients then stand in the order of its filed label (R-LAB-06)."""

    inci: str
    cn_name: str
    ppm: int | None = Field(default=None, ge=0, le=1_000_000)
    status: Literal["used", "new"] = "used"
    preservative: bool = False
    history: tuple[StatusSince, ...] = ()

    @property
    def least_ppm(self) -> int:
        """At least so much: what is not supplied counts as nothing."""
        return self.ppm or 0

    def status_on(self, day: date) -> str:
        """used, new or cancelled; unknown before the first entry of its history."""
        if not self.history:
            return self.status
        until = [one for one in self.history if one.since <= day]
        return max(until, key=lambda one: one.since).status if until else "unknown"


class Party(Document):
    """A company as it is printed on a label."""

    name: str
    address: str
    licence: str | None = None


class Product(Document):
    """The dossier of one filed product (备案产品)."""

    product_id: str
    gtin: str
    name_zh: str = Field(max_length=NAME)
    name_en: str = Field(max_length=NAME)
    filing_number: str
    filing_status: Literal["filed", "deregistered", "revoked", "unknown"]
    filer_id: str
    class_code: str
    form: str
    use: Literal["leave_on", "rinse_off"]
    ingredients: tuple[Ingredient, ...]
    allergens: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    directions: str
    storage: str
    claims: tuple[str, ...] = ()
    ph_min_x100: int | None = None
    ph_max_x100: int | None = None
    ethanol_ppm: int = 0
    pao_months: int | None = None
    shelf_life_months: int
    density_ug_per_ul: int = 1000
    viscosity: Literal["toner", "serum", "lotion", "cream"]
    executed_standard: str
    sensory: str
    hygiene: str
    process: str
    producer: Party
    formula_version: str
    label_version: str
    label_versions_in_force: tuple[str, ...] = ()  # earlier ones whose name, warnings and directions still hold
    kit_part: bool = False
    blendable: bool = True
    legacy_type: str | None = None
    filed_on: date | None = None  # None: counted from the first day of the year in the filing number
    annual_report_on: date | None = None  # when the last annual report was submitted
    statement_due: date | None = None  # of the four-year statement, None: four years after the filing
    summary_due: date | None = None  # by when the efficacy summary must be published, None: none is due
    summary_on: date | None = None
    changed_since_filing: tuple[Literal["formula", "process", "maker", "name"], ...] = ()
    overseas_filer: Party | None = None  # of an imported product: who filed it,
    responsible: Party | None = None  # and the domestic responsible person (境内责任人) for it (R-LAB-02, R-SCP-11)


class ProductRegister(Document):
    """The filer attests the status of its own filings as of `attested_at` (R-ADM-01 as amended)."""

    filer_id: str
    attested_at: AwareDatetime
    products: tuple[Product, ...]


class LotStatus(Document):
    """What head office knows of one source lot. A lot that is not listed is unknown, and unknown is refused."""

    product_id: str
    lot_no: str
    produced: date
    expiry: date
    status: Literal["released", "quarantined", "recalled", "returned", "damaged"]
    sample_ref: str | None = None
    label_version: str
    hold: str | None = None
    disposition: Literal["sell_closed", "quarantine", "return", "destroy"] | None = None  # R-ADM-23


class LotRegister(Document):
    lots: tuple[LotStatus, ...]


class Microbiology(Document):
    """The last verification sample of an envelope (R-BLD-19)."""

    sampled: date
    report: str
    cfu_per_g: int = Field(ge=0)
    moulds_per_g: int = Field(ge=0)
    pathogens_absent: bool


class EnvelopeComponent(Document):
    product_id: str
    formula_version: str
    min_bp: int = Field(ge=0, le=10_000)
    max_bp: int = Field(ge=0, le=10_000)
    one_sided: bool = False
    abs_tol_mg: int = 50
    rel_tol_bp: int = 100
    dose_by: Literal["pump", "pour"] = "pump"


class PackSpec(Document):
    """A validated pack (直接接触化妆品的包装材料) with its empty-mass window."""

    sku: str
    name_zh: str
    name_en: str
    gtin: str
    capacity_mg: int
    tare_min_mg: int
    tare_max_mg: int


class Envelope(Document):
    """The filer's validated set of products, shares, mixing step and in-use days, or the pack of a decant. `held`: by
    an officer of the shop that asks."""

    envelope_id: str
    version: int
    kind: Literal["blend", "decant"]
    status: Literal["approved", "withdrawn", "held"]
    approval_ref: str
    gtin: str
    name_zh: str = Field(max_length=NAME)
    name_en: str = Field(max_length=NAME)
    components: tuple[EnvelopeComponent, ...]
    default_bp: tuple[int, ...]
    fills_mg: tuple[int, ...]
    packs: tuple[str, ...]
    mixing_step: str
    in_use_days: int
    directions: str
    challenge_test_ref: str | None = None
    ph_min_x100: int | None = None
    ph_max_x100: int | None = None
    min_preservative_ppm: int | None = None
    microbiology: Microbiology | None = None
    temp_min_c10: int | None = None
    temp_max_c10: int | None = None
    rh_max_pct10: int | None = None
    claims: tuple[str, ...] = ()
    mixing_temp_c10: int | None = None  # of a step that warms, none where it does not


class EnvelopeRegister(Document):
    packs: tuple[PackSpec, ...]
    envelopes: tuple[Envelope, ...]


class Licence(Document):
    """The production licence of the filer (化妆品生产许可证)."""

    number: str
    valid_to: date
    units: tuple[str, ...]


class Authorisation(Document):
    """By which an overseas filer, by its name as filed, lets its domestic responsible person act (R-SCP-11)."""

    overseas_filer: str
    number: str
    valid_to: date


class Filer(Document):
    """The enterprise. `penalty_on`, `failed_sampling_on`: the last ones for quality or safety (R-SCP-08)."""

    filer_id: str
    uscc: str
    name: str
    address: str
    phone: str
    licence: Licence
    kind: Literal["filer", "responsible_person"] = "filer"
    authorisation: Authorisation | None = None
    penalty_on: date | None = None
    failed_sampling_on: date | None = None


class Order(Document):
    """A rectification order (R-SCP-16). `forbids` names services, kinds of unit, envelopes or products."""

    doc_no: str
    findings: tuple[str, ...]
    issued: date
    due: date
    forbids: tuple[str, ...] = ()
    closed_on: date | None = None
    closed_by: str | None = None


class RosterRow(Document):
    """One shop on the public list of its province (R-SCP-03), with the caps and orders of its approval."""

    store_id: str
    filer_id: str
    province: str
    doc_no: str
    valid_from: date
    valid_to: date
    status: Literal["active", "rectifying", "suspended", "cancelled"]
    forbids: tuple[str, ...] = ()
    approved_products: tuple[str, ...] | None = None
    ownership: str | None = None  # another kind of place that the notice itself accepts (R-SCP-04)
    replaces_licence: bool = False  # the notice stands for the shop's licence (R-SCP-10)
    max_shops: int | None = None  # of this enterprise in the province
    max_units_per_day: int | None = None
    max_benches: int | None = None
    max_batch_g: int | None = None
    benches: tuple[str, ...] | None = None  # scales that the approval lists (R-SCP-05)
    orders: tuple[Order, ...] = ()


class Roster(Document):
    fetched_at: AwareDatetime
    province_status: dict[str, Literal["active", "suspended"]]
    rows: tuple[RosterRow, ...]


class Lesson(Document):
    lesson: str
    completed_on: date


class StaffRow(Document):
    """Staff as head office sees them: no name (RECORD.md §4). `deputy_for` names the officers for whom this person
    may stand in (R-PPL-02)."""

    staff_id: str
    roles: tuple[Literal["blender", "officer", "releaser", "manager"], ...]
    employer_id: str
    store_ids: tuple[str, ...]
    devices: tuple[str, ...]
    envelopes: tuple[str, ...]
    authorised_from: date
    authorised_to: date
    health_checked: date
    health_result: Literal["fit", "unfit"] | None = None  # for direct work; never what was found
    banned: bool = False
    training: tuple[Lesson, ...] = ()
    exam_on: date | None = None
    exam_score: int | None = None
    certificates: tuple[str, ...] = ()
    account_to: date | None = None  # end of the account's last review, none where the authorisation ends it
    deputy_for: tuple[str, ...] = ()


class StaffRegister(Document):
    staff: tuple[StaffRow, ...]


class ReadinessDocument(Document):
    """One version of a document that a rule asks for. `owner` and `deputy` are ids of persons; the deputy answers
    while the owner is away. `store_ids`: for which shops, `*` for all."""

    rule: str
    document: str
    name_zh: str
    name_en: str
    version: str
    valid_from: date
    valid_to: date
    owner: str
    deputy: str | None = None
    owner_away: bool = False
    store_ids: tuple[str, ...] = ("*",)


class ReadinessRegister(Document):
    """The system documents, appointments and approvals that no software can judge (R-SYN-02 and others)."""

    documents: tuple[ReadinessDocument, ...]


class AllergenGroup(Document):
    """Names that the filer has signed as one allergen (R-CON-08 as amended)."""

    key: str
    zh: str
    en: str
    members: tuple[str, ...]
    collective: bool = False


class RuleParameters(Document):
    """Overrides of rule parameters, by province, on top of config/provinces.toml; and the signed allergen groups."""

    overrides: dict[str, dict[str, int | bool | str | None]] = {}
    allergen_groups: tuple[AllergenGroup, ...] = ()


SNAPSHOT_KINDS: dict[str, type[Document]] = {
    "products": ProductRegister,
    "lots": LotRegister,
    "envelopes": EnvelopeRegister,
    "roster": Roster,
    "staff": StaffRegister,
    "rules": RuleParameters,
    "readiness": ReadinessRegister,
}
