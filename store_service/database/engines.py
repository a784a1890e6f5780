"""One writer, many readers, on SQLite or PostgreSQL, chosen by URL (traceability note §5.1, §5.2)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event, make_url

SAFE_SQLITE = (3, 51, 3)


class DatabaseUnusable(Exception):
    """The database cannot be opened safely; `zh` and `en` say what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


class Database:
    """`write()` is the only way in: one transaction at a time on SQLite (BEGIN IMMEDIATE). `read()` cannot write.

    Raises DatabaseUnusable when the library is older than 3.51.3 (WAL-reset bug) or another process holds the file.
    With `beside` it may be held: one that looks only, such as a check while the shop works.
    """

    def __init__(self, url: str, *, beside: bool = False) -> None:
        self._beside = beside
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        self._lock: int | None = None
        if self.dialect == "sqlite":
            self._open_sqlite()
        else:
            self.writer = create_engine(self.url, isolation_level="READ COMMITTED", pool_size=5)
            self.reader = create_engine(
                self.url, isolation_level="REPEATABLE READ", execution_options={"postgresql_readonly": True}
            )

    def _open_sqlite(self) -> None:
        if sqlite.sqlite_version_info < SAFE_SQLITE:
            raise DatabaseUnusable(
                f"SQLite {sqlite.sqlite_version} 有已知的数据损坏缺陷，请安装 3.51.3 或更高版本（pysqlite3）。",
                f"SQLite {sqlite.sqlite_version} has a known corruption bug; install 3.51.3 or later (pysqlite3).",
            )
        path = Path(str(self.url.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        if not self._beside:
            self._lock = _hold(path.with_name(path.name + ".lock"))
        self.writer = _sqlite_engine(self.url.render_as_string(False), writer=True)
        self.reader = _sqlite_engine(self.url.render_as_string(False), writer=False)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        if self._beside:
            raise DatabaseUnusable("这里只能查看，不能写入。", "This was opened to look only; nothing may be written.")
        with self.writer.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.reader.connect() as connection, connection.begin():
            yield connection

    def forget(self) -> None:
        """Empty the write-ahead log, where rows that were deleted still stand as they were. SQLite only."""
        connection = self.writer.raw_connection()
        try:
            connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # type: ignore[union-attr]  # it is connected
        finally:
            connection.close()

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _hold(lock: Path) -> int:
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise DatabaseUnusable(
            f"另一个程序正在使用数据库 {lock.stem}，请先关闭它。",
            f"Another process is using the database {lock.stem}; stop it first.",
        ) from None
    return handle


def _sqlite_engine(url: str, *, writer: bool) -> Engine:
    pool: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if writer else {"pool_size": 8, "max_overflow": 8}
    engine = create_engine(url, module=sqlite, connect_args={"check_same_thread": False, "timeout": 10}, **pool)

    @event.listens_for(engine, "connect")
    def _settle(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "mmap_size=0",
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "secure_delete=ON",
            *(() if writer else ("query_only=ON",)),
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine
