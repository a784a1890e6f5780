"""What a nozzle that drips allows at best, without clairvoyance.

After some of the stops a drop hangs and falls when all has been decided: nobody can know, so one aim must serve both
cases. A controller that lands on its aim but for a normal error of `sd_mg`, and knows the odds and the size of the
drop, cannot hold more than the share given here. The scale's own noise is the least that this error can be.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import erf, sqrt

from .cells import Cell

DROP_MG = (20, 30)
"""As the benchmark's definition has it, uniform between the two."""


def within(mean_mg: float, sd_mg: float, tol_mg: float) -> float:
    """P(|N(mean, sd)| <= tol)."""
    if sd_mg <= 0.0:
        return float(abs(mean_mg) <= tol_mg)
    scale = sd_mg * sqrt(2.0)
    return (erf((tol_mg - mean_mg) / scale) + erf((tol_mg + mean_mg) / scale)) / 2.0


def held(aim_mg: float, sd_mg: float, tol_mg: float, drips: float) -> float:
    """Share in tolerance when the aim lies `aim_mg` from the target and a drop follows with the probability `drips`."""
    least, most = DROP_MG
    sizes = [least + (most - least) * (step + 0.5) / 20.0 for step in range(20)]
    with_drop = sum(within(aim_mg + size, sd_mg, tol_mg) for size in sizes) / len(sizes)
    return (1.0 - drips) * within(aim_mg, sd_mg, tol_mg) + drips * with_drop


def best_held(sd_mg: float, tol_mg: float, drips: float) -> tuple[int, float]:
    """The best aim, in whole mg, and the share in tolerance with it."""
    aims = range(-DROP_MG[1], 1)
    return max(((aim, held(aim, sd_mg, tol_mg, drips)) for aim in aims), key=lambda one: one[1])


def told(cells: Iterable[Cell]) -> list[str]:
    """One line for each target without suck-back: the best any aim can hold, over the products."""
    lines = []
    plain = [cell for cell in cells if not cell.suck_back and cell.product.drip_probability > 0.0]
    for target in sorted({cell.target_mg for cell in plain}):
        here = [cell for cell in plain if cell.target_mg == target]
        shares = []
        for sd_mg in (here[0].variation.scale.noise_mg, 2.0 * here[0].variation.scale.noise_mg):
            best = [best_held(sd_mg, cell.tol_mg, cell.product.drip_probability) for cell in here]
            at_target = [held(0.0, sd_mg, cell.tol_mg, cell.product.drip_probability) for cell in here]
            share, centred = (sum(found) / len(here) for found in ([one[1] for one in best], at_target))
            aims = [one[0] for one in best]
            shares.append(
                f"error of {sd_mg:g} mg: {share:.2%} (aim {min(aims)} to {max(aims)} mg; at the target {centred:.2%})"
            )
        lines.append(f"bound, {target / 1000:g} g, +-{here[0].tol_mg:g} mg, suck-back off: " + "; ".join(shares))
    return lines
