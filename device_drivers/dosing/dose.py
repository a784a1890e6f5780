"""One pumped dose from the recorded cup to the weighed result.

Runs in real time and in virtual time: the clock and `sleep` are given, everything else is awaited. While the pump may
move, `guard.Guard` watches from its own tasks and stops it.
"""

from __future__ import annotations

import asyncio

from device_drivers.dispensers.base import Dispenser
from device_drivers.dosing.breaking import ANSWER_S, Breaking
from device_drivers.dosing.controller import FULL_BP, SLOW_BP, Controller, Feed
from device_drivers.dosing.estimator import Estimator, ScaleModel
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.guard import Clock, Guard, Sleep, Tripped
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.lessons import AtStop, Fed
from device_drivers.dosing.limits import limits_of
from device_drivers.dosing.plan import DosePlan, DoseResult, OnSample, Outcome, Sample, judged
from device_drivers.dosing.pupil import Feeding, Pupil
from device_drivers.dosing.results import result_of
from device_drivers.dosing.supervisor import Supervisor
from device_drivers.dosing.track import Track
from device_drivers.reading import Reading
from device_drivers.scales.base import Scale

_MOST_STARTS = 9
_WEAK, _WEAK_UNKNOWN = 1, 2  # jogs in a row that may bring nothing; what an unknown hose swallows is a wide guess
_SETTLE_WITHIN_S = 4.0
_SIGHTLESS_S = 0.2  # after a start the scale shows nothing yet that a stop could be planned on
_WIDE = 8.0  # a band of so many times the scale's noise needs no third reading of the empty cup


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
        self._on_sample = on_sample
        self._model = model
        self._began = self._stopped_at = clock()
        self._controller = Controller(plan, learned)
        self._track = Track(self._began, max(model.quiet_mg, 0.1 * plan.tol_under_mg))
        self._empty_mg = float(plan.gross_before_mg)
        self._estimator = Estimator(model, self._empty_mg, model.noise_mg, self._began, learned.lag_s.mean)
        self._phase, self._speed_bp = "waiting", 0
        self._first: Reading | None = None
        self._starts = 0
        self._pumped_ul = 0
        self._pupil = Pupil(learned, plan.suck_back_ms / 1000.0, self._track, model)
        self._feeding: Feeding | None = None
        supervisor = Supervisor(limits_of(plan, learned), self._began)
        self._guard = Guard(scale, dispenser, plan.channel, supervisor, clock, sleep, self._take, cancel)
        self._breaking = Breaking(self._guard, self._track, clock)

    async def run(self) -> DoseResult:
        guard, plan = self._guard, self._plan
        async with guard.watching():
            try:
                await self._check_cup()
                landed, more = 0, True
                while more:
                    more = await self._feed_until_enough(landed)
                    self._phase = "weighing"
                    final = await self._breaking.stable(since=self._stopped_at + plan.drips_s)
                    landed = (final.mass_mg or 0) - plan.gross_before_mg
                    outcome = judged(landed, plan.target_mg, plan.tol_under_mg, plan.tol_over_mg)
                    more = more and outcome is Outcome.SHORT
                self._pupil.ended(plan.gross_before_mg + landed)
                return self._result(outcome, final)
            except Tripped:
                return await self._broken_off()

    # --- phases ---

    async def _check_cup(self) -> None:
        """The same cup at the recorded mass, or nothing moves."""
        wide = self._controller.half_mg > _WIDE * self._model.noise_mg
        self._first = await self._breaking.stable(0.0, agreeing=2 if wide else 3)  # the recorded mass agrees as well
        mass, recorded = self._first.mass_mg, self._plan.gross_before_mg
        if mass is None or abs(mass - recorded) > self._plan.same_cup_mg:
            raise await self._breaking.off(Fault.CUP_CHANGED, f"recorded {recorded} mg, now {mass} mg")

    async def _feed_until_enough(self, landed: float) -> bool:
        """False when no further start is allowed, whatever is still missing."""
        weak = 0
        while not self._controller.enough(landed):
            left_ul = self._plan.bound_ul - self._pumped_ul
            feed = self._controller.next_feed(landed, left_ul, first=self._starts == 0)
            if feed is None or self._starts >= _MOST_STARTS:
                return False
            before, landed = landed, await self._feed(feed, landed)
            if not feed.measured:
                missing = self._controller.gave(feed, landed - before, first=self._starts == 1)
                weak = weak + 1 if missing > 0.8 * feed.expected_mg + self._model.d_mg else 0
                if weak > (_WEAK_UNKNOWN if self._pupil.believed.unknown else _WEAK):
                    raise await self._breaking.off(Fault.NOT_RISING, f"{weak} jogs in a row brought nothing")
        return True

    async def _feed(self, feed: Feed, landed: float) -> float:
        """One start, its stop, its settling. Returns the mass landed by this dose so far."""
        plan, channel = self._plan, self._plan.channel
        self._feeding = Feeding(feed.speed_bp, self._empty_mg + landed, self._clock())
        started = await self._start(feed)
        rest = self._track.resting_mg(started, least=2) if self._starts == 1 else None
        if rest is not None:
            self._empty_mg = (plan.gross_before_mg + rest) / 2.0  # the recorded reading has noise of its own
        before = self._empty_mg + landed
        self._feeding = Feeding(feed.speed_bp, before, started, self._guard.counter)
        at_stop, ran_s = None, 0.0
        if feed.measured:
            at_stop = await self._stop_by_scale(started)
        else:
            ran_s = await self._stop_by_bound(feed, started)
        if plan.suck_back_ms > 0:
            await self._breaking.device(self._dispenser.suck_back(channel, plan.suck_back_ms))
            self._estimator.sucked_back(self._clock(), plan.suck_back_ms / 1000.0)
        delivered = (await self._breaking.device(self._dispenser.status(channel))).delivered_ul
        settled = await (self._at_rest() if self._pupil.believed.unknown else self._settled())
        self._pumped_ul += delivered
        known = feed.measured or not self._pupil.believed.unknown
        turned_at = self._estimator.turned_at_s(started) if known else started + ran_s / 2.0
        self._pupil.fed(Fed(feed.speed_bp, before, delivered, started, turned_at, ran_s, at_stop), settled)
        self._feeding = None
        self._controller.believe(self._pupil.believed)
        return settled - self._empty_mg

    async def _start(self, feed: Feed) -> float:
        guard, learned = self._guard, self._pupil.believed
        rest = self._track.resting_mg(self._clock())
        if rest is not None:
            self._estimator = Estimator(
                self._model, rest, self._model.noise_mg / 2.0, self._track.last_at, learned.lag_s.mean
            )
        self._phase, self._speed_bp = ("feed" if feed.measured else "jog"), feed.speed_bp
        self._starts += 1
        guard.moving = True  # before the frame goes out: from here on every way out of this dose stops the pump
        start = self._dispenser.start(self._plan.channel, feed.speed_bp, feed.bound_ul)
        guard.started((await self._breaking.device(start)).counter)
        now = self._clock()
        flow, speed = learned.flow_mg_s.mean, feed.speed_bp / FULL_BP
        guard.supervisor.pump(flow * speed, now)
        began = now - ANSWER_S
        per_ul = learned.yield_mg_per_ul
        flow_sd = learned.flow_mg_s.sd if feed.measured else flow * per_ul.sd / per_ul.mean
        self._estimator.started(began, flow, max(flow_sd, 0.015 * flow), speed, learned.void_mg.sd)
        if not feed.measured:
            self._estimator.ends_after(feed.bound_ul * per_ul.mean / flow)
        return began

    async def _stop_by_scale(self, started: float) -> AtStop | None:
        guard, controller, estimator = self._guard, self._controller, self._estimator
        slow = controller.slows_down
        while True:
            now = self._clock()
            if guard.status is not None and not guard.status.running:
                await self._stop()  # the bound was reached first: nothing to learn about the tail
                return None
            due = None
            if now - started > _SIGHTLESS_S:
                due = controller.stop_at(estimator, now, self._empty_mg, self._speed_bp)
                if slow and due is not None and due > now:
                    due = controller.slow_at(estimator, now, self._empty_mg)
                else:
                    slow = False
            guard.stop_due = due
            if due is None or due > now:
                await guard.wait(now + 0.1 if due is None else due)
            elif slow:
                slow = False
                await self._slow_down()
            else:
                told = AtStop.of(estimator, now, self._speed_bp)
                await self._stop()
                return told

    async def _slow_down(self) -> None:
        await self._breaking.device(self._dispenser.set_speed(self._plan.channel, SLOW_BP))
        now, share = self._clock(), SLOW_BP / FULL_BP
        self._guard.supervisor.pump(self._pupil.believed.flow_mg_s.mean * share, now)
        self._estimator.turns(now, share)
        self._speed_bp = SLOW_BP

    async def _stop_by_bound(self, feed: Feed, started: float) -> float:
        """Returns for how long the pump was seen to run."""
        learned = self._pupil.believed
        slowest_ul_s = learned.flow_mg_s.low / learned.yield_mg_per_ul.high * feed.speed_bp / FULL_BP
        give_up = started + 2.0 + feed.bound_ul / slowest_ul_s
        seen = self._clock()
        while (status := await self._breaking.device(self._dispenser.status(self._plan.channel))).running:
            seen = self._clock()
            if seen >= give_up:
                break
            await self._guard.wait(seen + 0.05)
        ended = (seen + self._clock()) / 2.0
        self._guard.look(status)  # a bound that was reached and a fault both stand still
        if self._guard.tripped:
            await self._guard.wait()
        await self._stop()
        if not status.running:
            self._stopped_at = ended  # the stop was sent to be safe; the motor has stood since then
        return ended - started

    async def _stop(self) -> None:
        guard, sent = self._guard, self._clock()
        await self._breaking.device(self._dispenser.stop(self._plan.channel))
        now = self._clock()
        self._stopped_at = (sent + now) / 2.0
        guard.moving, guard.status, guard.counter, guard.stop_due = False, None, None, None
        guard.supervisor.pump(0.0, now)
        self._estimator.stopped(self._stopped_at)
        self._speed_bp, self._phase = 0, "settling"

    async def _settled(self) -> float:
        """Good enough to decide about the next start; never the result."""
        lag = self._pupil.believed.lag_s
        earliest = self._stopped_at + self._model.settle_s + self._model.transport_s + lag.mean + lag.sd
        give_up = self._stopped_at + _SETTLE_WITHIN_S
        while True:
            await self._guard.wait(give_up)
            now = self._clock()
            if now >= give_up or (now >= earliest and self._controller.sure(self._estimator, now)):
                return self._estimator.pumped_mg(now)

    async def _at_rest(self) -> float:
        """The same for a channel whose hose nobody knows: by the scale's own stable flag, after a drop could fall."""
        drips_s = self._plan.drip_window_s if self._plan.suck_back_ms == 0 else 0.0
        earliest = self._stopped_at + max(self._model.settle_s + self._model.transport_s, drips_s)
        while self._clock() < earliest:
            await self._guard.wait(earliest)
        self._phase = "weighing"
        reading = await self._breaking.stable(since=earliest)
        rest = self._track.resting_mg(reading.at)
        return float(reading.mass_mg or 0) if rest is None else rest

    # --- around ---

    def _take(self, reading: Reading) -> None:
        t_ms = self._track.add(reading, self._speed_bp)
        mass = reading.mass_mg
        if mass is not None:
            self._estimator.sample(mass, reading.at)
        if self._on_sample is not None:
            landed = None if mass is None else mass - self._plan.gross_before_mg
            self._on_sample(Sample(t_ms, mass, landed, reading.stable, self._speed_bp, self._phase))

    async def _broken_off(self) -> DoseResult:
        """The pump has been dealt with."""
        guard, plan, halted_at = self._guard, self._plan, self._clock()
        self._speed_bp, self._phase = 0, "stopped"
        final = await self._breaking.weighed(plan.drip_window_s, pumped=self._starts > 0)
        ended = self._stopped_at if guard.counter is None else halted_at - ANSWER_S
        await self._breaking.taught(self._pupil, final, self._feeding, self._dispenser, plan.channel, ended)
        return self._result(Outcome.STOPPED if guard.fault is None else Outcome.FAULT, final)

    def _result(self, outcome: Outcome, final: Reading | None) -> DoseResult:
        seconds = self._clock() - self._began
        return result_of(self._plan, outcome, self._guard, self._track, self._first, final, seconds, self._starts)
