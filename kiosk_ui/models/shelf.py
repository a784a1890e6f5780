"""View models of the shelf: the containers, and the packs and labels beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from .frame import Item, Words
from .shop import ReceiveField


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """One container that is not used up. `use_until`: the last day of its period after opening, as its product says."""

    container_id: str
    product: Words
    lot_no: str
    expiry: date | None
    state: str  # closed | opened | quarantined
    remaining_mg: int
    opened_at: datetime | None = None
    use_until: date | None = None
    line: int | None = None
    past: bool = False


@dataclass(frozen=True, slots=True)
class ShelfScreen:
    """POST /kiosk/shelf/{open|mount|quarantine|finish} {container, line, reason, residue_g, end: empty|discarded};
    /kiosk/shelf {code} chooses. `lines` are the bench's channels."""

    containers: tuple[ContainerRow, ...]
    chosen: str | None
    lines: tuple[int, ...]
    reasons: tuple[Item, ...]

    @property
    def one(self) -> ContainerRow | None:
        return next((one for one in self.containers if one.container_id == self.chosen), None)


@dataclass(frozen=True, slots=True)
class PackRow:
    pack_lot: str
    name: Words
    remaining: int


@dataclass(frozen=True, slots=True)
class SuppliesScreen:
    """POST /kiosk/shelf/labels {stock}; /kiosk/shelf/packs {sku and the names of `fields`}."""

    stocks: tuple[Item, ...]
    packs: tuple[PackRow, ...]
    kinds: tuple[Item, ...]
    fields: tuple[ReceiveField, ...]
