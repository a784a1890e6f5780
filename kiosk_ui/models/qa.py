"""View models of the consumer's page and of head office's first face."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from .frame import Words


@dataclass(frozen=True, slots=True)
class TraceIngredient:
    name: str
    inci: str


@dataclass(frozen=True, slots=True)
class TraceList:
    """One ingredient list. `of`: the source whose own it is, None where it is the merged one (R-LAB-06)."""

    ingredients: tuple[TraceIngredient, ...]
    of: Words | None = None


@dataclass(frozen=True, slots=True)
class TraceDose:
    name: Words
    filing_number: str
    lots: tuple[str, ...]
    actual_mg: int
    in_tolerance: bool


@dataclass(frozen=True, slots=True)
class Recall:
    what: Words
    why: Words
    since: date
    where: Words


@dataclass(frozen=True, slots=True)
class TraceUnit:
    """The consumer's page in the order of the design note: no person, no answer, no price."""

    verdict: Literal["intact", "voided", "past_use_by", "recalled", "not_found"]
    shop_phone: str
    reaction_url: str | None = None
    recall: Recall | None = None
    name: Words | None = None
    batch: str | None = None
    content: str | None = None  # as the label says it
    blended: date | None = None
    use_by: date | None = None
    bound: str | None = None  # the kind of what set the use-by date, of `bound_of` where it is a source's
    bound_of: Words | None = None
    shop: Words | None = None
    filer: str | None = None
    filer_address: str | None = None
    responsible: str | None = None  # answers at home for sources from abroad
    responsible_address: str | None = None
    filing_numbers: tuple[str, ...] = ()
    directions: Words | None = None
    warnings: tuple[Words, ...] = ()
    lists: tuple[TraceList, ...] = ()
    doses: tuple[TraceDose, ...] = ()
    sealed_at: datetime | None = None
    witnessed_at: datetime | None = None
    key_id: str | None = None
    record_url: str | None = None
    proof_url: str | None = None


@dataclass(frozen=True, slots=True)
class QaFilters:
    """The query string as typed; empty means any."""

    batch: str = ""
    product: str = ""
    lot: str = ""
    staff: str = ""
    state: str = ""
    day_from: str = ""
    day_to: str = ""
    exceptions: bool = False


@dataclass(frozen=True, slots=True)
class QaRow:
    batch: str
    href: str
    name: Words
    kind: Literal["blend", "decant"]
    state: str
    at: datetime
    net_mg: int | None
    lots: tuple[str, ...]
    staff_id: str
    exceptions: tuple[str, ...] = ()  # keys of i18n `qa.exception.*`


@dataclass(frozen=True, slots=True)
class QaUnits:
    filters: QaFilters
    states: tuple[str, ...]
    rows: tuple[QaRow, ...]
    total: int
    csv_url: str
    jsonl_url: str
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class QaDose:
    name: Words
    lot_no: str
    container_id: str
    target_mg: int
    actual_mg: int
    tolerance_mg: int
    gross_before_mg: int
    gross_after_mg: int
    started: datetime
    ended: datetime
    manual: bool
    raw: str
    one_sided: bool = False

    @property
    def error_mg(self) -> int:
        return self.actual_mg - self.target_mg

    @property
    def passed(self) -> bool:
        """Inside its band; that of a one-sided component lies wholly under its target."""
        if self.one_sided:
            return -2 * self.tolerance_mg <= self.error_mg <= 0
        return abs(self.error_mg) <= self.tolerance_mg


@dataclass(frozen=True, slots=True)
class QaEntry:
    index: int
    at: datetime
    type: str
    actor: str
    leaf: str


@dataclass(frozen=True, slots=True)
class QaPair:
    label: str  # key of i18n `qa.field.*`
    value: str


@dataclass(frozen=True, slots=True)
class QaUnit:
    """One unit's full record on one page."""

    batch: str
    name: Words
    kind: Literal["blend", "decant"]
    state: str
    exceptions: tuple[str, ...]
    identity: tuple[QaPair, ...]
    people: tuple[QaPair, ...]
    consultation: tuple[QaPair, ...]
    doses: tuple[QaDose, ...]
    weigh: tuple[QaPair, ...]
    labels: tuple[QaPair, ...]
    rules: tuple[tuple[str, str, bool], ...]  # rule id, gate, passed
    entries: tuple[QaEntry, ...]
    record_sha256: str
    public_sha256: str
    checkpoint_size: int
    cosigned_at: datetime | None
    json_url: str
    pdf_url: str | None = None
