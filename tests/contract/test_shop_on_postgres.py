"""A shop that outgrew one machine: the same life of a unit, the same log and the same projections on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from store_service.evidence.merkle import leaf_hash, rebuild
from store_service.inspections.queries import totals
from store_service.privacy.commands import RightsDesk
from store_service.privacy.retention import sweep
from store_service.reactions import queries, recalls
from store_service.reactions.commands import Reactions, Told
from store_service.records.tables import entry, head
from store_service.samples.queries import lot_balances
from store_service.trace.keeping import unit_until
from store_service.trace.queries import lot_notices, lots_in
from store_service.upkeep import rebuild as replay
from tests.hub.postgres import running_server
from tests.shops import OFFICER, PrivateShop, private_shop


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


def test_what_comes_after_the_sale_is_asked_there_too(shop: PrivateShop) -> None:
    desk, vault = shop.shop.desk, shop.shop.vault
    site, unit_id = desk.site_id, shop.released_unit("ENV-TONER")
    shop.hand_over(unit_id)
    cases = Reactions(desk, vault)
    case_id = cases.report("s-01", Told(("itch",)), unit_id=unit_id, channel="counter")
    cases.classify(OFFICER, case_id, "serious", "就医")
    with desk.read() as connection:
        product_id, lot_no = lots_in(connection, site, unit_id)[0]
    recall_id = recalls.draw_up(desk, OFFICER, product_id, lot_no, "异味", drill=False)
    hold = RightsDesk(desk, vault).hold(OFFICER, f"{product_id}/{lot_no}", "立案")
    late, visit = desk.now() + timedelta(days=400), shop.unit(unit_id).service_id
    sweep(desk, vault, shop.shop.counter.texts.purpose_of, late)
    assert ("answers", visit) in vault.there(), "the lot is held, and with it what was told for its units"
    with desk.read() as connection:
        params = desk.ruleset.fill(desk.ruleset.params("SH"))
        pointed = {one.envelope_id for one in queries.signals(connection, site, params, desk.now())}
        assert "ENV-TONER" in pointed and recalls.callees(connection, desk, vault, recall_id)
        assert any(one.dosed_mg for one in lot_balances(connection, site))
        assert any(one.sold for one in totals(connection, site, 2026))
        (told,) = lot_notices(connection, site, [(product_id, lot_no)])
        assert recall_id in str(told), "the recall holds its lot"
        assert unit_until(connection, site, unit_id) is not None
    RightsDesk(desk, vault).lift(OFFICER, hold, "结案", "s-01")
    sweep(desk, vault, shop.shop.counter.texts.purpose_of, late)
    assert ("answers", visit) not in vault.there()


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
