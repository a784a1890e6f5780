"""The contract suite runs on both engines: a file of SQLite and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store_service.database.engines import Database
from tests.hub.postgres import fresh_database, running_server
from tests.sync.world import sqlite_database


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_server(safe=False) as uri:
        yield uri


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Head office's database, empty, on either engine."""
    if request.param == "sqlite":
        found = sqlite_database(tmp_path / "hub.db")
    else:
        found = fresh_database(request.getfixturevalue("postgres_server"))
    yield found
    found.close()
