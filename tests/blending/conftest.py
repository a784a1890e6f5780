from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.desks import Desked, desk
from tests.faults.laws import all_hold


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desked]:
    with desk(tmp_path_factory.mktemp("desk")) as made:
        yield made


@pytest.fixture
def at_desk(shared: Desked) -> Iterator[Desked]:
    """A shop with a free bench in memory; afterwards every law holds."""
    yield shared
    shared.private.bench.printer_fault = shared.private.bench.scale_fault = None
    for one in shared.kiosk.begun:
        shared.kiosk.clear(one)
    shared.kiosk.begun.clear()
    all_hold(shared.shop.desk)
