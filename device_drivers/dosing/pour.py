"""A component poured by hand under the gauge: the clerk pours, the scale decides when it is done.

No pump, so nothing to stop; the same watch over the scale and the same result as a pumped dose.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.guard import STABLE_WITHIN_S, Clock, Guard, Sleep, Tripped
from device_drivers.dosing.plan import DoseResult, OnSample, Outcome, PourPlan, Sample, judged
from device_drivers.dosing.results import result_of
from device_drivers.dosing.supervisor import Limits, Supervisor
from device_drivers.dosing.track import Track
from device_drivers.reading import Reading
from device_drivers.scales.base import Scale

_HAND_MG_S = 100_000.0  # no hand pours faster; a bigger jump is something put on the pan
_LIFTED_MG = 1_000

Band = Literal["under", "in", "over"]


def band(landed_mg: int, plan: PourPlan) -> Band:
    """Where the pointer of the gauge stands."""
    if landed_mg > plan.target_mg + plan.tol_over_mg:
        return "over"
    return "in" if landed_mg >= plan.target_mg - plan.tol_under_mg else "under"


async def run_pour(
    plan: PourPlan,
    scale: Scale,
    clock: Clock,
    sleep: Sleep,
    on_sample: OnSample | None = None,
    finish: asyncio.Event | None = None,
    cancel: asyncio.Event | None = None,
    scale_model: ScaleModel | None = None,
) -> DoseResult:
    """Ends by itself once the mass has rested in the band, or above it, for `hold_s`. `finish` ends it wherever it
    rests (`short` below the band); `cancel` ends it with `stopped`, weighed if possible. `Sample.phase` is the band.
    """
    return await _Pour(plan, scale, clock, sleep, on_sample, finish, cancel, scale_model or ScaleModel()).run()


class _Pour:
    def __init__(
        self,
        plan: PourPlan,
        scale: Scale,
        clock: Clock,
        sleep: Sleep,
        on_sample: OnSample | None,
        finish: asyncio.Event | None,
        cancel: asyncio.Event | None,
        model: ScaleModel,
    ) -> None:
        self._plan = plan
        self._clock = clock
        self._on_sample = on_sample
        self._finish = finish
        self._began = clock()
        self._track = Track(self._began, model.quiet_mg)
        self._first: Reading | None = None
        limits = Limits(
            max_gross_mg=plan.max_gross_mg,
            final_gross_mg=plan.max_gross_mg,
            full_flow_mg_s=_HAND_MG_S,
            time_budget_s=plan.time_budget_s,
            drop_mg=_LIFTED_MG,
            jump_mg=round(_HAND_MG_S / 2),
        )
        self._guard = Guard(scale, None, 0, Supervisor(limits, self._began), clock, sleep, self._take, cancel)

    async def run(self) -> DoseResult:
        guard, plan = self._guard, self._plan
        async with guard.watching():
            try:
                self._first = await self._first_reading()
                await self._require_same_cup(self._first)
                final = await self._rested()
                landed = (final.mass_mg or 0) - plan.gross_before_mg
                return self._result(judged(landed, plan.target_mg, plan.tol_under_mg, plan.tol_over_mg), final)
            except Tripped:
                weighable = guard.fault is None or guard.fault in (Fault.TIME_BUDGET, Fault.CUP_FULL)
                final_or_none = None
                if weighable:
                    final_or_none = await guard.stable(self._track, self._clock() + plan.hold_s, STABLE_WITHIN_S)
                return self._result(Outcome.STOPPED if guard.fault is None else Outcome.FAULT, final_or_none)

    async def _first_reading(self) -> Reading:
        """The first that carries a mass: a hand may be pouring already, so nothing waits for a rest here."""
        while (reading := self._guard.latest) is None or reading.mass_mg is None:
            await self._guard.wait()
        return reading

    async def _require_same_cup(self, first: Reading) -> None:
        """Lighter than recorded is another cup, or one that was emptied; heavier is what has been poured by now."""
        if first.mass_mg is None or first.mass_mg < self._plan.gross_before_mg - self._plan.same_cup_mg:
            self._guard.trip(Fault.CUP_CHANGED, f"recorded {self._plan.gross_before_mg} mg, now {first.mass_mg} mg")
            await self._guard.halted()
            raise Tripped

    async def _rested(self) -> Reading:
        """A stable reading of a mass that has held for `hold_s`, in or above the band, or anywhere once the clerk is
        finished. A flicker of the stable flag does not begin the hold anew; a mass that moves does."""
        held_since: float | None = None
        held_mg = 0
        while True:
            reading = self._guard.latest
            if reading is None or reading.mass_mg is None:
                held_since = None
            elif held_since is None or abs(reading.mass_mg - held_mg) > self._track.quiet_mg:
                held_since, held_mg = reading.at, reading.mass_mg
            elif (
                reading.at - held_since >= self._plan.hold_s
                and self._track.supports(reading)
                and self._may_end(reading.mass_mg)
            ):
                return reading
            await self._guard.wait()

    def _may_end(self, gross_mg: int) -> bool:
        finished = self._finish is not None and self._finish.is_set()
        return finished or band(gross_mg - self._plan.gross_before_mg, self._plan) != "under"

    def _take(self, reading: Reading) -> None:
        t_ms = self._track.add(reading, 0)
        if self._on_sample is None:
            return
        landed = None if reading.mass_mg is None else reading.mass_mg - self._plan.gross_before_mg
        phase = "waiting" if landed is None else band(landed, self._plan)
        self._on_sample(Sample(t_ms, reading.mass_mg, landed, reading.stable, 0, phase))

    def _result(self, outcome: Outcome, final: Reading | None) -> DoseResult:
        seconds = self._clock() - self._began
        return result_of(self._plan, outcome, self._guard, self._track, self._first, final, seconds)
