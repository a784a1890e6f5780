"""Bring a database to the current schema: Alembic, the same migrations on both engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from .engines import Database

HERE = Path(__file__).resolve().parent / "migrations"


def migrate(database: Database, renew: Callable[[Connection], None] | None = None) -> None:
    """Upgrade to the newest version and, where that moved a database that was there, `renew` its rows: in one
    transaction, so that a process killed on the way leaves the older database whole."""
    with database.write() as connection:
        before = _version(connection)
        command.upgrade(configuration(connection), "head")
        if renew is not None and before is not None and before != _version(connection):
            renew(connection)


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config
