"""One unit's life (DESIGN.md §3). Every mass is a difference of gross readings."""

from datetime import date, datetime

from store_service.records.event import UPCASTERS, Payload


class Share(Payload):
    product_id: str
    share_bp: int
    target_mg: int
    abs_tol_mg: int
    rel_tol_bp: int
    one_sided: bool
    dose_by: str


class UnitPlanned(Payload, type="unit.planned"):
    unit_id: str
    service_id: str
    kind: str
    envelope_id: str
    envelope_version: int
    gtin: str
    name_zh: str
    target_mg: int
    pack_sku: str
    shares: tuple[Share, ...]


class UnitDropped(Payload, type="unit.dropped"):
    """A planned unit that was never started is taken off the service."""

    unit_id: str
    reason: str


class UnitNamed(Payload, type="unit.named"):
    """The consumer asked for a name on the pack, or (null) for none. The name itself stays in the vault:
    `commitment` is HMAC-SHA256(k_record, canonical name)."""

    unit_id: str
    commitment: str | None


class UnitStarted(Payload, type="unit.started", v=2):
    """`officers` were on duty; `fit_on` is the day of the blender's own statement of fitness, None without one."""

    unit_id: str
    batch: str
    seq: int
    bench_id: str
    blender_id: str
    scale_id: str
    certificate_no: str
    roster_doc: str
    temp_c10: int | None
    rh_pct10: int | None
    cleaned_at: datetime | None
    checked_at: datetime | None
    officers: tuple[str, ...]
    fit_on: date | None


UPCASTERS["unit.started", 1] = lambda data: {**data, "officers": [], "fit_on": None}


class LineCleared(Payload, type="line.cleared"):
    """No other consumer's label, lot or pack stands in the area; hands are clean (R-BLD-12): `items` are the ticks."""

    unit_id: str
    bench_id: str
    items: tuple[str, ...]


class ContainerScanned(Payload, type="container.scanned"):
    unit_id: str
    product_id: str
    container_id: str
    lot_no: str
    manual: bool


class CupPlaced(Payload, type="cup.placed"):
    """The unit's own pack, its lot scanned, weighed empty: the gross reading that every mass starts from."""

    unit_id: str
    pack_lot: str
    sku: str
    gross_mg: int
    visual_ok: bool
    raw: str


class DoseStarted(Payload, type="dose.started"):
    """Committed before anything moves."""

    dose_id: str
    unit_id: str
    product_id: str
    lot_no: str
    container_id: str
    kind: str
    channel: int | None
    target_mg: int
    gross_mg: int
    bound_ul: int


class DoseEnded(Payload, type="dose.ended"):
    """After the drip window. `outcome`: done, short, over, stopped, fault or interrupted."""

    dose_id: str
    unit_id: str
    product_id: str
    container_id: str
    lot_no: str
    outcome: str
    fault: str | None
    gross_before_mg: int
    gross_after_mg: int | None
    landed_mg: int | None
    raw_before: str
    raw_after: str
    trace_sha256: str | None
    duration_ms: int
    starts: int


class UnitStopped(Payload, type="unit.stopped"):
    unit_id: str
    reason: str


class UnitResumed(Payload, type="unit.resumed"):
    """The same cup at the same mass: `gross_mg` now, `expected_mg` by the record."""

    unit_id: str
    gross_mg: int
    expected_mg: int


class Retarget(Payload):
    """One component of a re-ratio: what it was to be, what it is to be, and what had landed of it (None: nothing)."""

    product_id: str
    old_target_mg: int
    new_target_mg: int
    old_share_bp: int
    new_share_bp: int
    landed_mg: int | None


class UnitReratioed(Payload, type="unit.reratioed"):
    """`product_id` landed off its target (`reason`: over or short); the clerk accepted new targets for the whole unit.
    The new ones add up to `new_fill_mg`. `deviation_id` is the deviation that a second person settles (R-BLD-07)."""

    unit_id: str
    product_id: str
    reason: str
    by: str
    deviation_id: str
    old_fill_mg: int
    new_fill_mg: int
    parts: tuple[Retarget, ...]


class UnitDosed(Payload, type="unit.dosed"):
    unit_id: str


class UnitWeighed(Payload, type="unit.weighed"):
    """The check weigh: net = gross - empty gross; `sum_mg` is the sum of the doses."""

    unit_id: str
    gross_mg: int
    net_mg: int
    sum_mg: int
    raw: str


class UnitInspected(Payload, type="unit.inspected"):
    unit_id: str
    mixed: bool
    appearance_ok: bool
    odour_ok: bool
    homogeneous_ok: bool


class UnitSigned(Payload, type="unit.signed"):
    """The releaser's signature over the record as it stands."""

    unit_id: str
    releaser_id: str
    meaning: str
    record_sha256: str
    use_by: date
    bounded_by: str
    label_net_mg: int


class UnitParked(Payload, type="unit.parked"):
    """After its check weigh, unlabelled; it wears a numbered tag and the bench is free."""

    unit_id: str
    tag: str
    reason: str


class UnitUnparked(Payload, type="unit.unparked"):
    unit_id: str
    tag: str


class UnitReleased(Payload, type="unit.released"):
    unit_id: str
    batch: str
    gtin: str
    serial: str
    releaser_id: str
    record_sha256: str
    public_sha256: str


class UnitDiscarded(Payload, type="unit.discarded"):
    unit_id: str
    reason: str
    gross_mg: int | None
    deviation_id: str
