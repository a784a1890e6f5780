"""A private shop for each module, a person at its kiosk, and one at its officer's desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.laws import all_hold
from tests.shops import PrivateShop, private_shop

from .hand import Hand
from .office import Office


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("kiosk")) as opened:
        yield opened


@pytest.fixture
def hand(shop: PrivateShop) -> Hand:
    found = Hand(shop)
    found.sign_in()
    return found


@pytest.fixture(scope="module")
def office(shop: PrivateShop) -> Iterator[Office]:
    """The officer's desk, after a unit was taken home; in the end every law holds."""
    shop.hand_over(shop.released_unit())
    yield Office(shop)
    all_hold(shop.shop.desk)
