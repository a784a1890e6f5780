"""Every print has its own serial; a reprint voids the old one, the batch number stays."""

from store_service.records.event import Payload


class LabelPart(Payload):
    """One physical piece: a label or a leaflet, with a serial and a QR of its own."""

    serial: str
    medium: str
    bitmap_sha256: str


class LabelPrinted(Payload, type="label.printed"):
    """A print of a unit's whole set. `serial` is the first part's and names the set."""

    unit_id: str
    serial: str
    gtin: str
    stock: str
    parts: tuple[LabelPart, ...]
    text_sha256: str
    reprint: int
    reason: str


class LabelFailed(Payload, type="label.failed"):
    """The printer did not confirm: whatever came out of this set is void."""

    unit_id: str
    serial: str
    serials: tuple[str, ...]
    fault: str


class LabelVoided(Payload, type="label.voided"):
    """A printed set is void: every one of its serials."""

    unit_id: str
    serial: str
    serials: tuple[str, ...]
    reason: str


class LabelVerified(Payload, type="label.verified"):
    """One physical part was scanned back; `complete` when it was the last of its set."""

    unit_id: str
    serial: str
    complete: bool
    manual: bool
