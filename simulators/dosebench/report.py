"""The table on the terminal and the CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from .cells import COLD
from .score import Run, Score

_HEAD = (
    "| target | controller | in tol | over | error P50 / P95 / max mg | T mean / P95 s | T / oracle | median s | jogs "
    "| cold max mg |"
)
_DOSE_HEAD = [
    "variation",
    "suck_back",
    "target_mg",
    "product",
    "controller",
    "dose",
    "cold",
    "error_mg",
    "seconds",
    "oracle_s",
    "starts",
    "said",
]


def table(scores: Iterable[Score]) -> str:
    """Markdown, one table for each nozzle and variation."""
    lines: list[str] = []
    title = None
    for one in scores:
        named = f"{one.variation}, suck-back {'on' if one.suck_back else 'off'}"
        if named != title:
            title = named
            lines += ["", f"**{named}**", "", _HEAD, "|" + "---|" * (_HEAD.count("|") - 1)]
        lines.append(
            f"| {one.target_mg / 1000:g} g | {one.controller} | {one.in_tol:.2%} | {one.over:.2%} "
            f"| {one.p50:.0f} / {one.p95:.0f} / {one.worst:.0f} | {one.seconds:.2f} / {one.seconds_p95:.2f} "
            f"| {one.ratio:.3f} | {one.median_s:.2f} | {one.jogs:.2f} | {one.cold_worst:.0f} |"
        )
    return "\n".join(lines[1:])


def write_scores(path: Path, scores: Sequence[Score]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, [field.name for field in fields(Score)])
        rows.writeheader()
        rows.writerows(asdict(one) for one in scores)


def write_doses(path: Path, runs: Iterable[Run]) -> None:
    """Every dose of every controller: the table can be made again from this file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(_DOSE_HEAD)
        for run in runs:
            cell = run.cell
            for number, (dose, best) in enumerate(zip(run.doses, run.oracle, strict=True)):
                where = [cell.variation.name, int(cell.suck_back), cell.target_mg, cell.product.name, run.controller]
                what = [number, int(number < COLD), f"{dose.error_mg:.1f}", f"{dose.seconds:.3f}"]
                rows.writerow([*where, *what, f"{best.seconds:.3f}", dose.starts, dose.said])
