"""How a dose ended, from the driver's words into those that commands know."""

from __future__ import annotations

import json

from device_drivers.dosing.plan import DoseResult

from .bench import DoseOrder, DoseReport


def report(order: DoseOrder, result: DoseResult) -> DoseReport:
    trace = json.dumps({"dose": order.dose_id, "trace": result.trace}, separators=(",", ":")).encode()
    return DoseReport(
        dose_id=order.dose_id,
        outcome=result.outcome.value,
        fault=result.fault.value if result.fault else None,
        gross_after_mg=result.gross_after_mg,
        raw_before=result.raw_first.decode("ascii", "replace"),
        raw_after=result.raw_last.decode("ascii", "replace"),
        trace=trace,
        duration_ms=int(result.seconds * 1000),
        starts=result.pump_starts,
    )
