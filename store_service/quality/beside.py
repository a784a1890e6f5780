"""Read a shop's database beside the running shop: without its lock, and without any way to write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from store_service.settings import StoreSettings, database_url

SQLITE = "sqlite:///"


@contextmanager
def reading(settings: StoreSettings, data: Path) -> Iterator[Connection]:
    """One consistent view of the shop's database. Raises FileNotFoundError where no shop has been opened yet."""
    engine = _engine(database_url(settings.database, data))
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith(SQLITE):
        return create_engine(
            url, isolation_level="REPEATABLE READ", poolclass=NullPool, execution_options={"postgresql_readonly": True}
        )
    path = Path(url.removeprefix(SQLITE))
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: start the shop once, or name its folder with --data")
    place = f"file:{quote(str(path.resolve()))}?mode=ro"
    engine = create_engine(
        "sqlite://", module=sqlite, poolclass=NullPool, creator=lambda: sqlite.connect(place, uri=True, timeout=10)
    )

    @event.listens_for(engine, "connect")
    def _settle(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
