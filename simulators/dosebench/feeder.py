"""Runs a baseline: an industrial weighing controller that looks at every sample and switches the feed.

It is spared the bench's procedures: no check of the cup, one bus cycle for a start, no wait for late drips.
"""

from __future__ import annotations

from typing import Protocol

from .cells import Cell
from .doses import Bus, Dose, come_to_rest, empty_gross
from .plants import DosePlant, Factory

_BOUND_UL = 1e9
_JUDGING_S = 0.5
_LONGEST_S = 120.0


class Rule(Protocol):
    """When to slow down and when to stop. Masses: what the scale shows, less the empty cup. Speeds: shares of full."""

    def begin(self) -> float:
        """A new dose: the first speed."""

    def see(self, t: float, mg: int) -> float:
        """The speed wanted now, `t` s after the start was sent; 0 stops."""

    @property
    def stop_after_s(self) -> float | None:
        """A timer instead of the scale."""

    def end(self, mg: int) -> None:
        """The stable reading that ended the dose."""


def run_rule(rule: Rule, make: Factory, cell: Cell, seed: str, count: int) -> list[Dose]:
    """`count` doses in a row, the rule learning from its own readings."""
    plant, doses = make(cell), []
    for number in range(count):
        luck = cell.luck(seed, number)
        plant.next_dose(luck, cell.wear(number, count))
        doses.append(_dose(rule, plant, cell, empty_gross(plant, luck), Bus(luck)))
    return doses


def _dose(rule: Rule, plant: DosePlant, cell: Cell, empty_mg: int, bus: Bus) -> Dose:
    go, speed = plant.now, rule.begin()
    plant.advance(bus.latency())
    plant.set_speed(1, speed)
    plant.start(1, _BOUND_UL)
    due = _timer(rule, go, bus)
    wanted = speed if due is None else 0.0
    while speed > 0.0 and plant.now - go < _LONGEST_S:
        next_at = plant.next_sample_at
        if due is not None and due <= next_at:
            plant.advance(max(due - plant.now, 0.0))
            due, speed = None, wanted
            plant.set_speed(1, speed) if speed > 0.0 else plant.stop(1)
            continue
        for sample in plant.advance(max(next_at - plant.now, 1e-6)):
            wish = rule.see(sample.available - go, sample.gross_mg - empty_mg)
            if wish != wanted and (due is None or wish == 0.0):
                wanted, due = wish, plant.now + bus.latency()
    plant.stop(1)
    stopped = plant.now
    if cell.suck_back:
        plant.advance(bus.latency())
        plant.reverse(1, cell.suck_back_ms)
    released, shown = _released(plant, stopped)
    rule.end(shown - empty_mg)
    seconds = released - go
    return Dose(come_to_rest(plant) - cell.target_mg, seconds, 1)


def _timer(rule: Rule, go: float, bus: Bus) -> float | None:
    after = rule.stop_after_s
    return None if after is None else go + after + bus.latency()


def _released(plant: DosePlant, stopped: float) -> tuple[float, int]:
    """The first stable reading after the judging time: (when, gross mg); the last one when none becomes stable."""
    shown = 0
    while plant.now - stopped < _LONGEST_S:
        for sample in plant.advance(max(plant.next_sample_at - plant.now, 1e-6)):
            shown = sample.gross_mg
            if sample.stable and sample.t > stopped + _JUDGING_S:
                return sample.available, shown
    return plant.now, shown
