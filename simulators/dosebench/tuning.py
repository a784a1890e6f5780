"""B3t: the two-speed filler with the best settings that a search over band and fine speed can find, cell by cell.

Searched on seeds that are never scored. The settings found stand in `tuned.json`; `--tune` searches again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from .baselines import AutoFreeFall, TwoSpeed
from .cells import COLD, Cell
from .doses import Dose
from .feeder import run_rule
from .plants import Factory

TUNING_SEED = "tuning"
BANDS_MG = (150.0, 250.0, 350.0, 500.0, 700.0, 1_000.0, 1_500.0, 2_000.0)
FINE = (0.05, 0.08, 0.12, 0.16, 0.20, 0.25, 0.30, 0.40, 0.60, 1.00)
ENOUGH = 0.995
_STORED = Path(__file__).with_name("tuned.json")


def grid(cell: Cell) -> Iterator[TwoSpeed]:
    """Settings worth a try. A band beyond the target means slow from the start, whichever band it is; a wide tolerance
    needs no crawling, and its doses are long."""
    wide = cell.tol_mg > 100.0
    bands = [band for band in BANDS_MG if band < cell.target_mg and not (wide and band < 350.0)]
    if cell.target_mg <= BANDS_MG[-1]:
        bands.append(float(cell.target_mg))
    for fine in FINE:
        if wide and fine < 0.16:
            continue
        for band in bands if fine < 1.0 else bands[:1]:
            yield TwoSpeed(band, fine)


def tune(make: Factory, cell: Cell, count: int) -> TwoSpeed:
    """The fastest of those with enough in tolerance; where none has, the one with the most, then the fastest."""

    def worth(settings: TwoSpeed) -> tuple[float, float]:
        doses = run_rule(AutoFreeFall(cell, settings), make, cell, TUNING_SEED, count + COLD)[COLD:]
        return min(in_tolerance(cell, doses), ENOUGH), -median(dose.seconds for dose in doses)

    return max(grid(cell), key=worth)


def in_tolerance(cell: Cell, doses: list[Dose]) -> float:
    """Share of the doses whose truth lies in the band."""
    return sum(abs(dose.error_mg) <= cell.tol_mg for dose in doses) / len(doses)


def key(cell: Cell) -> str:
    """The nozzle is not part of it: the settings found with suck-back serve both."""
    return f"{cell.product.name} {cell.target_mg}"


def stored() -> dict[str, TwoSpeed]:
    """By `key`. Held-out variations are dosed with the settings of the standard plant."""
    found = json.loads(_STORED.read_text("utf-8"))
    return {name: TwoSpeed(**settings) for name, settings in found.items()}


def store(found: dict[str, TwoSpeed]) -> None:
    lines = {name: {"band_mg": one.band_mg, "fine": one.fine} for name, one in found.items()}
    _STORED.write_text(json.dumps(lines, indent=1) + "\n", "utf-8")
