"""A shop for each module, a unit that somebody took home, and a shop without any case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.laws import all_hold
from tests.shops import PrivateShop, private_shop

from .told import home


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("reactions")) as opened:
        yield opened
        all_hold(opened.shop.desk)


@pytest.fixture(scope="module")
def at_home(shop: PrivateShop) -> str:
    """A unit of three sources that a consumer took home."""
    return home(shop, "ENV-LOTION")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """A shop without any case yet; the last test of a module that has it may turn the clock."""
    with private_shop(tmp_path_factory.mktemp("fresh")) as opened:
        yield opened
