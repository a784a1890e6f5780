"""Who is scored on which cell, one job each, so that as many run at once as there are processors."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from .baselines import DEFAULT, baselines
from .cells import COLD, Cell
from .doses import Dose
from .feeder import run_rule
from .hurried import at_its_pace
from .oracle import run_oracle
from .plants import factory
from .score import ORACLE, SHIPPED, Run
from .shipped import run_shipped
from .tuning import key, stored

SEED = "jury"
"""Not looked at while constants were set; those of earlier tables, score and judge, were."""


@dataclass(frozen=True, slots=True)
class Job:
    """One cell on one plant: the oracle, the shipped controller, B3, B3t and, where asked, the others."""

    cell: Cell
    plant: str
    doses: int
    seed: str = SEED
    rivals: bool = True


def play(job: Job) -> list[Run]:
    """All controllers of one cell; `doses` are scored, the cold ones come first."""
    make, cell, count = at_its_pace(factory(job.plant)), job.cell, job.doses + COLD
    oracle = run_oracle(make, cell, job.seed, count)

    def run(name: str, doses: list[Dose]) -> Run:
        return Run(name, cell, doses, oracle)

    runs = [run(SHIPPED, run_shipped(make, cell, job.seed, count)), run(ORACLE, oracle)]
    for name, rule in baselines(cell, stored().get(key(cell), DEFAULT)).items():
        if job.rivals or name.startswith("B3"):
            runs.append(run(name, run_rule(rule, make, cell, job.seed, count)))
    return runs


def play_all(jobs: list[Job], processes: int) -> Iterator[list[Run]]:
    """In the order of the jobs, as they are done."""
    if processes <= 1:
        yield from map(play, jobs)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(play, jobs)
