"""From what a command ordered to what the controller is asked to do."""

from __future__ import annotations

from device_drivers.dosing.plan import DosePlan, PourPlan

from .bench import DoseOrder

SAME_CUP_MG, SUCK_BACK_MS = 200, 20
POUR_BUDGET_S, DOSE_MARGIN_S, SLOWEST_MG_S = 300.0, 30.0, 300


def pour_plan(order: DoseOrder) -> PourPlan:
    """A pour by hand under the gauge."""
    return PourPlan(
        target_mg=order.target_mg,
        tol_under_mg=order.under_mg,
        tol_over_mg=order.over_mg,
        gross_before_mg=order.gross_before_mg,
        max_gross_mg=order.max_gross_mg,
        time_budget_s=POUR_BUDGET_S,
        same_cup_mg=SAME_CUP_MG,
    )


def dose_plan(order: DoseOrder, channel: int, suck_back_most_ms: int) -> DosePlan:
    """A pumped dose; the time that the slowest pump would need, and some."""
    return DosePlan(
        channel=channel,
        target_mg=order.target_mg,
        tol_under_mg=order.under_mg,
        tol_over_mg=order.over_mg,
        bound_ul=order.bound_ul,
        gross_before_mg=order.gross_before_mg,
        density_ug_per_ul=order.density_ug_per_ul,
        max_gross_mg=order.max_gross_mg,
        time_budget_s=DOSE_MARGIN_S + order.target_mg / SLOWEST_MG_S,
        same_cup_mg=SAME_CUP_MG,
        suck_back_ms=min(SUCK_BACK_MS, suck_back_most_ms),
    )
