"""What consumers ask for: every kind, the same for a seed, and always something that the envelope allows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from simulators.day.orders import KINDS, MARGIN_BP, visits
from simulators.day.shelf import Shelf

SHELF = Shelf.read(Path(__file__).parents[2] / "config" / "demo")
seeds = st.integers(0, 2**32)


@given(seed=seeds, small=st.booleans())
def test_every_order_lies_inside_its_envelope(seed: int, small: bool) -> None:
    for orders in visits(12, seed, SHELF, small=small):
        for order in orders:
            envelope, pack = SHELF.envelopes[order.envelope_id], SHELF.packs[order.pack_sku]
            shares = SHELF.shares(order)
            assert sum(shares) == 10_000
            assert order.fill_mg in envelope["fills_mg"] and order.pack_sku in envelope["packs"]
            assert order.fill_mg <= pack["capacity_mg"]
            for share, default, part in zip(shares, envelope["default_bp"], envelope["components"], strict=True):
                low, high = part["min_bp"], part["max_bp"]
                assert share == default or low + MARGIN_BP <= share <= high - MARGIN_BP


@given(seed=seeds)
def test_a_seed_is_a_day(seed: int) -> None:
    assert list(visits(8, seed, SHELF, small=False)) == list(visits(8, seed, SHELF, small=False))


@given(seed=seeds, small=st.booleans())
def test_six_visits_are_one_of_each_kind(seed: int, small: bool) -> None:
    found = list(visits(len(KINDS), seed, SHELF, small=small))
    assert [len(orders) for orders in found] == [1, 2, 1, 1, 1, 2]
    assert {order.envelope_id for orders in found for order in orders} == set(SHELF.envelopes)
    assert found[0][0].stock == "48x40" and found[0][0].fill_mg == 14_500
    assert "ENV-DECANT" in {order.envelope_id for order in found[1]}


@given(seed=seeds)
def test_a_decant_never_comes_alone(seed: int) -> None:
    """A service counts two or more filed products (R-SCP-06)."""
    for orders in visits(18, seed, SHELF, small=False):
        products = {product for order in orders for product in SHELF.products(order)}
        assert len(products) >= 2


def test_a_delivery_lacks_exactly_what_was_left_out() -> None:
    row = SHELF.delivery("SRC-OILCTL", "supplier_contact", date(2026, 11, 22))
    assert [key for key, value in row["fields"].items() if not value] == ["supplier_contact"]
    assert row["expiry"] == row["fields"]["use_period"] == "2028-05-15"
