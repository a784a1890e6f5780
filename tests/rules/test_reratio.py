from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from store_service.rules.amounts import WHOLE_BP, targets
from store_service.rules.reratio import Part, band, dose_order, reratio

BASE = Part(target_mg=24_000, min_bp=6_000, max_bp=9_000)
SERUM = Part(target_mg=4_500, min_bp=500, max_bp=2_500)
ACTIVE = Part(target_mg=1_500, min_bp=100, max_bp=600, active=True)


def landed(part: Part, mg: int) -> Part:
    return Part(part.target_mg, part.min_bp, part.max_bp, mg, part.active)


@st.composite
def units(draw: st.DrawFn, largest: int = 200_000) -> list[Part]:
    """A unit inside its envelope, some of its parts dosed more or less well."""
    weights = draw(st.lists(st.integers(1, 100), min_size=1, max_size=5))
    fill = draw(st.integers(1, largest))
    parts = []
    for target in targets(fill, _bp(weights)):
        share = target * WHOLE_BP // fill
        low = draw(st.integers(0, share))
        high = draw(st.integers(min(-(-target * WHOLE_BP // fill), WHOLE_BP), WHOLE_BP))
        mass = draw(st.none() | st.integers(0, 2 * target + 50))
        parts.append(Part(target, low, high, mass, draw(st.booleans())))
    return parts


def _bp(weights: list[int]) -> list[int]:
    shares = [weight * WHOLE_BP // sum(weights) for weight in weights]
    shares[0] += WHOLE_BP - sum(shares)
    return shares


def inside(parts: list[Part], masses: tuple[int, ...]) -> bool:
    fill = sum(masses)
    return all(
        part.min_bp * fill <= mass * WHOLE_BP <= part.max_bp * fill for part, mass in zip(parts, masses, strict=True)
    )


@given(units(), st.integers(0, 50_000))
def test_a_proposal_lies_inside_the_envelope_and_moves_nothing_that_has_landed(parts: list[Part], room: int) -> None:
    planned = sum(part.target_mg for part in parts)
    found = reratio(parts, planned + room)
    if found is None:
        return
    assert inside(parts, found) and planned <= sum(found) <= planned + room
    assert all(part.landed_mg in (None, mass) for part, mass in zip(parts, found, strict=True))


@given(units())
def test_nothing_off_target_changes_nothing(parts: list[Part]) -> None:
    good = [landed(part, part.target_mg) if part.landed_mg is not None else part for part in parts]
    assert reratio(good, 10**9) == tuple(part.target_mg for part in parts)


@given(units(largest=30), st.integers(0, 12))
def test_none_means_that_there_is_none(parts: list[Part], room: int) -> None:
    """Against every possibility, in milligrams: the fill found is the smallest, and a refusal is a true one."""
    if len(parts) > 3:
        return
    planned = sum(part.target_mg for part in parts)
    choices = [range(planned + room + 1) if one.landed_mg is None else [one.landed_mg] for one in parts]
    fills = [sum(m) for m in product(*choices) if planned <= sum(m) <= planned + room and inside(parts, m)]
    found = reratio(parts, planned + room)
    assert (None if found is None else sum(found)) == min(fills, default=None)


def test_the_base_makes_up_for_an_over_dose() -> None:
    assert reratio([landed(ACTIVE, 1_560), SERUM, BASE], 40_000) == (1_560, 4_491, 23_949)
    assert reratio([landed(ACTIVE, 1_560), landed(SERUM, 4_500), BASE], 40_000) == (1_560, 4_500, 23_940)


def test_an_over_dose_beyond_its_limit_needs_a_larger_fill_or_a_deviation() -> None:
    parts = [landed(ACTIVE, 1_920), SERUM, BASE]
    found = reratio(parts, 40_000)
    assert found is not None and sum(found) == 32_000 and found[0] == 1_920
    assert reratio(parts, 31_999) is None


def test_actives_first_and_the_base_last() -> None:
    assert dose_order([BASE, SERUM, ACTIVE]) == (2, 1, 0)
    assert dose_order([SERUM, SERUM]) == (0, 1)


@example(1, 50)
@given(st.integers(1, 10**6), st.integers(1, 10**4))
def test_an_active_never_goes_over(target: int, tolerance: int) -> None:
    assert band(target, tolerance, active=False)[1] == tolerance
    under, over = band(target, tolerance, active=True)
    assert over == 0 and 0 <= under < target


@pytest.mark.parametrize("part", [Part(-1, 0, 10), Part(1, 20, 10), Part(1, 0, 10_001), Part(1, 0, 10, -5)])
def test_nonsense(part: Part) -> None:
    with pytest.raises(ValueError, match="shares"):
        reratio([part], 100)
