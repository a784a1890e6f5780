"""What is known of one dose when nothing falls any more, and the handling that every controller gets alike."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .plants import DosePlant

REST_WITHIN_S = 15.0
LATENCY_S = (0.015, 0.045)
EMPTY_WITHIN_S = 8.0


@dataclass(frozen=True, slots=True)
class Dose:
    """`error_mg` is truth: what finally landed, late drips included, less the target. `seconds` from go to the reading
    that its controller released; `starts` of the pump. `said` is what the controller called it."""

    error_mg: float
    seconds: float
    starts: int
    said: str = ""


class Bus:
    """The seconds that one command takes to reach the pump."""

    def __init__(self, luck: str) -> None:
        self._random = Random(f"{luck}/bus")

    def latency(self) -> float:
        return self._random.uniform(*LATENCY_S)


def empty_gross(plant: DosePlant, luck: str) -> int:
    """Weigh the cup that was just put on: the first stable reading, mg. Then a moment passes until go."""
    placed = plant.now
    while plant.now - placed < EMPTY_WITHIN_S:
        for sample in plant.advance(max(plant.next_sample_at - plant.now, 0.001)):
            if sample.stable and sample.t > placed + 1.5:
                plant.advance(Random(f"{luck}/go").uniform(0.0, 0.1))
                return sample.gross_mg
    raise RuntimeError("the empty cup does not come to rest on this plant")


def come_to_rest(plant: DosePlant) -> float:
    """Let everything land; the true mass."""
    give_up = plant.now + REST_WITHIN_S
    plant.advance(0.25)
    while not plant.at_rest and plant.now < give_up:
        plant.advance(0.25)
    return plant.landed_mg
