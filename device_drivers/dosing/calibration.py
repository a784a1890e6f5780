"""Grams per revolution of a tube, from weighed runs. Pure.

A pump counts turns, not millilitres: what one turn gives depends on head, tube, its age and the product. Three runs
that agree are a calibration; ones that do not are a loose tube, air or a wrong container, and give none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

LEAST_RUNS = 3
MOST_SPREAD = 0.03
LEAST_MG = 500


class NotCalibrated(ValueError):
    """The runs do not make a calibration; the message says why."""


@dataclass(frozen=True, slots=True)
class WeighedRun:
    """`moved_mg` landed in the cup while the pump made `revolutions` turns."""

    moved_mg: int
    revolutions: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`mg_per_rev` over all runs together; `spread` is the relative standard deviation between them."""

    mg_per_rev: float
    spread: float
    runs: int

    def ul_per_rev(self, density_ug_per_ul: int) -> int:
        """For store.toml, at the product's density (1000 = 1 g/mL). ValueError for no density."""
        if density_ug_per_ul <= 0:
            raise ValueError("density is positive")
        return round(self.mg_per_rev / density_ug_per_ul * 1000)


def calibrate(runs: Sequence[WeighedRun]) -> Calibration:
    """Raises NotCalibrated: fewer than three runs, one that weighs next to nothing, or runs more than 3 % apart."""
    if len(runs) < LEAST_RUNS:
        raise NotCalibrated(f"{len(runs)} runs; {LEAST_RUNS} are needed")
    for run in runs:
        if run.revolutions <= 0 or run.moved_mg < LEAST_MG:
            raise NotCalibrated(f"a run of {run.moved_mg} mg in {run.revolutions:g} turns is too small to judge by")
    each = [run.moved_mg / run.revolutions for run in runs]
    spread = pstdev(each) / fmean(each)
    if spread > MOST_SPREAD:
        raise NotCalibrated(f"the runs differ by {spread:.1%}; look for air, a loose tube or a wrong container")
    together = sum(run.moved_mg for run in runs) / sum(run.revolutions for run in runs)
    return Calibration(together, spread, len(runs))
