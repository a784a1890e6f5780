from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_drivers.reading import Reading, State, mass_mg


@settings(deadline=None)
@given(st.integers(-999_999_999, 999_999_999))
def test_grams_with_three_decimals_are_exact(mg: int) -> None:
    assert mass_mg(f"{Decimal(mg) / 1000:.3f}", "g") == mg
    assert mass_mg(str(mg), "mg") == mg
    assert mass_mg(f"{Decimal(mg) / 1_000_000:.6f}", "kg") == mg


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(0, 9))
def test_finer_than_a_milligram_is_rounded_half_even(mg: int, tenth: int) -> None:
    text = f"{mg // 1000 if mg >= 0 else -(-mg // 1000)}"
    exact = Decimal(mg * 10 + tenth) / 10
    rounded = mass_mg(f"{exact / 1000:.4f}", "g")
    assert text and rounded is not None and abs(rounded - exact) <= Decimal("0.5")
    assert tenth != 5 or rounded % 2 == 0


def test_other_units_are_no_mass() -> None:
    assert [mass_mg("1.00", unit) for unit in ("oz", "lb", "", "PCS", "G", "g ")] == [None] * 6


@pytest.mark.parametrize("text", ["", " 1", "1e3", "NaN", "Infinity", "1,5", "1.2.3", "--1", "1_0", "１"])
def test_only_plain_decimals(text: str) -> None:
    with pytest.raises(ValueError, match="not a mass"):
        mass_mg(text, "g")


@pytest.mark.parametrize("state", list(State))
def test_a_reading_carries_a_mass_exactly_when_it_is_valid(state: State) -> None:
    valid = state in (State.STABLE, State.MOVING)
    Reading(1 if valid else None, state, "g", "gross", 0.0, 1, b"")
    with pytest.raises(ValueError, match=state.value):
        Reading(None if valid else 0, state, "g", "gross", 0.0, 1, b"")
