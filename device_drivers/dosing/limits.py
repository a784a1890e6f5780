"""What a dose may do at most, for the supervisor."""

from __future__ import annotations

from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan
from device_drivers.dosing.supervisor import Limits

_LEAST_FLOW_MG_S = 1_500.0
_LEAST_OVERSHOOT_MG = 500
_RISES_WITHIN_S, _LONGEST_HOSE_S = 1.0, 1.5


def limits_of(plan: DosePlan, learned: Learned) -> Limits:
    """Where the hose is not known, its lag may be long: a thick product shows late and is no blocked hose."""
    lag = learned.lag_s
    hose_s = min(lag.mean + 2.0 * lag.sd, _LONGEST_HOSE_S) if learned.unknown else 0.0
    return Limits(
        max_gross_mg=plan.max_gross_mg,
        final_gross_mg=plan.gross_before_mg + plan.target_mg + max(3 * plan.tol_over_mg, _LEAST_OVERSHOOT_MG),
        full_flow_mg_s=max(learned.flow_mg_s.mean, _LEAST_FLOW_MG_S),
        time_budget_s=plan.time_budget_s,
        starts_within_s=_RISES_WITHIN_S + hose_s,
    )
