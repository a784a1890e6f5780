"""The estimator against the simulators' plant: what it thinks is there is there, within what it says it may be off."""

from __future__ import annotations

import pytest

from device_drivers.dosing.estimator import Estimator, ScaleModel
from simulators.dosebench.cells import PRODUCTS, Cell
from simulators.dosebench.doses import empty_gross
from simulators.dosebench.plants import ReferencePlant

MODEL = ScaleModel()


def running(name: str, seconds: float, believed: float = 1_600.0) -> tuple[ReferencePlant, Estimator, float]:
    """A pump at full speed for so long, and an estimator that was told so; the flow is believed to be another."""
    product = next(one for one in PRODUCTS if one.name == name)
    plant = ReferencePlant(Cell(product, 30_000, suck_back=True))
    plant.next_dose(f"{name} {seconds}", 0.0)
    empty = empty_gross(plant, "luck")
    estimator = Estimator(MODEL, empty, 4.0, plant.now, product.tau_s)
    plant.set_speed(1, 1.0)
    plant.start(1, 1e9)
    estimator.started(plant.now, believed, 500.0, 1.0, 5.0)
    until = plant.now + seconds
    while plant.now < until:
        for sample in plant.advance(plant.next_sample_at - plant.now):
            estimator.sample(sample.gross_mg, sample.available)
    return plant, estimator, plant.cup.tare_mg if plant.cup else 0.0


def pumped_mg(plant: ReferencePlant, tare: float) -> float:
    return tare + plant.landed_mg + plant.in_air_mg + plant.channels[1].hose_mg


@pytest.mark.parametrize("name", ["toner", "serum", "lotion", "cream"])
@pytest.mark.parametrize("seconds", [2.0, 6.0])
def test_what_is_pumped_is_known_through_hose_fall_and_filter(name: str, seconds: float) -> None:
    plant, estimator, tare = running(name, seconds)
    off = estimator.pumped_mg(plant.now) - pumped_mg(plant, tare)
    assert abs(off) <= 4.0 * estimator.pumped_sd_mg(plant.now) + 20.0
    assert estimator.full_flow_mg_s == pytest.approx(plant.channels[1].product.flow_mg_s, rel=0.08)


def test_the_stop_that_it_plans_lands_the_mass() -> None:
    plant, estimator, tare = running("serum", 4.0)
    wanted = tare + 9_500.0
    at = estimator.when(wanted, 0.05)  # the motor's ramp pumps another half of 0.1 s
    assert at is not None
    plant.advance(at - plant.now)
    plant.stop(1)
    plant.advance(3.0)
    assert tare + plant.landed_mg == pytest.approx(wanted, abs=45.0)


def test_the_tail_in_the_hose_is_foreseen() -> None:
    plant, estimator, tare = running("cream", 4.0)
    plant.stop(1)
    estimator.stopped(plant.now)
    for _ in range(6):
        for sample in plant.advance(plant.next_sample_at - plant.now):
            estimator.sample(sample.gross_mg, sample.available)
    foreseen, on_the_pan = estimator.pumped_mg(plant.now), tare + plant.landed_mg
    plant.keep_drop()
    plant.advance(6.0)
    assert tare + plant.landed_mg - on_the_pan > 150.0
    assert foreseen == pytest.approx(tare + plant.landed_mg, abs=40.0)


def test_what_does_not_fit_makes_it_doubt() -> None:
    estimator = Estimator(MODEL, 20_000.0, 4.0, 0.0)
    for tick in range(1, 10):
        estimator.sample(20_000.0, tick / 10)
    sure = estimator.pumped_sd_mg(1.0)
    estimator.sample(20_150.0, 1.0)
    assert sure < 5.0 and estimator.pumped_sd_mg(1.0) > 8.0 * sure


def test_without_a_flow_no_stop_is_planned() -> None:
    assert Estimator(MODEL, 20_000.0, 4.0, 0.0).when(21_000.0, 0.0) is None
