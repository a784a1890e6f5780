"""B5: the clairvoyant bound. Full speed, stopped at the instant after which exactly the target lands.

It knows flow, tail and latency of the very dose, but not whether a drop will hang and fall: that is a coin thrown
after the stop. Its stop lies on the plant's grid of 5 ms. Its time ends with the first stable reading of what finally
lands.
"""

from __future__ import annotations

from copy import deepcopy

from .cells import Cell
from .doses import Bus, Dose, come_to_rest, empty_gross
from .plants import DosePlant, Factory

_GRID_S = 0.005
_CLOSE_MG = 0.5
_MOST_REHEARSALS = 12
_BOUND_UL = 1e9
_GIVE_UP_S = 120.0


def run_oracle(make: Factory, cell: Cell, seed: str, count: int) -> list[Dose]:
    """`count` doses in a row through one nozzle."""
    plant, doses = make(cell), []
    for number in range(count):
        luck = cell.luck(seed, number)
        plant.next_dose(luck, cell.wear(number, count))
        empty_gross(plant, luck)
        doses.append(_dose(plant, cell, luck))
    return doses


def _dose(plant: DosePlant, cell: Cell, luck: str) -> Dose:
    go, bus = plant.now, Bus(luck)
    plant.advance(bus.latency())
    plant.set_speed(1, 1.0)
    plant.start(1, _BOUND_UL)
    reverse_after = bus.latency()
    flow, started = cell.true_product.flow_mg_s * cell.variation.pace, plant.now
    plant.advance(max(cell.target_mg / flow - 1.0, 0.0))
    stop_at = max(started + cell.target_mg / flow, plant.now)
    for _ in range(_MOST_REHEARSALS):  # towards the instant itself; the grid comes after
        rehearsal = deepcopy(plant)
        rehearsal.keep_drop()
        _stop(rehearsal, cell, stop_at, reverse_after)
        error = come_to_rest(rehearsal) - cell.target_mg
        if abs(error) < _CLOSE_MG:
            break
        stop_at = max(stop_at - error / flow, plant.now)
    _stop(plant, cell, started + round((stop_at - started) / _GRID_S) * _GRID_S, reverse_after)
    return _released(plant, cell, go)


def _stop(plant: DosePlant, cell: Cell, at: float, reverse_after: float) -> None:
    plant.advance(max(at - plant.now, 0.0))
    plant.stop(1)
    if cell.suck_back:
        plant.advance(reverse_after)
        plant.reverse(1, cell.suck_back_ms)


def _released(plant: DosePlant, cell: Cell, go: float) -> Dose:
    seen: list[tuple[float, float]] = []
    d_mg = cell.variation.scale.d_mg
    while not plant.at_rest or not seen or plant.landed_mg - seen[-1][1] > d_mg:
        if plant.now - go > _GIVE_UP_S:
            raise RuntimeError("the oracle's dose never came to a stable reading on this plant")
        for sample in plant.advance(max(plant.next_sample_at - plant.now, 0.001)):
            if sample.stable:
                seen.append((sample.available, plant.landed_mg))
    final = plant.landed_mg
    at = next(at for at, landed in seen if final - landed <= d_mg)
    return Dose(final - cell.target_mg, at - go, 1)
