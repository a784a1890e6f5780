"""What must hold of every dose that something went wrong with, and the table of what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from device_drivers.dosing.faults import Fault
from device_drivers.dosing.plan import Outcome
from store_service.equipment.bench import DoseOrder
from store_service.equipment.reports import report

from .virtual_dose import PHASES, TARE_MG, Told

REACT_S = 0.5
READING_MG = 40
"""Between a stable reading and the truth: noise, steps of 10 mg, a last drop of 30 mg."""
AT_ONCE = frozenset({
    "scale_unplugged", "scale_silent", "scale_frozen", "scale_garbage", "scale_wrong_unit", "scale_overload",
    "scale_underload", "scale_tared", "scale_renumbered", "scale_not_ready", "scale_late", "cup_removed", "cup_touched",
    "pan_overloaded", "air_bubble", "container_empty", "pump_stalled", "pump_stop_pressed", "pump_unplugged",
    "pump_requests_lost", "host_killed", "clock_jump",
})  # fmt: skip
"""From the first moment of these nothing more may be pumped than `REACT_S` of flow and the tail: the scale says nothing
true, the pump cannot be told, or nobody is there to tell it. Others bite later (a stop that is lost bites when it is
sent); of them, the whole dose may be that much too heavy."""


@dataclass(slots=True)
class Row:
    """One cell of the table. `most_mg`: the most that left the nozzle after the fault, of those that must stop."""

    runs: int = 0
    unreached: int = 0
    complete: int = 0
    stopped: int = 0
    killed: int = 0
    most_mg: float = 0.0


def broken(told: Told) -> list[str]:
    """Every law that this dose broke; none."""
    found: list[str] = []

    def law(holds: bool, words: str) -> None:
        if not holds:
            found.append(words)

    bad, result, truth = told.bad, told.result, told.truth_mg
    law(told.stands, "a pump still runs")
    law(told.later_starts == 0, "something started after the end")
    law(truth + told.spilled_mg <= most_mg(told), "more was pumped than a dose and half a second of flow")
    if told.reached and bad.fault in AT_ONCE and not _complete(told) and not told.only_its_volume:
        law(told.after_mg <= react_mg(told), f"{told.after_mg:.0f} mg left the nozzle after the fault")
    again = told.weighed_again_mg
    law(again is not None, f"the scale did not come back: {told.notes}")
    if again is not None:
        law(abs(again - TARE_MG - truth) <= READING_MG, f"weighed afterwards: {again}")
    if result is None:
        law(bad.fault == "host_killed" and told.reached, "no result")
        return found
    # A DULCO flex goes on with the rest of its batch by itself once queries are heard again (its manual): no new dose.
    law(
        bad.pump == "dulco_flex" or told.true_starts <= result.pump_starts,
        "the pump was started more often than the record says",
    )
    if result.outcome is Outcome.DONE:
        law(abs(truth - told.target_mg) <= told.tol_mg + READING_MG, f"called complete with {truth:.0f} mg")
    if result.landed_mg is not None:
        law(abs(result.landed_mg - truth) <= READING_MG, f"recorded {result.landed_mg}, there are {truth:.0f} mg")
    law((result.outcome is Outcome.FAULT) == (result.fault is not None), "a fault without a name, or a name without")
    law(result.fault is not Fault.INTERNAL, f"the program failed: {result.detail}")
    law(result.stop_confirmed or "ends by itself" in result.detail, "an unconfirmed stop without what ends it")
    order = DoseOrder("D", "P", 2, told.target_mg, 1, 1, round(TARE_MG), 220_000, 1_020, 1)
    written = report(order, result)
    law(written.fault is None or Fault(written.fault).words_zh != "", "the record says nothing")
    law(written.gross_after_mg == result.gross_after_mg, "the record has another mass")
    return found


def react_mg(told: Told) -> float:
    return told.flow_mg_s * REACT_S + told.tail_mg


def most_mg(told: Told) -> float:
    if told.only_its_volume:
        return told.bound_ul * 1.02 * 1.1 + told.tail_mg
    return told.target_mg + told.tol_mg + react_mg(told)


def _complete(told: Told) -> bool:
    return told.result is not None and told.result.outcome is Outcome.DONE


def table(all_told: Iterable[Told]) -> dict[tuple[str, str], Row]:
    rows: dict[tuple[str, str], Row] = {}
    for told in all_told:
        row = rows.setdefault((told.bad.fault, told.bad.phase), Row())
        row.runs += 1
        row.unreached += not told.reached
        row.complete += _complete(told)
        row.killed += told.result is None
        row.stopped += told.result is not None and not _complete(told)
        if told.reached and told.bad.fault in AT_ONCE and not _complete(told) and not told.only_its_volume:
            row.most_mg = max(row.most_mg, told.after_mg)
    return rows


def in_words(rows: dict[tuple[str, str], Row]) -> str:
    """One line a fault; in each phase `complete/stopped` and the most mg after it."""
    faults = sorted({fault for fault, _ in rows})
    lines = [" ".join([f"{'fault':<22}", *(f"{phase:>14}" for phase in PHASES), f"{'runs':>6}"])]
    for fault in faults:
        cells = [rows.get((fault, phase), Row()) for phase in PHASES]
        told = [f"{one.complete}/{one.stopped + one.killed} {one.most_mg:5.0f}" for one in cells]
        lines.append(
            " ".join([f"{fault:<22}", *(f"{one:>14}" for one in told), f"{sum(one.runs for one in cells):>6}"])
        )
    return "\n".join(lines)
