"""Product pushed through a channel's line into a vessel on the scale: load, prime, purge, and runs for calibration.

No target and no tolerance: what counts is that it stops, and that what moved is weighed. The line may be dry at first,
so a mass that does not rise is no fault here; the volume is the bound, and the watch over scale and pump is a dose's.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from device_drivers.dispensers.base import Dispenser
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.faults import UNWEIGHABLE, Fault, fault_of
from device_drivers.dosing.guard import STABLE_WITHIN_S, Clock, Guard, Sleep, Tripped
from device_drivers.dosing.supervisor import Limits, Supervisor
from device_drivers.dosing.track import Track
from device_drivers.errors import DeviceError
from device_drivers.reading import Reading
from device_drivers.scales.base import Scale

_FASTEST_MG_S = 3_000.0


@dataclass(frozen=True, slots=True)
class FlushPlan:
    """At most `volume_ul` from `channel`; ends earlier once `enough_mg` have landed. ValueError on nonsense."""

    channel: int
    volume_ul: int
    speed_bp: int
    max_gross_mg: int
    time_budget_s: float
    enough_mg: int | None = None
    drip_window_s: float = 1.5

    def __post_init__(self) -> None:
        if self.volume_ul <= 0 or not 0 < self.speed_bp <= 10_000 or self.time_budget_s <= 0:
            raise ValueError("volume, speed and time budget are positive, speed at most 10 000 bp")
        if self.enough_mg is not None and self.enough_mg <= 0:
            raise ValueError("enough is a mass")


@dataclass(frozen=True, slots=True)
class FlushResult:
    """`moved_mg` is the difference of two stable readings, None when the second could not be had. `delivered_ul` is
    what the pump says. `fault` None: volume or mass reached, or the clerk's stop. CONTAINER_EMPTY ends a purge as it
    should.
    """

    moved_mg: int | None
    delivered_ul: int
    fault: Fault | None
    stop_confirmed: bool
    raw_first: bytes
    raw_last: bytes
    seconds: float
    detail: str


async def run_flush(
    plan: FlushPlan,
    scale: Scale,
    dispenser: Dispenser,
    clock: Clock,
    sleep: Sleep,
    cancel: asyncio.Event | None = None,
    scale_model: ScaleModel | None = None,
) -> FlushResult:
    """Both devices are connected; nobody else talks to them meanwhile. Device errors are the result's fault."""
    began = clock()
    limits = Limits(
        max_gross_mg=plan.max_gross_mg,
        final_gross_mg=plan.max_gross_mg,
        full_flow_mg_s=_FASTEST_MG_S,
        time_budget_s=plan.time_budget_s,
    )
    track = Track(began, (scale_model or ScaleModel()).quiet_mg)
    guard = Guard(
        scale,
        dispenser,
        plan.channel,
        Supervisor(limits, began),
        clock,
        sleep,
        lambda reading: _add(track, reading),
        cancel,
    )
    first = last = None
    delivered = 0
    async with guard.watching():
        try:
            first = await guard.stable(track, 0.0, STABLE_WITHIN_S)
            if first is None:
                guard.trip(Fault.NOT_STABLE, "no stable reading before the pump was started")
                await guard.halted()
            else:
                delivered = await _push(plan, guard, dispenser, clock, first)
        except Tripped:
            delivered = guard.status.delivered_ul if guard.status is not None else delivered
        if first is not None and guard.fault not in UNWEIGHABLE:
            last = await _settled(guard, track, clock() + plan.drip_window_s)
    before, after = _mass(first), _mass(last)
    return FlushResult(
        moved_mg=None if before is None or after is None else after - before,
        delivered_ul=delivered,
        fault=guard.fault,
        stop_confirmed=guard.stop_confirmed,
        raw_first=first.raw if first is not None else b"",
        raw_last=last.raw if last is not None else b"",
        seconds=clock() - began,
        detail=guard.detail,
    )


async def _push(plan: FlushPlan, guard: Guard, dispenser: Dispenser, clock: Clock, first: Reading) -> int:
    """Start, watch, stop; the µL that the pump tells."""
    try:
        await dispenser.status(plan.channel)  # ValueError for a channel that is not there, while nothing moves
        guard.moving = True  # before the frame goes out: from here on every way out stops the pump
        guard.started((await dispenser.start(plan.channel, plan.speed_bp, plan.volume_ul)).counter)
        while guard.status is None or guard.status.running:
            landed = (_mass(guard.latest) or 0) - (_mass(first) or 0)
            if plan.enough_mg is not None and landed >= plan.enough_mg:
                break
            await guard.wait(clock() + 0.1)
        await dispenser.stop(plan.channel)
        guard.moving = False
        return (await dispenser.status(plan.channel)).delivered_ul
    except DeviceError as error:
        guard.trip(fault_of(error), error.detail)
        await guard.halted()
        raise Tripped from error


async def _settled(guard: Guard, track: Track, since: float) -> Reading | None:
    try:
        return await guard.stable(track, since, STABLE_WITHIN_S)
    except Tripped:
        return None


def _add(track: Track, reading: Reading) -> None:
    track.add(reading, 0)


def _mass(reading: Reading | None) -> int | None:
    return None if reading is None else reading.mass_mg
