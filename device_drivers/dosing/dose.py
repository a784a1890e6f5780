"""One pumped dose from the recorded cup to the weighed result.

Runs in real time and in virtual time: the clock and `sleep` are given, everything else is awaited. While the pump may
move, `guard.Guard` watches from its own tasks and stops it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from device_drivers.dispensers.base import LINE_EMPTY, Dispenser
from device_drivers.dosing.controller import FULL_BP, Controller, Feed
from device_drivers.dosing.estimator import Estimator, ScaleModel
from device_drivers.dosing.faults import UNWEIGHABLE, Fault
from device_drivers.dosing.guard import STABLE_WITHIN_S, Clock, Guard, Sleep, Tripped
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan, DoseResult, OnSample, Outcome, Sample, judged
from device_drivers.dosing.supervisor import Limits, Supervisor
from device_drivers.dosing.track import Track
from device_drivers.errors import DeviceBusy, DeviceError, DeviceFault, NotConfirmed, Rejected
from device_drivers.reading import Reading
from device_drivers.scales.base import Scale

_T = TypeVar("_T")

_HANDS_ON_THE_CUP = frozenset({Fault.CUP_REMOVED, Fault.CUP_FULL, Fault.DISTURBED, Fault.OVER_LIMIT})

_MOST_STARTS = 9
_SETTLE_WITHIN_S = 4.0
_SIGHTLESS_S = 0.2  # after a start the scale shows nothing yet that a stop could be planned on


async def run_dose(
    plan: DosePlan,
    scale: Scale,
    dispenser: Dispenser,
    clock: Clock,
    sleep: Sleep,
    learned: Learned,
    on_sample: OnSample | None = None,
    cancel: asyncio.Event | None = None,
    scale_model: ScaleModel | None = None,
) -> DoseResult:
    """Dose `plan` and say what landed. Both devices are connected; nobody else talks to them meanwhile.

    `learned` is updated in place, from settled feeds only. Setting `cancel` stops the pump and ends with `stopped`;
    cancelling the task stops the pump too and raises. Device errors do not raise: they are the result's fault.
    """
    return await _Dose(
        plan, scale, dispenser, clock, sleep, learned, on_sample, cancel, scale_model or ScaleModel()
    ).run()


@dataclass(frozen=True, slots=True)
class _AtStop:
    """What the estimator thought when stop was sent: the mass without the tail, and the flow."""

    mass_mg: float
    flow_mg_s: float


@dataclass(frozen=True, slots=True)
class _Lesson:
    """One feed, to be learned from once it has settled. `swallowed`: a suck-back before it left the nozzle empty."""

    before_mg: float
    delivered_ul: int
    swallowed: bool
    at_stop: _AtStop | None


class _Dose:
    def __init__(
        self,
        plan: DosePlan,
        scale: Scale,
        dispenser: Dispenser,
        clock: Clock,
        sleep: Sleep,
        learned: Learned,
        on_sample: OnSample | None,
        cancel: asyncio.Event | None,
        model: ScaleModel,
    ) -> None:
        self._plan = plan
        self._dispenser = dispenser
        self._clock = clock
        self._learned = learned
        self._on_sample = on_sample
        self._model = model
        self._began = self._stopped_at = clock()
        self._controller = Controller(plan, learned)
        self._track = Track(self._began, max(model.quiet_mg, 0.1 * plan.tol_under_mg))
        self._estimator = Estimator(model, plan.gross_before_mg, self._began)
        self._phase, self._speed_bp = "waiting", 0
        self._first: Reading | None = None
        self._starts = 0
        self._pumped_ul = 0
        self._sucked_back = False
        self._lesson: _Lesson | None = None
        limits = Limits(
            max_gross_mg=plan.max_gross_mg,
            final_gross_mg=plan.gross_before_mg + plan.target_mg + max(3 * plan.tol_over_mg, 500),
            full_flow_mg_s=max(learned.flow_mg_s.mean, 1500.0),
            time_budget_s=plan.time_budget_s,
        )
        supervisor = Supervisor(limits, self._began)
        self._guard = Guard(scale, dispenser, plan.channel, supervisor, clock, sleep, self._take, cancel)

    async def run(self) -> DoseResult:
        guard, plan = self._guard, self._plan
        async with guard.watching():
            try:
                await self._check_cup()
                landed, more = 0, True
                while more:
                    more = await self._feed_until_enough(landed)
                    self._phase = "weighing"
                    final = await self._stable(since=self._stopped_at + plan.drip_window_s)
                    landed = (final.mass_mg or 0) - plan.gross_before_mg
                    self._learn(plan.gross_before_mg + landed)
                    outcome = judged(landed, plan.target_mg, plan.tol_under_mg, plan.tol_over_mg)
                    more = more and outcome is Outcome.SHORT
                return self._result(outcome, final)
            except Tripped:
                return await self._broken_off()

    # --- phases ---

    async def _check_cup(self) -> None:
        """The same cup at the recorded mass, or nothing moves."""
        self._first = await self._stable(since=0.0)
        mass = self._first.mass_mg
        if mass is None or abs(mass - self._plan.gross_before_mg) > self._plan.same_cup_mg:
            raise await self._break_off(Fault.CUP_CHANGED, f"recorded {self._plan.gross_before_mg} mg, now {mass} mg")

    async def _feed_until_enough(self, landed: float) -> bool:
        """False when no further start is allowed, whatever is still missing."""
        weak = 0
        while not self._controller.enough(landed):
            void = self._learned.void_mg.mean if self._sucked_back else 0.0
            feed = self._controller.next_feed(landed, self._plan.bound_ul - self._pumped_ul, void)
            if feed is None or self._starts >= _MOST_STARTS:
                return False
            before, landed = landed, await self._feed(feed, landed)
            expected = feed.bound_ul * self._learned.yield_mg_per_ul.mean - void
            weak = weak + 1 if not feed.measured and landed - before < 0.2 * expected - self._model.d_mg else 0
            if weak >= 2:
                raise await self._break_off(Fault.NOT_RISING, "two jogs in a row brought nothing")
        return True

    async def _feed(self, feed: Feed, landed: float) -> float:
        """One start, its stop, its settling. Returns the mass landed by this dose so far."""
        plan, channel = self._plan, self._plan.channel
        before = plan.gross_before_mg + landed
        self._learn(before)
        started = await self._start(feed)
        at_stop = None
        if feed.measured:
            at_stop = await self._stop_by_scale(started)
        else:
            await self._stop_by_bound(feed, started)
        swallowed, self._sucked_back = self._sucked_back, plan.sucks_back
        if plan.sucks_back:
            await self._device(self._dispenser.suck_back(channel, plan.suck_back_ms))
        settled = await self._settled()
        delivered = (await self._device(self._dispenser.status(channel))).delivered_ul
        self._pumped_ul += delivered
        self._lesson = _Lesson(before, delivered, swallowed, at_stop)
        return settled - plan.gross_before_mg

    async def _start(self, feed: Feed) -> float:
        guard = self._guard
        self._estimator = Estimator(self._model, self._track.last_mg, self._clock())
        self._phase, self._speed_bp = ("feed" if feed.measured else "jog"), feed.speed_bp
        self._starts += 1
        guard.moving = True  # before the frame goes out: from here on every way out of this dose stops the pump
        start = self._dispenser.start(self._plan.channel, feed.speed_bp, feed.bound_ul)
        guard.counter = (await self._device(start)).counter
        now = self._clock()
        flow = self._learned.flow_mg_s.mean * feed.speed_bp / FULL_BP
        guard.supervisor.pump(flow, now)
        self._estimator.commanded(now, flow)
        return now

    async def _stop_by_scale(self, started: float) -> _AtStop | None:
        guard, gross = self._guard, float(self._plan.gross_before_mg)
        while True:
            now = self._clock()
            if guard.status is not None and not guard.status.running:
                await self._stop()  # the bound was reached first: nothing to learn about the tail
                return None
            sighted = now - started > _SIGHTLESS_S
            stop_at = self._controller.stop_at(self._estimator, now, gross) if sighted else None
            guard.stop_due = stop_at
            if stop_at is not None and stop_at <= now:
                told = _AtStop(self._estimator.mass_mg(now), self._estimator.flow_mg_s)
                await self._stop()
                return told
            await guard.wait(now + 0.1 if stop_at is None else stop_at)

    async def _stop_by_bound(self, feed: Feed, started: float) -> None:
        slowest_ul_s = self._learned.flow_mg_s.low / self._learned.yield_mg_per_ul.high * feed.speed_bp / FULL_BP
        give_up = started + 2.0 + feed.bound_ul / slowest_ul_s
        while (await self._device(self._dispenser.status(self._plan.channel))).running and self._clock() < give_up:
            await self._guard.wait(self._clock() + 0.05)
        await self._stop()

    async def _stop(self) -> None:
        guard = self._guard
        await self._device(self._dispenser.stop(self._plan.channel))
        now = self._stopped_at = self._clock()
        guard.moving, guard.status, guard.counter, guard.stop_due = False, None, None, None
        guard.supervisor.pump(0.0, now)
        self._estimator.commanded(now, self._estimator.flow_mg_s)
        self._speed_bp, self._phase = 0, "settling"

    async def _settled(self) -> float:
        """Good enough to decide about the next start; never the result."""
        earliest = self._stopped_at + self._model.settle_s + self._model.transport_s
        give_up = self._stopped_at + _SETTLE_WITHIN_S
        while True:
            await self._guard.wait(give_up)
            now = self._clock()
            rest = self._track.resting_mg(now)
            if rest is not None and now >= earliest:
                return rest
            if now >= give_up:
                return float(self._track.last_mg)

    async def _stable(self, since: float) -> Reading:
        reading = await self._guard.stable(self._track, since, STABLE_WITHIN_S)
        if reading is None:
            raise await self._break_off(Fault.NOT_STABLE, f"no stable reading within {STABLE_WITHIN_S:g} s")
        return reading

    # --- around ---

    def _take(self, reading: Reading) -> None:
        t_ms = self._track.add(reading, self._speed_bp)
        mass = reading.mass_mg
        if mass is not None:
            self._estimator.sample(mass, reading.at)
        if self._on_sample is not None:
            landed = None if mass is None else mass - self._plan.gross_before_mg
            self._on_sample(Sample(t_ms, mass, landed, reading.stable, self._speed_bp, self._phase))

    def _learn(self, settled_mg: float) -> None:
        """What the last feed teaches, from the best reading of its outcome: the final one, if it was the last."""
        lesson, self._lesson, learned = self._lesson, None, self._learned
        if lesson is None or lesson.delivered_ul <= 0:
            return
        gained = settled_mg - lesson.before_mg
        if lesson.swallowed:
            learned.void_mg.observe(learned.yield_mg_per_ul.mean * lesson.delivered_ul - gained)
        elif gained > 50 * self._model.d_mg:
            learned.yield_mg_per_ul.observe(gained / lesson.delivered_ul)
        at_stop = lesson.at_stop
        if at_stop is not None and at_stop.flow_mg_s > learned.flow_mg_s.low:
            learned.tail_s.observe((settled_mg - at_stop.mass_mg) / at_stop.flow_mg_s)
            learned.flow_mg_s.observe(at_stop.flow_mg_s)

    async def _device(self, act: Awaitable[_T]) -> _T:
        """A request to the pump; its failure breaks the dose off."""
        try:
            return await act
        except (DeviceBusy, Rejected, NotConfirmed) as error:
            raise await self._break_off(Fault.PUMP_REFUSED, error.detail) from error
        except DeviceFault as error:
            empty = error.code == LINE_EMPTY
            raise await self._break_off(Fault.CONTAINER_EMPTY if empty else Fault.PUMP_FAULT, error.detail) from error
        except DeviceError as error:
            raise await self._break_off(Fault.PUMP_LOST, error.detail) from error

    async def _break_off(self, fault: Fault, detail: str) -> Tripped:
        self._guard.trip(fault, detail)
        await self._guard.halted()
        return Tripped()

    async def _broken_off(self) -> DoseResult:
        """The pump has been dealt with. Weigh what lies in the cup, if this fault leaves anything to weigh it with."""
        guard = self._guard
        self._speed_bp, self._phase, final = 0, "stopped", None
        if self._starts == 0 and guard.fault in _HANDS_ON_THE_CUP:
            guard.fault = Fault.CUP_CHANGED  # nothing was pumped: whatever came or went is not of this dose
        if guard.fault not in UNWEIGHABLE:
            since = self._clock() + self._plan.drip_window_s
            final = await guard.stable(self._track, since, STABLE_WITHIN_S)
        return self._result(Outcome.STOPPED if guard.fault is None else Outcome.FAULT, final)

    def _result(self, outcome: Outcome, final: Reading | None) -> DoseResult:
        guard, plan = self._guard, self._plan
        after = None if final is None else final.mass_mg
        last = final or guard.latest
        return DoseResult(
            outcome=outcome,
            fault=guard.fault,
            gross_before_mg=plan.gross_before_mg,
            gross_after_mg=after,
            landed_mg=None if after is None else after - plan.gross_before_mg,
            raw_first=b"" if self._first is None else self._first.raw,
            raw_last=b"" if last is None else last.raw,
            trace=self._track.trace,
            seconds=self._clock() - self._began,
            jogs=max(self._starts - 1, 0),
            pump_starts=self._starts,
            stop_confirmed=guard.stop_confirmed,
            detail=guard.detail,
        )
