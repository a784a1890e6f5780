"""What may be done about a component that has landed off its target: new targets inside the envelope, or nothing.

Reads and reckons only; `commands/reratio.py` puts an accepted proposal on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from store_service.rules.amounts import WHOLE_BP, largest_remainder
from store_service.rules.reratio import Part, reratio
from store_service.settings import BenchSettings

from .cases import View
from .doses import complete, first_over, in_dose_order
from .queries import Component, Unit

Reason = Literal["over", "short"]


@dataclass(frozen=True, slots=True)
class Off:
    """The component that a person has to decide about: more than its band, or less and nothing left to add."""

    part: Component
    reason: Reason


@dataclass(frozen=True, slots=True)
class Change:
    """One component as it is aimed at now and as it would be."""

    part: Component
    target_mg: int
    share_bp: int

    @property
    def to_add_mg(self) -> int:
        """What is still to go in; 0 for what has landed."""
        return 0 if self.part.lots else self.target_mg


@dataclass(frozen=True, slots=True)
class Proposal:
    """New targets in the envelope's order; they add up to `fill_mg`, the shares to 10,000 bp."""

    off: Off
    fill_mg: int
    changes: tuple[Change, ...]

    @property
    def parts(self) -> list[Component]:
        """The components as they would stand."""
        return [replace(one.part, target_mg=one.target_mg, share_bp=one.share_bp) for one in self.changes]


@dataclass(frozen=True, slots=True)
class Room:
    """What a proposal may use: the shares' limits by product id in bp, and the largest fill in mg."""

    limits: dict[str, tuple[int, int]]
    most_mg: int


def off_target(view: View, parts: Sequence[Component]) -> Off | None:
    """What stands in the way of the next dose. A component is short for good only once something of it has landed and
    no container that would pass holds any more of it."""
    beyond = first_over(in_dose_order(parts))
    if beyond is not None:
        return Off(beyond, "over")
    part = next((one for one in in_dose_order(parts) if not complete(one)), None)
    return Off(part, "short") if part is not None and part.lots and view.used_up(part) else None


def room(view: View, unit: Unit, bench: BenchSettings) -> Room:
    """The unit's room: none at all where its envelope or its pack is not in force any more."""
    planned = view.planned(unit, ())
    envelope, pack = planned.envelope, planned.pack
    if envelope is None or pack is None:
        return Room({}, 0)
    largest = view.desk.ruleset.fill(view.known.params(view.desk)).max_batch_g * 1000
    most_mg = min(pack.capacity_mg, largest, bench.scale.max_gross_mg - (unit.empty_mg or 0))
    return Room({one.product_id: (one.min_bp, one.max_bp) for one in envelope.components}, most_mg)


def propose(parts: Sequence[Component], off: Off, room: Room) -> Proposal | None:
    """The targets that keep every share inside its limits with what has landed; None where there are none.

    A one-sided component keeps below the share that was written for the consumer, not merely below the envelope's.
    """
    if {one.product_id for one in parts} != set(room.limits):
        return None
    found = reratio([_part(one, parts, room) for one in parts], room.most_mg)
    if found is None:
        return None
    shares = largest_remainder(WHOLE_BP, found)
    changes = zip(parts, found, shares, strict=True)
    return Proposal(off, sum(found), tuple(Change(part, mass, share) for part, mass, share in changes))


def _part(part: Component, parts: Sequence[Component], room: Room) -> Part:
    low, high = room.limits[part.product_id]
    if part.one_sided:
        written = -(-part.written_mg * WHOLE_BP // max(1, sum(one.written_mg for one in parts)))
        high = max(low, min(high, written))
    return Part(part.target_mg, low, high, part.actual_mg if part.lots else None, bool(part.one_sided))
