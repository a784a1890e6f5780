"""What consumers ask for on a day: every kind of service, in an order and with shares that a seed decides."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from simulators.day.shelf import Order, Shelf

SMALL = 15_000
SMALLEST = 14_500
"""Stays a small pack of at most 15 g whatever is weighed within tolerance (R-LAB-04, 18)."""
MARGIN_BP = 100
"""A share at the very edge of its range could be pushed out of it by a dose that is within tolerance."""

KINDS = ("small", "decant", "lotion", "cream", "toner", "pair")


def visits(count: int, seed: int, shelf: Shelf, *, small: bool) -> Iterator[list[Order]]:
    """The units of each of `count` visits. The first six are one of each kind, in the order of KINDS."""
    random = Random(f"{seed}/orders")
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield [_varied(order, random, shelf) for order in _orders(kind, random, small=small)]


def _orders(kind: str, random: Random, *, small: bool) -> list[Order]:
    def of(envelope_id: str, fills: tuple[int, ...] = (30_000, 50_000)) -> Order:
        fill_mg = SMALL if small else random.choice(fills)
        return Order(envelope_id, fill_mg, f"PK-{fill_mg // 1000}")

    match kind:
        case "small":
            return [Order("ENV-LOTION", SMALLEST, "PK-15", stock="48x40")]
        case "decant":
            return [of("ENV-DECANT"), of("ENV-TONER", (SMALL, 30_000))]
        case "cream":
            return [of("ENV-CREAM")]
        case "toner":
            return [of("ENV-TONER")]
        case "pair":
            return [of("ENV-LOTION", (30_000,)), of("ENV-CREAM", (SMALL, 30_000))]
        case _:
            return [of("ENV-LOTION")]


def _varied(order: Order, random: Random, shelf: Shelf) -> Order:
    """Some consumers get the standard shares, others a little more of one component and less of another."""
    parts = shelf.envelopes[order.envelope_id]["components"]
    shares = shelf.shares(order)
    if len(parts) < 2 or random.random() < 0.4:
        return order
    giver, taker = random.sample(range(len(parts)), 2)
    room = min(
        shares[giver] - parts[giver]["min_bp"] - MARGIN_BP,
        parts[taker]["max_bp"] - shares[taker] - MARGIN_BP,
        300,
    )
    moved = random.randrange(0, room, 50) if room > 0 else 0
    shares[giver] -= moved
    shares[taker] += moved
    return Order(order.envelope_id, order.fill_mg, order.pack_sku, tuple(shares), order.stock)
