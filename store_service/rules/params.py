"""The values that provinces and filers set (regulation.md §13). Defaults and overrides stand in
config/provinces.toml; head office may add overrides by snapshot. A default that no law names is ours and says
so."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Parameters(BaseModel):
    """Masses mg, shares bp, temperatures 0.1 °C, humidity 0.1 %, lengths 0.01 mm, spans as named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pilot_start: date = Field(description="first day of the pilot, Beijing")
    pilot_end: date = Field(description="last day of the pilot, Beijing, inclusive")
    province_start: date | None = Field(description="day on which the province opened, none where unknown")
    extension_end: date | None = Field(description="last day after an extension, none without one")
    extension_doc: str | None = Field(description="number of the document that extends the pilot")
    in_pilot: bool = Field(description="the province is one of the pilot's")
    roster_required: bool
    roster_max_age_days: int = Field(ge=0, description="an older roster warns")
    roster_refuse_age_days: int = Field(ge=0, description="an older roster refuses")
    approved_product_list_required: bool
    store_licence_required: bool
    penalty_lookback_months: int = Field(ge=0)
    also_no_failed_sampling: bool
    allow_single_source_decant: bool
    count_per: Literal["service", "unit"] = Field(description="where two or more filed products are counted")
    min_filed_products: int = Field(ge=1)
    max_batch_g: int = Field(ge=1)
    max_units_per_batch: int = Field(ge=1)
    register_max_age_days: int = Field(ge=0, description="validity of the filer's attestation of its register")
    allow_eye_makeup: bool
    barred_forms: tuple[str, ...] = Field(description="dossier forms that cannot be blended")
    child_words: tuple[str, ...] = Field(description="words in names and claims that make a product a children's one")
    eye_words: tuple[str, ...] = Field(description="words in names and claims that make a product an eye product")
    receipt_fields: tuple[str, ...] = Field(description="what must be typed when a lot arrives")
    officer_per_store: int = Field(ge=0)
    health_valid_days: int = Field(ge=1)
    four_eyes: bool
    four_eyes_above_mg: int = Field(ge=0, description="above it the blender may not sign his own unit")
    min_age: int
    min_age_floor: int = Field(description="no province may go below it")
    adult_age: int
    max_blend_days: int = Field(ge=1)
    min_remaining_days: int = Field(ge=0)
    clean_valid_hours: int = Field(ge=1)
    temp_min_c10: int
    temp_max_c10: int
    rh_max_pct10: int
    half_made_max_minutes: int = Field(ge=0)
    same_mass_tol_mg: int = Field(ge=0, description="how far a cup that comes back may differ")
    max_lots_per_component: int = Field(ge=1)
    small_pack_mg: int = Field(ge=0, description="up to it the reduced label is allowed")
    small_pack_items: tuple[str, ...] = Field(description="what stands on the pack even then")
    mandatory_items: tuple[str, ...] = Field(description="label items of 条例 Art 36")
    label_extra_items: tuple[str, ...]
    label_extra_enforced: bool
    linted_items: tuple[str, ...] = Field(description="label items whose words are screened")
    ingredient_sum_tol_ppm: int = Field(ge=0, description="how far a filed formula may miss 1,000,000 ppm")
    list_source_makers: bool = Field(description="the label names the makers of the sources too")
    ethanol_label_ppm: int = Field(ge=0, description="from it on the label gets the text of `ethanol_warning`")
    ethanol_warning: str
    micro_every_days: int = Field(ge=1, description="an older microbiological sample of an envelope warns")
    micro_max_cfu_g: int = Field(ge=0)
    micro_max_cfu_lip_eye_g: int = Field(ge=0)
    micro_max_moulds_g: int = Field(ge=0)
    min_char_mm_x100: int = Field(ge=0, description="least height of any numeral or letter on the pack")
    han_items: tuple[str, ...] = Field(description="label items that must be in Chinese")
    claim_words: tuple[str, ...] = Field(description="words in a name that claim an efficacy")
    attribute_words: tuple[str, ...] = Field(description="what a product name ends with, the kind of product")
    qr_min_mm_x100: int = Field(ge=0, description="least side of the code")
    qr_https_only: bool = Field(description="the code's link is https; off only where the shop's own network serves it")
    e_label_listed: bool = Field(description="the enterprise stands on the province's e-label list")
    trace_ppm: int = Field(ge=0, description="up to it ingredients may be grouped as 其他微量成分")
    numeral_digits_max: int = Field(ge=1)
    blend_sample_mode: Literal["source_only", "micro", "full", "first_of_recipe_per_day"]
    sample_months_after_expiry: int = Field(ge=0)
    e_label_allowed: bool
    e_label_start: date
    e_label_end: date
    separate_ar_module: bool
    reaction_days_general: int
    reaction_days_serious: int
    reaction_days_social: int
    selfcheck_days_serious: int
    selfcheck_days_social: int
    pilot_report_period: str | None
