"""Lots, containers and packs on the shelf."""

from datetime import date, datetime

from store_service.records.event import UPCASTERS, Payload


class FieldRead(Payload):
    """How a field came off the pack: `scan`, `typed`, or `compared` with what head office lists."""

    field: str
    how: str


class LotReceived(Payload, type="lot.received", v=2):
    """A delivery line as inspected at the door: every field of R-ADM-13, as read from the pack and its papers."""

    receipt_id: str
    product_id: str
    lot_no: str
    expiry: date
    product_name: str
    filing_number: str
    use_period: str
    net_content: str
    quantity: str
    supplier_name: str
    supplier_address: str
    supplier_contact: str
    supplier_proof: str
    inspection_ref: str
    purchase_date: str
    read: tuple[FieldRead, ...]


UPCASTERS["lot.received", 1] = lambda data: {**data, "read": []}


class ContainerRegistered(Payload, type="container.registered"):
    container_id: str
    product_id: str
    lot_no: str
    kind: str
    net_mg: int
    heel_mg: int
    filled_on: date | None = None


class ContainerOpened(Payload, type="container.opened"):
    """`opened_at` is stated when the container was opened before it came into this record, else None: now."""

    container_id: str
    opened_at: datetime | None = None


class ContainerMounted(Payload, type="container.mounted"):
    """Put on a dispenser channel; the line was purged with it."""

    container_id: str
    bench_id: str
    position: int
    purged_mg: int


class ContainerUnmounted(Payload, type="container.unmounted"):
    container_id: str
    bench_id: str
    position: int


class ContainerQuarantined(Payload, type="container.quarantined"):
    container_id: str
    reason: str


class ContainerFinished(Payload, type="container.finished"):
    """Empty or discarded; the residue was weighed (R-REC-06)."""

    container_id: str
    residue_mg: int
    state: str


class PackReceived(Payload, type="pack.received"):
    pack_lot: str
    sku: str
    quantity: int
    supplier: str
    certificate: str


class LabelStockLoaded(Payload, type="label_stock.loaded"):
    bench_id: str
    stock: str
