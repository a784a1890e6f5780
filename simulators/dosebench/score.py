"""Metrics of a run and the gates of DESIGN.md, section 6. Cold doses count apart; truth is what landed at last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import mean, median

from .cells import COLD, Cell
from .doses import Dose

SHIPPED, ORACLE, TUNED = "shipped", "B5 oracle", "B3t tuned"
SAME_TIME = 1.02
ENOUGH, MOST_OVER, COLD_TOL = 0.995, 0.003, 1.5
SLOWEST = {500: 2.0, 2_000: 1.5, 10_000: 1.10, 30_000: 1.03}
"""Mean of T / T_oracle at most, by target in mg."""


@dataclass(frozen=True, slots=True)
class Run:
    """All doses of one controller in one cell, and the oracle's of the same luck."""

    controller: str
    cell: Cell
    doses: Sequence[Dose]
    oracle: Sequence[Dose]


@dataclass(frozen=True, slots=True)
class Score:
    """One line of the table. Errors mg, times s, shares 0 to 1; `ratio` the mean of T / T_oracle dose by dose."""

    controller: str
    target_mg: int
    suck_back: bool
    variation: str
    doses: int
    p50: float
    p95: float
    worst: float
    in_tol: float
    over: float
    seconds: float
    seconds_p95: float
    median_s: float
    ratio: float
    jogs: float
    starts: float
    cold_worst: float
    cold_tols: float
    said_otherwise: int
    """Doses that their controller called something else than they are."""


def score(runs: Iterable[Run]) -> Score:
    """Pool runs of one controller at one target over the products."""
    warm: list[tuple[Dose, Dose, float]] = []
    cold: list[tuple[Dose, float]] = []
    for run in runs:
        tol = run.cell.tol_mg
        cold += [(dose, tol) for dose in run.doses[:COLD]]
        warm += [(dose, best, tol) for dose, best in zip(run.doses[COLD:], run.oracle[COLD:], strict=True)]
    errors = sorted(abs(dose.error_mg) for dose, _, _ in warm)
    times = sorted(dose.seconds for dose, _, _ in warm)
    inside = [abs(dose.error_mg) <= tol for dose, _, tol in warm]
    count, cell = len(warm), run.cell
    return Score(
        controller=run.controller,
        target_mg=cell.target_mg,
        suck_back=cell.suck_back,
        variation=cell.variation.name,
        doses=count,
        p50=median(errors),
        p95=_p95(errors),
        worst=errors[-1],
        in_tol=sum(inside) / count,
        over=sum(dose.error_mg > tol for dose, _, tol in warm) / count,
        seconds=mean(times),
        seconds_p95=_p95(times),
        median_s=median(times),
        ratio=mean(dose.seconds / best.seconds for dose, best, _ in warm),
        jogs=mean(max(dose.starts - 1, 0) for dose, _, _ in warm),
        starts=mean(dose.starts for dose, _, _ in warm),
        cold_worst=max(abs(dose.error_mg) for dose, _ in cold),
        cold_tols=max(abs(dose.error_mg) / tol for dose, tol in cold),
        said_otherwise=sum(
            bool(dose.said) and (dose.said == "done") != good for (dose, _, _), good in zip(warm, inside, strict=True)
        ),
    )


def missed(scores: Iterable[Score]) -> list[str]:
    """Every gate that the shipped controller misses on the standard plant, in words; empty when it passes."""
    found: list[str] = []
    standard = [one for one in scores if one.variation == "standard"]
    for one in standard:
        if one.controller != SHIPPED:
            continue
        same = [other for other in standard if (other.target_mg, other.suck_back) == (one.target_mg, one.suck_back)]
        found += [f"{_name(one)}: {gate}" for gate in (_on(one, same) if one.suck_back else _off(one, same))]
    return found


def _on(one: Score, same: list[Score]) -> Iterable[str]:
    if one.in_tol < ENOUGH:
        yield f"in tolerance {one.in_tol:.2%}, wanted {ENOUGH:.1%}"
    if one.over > MOST_OVER:
        yield f"over tolerance {one.over:.2%}, at most {MOST_OVER:.1%}"
    slowest = SLOWEST.get(one.target_mg)
    if slowest is not None and one.ratio > slowest:
        yield f"time / oracle {one.ratio:.3f}, at most {slowest:g}"
    if one.cold_tols > COLD_TOL:
        yield f"a cold dose missed by {one.cold_tols:.2f} tolerances, at most {COLD_TOL:g}"
    rivals = [other for other in same if other.controller.startswith(("B1", "B2", "B3")) and other.in_tol >= ENOUGH]
    best = min(rivals, key=lambda other: other.median_s, default=None)
    if best is not None and one.median_s > SAME_TIME * best.median_s:
        yield f"median {one.median_s:.2f} s, {best.controller} takes {best.median_s:.2f} s, at most {SAME_TIME:g} of it"


def _off(one: Score, same: list[Score]) -> Iterable[str]:
    for other in same:
        if other.controller == ORACLE and one.in_tol < other.in_tol:
            yield f"in tolerance {one.in_tol:.2%}, the oracle {other.in_tol:.2%}"


def _name(one: Score) -> str:
    return f"{one.target_mg / 1000:g} g, suck-back {'on' if one.suck_back else 'off'}"


def _p95(ordered: Sequence[float]) -> float:
    return ordered[ceil(0.95 * len(ordered)) - 1]
