"""What head office sent, and what head office itself publishes."""

from datetime import datetime

from store_service.records.event import Payload


class SnapshotAccepted(Payload, type="snapshot.accepted"):
    """A signed register was verified and kept as blob `sha256` (RECORD.md §5)."""

    kind: str
    version: int
    sha256: str
    valid_from: datetime
    valid_to: datetime
    key: str


class RegisterPublished(Payload, type="register.published"):
    """Head office put a register of one kind into force; the document is blob `sha256`. Two persons (DESIGN §4.11)."""

    kind: str
    version: int
    sha256: str
    by: str
    second: str
    reason: str


class LotHeld(Payload, type="lot.held"):
    product_id: str
    lot_no: str
    reason: str
    by: str


class LotFreed(Payload, type="lot.freed"):
    product_id: str
    lot_no: str
    reason: str
    by: str
    second: str


class EnvelopeHeld(Payload, type="envelope.held"):
    """An officer of this shop holds an envelope here, whatever head office's register says of it."""

    envelope_id: str
    reason: str
    by: str


class EnvelopeFreed(Payload, type="envelope.freed"):
    envelope_id: str
    reason: str
    by: str
    second: str


class ListImported(Payload, type="list.imported"):
    """A public list (used or restricted ingredients) was imported at this site; its UTF-8 bytes are blob `sha256`."""

    kind: str
    version: int
    sha256: str
    entries: int
    by: str


class StopReceived(Payload, type="stop.received"):
    """A register came down that stops something here which it did not stop before (R-SYN-04); it acts at once, and a
    person must read it. `items` name lots, envelopes and products."""

    stop_id: str
    kind: str
    version: int
    items: tuple[str, ...]


class StopRead(Payload, type="stop.read"):
    stop_id: str
    by: str
