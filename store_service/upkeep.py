"""Looking after the record: replay it, copy it, put it back."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Table, select

from store_service.database.engines import Database
from store_service.database.migrate import migrate
from store_service.records import events, projections
from store_service.records.ledger import events_of
from store_service.records.projection import PROJECTIONS, project
from store_service.records.tables import head
from store_service.settings import StoreSettings, database_url

BATCH = 500
_filled = (events, projections)  # without them nothing would be replayed and everything would agree
SCRATCH = "rebuild.db"
VAULT = Path("privacy") / "vault.db"
RESTORED = "restored"
"""A file in the data folder: the record came out of a backup and was not compared with head office yet."""


def bring_up(database: Database, data: Path, also: Callable[[Connection], None] | None = None) -> None:
    """Bring a database to the current schema. A migration changes tables, never rows: what stands in them is replayed
    from every log that is written here whenever a database moved (decision 0003), so an older shop is what its log
    says; `also` does so for the logs that are only held here."""

    def renew(connection: Connection) -> None:
        for site in connection.execute(select(head.c.store_id)).scalars().all():
            _rebuilt(connection, data / SCRATCH, site, replace=True)
        if also is not None:
            also(connection)

    migrate(database, renew)


def rebuild(settings: StoreSettings, data: Path, *, check: bool) -> dict[str, Any]:
    """Replay the log into a new database and compare every projection row by row.

    With `check` the shop may go on working; without, the rows in use are replaced by the replayed ones where they
    differ, and the shop must stand still. Never reads `privacy/`.
    """
    mine = Database(database_url(settings.database, data), beside=check)
    try:
        with mine.read() if check else mine.write() as connection:
            return _rebuilt(connection, data / SCRATCH, settings.shop.store_id, replace=not check)
    finally:
        mine.close()


def _rebuilt(source: Connection, scratch: Path, site: str, *, replace: bool) -> dict[str, Any]:
    if not PROJECTIONS:
        raise AssertionError("no projection is registered: there would be nothing to compare")
    _remove(scratch)
    replayed = Database(f"sqlite:///{scratch}")
    try:
        migrate(replayed)
        entries = _replay(source, replayed, site)
        with replayed.read() as fresh:
            differs = [
                one.table for one in PROJECTIONS if _digest(source, one.table, site) != _digest(fresh, one.table, site)
            ]
            if replace:
                for table in differs:
                    _replace(source, fresh, table, site)
        return {
            "entries": entries,
            "tables": len(PROJECTIONS),
            "differs": [one.name for one in differs],
            "replaced": bool(differs) and replace,
        }
    finally:
        replayed.close()
        _remove(scratch)


def _remove(scratch: Path) -> None:
    for leftover in scratch.parent.glob(f"{scratch.name}*"):
        leftover.unlink()


def _replay(source: Connection, into: Database, site: str) -> int:
    count, batch = 0, []
    with into.write() as connection:
        for event in events_of(source, site):
            batch.append(event)
            count += 1
            if len(batch) == BATCH:
                project(connection, batch)
                batch = []
        project(connection, batch)
    return count


def _digest(connection: Connection, table: Table, site: str) -> str:
    """Of every row, in the order of the primary key."""
    digest = hashlib.sha256()
    for row in _rows(connection, table, site):
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _rows(connection: Connection, table: Table, site: str) -> Iterator[Any]:
    yield from connection.execute(select(table).where(table.c.store_id == site).order_by(*table.primary_key.columns))


def _replace(source: Connection, fresh: Connection, table: Table, site: str) -> None:
    source.execute(table.delete().where(table.c.store_id == site))
    rows = [dict(row._mapping) for row in _rows(fresh, table, site)]
    if rows:
        source.execute(table.insert(), rows)


def backup(settings: StoreSettings, data: Path, out: Path) -> dict[str, Any]:
    """Copy database, vault and keys into a new folder, the databases by SQLite's online backup while the shop runs.

    Raises FileExistsError for a folder that is there. The copy is opened and checked; what matters of the original is
    only that it was readable.
    """
    out.mkdir(parents=True)
    store = _sqlite_path(settings, data)
    (out / "privacy").mkdir(mode=0o700)
    _copy(store, out / "store.db")
    _copy(data / VAULT, out / VAULT)
    shutil.copytree(data / "keys", out / "keys")
    (out / "keys").chmod(0o700)
    links = (settings.hub.token_file, settings.hub.keys_file) if settings.hub else ()
    for extra in ("learned", "qa.token", *links):
        place = data / extra
        if place.is_dir():
            shutil.copytree(place, out / extra)
        elif place.exists():
            shutil.copy2(place, out / extra)
    with sqlite.connect(out / "store.db") as copy:
        integrity = copy.execute("PRAGMA integrity_check").fetchone()[0]
        entries = copy.execute("SELECT count(*) FROM entry").fetchone()[0]
    if integrity != "ok":
        raise ValueError(f"the copy is damaged ({integrity}); keep the disk, do not restart the shop, call for help")
    return {"out": str(out), "entries": entries, "integrity": integrity}


def restore(settings: StoreSettings, source: Path, data: Path) -> dict[str, Any]:
    """Put a backup into an empty data folder. Raises FileExistsError when a record is there already."""
    target = _sqlite_path(settings, data)
    if target.exists():
        raise FileExistsError(f"{target} holds a record; move it away first, never overwrite it")
    if not (source / "store.db").exists():
        raise FileNotFoundError(f"{source} is no backup: store.db is missing")
    data.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("store.db"))
    shutil.copy2(source / "store.db", target)
    (data / "keys").chmod(0o700)
    (data / RESTORED).touch()
    with sqlite.connect(target) as copy:
        entries = copy.execute("SELECT count(*) FROM entry").fetchone()[0]
    return {"data": str(data), "entries": entries}


def _sqlite_path(settings: StoreSettings, data: Path) -> Path:
    url = database_url(settings.database, data)
    if not url.startswith("sqlite:///"):
        raise ValueError("this shop's record is on PostgreSQL: use pg_dump and the operating manual")
    return Path(url.removeprefix("sqlite:///"))


def _copy(source: Path, target: Path) -> None:
    """SQLite's online backup: consistent while another process writes, and without its write lock."""
    with sqlite.connect(f"file:{source}?mode=ro", uri=True) as original, sqlite.connect(target) as copy:
        original.backup(copy)
