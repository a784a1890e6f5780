"""Every print has its own serial; a reprint voids the old one, the batch number stays."""

from store_service.records.event import Payload


class LabelPart(Payload):
    part: int
    medium: str
    bitmap_sha256: str


class LabelPrinted(Payload, type="label.printed"):
    unit_id: str
    serial: str
    gtin: str
    stock: str
    parts: tuple[LabelPart, ...]
    text_sha256: str
    reprint: int
    reason: str


class LabelFailed(Payload, type="label.failed"):
    """The printer did not confirm: whatever came out is void."""

    unit_id: str
    serial: str
    fault: str


class LabelVoided(Payload, type="label.voided"):
    unit_id: str
    serial: str
    reason: str


class LabelVerified(Payload, type="label.verified"):
    """One physical part was scanned back."""

    unit_id: str
    serial: str
    part: int
    complete: bool
    manual: bool
