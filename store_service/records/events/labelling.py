"""Every print has its own serial; a reprint voids the old one, the batch number stays.

A serial is reserved, printed, verified, applied, or at any point voided. The first commits before a byte goes to a
printer: whatever happens then, that serial is never printed again.
"""

from store_service.records.event import Payload


class LabelPart(Payload):
    """One physical piece: a label or a leaflet, with a serial and a QR of its own."""

    serial: str
    medium: str
    bitmap_sha256: str


class LabelReserved(Payload, type="label.reserved"):
    """A unit's whole set is about to be printed. `serial` is the first part's and names the set; `printer` is the
    bench's device (`printer`, `printer-2`), `dpi` its head's; `reprint` counts the sets before, `reason` says why."""

    unit_id: str
    serial: str
    gtin: str
    stock: str
    printer: str
    dpi: int
    parts: tuple[LabelPart, ...]
    text_sha256: str
    reprint: int
    reason: str


class LabelPrinted(Payload, type="label.printed"):
    """A unit's whole set is printed, as far as its printer can say. Logs from before `label.reserved` have this event
    before the print, so it repeats what that one says."""

    unit_id: str
    serial: str
    gtin: str
    stock: str
    parts: tuple[LabelPart, ...]
    text_sha256: str
    reprint: int
    reason: str


class LabelFailed(Payload, type="label.failed"):
    """The printer did not confirm, or nobody lived to hear it: whatever came out of this set is void."""

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


class LabelApplied(Payload, type="label.applied"):
    """The unit was released with these pieces on it: scanned back where they stick, the leaflet beside."""

    unit_id: str
    serial: str
    serials: tuple[str, ...]
