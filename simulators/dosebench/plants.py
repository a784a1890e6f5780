"""The plant that is dosed from: ours, or anybody's that keeps what `DosePlant` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from importlib import import_module
from random import Random
from typing import Protocol

from simulators.plant import Plant, Sample
from simulators.plant.truth import Chronicle

from .cells import Cell


class PumpChannel(Protocol):
    """What the pump's electronics show. `state.name`: IDLE RUNNING DONE STOPPED FAULT WATCHDOG REVERSING."""

    @property
    def state(self) -> Enum: ...
    @property
    def fault(self) -> Enum:
        """Falsy when there is none."""

    @property
    def delivered_ul(self) -> float:
        """Displaced by the dose under way, or the last one, at the pump's nominal displacement."""

    @property
    def dose_counter(self) -> int: ...
    @property
    def actual(self) -> float:
        """Speed now, as a share of full speed."""

    @property
    def turning(self) -> bool: ...


class PumpAndScale(Protocol):
    """A pump over a scale in a virtual time of its own: seconds, mg, µL; nothing here reads a clock.

    `start` begins a dose that ends by itself after `bound_ul`, at the share of full speed last set, and gives the dose
    counter. `reverse` sucks back `ms` of full flow as soon as the motor stands. `advance` moves time and gives the
    scale's samples that came out, in order; `next_sample_at` is when the next one will.
    """

    watchdog_s: float

    @property
    def now(self) -> float: ...
    @property
    def channels(self) -> Mapping[int, PumpChannel]: ...
    @property
    def next_sample_at(self) -> float: ...
    def advance(self, dt: float) -> Sequence[Sample]: ...
    def start(self, number: int, bound_ul: float) -> int: ...
    def stop(self, number: int) -> None: ...
    def set_speed(self, number: int, share: float) -> None: ...
    def reverse(self, number: int, ms: float) -> None: ...
    def kick(self) -> None: ...


class DosePlant(PumpAndScale, Protocol):
    """A plant for DoseBench: channel 1 pumps. `copy.deepcopy` must give an independent plant: the oracle rehearses."""

    @property
    def landed_mg(self) -> float:
        """What truly lies in the cup of the present dose by now."""

    @property
    def at_rest(self) -> bool:
        """Nothing moves, flows or falls any more, and no drop is due."""

    def next_dose(self, luck: str, wear: float) -> None:
        """An empty cup of a new mass on the pan; all randomness from `luck` from here on; tube wear as told."""

    def keep_drop(self) -> None:
        """The last drop of the dose under way stays on the nozzle (only the oracle's rehearsals ask for this)."""


Factory = Callable[[Cell], DosePlant]


class ReferencePlant(Plant):
    """The simulators' plant, set up as the benchmark's definition says."""

    def __init__(self, cell: Cell) -> None:
        super().__init__(scale=cell.variation.scale, products=(cell.true_product,), container_mg=1e12)
        self.channels[1].wear_per_kg = 0.0
        self.vibration = cell.variation.vibration_mg > 0.0
        self.vibration_mg = cell.variation.vibration_mg

    @property
    def landed_mg(self) -> float:
        return self.cup.content_mg if self.cup is not None else 0.0

    @property
    def at_rest(self) -> bool:
        return not self._air and not self.channels[1].active

    def next_dose(self, luck: str, wear: float) -> None:
        self.cup = None
        self.shelf.clear()
        self.chronicle = Chronicle()
        self.reseed(luck)
        self.channels[1].wear = wear
        self.cup_on(Random(f"{luck}/tare").uniform(18_000.0, 22_000.0))

    def keep_drop(self) -> None:
        self.channels[1].keep_drop()


def factory(name: str) -> Factory:
    """`package.module:Factory` → that callable. Raises ImportError, AttributeError or ValueError."""
    module, colon, attribute = name.partition(":")
    if not colon:
        raise ValueError(f"{name!r} is not package.module:Factory")
    made: Factory = getattr(import_module(module), attribute)
    return made
