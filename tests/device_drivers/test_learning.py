import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_drivers.dosing.faults import Fault
from device_drivers.dosing.learning import Learned, Quantity
from device_drivers.errors import DeviceError


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=40))
def test_whatever_is_observed_the_mean_stays_in_bounds(values: list[float]) -> None:
    learned = Learned.fresh(1_000)
    for value in values:
        learned.tail_s.observe(value)
    assert learned.tail_s.low <= learned.tail_s.mean <= learned.tail_s.high
    assert learned.tail_s.sd >= 0.0
    assert Learned.from_json(json.loads(json.dumps(learned.to_json()))) == learned


def test_an_outlier_is_refused_and_a_new_world_is_believed() -> None:
    quantity = Quantity(mean=0.2, sd=0.1, low=0.0, high=2.0, floor=0.01)
    for _ in range(10):
        assert quantity.observe(0.30)
    assert not quantity.observe(0.9)
    assert quantity.mean == pytest.approx(0.30, abs=0.02)
    assert quantity.observe(0.30)
    assert [quantity.observe(0.9) for _ in range(3)] == [False, False, True]
    assert quantity.mean == pytest.approx(0.9)


@pytest.mark.parametrize("mean", [-5.0, 50.0, float("nan")])
def test_stored_nonsense_is_not_loaded(mean: float) -> None:
    stored = Learned().to_json()
    stored["tail_s"]["mean"] = mean
    with pytest.raises(ValueError, match="tail_s"):
        Learned.from_json(stored)
    with pytest.raises(KeyError):
        Learned.from_json({})


def test_every_fault_and_error_has_words_for_the_clerk() -> None:
    words = [(f.words_zh, f.words_en) for f in Fault]
    words += [(e.words_zh, e.words_en) for e in DeviceError.__subclasses__()]
    for zh, en in words:
        assert zh.endswith("。") and not set(zh) & set(",;:?!()") and en.endswith((".", "?"))
    assert len({zh for zh, _ in words}) == len(words)
