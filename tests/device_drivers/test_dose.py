"""Doses in virtual time on the simulated plant: good ones, and everything that must stop the pump."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from device_drivers.dosing.dose import run_dose
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan, DoseResult, Outcome, Sample
from device_drivers.errors import LineLost
from device_drivers.reading import Reading, State
from simulators.dosebench.virtual import VirtualBench, VirtualPump, VirtualScale, clock, run_virtually
from simulators.plant import Plant
from simulators.plant.balance import ScaleSpec

TARE = 20_000
FLOW = 1_900.0  # of serum at full speed, mg/s


def plan(target: int = 8_000, **changes: float) -> DosePlan:
    tol = max(50, target // 100)
    base = DosePlan(2, target, tol, tol, target * 14 // 10 + 1_000, TARE, 1_020, 500_000, 60.0)
    return replace(base, **changes)  # type: ignore[arg-type]  # keywords of DosePlan


@dataclass
class Stage:
    """What a test may reach while a dose runs."""

    plant: Plant
    scale: VirtualScale
    pump: VirtualPump
    bench: VirtualBench
    cancel: asyncio.Event
    samples: list[Sample]
    learned: Learned
    truth_mg: float = 0.0


def dose(
    wanted: DosePlan | None = None,
    at: Callable[[Stage], None] | None = None,
    after_s: float = 3.5,
    tamper: Callable[[Stage, Reading], Reading | None] = lambda s, r: r,
    before: Callable[[Stage], None] = lambda s: None,
    seed: int = 1,
) -> tuple[DoseResult, Stage]:
    """One dose; `at` acts `after_s` seconds into it (the pump is started within the first second)."""

    async def main() -> tuple[DoseResult, Stage]:
        plant = Plant(seed=seed, scale=ScaleSpec(d_mg=10))
        bench, rng = VirtualBench(plant), random.Random(seed)
        stage: Stage
        scale = VirtualScale(bench, lambda reading: tamper(stage, reading))
        pump = VirtualPump(bench, lambda: rng.uniform(0.015, 0.045))
        stage = Stage(plant, scale, pump, bench, asyncio.Event(), [], Learned.fresh(1_020))
        cup = plant.cup_on(TARE)
        await pump.connect()
        await asyncio.sleep(2.5)
        bench.catch_up()
        before(stage)

        async def act() -> None:
            await asyncio.sleep(after_s)
            bench.catch_up()
            if at is not None:
                at(stage)

        acting = asyncio.create_task(act())
        result = await run_dose(
            wanted or plan(),
            scale,
            pump,
            clock,
            asyncio.sleep,
            stage.learned,
            on_sample=stage.samples.append,
            cancel=stage.cancel,
            scale_model=ScaleModel(d_mg=10),
        )
        acting.cancel()
        await asyncio.sleep(3.0)
        bench.catch_up()
        stage.truth_mg = cup.content_mg
        assert not any(channel.turning for channel in plant.channels.values())
        return result, stage

    return run_virtually(main)


@pytest.mark.parametrize("target", [500, 2_000, 10_000, 30_000])
def test_a_first_dose_lands_and_the_record_is_the_truth(target: int) -> None:
    result, stage = dose(plan(target))
    assert (result.outcome, result.fault, result.stop_confirmed) == (Outcome.DONE, None, True)
    assert result.landed_mg is not None and abs(result.landed_mg - stage.truth_mg) <= 40
    assert abs(stage.truth_mg - target) <= max(50, target // 100) + 40
    assert result.gross_after_mg == TARE + result.landed_mg
    assert result.pump_starts == stage.pump.starts == stage.plant.channels[2].dose_counter == result.jogs + 1
    assert result.raw_first.startswith(b"S S") and result.raw_last.startswith(b"S S")
    assert len(result.trace) == len(stage.samples) > 20
    assert {s.phase for s in stage.samples} >= {"waiting", "settling", "weighing"}


def test_a_first_dose_teaches_all_but_the_tail_for_no_full_feed_was_stopped_by_the_scale() -> None:
    _, stage = dose(plan(10_000))
    learned = stage.learned
    assert (learned.flow_mg_s.count, learned.lag_s.count, learned.yield_mg_per_ul.count) == (1, 1, 1)
    assert learned.tail_s.count == 0 and not learned.unknown
    assert stage.learned.flow_mg_s.mean == pytest.approx(FLOW, rel=0.15)
    again = Learned.from_json(stage.learned.to_json())
    assert again == stage.learned


def test_a_one_sided_limit_is_aimed_at_from_below() -> None:
    result, stage = dose(plan(2_000, tol_over_mg=0, tol_under_mg=100))
    assert result.outcome is Outcome.DONE
    assert 1_900 - 20 <= stage.truth_mg <= 2_000 + 20


def test_not_the_recorded_cup_moves_nothing() -> None:
    result, stage = dose(plan(gross_before_mg=TARE + 500))
    assert (result.fault, stage.pump.starts, result.landed_mg) == (Fault.CUP_CHANGED, 0, None)


def test_a_cup_taken_before_the_start_moves_nothing() -> None:
    result, stage = dose(at=lambda s: s.plant.cup_off(), after_s=0.05)
    assert (result.fault, stage.pump.starts) == (Fault.CUP_CHANGED, 0)


def from_then_on(change: Callable[[Reading], Reading | None]) -> Callable[[Stage, Reading], Reading | None]:
    began: list[float] = []

    def tamper(stage: Stage, reading: Reading) -> Reading | None:
        if not stage.pump.starts:
            return reading
        began.append(reading.at)
        return change(reading) if reading.at - began[0] > 1.5 else reading

    return tamper


def lose(reading: Reading) -> Reading | None:
    raise LineLost("unplugged")


def freezing() -> Callable[[Reading], Reading]:
    kept: list[Reading] = []

    def freeze(reading: Reading) -> Reading:
        kept.append(reading)
        return replace(kept[0], at=reading.at, seq=reading.seq)

    return freeze


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lose, Fault.SCALE_LOST),
        (lambda r: None, Fault.SCALE_STALE),
        (freezing(), Fault.SCALE_FROZEN),
        (lambda r: replace(r, mass_mg=None, state=State.BUSY), Fault.SCALE_STALE),
        (lambda r: replace(r, at=r.at + 60.0), Fault.SCALE_STALE),
        (lambda r: replace(r, at=1.0), Fault.SCALE_STALE),
        (lambda r: replace(r, mass_mg=None, state=State.OVERLOAD), Fault.OVERLOAD),
        (lambda r: replace(r, mass_mg=None, state=State.UNDERLOAD), Fault.UNDERLOAD),
        (lambda r: replace(r, mass_mg=None, state=State.ERROR), Fault.SCALE_FAULT),
        (lambda r: replace(r, mass_mg=None, state=State.WRONG_UNIT, unit="oz"), Fault.WRONG_UNIT),
    ],
)
def test_a_scale_that_cannot_be_trusted_stops_the_pump(
    change: Callable[[Reading], Reading | None], fault: Fault
) -> None:
    result, stage = dose(tamper=from_then_on(change))
    assert (result.outcome, result.fault, result.stop_confirmed) == (Outcome.FAULT, fault, True)
    assert result.landed_mg is None and result.gross_after_mg is None
    # 1.5 s of good stream, then at most 0.6 s until stale, the stop, and the tail.
    assert stage.truth_mg <= FLOW * 1.1 * (1.5 + 0.75 + 0.35)


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        (lambda s: s.plant.cup_off(), Fault.CUP_REMOVED),
        (lambda s: setattr(s.plant, "bumping_since", s.plant.now), Fault.DISTURBED),
        (lambda s: setattr(s.plant.channels[2].container, "mass_mg", 0.0), Fault.CONTAINER_EMPTY),
        (lambda s: setattr(s.plant.channels[2], "stalled", True), Fault.PUMP_FAULT),
        (lambda s: s.plant.press_stop(True), Fault.PUMP_FAULT),
    ],
)
def test_what_happens_at_the_bench_stops_the_pump(act: Callable[[Stage], None], fault: Fault) -> None:
    result, _ = dose(at=act, after_s=2.0)
    assert (result.outcome, result.fault, result.stop_confirmed) == (Outcome.FAULT, fault, True)


def test_an_empty_container_without_a_sensor_is_seen_by_the_scale() -> None:
    def dry(stage: Stage) -> None:
        stage.plant.channels[2].line_sensor = False
        stage.plant.channels[2].container.mass_mg = 0.0

    result, stage = dose(at=dry, after_s=2.0)
    assert result.fault is Fault.NOT_RISING
    assert result.landed_mg is not None and abs(result.landed_mg - stage.truth_mg) <= 40


def test_a_cut_pump_line_is_ended_by_the_device_and_the_result_says_so() -> None:
    result, stage = dose(at=lambda s: setattr(s.pump, "line_up", False), after_s=2.0)
    assert (result.fault, result.stop_confirmed) == (Fault.PUMP_LOST, False)
    assert "bounded_dose, watchdog" in result.detail
    assert stage.plant.watchdog_tripped
    assert result.landed_mg is not None and abs(result.landed_mg - stage.truth_mg) <= 40


def test_a_pump_line_that_comes_back_is_stopped_first() -> None:
    def cut(stage: Stage) -> None:
        stage.pump.line_up = False
        asyncio.get_running_loop().call_later(0.8, setattr, stage.pump, "line_up", True)

    result, stage = dose(at=cut, after_s=2.0)
    assert (result.fault, result.stop_confirmed, stage.pump.starts) == (Fault.PUMP_LOST, True, 1)


def test_the_time_budget_and_the_clerk_stop_it() -> None:
    result, _ = dose(plan(30_000, time_budget_s=4.0))
    assert result.fault is Fault.TIME_BUDGET and result.landed_mg is not None
    result, stage = dose(at=lambda s: s.cancel.set(), after_s=2.0)
    assert (result.outcome, result.fault) == (Outcome.STOPPED, None)
    assert result.landed_mg is not None and abs(result.landed_mg - stage.truth_mg) <= 40


def test_the_bound_of_the_plan_is_never_exceeded() -> None:
    result, stage = dose(plan(10_000, bound_ul=3_000))
    assert result.outcome is Outcome.SHORT
    assert stage.plant.channels[2].container.lost_mg <= 3_000 * 1.02 * 1.1


def test_cancelling_the_task_stops_the_pump() -> None:
    async def main() -> None:
        plant = Plant(seed=1, scale=ScaleSpec(d_mg=10))
        bench = VirtualBench(plant)
        pump = VirtualPump(bench)
        plant.cup_on(TARE)
        await asyncio.sleep(2.5)
        task = asyncio.create_task(
            run_dose(plan(), VirtualScale(bench), pump, clock, asyncio.sleep, Learned.fresh(1_020))
        )
        await asyncio.sleep(2.0)
        bench.catch_up()
        assert plant.channels[2].turning
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.2)
        bench.catch_up()
        assert not plant.channels[2].turning and not plant.watchdog_tripped

    run_virtually(main)


def test_a_gauge_that_fails_stops_the_pump() -> None:
    async def main() -> DoseResult:
        plant = Plant(seed=1, scale=ScaleSpec(d_mg=10))
        bench = VirtualBench(plant)
        plant.cup_on(TARE)
        await asyncio.sleep(2.5)

        def gauge(sample: Sample) -> None:
            if sample.speed_bp and sample.t_ms > 2_000:
                raise ZeroDivisionError("gauge")

        result = await run_dose(
            plan(), VirtualScale(bench), VirtualPump(bench), clock, asyncio.sleep, Learned.fresh(1_020), on_sample=gauge
        )
        await asyncio.sleep(0.2)
        bench.catch_up()
        assert not plant.channels[2].turning
        return result

    result = run_virtually(main)
    assert result.fault is Fault.INTERNAL and "gauge" in result.detail


@pytest.mark.parametrize(
    "changes",
    [{"target_mg": 0}, {"bound_ul": 0}, {"tol_under_mg": 0, "tol_over_mg": 0}, {"max_gross_mg": 25_000}],
)
def test_a_plan_that_contradicts_itself(changes: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        plan(**changes)
