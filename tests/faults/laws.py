"""What holds after every bad day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from store_service.evidence.merkle import Head, leaf_hash
from store_service.records.desk import Desk
from store_service.records.event import Event, decode
from store_service.records.events.after import BalanceStruck, SampleKept
from store_service.records.events.blending import DoseEnded, DoseStarted, UnitReleased
from store_service.records.events.equipment import LineFlushed
from store_service.records.events.stock import ContainerFinished, ContainerMounted, ContainerRegistered
from store_service.records.ledger import events_of
from store_service.records.tables import entry, head
from store_service.stock.queries import all_containers

GATE_EVENTS = (
    "unit.planned", "line.cleared", "unit.started", "container.scanned", "cup.placed", "dose.started", "dose.ended",
    "unit.dosed", "unit.weighed", "unit.inspected", "unit.signed", "label.printed", "label.verified", "unit.released",
)  # fmt: skip


def log_of(desk: Desk) -> list[Event]:
    with desk.read() as connection:
        return list(events_of(connection, desk.site_id))


def kinds(desk: Desk, unit_id: str) -> list[str]:
    """The types of a unit's events, in order."""
    return [one.type for one in log_of(desk) if one.data.get("unit_id") == unit_id]


def the_log_is_whole(desk: Desk) -> None:
    """Indexes without gaps, bytes that hash to their leaves, a head that equals its recomputation."""
    with desk.read() as connection:
        rows = connection.execute(entry.select().where(entry.c.store_id == desk.site_id).order_by(entry.c.idx)).all()
        standing = connection.execute(head.select().where(head.c.store_id == desk.site_id)).one()
    tree = Head.empty()
    for number, row in enumerate(rows):
        assert row.idx == number == decode(row.body).idx
        assert leaf_hash(row.body) == row.leaf
        tree = tree.append(row.leaf)
    assert (standing.size, standing.peaks) == (tree.size, tree.to_bytes())


def no_dose_is_twice(log: Sequence[Event]) -> None:
    """Every dose begins once and ends at most once, and no two of one unit are open at a time."""
    open_doses: dict[str, str] = {}
    begun: Counter[str] = Counter()
    for one in log:
        if isinstance(one.payload, DoseStarted):
            assert one.payload.unit_id not in open_doses, f"entry {one.idx}: a second open dose"
            open_doses[one.payload.unit_id] = one.payload.dose_id
            begun[one.payload.dose_id] += 1
        if isinstance(one.payload, DoseEnded):
            assert open_doses.pop(one.payload.unit_id, None) == one.payload.dose_id, f"entry {one.idx}: ends twice"
    assert set(begun.values()) <= {1}


def containers_hold_what_the_doses_left(desk: Desk) -> None:
    """Net content less what was purged, dosed and sampled is what the shop believes to be left, until it is weighed."""
    left: dict[str, int] = {}
    for one in log_of(desk):
        match one.payload:
            case ContainerRegistered() as p:
                left[p.container_id] = p.net_mg
            case ContainerMounted() as p:
                left[p.container_id] -= p.purged_mg
            case LineFlushed() as p if p.container_id:
                left[p.container_id] -= p.moved_mg or 0
            case DoseEnded() as p:
                left[p.container_id] -= p.landed_mg or 0
            case ContainerFinished() as p:
                left[p.container_id] = p.residue_mg
            case SampleKept() as p if p.container_id:
                left[p.container_id] -= p.mass_mg
            case BalanceStruck() as p:
                left[p.container_id] = p.residue_mg
            case _:
                pass
    with desk.read() as connection:
        assert {one.container_id: one.remaining_mg for one in all_containers(connection, desk.site_id)} == left


def released_units_passed_every_gate(desk: Desk) -> None:
    log = log_of(desk)
    for one in log:
        if isinstance(one.payload, UnitReleased):
            before = {two.type for two in log[: one.idx + 1] if two.data.get("unit_id") == one.payload.unit_id}
            assert set(GATE_EVENTS) <= before, set(GATE_EVENTS) - before


def all_hold(desk: Desk) -> None:
    the_log_is_whole(desk)
    no_dose_is_twice(log_of(desk))
    containers_hold_what_the_doses_left(desk)
    released_units_passed_every_gate(desk)
