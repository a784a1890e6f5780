"""One shop with one released unit serves every test that does not change it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store_service.blending.queries import Unit
from tests.shops import PrivateShop, private_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@pytest.fixture(scope="module")
def unit(shop: PrivateShop) -> Unit:
    return shop.unit(shop.released_unit())
