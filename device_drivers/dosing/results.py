"""What a dose or a pour hands over at its end."""

from __future__ import annotations

from device_drivers.dosing.guard import Guard
from device_drivers.dosing.plan import DosePlan, DoseResult, Outcome, PourPlan
from device_drivers.dosing.track import Track
from device_drivers.reading import Reading


def result_of(
    plan: DosePlan | PourPlan,
    outcome: Outcome,
    guard: Guard,
    track: Track,
    first: Reading | None,
    final: Reading | None,
    seconds: float,
    starts: int = 0,
) -> DoseResult:
    """`first` the reading that showed the cup, `final` the one that weighed it; None where there was none."""
    after = None if final is None else final.mass_mg
    last = final or guard.latest
    return DoseResult(
        outcome=outcome,
        fault=guard.fault,
        gross_before_mg=plan.gross_before_mg,
        gross_after_mg=after,
        landed_mg=None if after is None else after - plan.gross_before_mg,
        raw_first=b"" if first is None else first.raw,
        raw_last=b"" if last is None else last.raw,
        trace=track.trace,
        seconds=seconds,
        jogs=max(starts - 1, 0),
        pump_starts=starts,
        stop_confirmed=guard.stop_confirmed,
        detail=guard.detail,
    )
