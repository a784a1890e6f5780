"""Documents that head office publishes and a shop receives as signed snapshots.

Masses are integer milligrams, shares integer basis points, concentrations integer parts per million by mass.
Everything is closed: an unknown field is malformed input, never ignored.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

NAME = 200
"""Longest product name in characters: no label has room for more."""


class Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ingredient(Document):
    inci: str
    cn_name: str
    ppm: int = Field(ge=0, le=1_000_000)
    status: Literal["used", "new"] = "used"
    preservative: bool = False


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


class ProductRegister(Document):
    """The filer attests the status of its own filings as of `attested_at` (R-ADM-01 as amended)."""

    filer_id: str
    attested_at: datetime
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
    """The filer's validated set of products, shares, mixing step and in-use days, or the pack of a decant."""

    envelope_id: str
    version: int
    kind: Literal["blend", "decant"]
    status: Literal["approved", "withdrawn"]
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
    temp_max_c10: int | None = None
    rh_max_pct10: int | None = None
    claims: tuple[str, ...] = ()


class EnvelopeRegister(Document):
    packs: tuple[PackSpec, ...]
    envelopes: tuple[Envelope, ...]


class Licence(Document):
    """The production licence of the filer (化妆品生产许可证)."""

    number: str
    valid_to: date
    units: tuple[str, ...]


class Filer(Document):
    filer_id: str
    uscc: str
    name: str
    address: str
    phone: str
    licence: Licence


class RosterRow(Document):
    """One shop on the public list of its province (R-SCP-03)."""

    store_id: str
    filer_id: str
    province: str
    doc_no: str
    valid_from: date
    valid_to: date
    status: Literal["active", "rectifying", "suspended", "cancelled"]
    forbids: tuple[str, ...] = ()
    approved_products: tuple[str, ...] | None = None


class Roster(Document):
    fetched_at: datetime
    province_status: dict[str, Literal["active", "suspended"]]
    rows: tuple[RosterRow, ...]


class StaffRow(Document):
    """Staff as head office sees them: no name (RECORD.md §4)."""

    staff_id: str
    roles: tuple[Literal["blender", "officer", "releaser", "manager"], ...]
    employer_id: str
    store_ids: tuple[str, ...]
    devices: tuple[str, ...]
    envelopes: tuple[str, ...]
    authorised_from: date
    authorised_to: date
    health_checked: date
    banned: bool = False


class StaffRegister(Document):
    staff: tuple[StaffRow, ...]


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
}
