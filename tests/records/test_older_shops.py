"""A shop that is older than its program: the migrations change the tables, the log says what stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select

from store_service.blending import commands as blending
from store_service.database.migrate import HERE, configuration
from store_service.inspections import commands as inspections
from store_service.records.events.stock import ContainerQuarantined
from store_service.records.projection import PROJECTIONS
from store_service.records.projections.stock import BY_ITSELF
from store_service.rules.matters import Sending
from store_service.samples import commands as samples
from store_service.stock import commands as stock
from store_service.upkeep import SCRATCH, bring_up
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop

REVISIONS = [one.revision for one in ScriptDirectory(str(HERE)).walk_revisions()][1:]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """A shop with some of everything that a migration ever touched."""
    with private_shop(tmp_path_factory.mktemp("lived")) as shop:
        desk, day = shop.shop.desk, shop.shop.desk.now().date()
        shop.hand_over(shop.released_unit())
        samples.keep(desk, OFFICER, samples.NewSample(5_000, "柜", "C-110"))
        samples.keep(desk, OFFICER, samples.NewSample(5_000, "柜", "C-111"))
        stock.finish_container(desk, BLENDER.staff_id, "C-111", 44_000, discarded=False)
        stock.quarantine_container(desk, OFFICER.staff_id, "C-105", "异味")
        with desk.act(BY_ITSELF) as act:
            act.record(ContainerQuarantined(container_id="C-104", reason="R-ADM-23 deregistered"))
        inspections.send(desk, OFFICER, Sending("filer", personal=False, country="CN"), day, day, "0" * 64)
        thrown = shop.planned_unit("ENV-TONER")
        shop.cup_unit(thrown)
        shop.dosed_unit(thrown)
        blending.discard(desk, BLENDER, shop.bench, thrown, "spilt")
        yield shop


def rows_of(connection: Connection) -> dict[str, list[Any]]:
    tables = [one.table for one in PROJECTIONS]
    return {one.name: list(connection.execute(select(one).order_by(*one.primary_key.columns))) for one in tables}


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_older_shop_is_what_its_log_says(lived: PrivateShop, tmp_path: Path, revision: str) -> None:
    database = lived.shop.desk.ledger.database
    with database.read() as connection:
        before = rows_of(connection)
    assert {name for name, rows in before.items() if rows} >= {"unit", "flow", "scale_check", "sending", "sample"}
    with database.write() as connection:
        command.downgrade(configuration(connection), revision)
    bring_up(database, tmp_path)
    with database.read() as connection:
        assert rows_of(connection) == before
    assert not list(tmp_path.glob(f"{SCRATCH}*"))


def test_a_process_killed_on_the_way_leaves_the_older_shop_whole(lived: PrivateShop, tmp_path: Path) -> None:
    database = lived.shop.desk.ledger.database
    with database.read() as connection:
        before = rows_of(connection)
    with database.write() as connection:
        command.downgrade(configuration(connection), "0012")

    def killed(connection: Connection) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_up(database, tmp_path, also=killed)
    bring_up(database, tmp_path)
    with database.read() as connection:
        assert rows_of(connection) == before
