"""Every fault has words, can be switched on and off, and leaves the plant as it found it."""

from __future__ import annotations

import re

import pytest

from simulators.faults import FAULTS, FaultBoard
from simulators.plant import Plant


def board() -> tuple[Plant, FaultBoard]:
    plant = Plant(seed=1)
    plant.cup_on(18_000.0)
    plant.pour("toner", 500.0, 2000.0)
    plant.advance(4.0)
    return plant, FaultBoard(plant)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_on_and_off(fault: object) -> None:
    assert fault in FAULTS
    plant, faults = board()
    name, channel = fault.name, 2 if fault.per_channel else None
    faults.switch(name, True, channel)
    faults.switch(name, True, channel)
    assert faults.is_on(name)
    assert faults.active() == [(name, channel)]
    plant.advance(0.5)
    faults.switch(name, False, channel)
    assert not faults.is_on(name)
    assert plant.cup is not None
    assert plant.cup.content_mg == pytest.approx(500.0)
    assert [each.container.mass_mg for each in plant.channels.values()] == pytest.approx([400_000.0] * 3 + [399_500.0])
    assert not (plant.vibration or plant.stop_pressed or plant.bumping_since or plant.channels[2].stalled)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_words(fault: object) -> None:
    assert fault in FAULTS
    assert re.search(r"[\u4e00-\u9fff]", fault.zh)
    assert not re.search(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]", fault.zh)
    assert fault.en.isascii()


def test_names_are_unique_and_unknown_ones_are_refused() -> None:
    _, faults = board()
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    with pytest.raises(KeyError):
        faults.switch("nothing", True)
    with pytest.raises(ValueError):
        faults.switch("container_empty", True)
    with pytest.raises(ValueError):
        faults.switch("container_empty", True, 5)
    with pytest.raises(ValueError):
        faults.switch("scale_late", True, 1)


def test_clear_switches_everything_off() -> None:
    plant, faults = board()
    for fault in FAULTS:
        faults.switch(fault.name, True, 1 if fault.per_channel else None)
    faults.clear()
    assert faults.active() == []
    assert plant.cup is not None


def test_an_emptied_container_gives_nothing_and_a_bumped_cup_shakes() -> None:
    plant, faults = board()
    faults.switch("container_empty", True, 4)
    plant.start(4, 1000.0)
    plant.advance(5.0)
    assert plant.cup is not None and plant.cup.content_mg == pytest.approx(500.0)
    rest = plant.advance(1.0)[-1]
    faults.switch("cup_bumped", True)
    shaken = plant.advance(2.0)
    assert rest.stable
    assert not shaken[-1].stable
    assert max(sample.gross_mg for sample in shaken) - rest.gross_mg > 500


def test_a_lifted_cup_takes_its_weight_along() -> None:
    plant, faults = board()
    faults.switch("cup_removed", True)
    assert plant.cup is None
    assert abs(plant.advance(3.0)[-1].gross_mg) < 10
    faults.switch("cup_removed", False)
    assert abs(plant.advance(3.0)[-1].gross_mg - 18_500) < 10
