"""The daily check weighing (R-BLD-10): the bench's own test weights, read from the scale, against the scale's own e.

Nothing of it comes from a screen but which weight stands on the pan: weights and limit are the bench's settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from store_service.records.desk import Actor, Desk
from store_service.records.events.equipment import CheckPoint, ScaleChecked
from store_service.records.ledger import Act
from store_service.rules.dates import beijing_date
from store_service.settings import BenchSettings

from .bench import Bench


@dataclass
class CheckWeighing:
    """The one under way at a bench: nominal → reading in mg, of one Beijing day. A restart begins it anew."""

    read: dict[int, int] = field(default_factory=dict)
    on: date | None = None

    def so_far(self, today: date) -> dict[int, int]:
        return dict(self.read) if self.on == today else {}


@dataclass(frozen=True, slots=True)
class Checked:
    """After one weight: which still wait, and the verdict once none does."""

    reading_mg: int
    waiting_mg: tuple[int, ...]
    passed: bool | None


def weigh_one(
    desk: Desk, actor: Actor, bench: BenchSettings, devices: Bench, under_way: CheckWeighing, nominal_mg: int
) -> Checked:
    """Read the test weight that stands on the pan; the last one ends the check weighing and puts it on record.

    Raises ValueError for a weight that is none of the bench's, DeviceTrouble when the scale does not settle.
    """
    if nominal_mg not in bench.scale.check_weights_mg:
        raise ValueError(f"nominal_mg: {nominal_mg} is none of {', '.join(map(str, bench.scale.check_weights_mg))}")
    reading, today = devices.weigh().gross_mg, beijing_date(desk.now())
    read = {**under_way.so_far(today), nominal_mg: reading}
    waiting = tuple(one for one in bench.scale.check_weights_mg if one not in read)
    passed = None if waiting else _within(bench, read)
    with desk.act(actor.staff_id, {"reading_mg": reading, "waiting_mg": list(waiting), "passed": passed}) as act:
        if passed is not None:
            _record(act, bench, read, passed)
    under_way.read, under_way.on = ({}, None) if passed is not None else (read, today)
    return Checked(reading, waiting, passed)


def check_scale(desk: Desk, actor: Actor, bench: BenchSettings, read: Mapping[int, int]) -> bool:
    """Put a whole check weighing on record, nominal → reading in mg; returns whether it passed.

    Raises ValueError when it is not of the bench's own weights, every one of them.
    """
    if set(read) != set(bench.scale.check_weights_mg):
        raise ValueError("read: every test weight of the bench is to be read")
    passed = _within(bench, read)
    with desk.act(actor.staff_id, {"passed": passed}) as act:
        _record(act, bench, read, passed)
    return passed


def _within(bench: BenchSettings, read: Mapping[int, int]) -> bool:
    return all(abs(reading - nominal) <= bench.scale.check_limit_mg for nominal, reading in read.items())


def _record(act: Act, bench: BenchSettings, read: Mapping[int, int], passed: bool) -> None:
    act.record(
        ScaleChecked(
            bench_id=bench.bench_id,
            scale_id=bench.scale.scale_id,
            points=tuple(CheckPoint(nominal_mg=one, reading_mg=read[one]) for one in bench.scale.check_weights_mg),
            limit_mg=bench.scale.check_limit_mg,
            passed=passed,
        )
    )
