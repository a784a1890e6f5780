"""A plant that runs faster or slower than the controller's clock: everything in it happens `pace` times as fast.

That is what a simulated bench does when its own time is stretched: flow and sample rate go with the pace, and hose,
motor's ramp, scale's filter, fall and drips take the time divided by it. The bus stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from simulators.plant import Sample

from .cells import Cell
from .plants import DosePlant, Factory, PumpChannel


class HurriedPlant:
    """A `DosePlant` in front of another one."""

    def __init__(self, plant: DosePlant, pace: float) -> None:
        self._plant, self._pace = plant, pace

    @property
    def now(self) -> float:
        return self._plant.now / self._pace

    @property
    def watchdog_s(self) -> float:
        return self._plant.watchdog_s / self._pace

    @watchdog_s.setter
    def watchdog_s(self, seconds: float) -> None:
        self._plant.watchdog_s = seconds * self._pace

    @property
    def channels(self) -> Mapping[int, PumpChannel]:
        return self._plant.channels

    @property
    def next_sample_at(self) -> float:
        return self._plant.next_sample_at / self._pace

    @property
    def landed_mg(self) -> float:
        return self._plant.landed_mg

    @property
    def at_rest(self) -> bool:
        return self._plant.at_rest

    def advance(self, dt: float) -> Sequence[Sample]:
        pace = self._pace
        samples = self._plant.advance(dt * pace)
        return [replace(one, t=one.t / pace, available=one.available / pace) for one in samples]

    def start(self, number: int, bound_ul: float) -> int:
        return self._plant.start(number, bound_ul)

    def stop(self, number: int) -> None:
        self._plant.stop(number)

    def set_speed(self, number: int, share: float) -> None:
        self._plant.set_speed(number, share)

    def reverse(self, number: int, ms: float) -> None:
        self._plant.reverse(number, ms * self._pace)

    def kick(self) -> None:
        self._plant.kick()

    def next_dose(self, luck: str, wear: float) -> None:
        self._plant.next_dose(luck, wear)

    def keep_drop(self) -> None:
        self._plant.keep_drop()


def at_its_pace(make: Factory) -> Factory:
    """The same plants, as fast as the cell's variation says."""

    def made(cell: Cell) -> DosePlant:
        plant, pace = make(cell), cell.variation.pace
        hurried: DosePlant = HurriedPlant(plant, pace)
        return plant if pace == 1.0 else hurried

    return made
