"""A shop that outgrew one machine: the same life of a unit, the same log and the same projections on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store_service.evidence.merkle import leaf_hash, rebuild
from store_service.records.tables import entry, head
from store_service.upkeep import rebuild as replay
from tests.hub.postgres import running_server
from tests.shops import PrivateShop, private_shop


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """An empty database: the shop brings it to its schema by its own migrations."""
    with running_server(safe=False) as uri:
        yield uri.replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture(scope="module")
def shop(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("shop"), database=address) as private:
        yield private


def test_a_unit_lives_its_whole_life(shop: PrivateShop) -> None:
    unit_id = shop.released_unit()
    shop.hand_over(unit_id)
    assert shop.unit(unit_id).state == "handed_over"
    assert shop.unit(unit_id).released_idx is not None


def test_the_log_hashes_to_its_head(shop: PrivateShop) -> None:
    with shop.shop.desk.read() as connection:
        bodies = connection.execute(entry.select().order_by(entry.c.idx)).all()
        standing = connection.execute(head.select()).one()
    assert [row.idx for row in bodies] == list(range(standing.size))
    assert rebuild(leaf_hash(bytes(row.body)) for row in bodies).to_bytes() == bytes(standing.peaks)


def test_the_projections_agree_with_the_log(shop: PrivateShop, tmp_path: Path) -> None:
    found = replay(shop.shop.settings, tmp_path, check=True)
    assert found["entries"] > 50
    assert found["differs"] == []
