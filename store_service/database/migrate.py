"""Bring a database to the current schema: Alembic, the same migrations on both engines."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from .engines import Database

HERE = Path(__file__).resolve().parent / "migrations"


def migrate(database: Database) -> None:
    """Upgrade to the newest version, in one transaction."""
    with database.write() as connection:
        command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config
