"""A first dose on a channel that nobody knows, whatever the pump and the hose really do; and what a broken-off dose
teaches. Seeded, virtual time."""

from __future__ import annotations

import pytest

from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.lessons import Fed, believable, teach
from device_drivers.dosing.plan import DoseResult
from device_drivers.dosing.track import Track
from simulators.dosebench.cells import HELD_OUT, PRODUCTS, Cell, Variation
from simulators.dosebench.hurried import at_its_pace
from simulators.dosebench.plants import ReferencePlant
from simulators.dosebench.shipped import run_shipped
from tests.device_drivers.test_dose import FLOW, dose, plan

TONER, _, LOTION, CREAM = PRODUCTS
THREE_TIMES = Variation("plant x3 as fast", pace=3.0)


def variation(name: str) -> Variation:
    return next(one for one in (*HELD_OUT, THREE_TIMES) if one.name == name)


@pytest.mark.parametrize("doses", [3, pytest.param(10, marks=pytest.mark.soak)])
@pytest.mark.parametrize(
    ("name", "product", "target"),
    [
        ("flow x2", LOTION, 2_000),  # 190 mg over before
        ("flow x2", TONER, 1_500),
        ("flow x0.5", CREAM, 2_000),  # NOT_RISING, again and again
        ("plant x2 as fast", TONER, 1_500),  # 251 mg over
        ("plant x3 as fast", TONER, 2_000),  # OVER_LIMIT
        ("viscosity x2", CREAM, 2_000),  # 0.5 to 0.7 g off
        ("viscosity x2", CREAM, 10_000),
        ("density 1.2", LOTION, 10_000),
        ("filter 1 Hz", TONER, 2_000),
    ],
)
def test_a_first_dose_lands_whatever_the_pump_and_the_hose_do(name: str, product, target: int, doses: int) -> None:  # type: ignore[no-untyped-def]
    cell, said = Cell(product, target, suck_back=True, variation=variation(name)), []

    def on_result(number: int, result: DoseResult, truth_mg: float) -> None:
        said.append((result.fault, result.stop_confirmed))

    found = run_shipped(at_its_pace(ReferencePlant), cell, "first", doses, on_result)
    assert said == [(None, True)] * doses
    assert max(abs(one.error_mg) for one in found) <= 1.5 * cell.tol_mg


def test_on_a_channel_that_nobody_knows_no_feed_is_left_to_the_scale() -> None:
    _, stage = dose(plan(10_000))
    phases = [sample.phase for sample in stage.samples]
    first = phases[phases.index("jog") :]
    assert "feed" not in first[: first.index("weighing")], "by volume first, then weighed at rest"
    _, known = dose(plan(10_000), before=lambda s: teach_from(s, stage.learned))
    assert "jog" not in [s.phase for s in known.samples if s.speed_bp][:3]


def teach_from(stage, learned: Learned) -> None:  # type: ignore[no-untyped-def]
    for name in learned.__dataclass_fields__:
        setattr(stage.learned, name, getattr(learned, name))


def test_a_dose_that_the_clerk_broke_off_teaches_by_its_weighing() -> None:
    result, stage = dose(plan(10_000), at=lambda s: s.cancel.set(), after_s=2.5)
    assert result.fault is None and result.landed_mg is not None and result.landed_mg > 1_000
    learned = stage.learned
    assert (learned.yield_mg_per_ul.count, learned.lag_s.count) == (1, 1)
    assert learned.yield_mg_per_ul.mean == pytest.approx(1.0, abs=0.04)
    assert learned.lag_s.mean == pytest.approx(0.12, abs=0.1)
    assert stage.truth_mg < FLOW * 1.1 * 2.5


@pytest.mark.parametrize("fault", [Fault.CONTAINER_EMPTY, Fault.CUP_REMOVED, Fault.PUMP_FAULT])
def test_a_dose_that_cannot_be_believed_teaches_nothing(fault: Fault) -> None:
    act = {
        Fault.CONTAINER_EMPTY: lambda s: setattr(s.plant.channels[2].container, "mass_mg", 0.0),
        Fault.CUP_REMOVED: lambda s: s.plant.cup_off(),
        Fault.PUMP_FAULT: lambda s: s.plant.press_stop(True),
    }[fault]
    result, stage = dose(plan(10_000), at=act, after_s=2.5)
    assert result.fault is fault and stage.learned == Learned.fresh(1_020)


@pytest.mark.parametrize(
    ("delivered_ul", "landed_mg", "believed"),
    [(2_000, 1_960, True), (2_000, 1_650, True), (2_000, 600, False), (2_000, 3_500, False), (0, 500, False),
     (250, 240, False)],
)  # fmt: skip
def test_what_may_teach(delivered_ul: int, landed_mg: int, believed: bool) -> None:
    fed = [Fed(10_000, 20_000.0, delivered_ul, 1.0, 1.5, 0.0, None)]
    assert believable(Learned.fresh(1_000), fed, 20_000.0 + landed_mg) is believed


def test_a_flow_learned_anew_leaves_the_sum_that_jogs_lose() -> None:
    """At three times the clock a jog was believed to lose 55 mg more than had been seen: 49 mg over."""
    learned, sucked_s = Learned.fresh(1_000), 0.02
    learned.void_mg.observe(50.0)
    flow, void = learned.flow_mg_s.mean, learned.void_mg.mean
    fed = [Fed(10_000, 20_000.0, 2_000, 1.0, 1.2, 0.45, None)]
    teach(learned, fed, 21_950.0, sucked_s, Track(0.0, 30.0), ScaleModel())
    assert learned.flow_mg_s.mean > 1.3 * flow
    assert learned.void_mg.mean + sucked_s * learned.flow_mg_s.mean == pytest.approx(void + sucked_s * flow)
