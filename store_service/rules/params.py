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
    expiry_warn_days: tuple[int, ...] = Field(description="days before an end on which it warns, once each")
    pilot_countdown_days: int = Field(ge=0, description="from when the end of the pilot is counted down")
    allowed_ownership: tuple[str, ...] = Field(description="kinds of place that are the enterprise's own")
    allowed_steps: tuple[str, ...] = Field(description="mixing steps that count as simple")
    mix_temp_max_c10: int = Field(description="above it a mixing step is no simple one")
    licence_units: tuple[str, ...] = Field(description="form=licensed unit, for every form that may be blended")
    order_warn_days: int = Field(ge=0, description="how long before it is due an open order warns")
    penalty_lookback_months: int = Field(ge=0, description="how far back a penalty bars an application and alerts")
    also_no_failed_sampling: bool = Field(description="a failed sampling counts like a penalty")
    allow_single_source_decant: bool
    count_per: Literal["service", "unit"] = Field(description="where two or more filed products are counted")
    min_filed_products: int = Field(ge=1)
    max_batch_g: int = Field(ge=1)
    register_max_age_days: int = Field(ge=0, description="validity of the filer's attestation of its register")
    allow_eye_makeup: bool
    barred_forms: tuple[str, ...] = Field(description="dossier forms that cannot be blended")
    child_words: tuple[str, ...] = Field(description="words in names and claims that make a product a children's one")
    eye_words: tuple[str, ...] = Field(description="words in names and claims that make a product an eye product")
    whitening_words: tuple[str, ...] = Field(
        description="words in names and claims that make a product a whitening one"
    )
    barred_form_codes: tuple[str, ...] = Field(description="form codes (annex 4) that cannot be blended")
    ph_floor_x100: int = Field(ge=0, description="a source at or below it needs a validated pH of the blend")
    ethanol_warning_ppm: int = Field(ge=0, description="from it on the label must warn of ethanol")
    ethanol_words: tuple[str, ...] = Field(description="one of them in a warning text warns of ethanol")
    fragrance_words: tuple[str, ...] = Field(description="one of them in a warning text warns of fragrance")
    annual_report_last: str = Field(pattern=r"^\d{2}-\d{2}$", description="last day of the annual report, month-day")
    annual_report_warn: str = Field(pattern=r"^\d{2}-\d{2}$", description="from this day on it warns, month-day")
    pilot_prefixes: tuple[str, ...] = Field(description="filing prefixes of the pilot's provinces")
    statement_prefixes: tuple[str, ...] = Field(
        description="filing prefixes whose province keeps a four-year statement"
    )
    statement_warn_days: int = Field(ge=0, description="so long before its due date a statement warns")
    statement_refuses: bool = Field(description="a missed statement refuses, not only warns")
    receipt_fields: tuple[str, ...] = Field(description="what must be typed when a lot arrives")
    officer_per_store: int = Field(ge=0)
    health_valid_days: int = Field(ge=1, description="how long a health check holds")
    training_valid_days: int = Field(ge=1, description="how long an examination and the yearly training hold")
    exam_pass_score: int = Field(ge=0, le=100, description="score from which an examination is passed")
    required_lessons: tuple[str, ...] = Field(description="lessons of the yearly training")
    required_certificate: str | None = Field(description="certificate that the province asks of a blender")
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
    list_per_source: bool = Field(description="where no merged list can be computed, the sources' lists are printed")
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
    reaction_days_general: int
    reaction_days_serious: int
    reaction_days_social: int
    selfcheck_days_serious: int
    selfcheck_days_social: int
    sync_max_minutes: int = Field(ge=1, description="how soon head office should have every entry")
    sync_warn_hours: int = Field(ge=1, description="entries that wait longer warn")
    sync_refuse_hours: int = Field(ge=1, description="entries that wait longer refuse new blends")
    ack_minutes: int = Field(ge=1, description="how soon a stop from head office must be read while the shop is open")
    necessary_purposes: tuple[str, ...] = Field(description="consents that may be a condition of the service")
    pia_ref: str | None = Field(description="the privacy impact assessment that allows pictures, none without one")
    pia_valid_to: date | None = Field(description="last day of that assessment")
    answers_days: int = Field(ge=1, description="days for which a consumer's answers are kept")
    image_days: int = Field(ge=1, description="days for which a picture is kept")
    rights_days: int = Field(ge=1, description="days within which a consumer's request is answered")
    breach_fields: tuple[str, ...] = Field(description="what must have been told before a breach is closed")
    case_open_hours: int = Field(ge=1, description="hours from the first word to an opened case")
    signal_n: int = Field(ge=1, description="cases on one lot or envelope that propose a hold")
    signal_days: int = Field(ge=1, description="days within which those cases are counted")
    drill_every_months: int = Field(ge=1, description="months between two recall drills")
    self_inspection_months: int = Field(ge=1, description="months between two self-inspections")
    first_check_months: int | None = Field(description="months from a filing to the authority's first check")
    balance_tol_pack_bp: int = Field(ge=0, description="mass balance of a retail pack")
    balance_tol_cartridge_bp: int = Field(ge=0, description="mass balance of a cartridge")
    balance_floor_mg: int = Field(ge=0, description="a difference that never counts")
    explained_items: tuple[str, ...] = Field(description="what the consumer is told before the hand-over, one by one")
    record_fields: tuple[str, ...] = Field(description="parts without which a unit's record is not complete")
