"""`python -m tests.faults.dose_suite [runs] [seed]`: play the fault suite and print what became of the doses."""

from __future__ import annotations

import logging
import sys

from .dose_laws import broken, in_words, table
from .virtual_dose import cases, play


def main(count: int, seed: int) -> int:
    """How many doses broke a law."""
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    told, wrong = [], 0
    for bad in cases(count, seed):
        one = play(bad)
        told.append(one)
        if laws := broken(one):
            wrong += 1
            sys.stdout.write(f"{bad}: {'; '.join(laws)}\n")
            sys.stdout.flush()
    rows = table(told)
    sys.stdout.write(
        "in each phase: complete/stopped, and the most mg after a fault that must stop at once\n"
        f"{in_words(rows)}\n{len(told)} runs, {sum(one.unreached for one in rows.values())} ended before their phase, "
        f"{sum(one.complete for one in rows.values())} complete, {sum(one.stopped for one in rows.values())} stopped, "
        f"{sum(one.killed for one in rows.values())} killed, {wrong} broke a law\n"
    )
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(*map(int, [*sys.argv[1:], "1400", "0"][:2])), 1))
