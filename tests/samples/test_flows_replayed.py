"""A shop that is older than the mass balance: the migration counts what its log already tells."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import select

from store_service.database.migrate import configuration, migrate
from store_service.records.projections.after import flow
from tests.shops import private_shop


def test_the_migration_counts_what_the_log_tells(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        shop.released_unit("ENV-TONER")
        database = shop.shop.desk.ledger.database
        query = select(flow).order_by(flow.c.id)
        with database.read() as connection:
            before = connection.execute(query).all()
        assert sum(row.dosed_mg for row in before) > 29_000
        with database.write() as connection:
            command.downgrade(configuration(connection), "0001")
        migrate(database)
        with database.read() as connection:
            assert connection.execute(query).all() == before
