"""DoseBench: `python -m simulators.dosebench [--quick] [--plant package.module:Factory]`.

Scores the controller that ships, `device_drivers.dosing.dose.run_dose` under its own supervisor, against the baselines
B0 to B4 and the clairvoyant oracle, on the same luck. Prints the table, writes scores.csv, doses.csv and the plots into
`--out`. Exit 1 when a gate is missed, each named. The plant is a model: figures compare controllers, they predict no
bench.

A plant of your own is a callable that takes a `cells.Cell` and gives a `plants.DosePlant`: its methods and what they
promise stand there. It must give the same doses for the same luck, and `copy.deepcopy` must give an independent plant.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from device_drivers.dosing.plan import DoseResult

from . import bound, plots, report
from .bench import SEED, Job, play_all
from .cells import HELD_OUT, PRODUCTS, STANDARD, TARGETS_MG, Cell, cells
from .plants import factory
from .score import Run, Score, missed, score
from .shipped import run_shipped
from .tuning import key, store, stored, tune

_STANDARD_PLANT = "simulators.dosebench.plants:ReferencePlant"
_TRACED = 12


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code: 0 when every gate is met."""
    args = _arguments().parse_args(argv)
    if args.tune:
        return _tune(args)
    jobs = _jobs(args)
    runs: list[Run] = []
    began = time.perf_counter()
    for number, played in enumerate(play_all(jobs, args.processes), 1):
        runs += played
        if sys.stderr.isatty():
            print(f"\r  cell {number} of {len(jobs)}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    scores = _scores(runs)
    print(report.table(scores))
    standard = {run.cell: None for run in runs if run.cell.variation == STANDARD}
    print("", *bound.told(standard), sep="\n")
    doses = sum(len(run.doses) for run in runs)
    minutes = (time.perf_counter() - began) / 60.0
    print(f"\n{doses} doses, {doses / minutes:.0f} a minute; plant {args.plant}, seed {args.seed!r}")
    _write(args, runs, scores)
    gates = missed(scores)
    for gate in gates:
        print(f"GATE MISSED  {gate}")
    if not gates:
        print("every gate of DESIGN.md, section 6, is met")
    return 1 if gates else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulators.dosebench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--plant", default=_STANDARD_PLANT, metavar="MODULE:FACTORY")
    parser.add_argument("--doses", type=int, default=200, help="scored in each cell, after 10 cold ones")
    parser.add_argument("--targets", type=int, nargs="+", default=list(TARGETS_MG), metavar="MG")
    names = [product.name for product in PRODUCTS]
    parser.add_argument("--products", nargs="+", default=names, choices=names)
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--quick", action="store_true", help="12 doses a cell, no held-out variations")
    parser.add_argument("--nozzle", choices=("both", "suck-back", "plain"), default="both")
    parser.add_argument("--no-rivals", dest="rivals", action="store_false", help="of the baselines only B3 and B3t")
    variations = [STANDARD.name, *(one.name for one in HELD_OUT)]
    parser.add_argument("--variations", nargs="+", default=variations, choices=variations, metavar="NAME")
    parser.add_argument("--tune", action="store_true", help="search B3t's settings again, on the tuning seeds")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=Path("data/dosebench"))
    return parser


def _jobs(args: argparse.Namespace) -> list[Job]:
    targets, doses = tuple(args.targets), 12 if args.quick else args.doses
    nozzles = {"both": (True, False), "suck-back": (True,), "plain": (False,)}[args.nozzle]
    jobs: list[Job] = []
    if STANDARD.name in args.variations:
        standard = [cell for nozzle in nozzles for cell in cells(nozzle, targets)]
        jobs += [Job(cell, args.plant, doses, args.seed, args.rivals) for cell in standard]
    for variation in HELD_OUT if not args.quick else ():
        if variation.name in args.variations:
            varied = cells(True, targets, variation)
            jobs += [Job(cell, args.plant, max(doses // 4, 20), args.seed, rivals=False) for cell in varied]
    return [job for job in jobs if job.cell.product.name in args.products]


def _scores(runs: list[Run]) -> list[Score]:
    together: dict[tuple[str, bool, int, str], list[Run]] = {}
    for run in runs:
        cell = run.cell
        together.setdefault((cell.variation.name, cell.suck_back, cell.target_mg, run.controller), []).append(run)
    return [score(group) for group in together.values()]


def _write(args: argparse.Namespace, runs: list[Run], scores: list[Score]) -> None:
    out: Path = args.out
    out.mkdir(parents=True, exist_ok=True)
    report.write_scores(out / "scores.csv", scores)
    report.write_doses(out / "doses.csv", runs)
    standard = [run for run in runs if run.cell.variation == STANDARD]
    for target, nozzle in {(run.cell.target_mg, run.cell.suck_back): None for run in standard}:
        here = [run for run in standard if (run.cell.target_mg, run.cell.suck_back) == (target, nozzle)]
        name = f"error-{target}-{'suck-back' if nozzle else 'plain'}.svg"
        (out / name).write_text(plots.scatter(here), "utf-8")
    _trace(args, runs[0].cell, out / "trace.svg")


def _trace(args: argparse.Namespace, cell: Cell, path: Path) -> None:
    def keep(number: int, result: DoseResult, truth_mg: float) -> None:
        if number == _TRACED - 1:
            path.write_text(plots.trace(cell, result, truth_mg), "utf-8")

    run_shipped(factory(args.plant), cell, args.seed, _TRACED, keep)


def _tune(args: argparse.Namespace) -> int:
    found = stored()
    for cell in cells(True, tuple(args.targets)):
        found[key(cell)] = tune(factory(args.plant), cell, args.doses)
        store(found)
        print(key(cell), found[key(cell)], flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
