from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benches import Place, shop_on_bench

from .laws import all_hold


@pytest.fixture(scope="package")
def shared_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder: Path = tmp_path_factory.mktemp("bench")
    with shop_on_bench(folder, seed=11) as place:
        yield place


@pytest.fixture
def place(shared_place: Place) -> Iterator[Place]:
    """The shop on its bench, with an empty pan; afterwards no fault is on and every law holds."""
    yield shared_place
    shared_place.bench.do(lambda _: shared_place.bench.faults.clear())
    for one in shared_place.kiosk.begun:
        shared_place.kiosk.clear(one)
    shared_place.kiosk.begun.clear()
    all_hold(shared_place.opened.desk)
