"""A disk that forgets: the ledger's own statements on a recording file system, cut anywhere, read back by SQLite.

Every write, truncation and sync of the database and its write-ahead log is recorded. A cut keeps everything that was
synced and a random choice of what was not, some of it torn at 512 bytes; what the program had already answered for at
that moment must be there (reference: SQLite, "How SQLite Is Tested"; apsw's VFS).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy import event

from store_service.database.engines import Database
from store_service.evidence.keys import SigningKey
from store_service.evidence.merkle import Head, leaf_hash
from store_service.records.events.equipment import RoomRecorded
from store_service.records.events.site import ActRefused
from store_service.records.events.stock import PackReceived
from store_service.records.ledger import Ledger
from store_service.records.tables import metadata
from tests.shops import Dial

SECTOR = 512
Statement = tuple[str, tuple[Any, ...]]


@dataclass
class Disk:
    """In order: (write, file, offset, bytes), (truncate, file, size), (delete, file), (sync, file), (ack, act)."""

    operations: list[tuple[Any, ...]] = field(default_factory=list)

    def cut(self, rng: random.Random, folder: Path) -> int:
        """Rebuild in `folder` what a cut at a random moment may leave; the last act that was answered for by then."""
        moment = rng.randrange(len(self.operations) + 1)
        files: dict[str, bytearray] = {}
        pending: dict[str, list[tuple[Any, ...]]] = {}
        deleted: list[str] = []  # a journalling file system forgets no deletion that came before a sync
        acknowledged = 0
        for operation in self.operations[:moment]:
            match operation:
                case ("ack", int(number)):
                    acknowledged = number
                case ("sync", str(name)):
                    for one in pending.pop(name, []):
                        _apply(files, one)
                    for gone in deleted:
                        files.pop(gone, None)
                    deleted.clear()
                case ("delete", str(name)):
                    pending.pop(name, None)
                    deleted.append(name)
                case (_, str(name), *_):
                    pending.setdefault(name, []).append(operation)
        for unsynced in pending.values():
            for one in unsynced:
                if rng.random() < 0.5:
                    _apply(files, _torn(one, rng) if rng.random() < 0.3 else one)
        for name, body in files.items():
            (folder / name).write_bytes(body)
        return acknowledged


def _torn(operation: tuple[Any, ...], rng: random.Random) -> tuple[Any, ...]:
    if operation[0] != "write" or len(operation[3]) <= SECTOR:
        return operation
    kind, name, offset, body = operation
    sectors = rng.randrange(1, -(-len(body) // SECTOR))
    return kind, name, offset, body[: sectors * SECTOR]


def _apply(files: dict[str, bytearray], operation: tuple[Any, ...]) -> None:
    body = files.setdefault(operation[1], bytearray())
    match operation:
        case ("write", _, int(offset), bytes(data)):
            if len(body) < offset:
                body.extend(bytes(offset - len(body)))
            body[offset : offset + len(data)] = data
        case ("truncate", _, int(size)):
            del body[size:]


class RecordingVfs(apsw.VFS):
    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        return _RecordingFile(self.disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.disk.operations.append(("delete", Path(filename).name))
        super().xDelete(filename, syncdir)


class _RecordingFile(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._disk, self._name = disk, Path(path).name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.operations.append(("write", self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self._disk.operations.append(("truncate", self._name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        self._disk.operations.append(("sync", self._name))
        super().xSync(flags)


def acts_of_a_ledger(folder: Path, number: int) -> list[list[Statement]]:
    """What the ledger really says to SQLite in `number` acts, one list an act, the tables' making first."""
    database = Database(f"sqlite:///{folder / 'plain.db'}")
    heard: list[Statement] = []
    acts: list[list[Statement]] = []

    @event.listens_for(database.writer, "before_cursor_execute")
    def hear(_c: Any, _k: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        for one in parameters if many else [parameters]:
            heard.append((statement, tuple(one)))

    try:
        metadata.create_all(database.writer)
        acts.append([one for one in heard if one[0].lstrip().upper().startswith("CREATE")])
        heard.clear()
        key = SigningKey.from_seed("sh0042.example/log", b"\x01" * 32)
        ledger = Ledger(database, "SH0042", key, Dial().clock, "boot")
        for one in range(number):
            with ledger.act("s-01") as act:
                act.record(
                    PackReceived(pack_lot=f"P-{one}", sku="PK-15", quantity=9, supplier="甲", certificate="COC-1")
                )
                act.record(ActRefused(gate="start", subject=f"u-{one}", rules=("R-SCP-02",)))
                if one % 5 == 0:
                    act.record(RoomRecorded(temp_c10=230 + one, rh_pct10=500))
                    act.seal = True
            acts.append([("BEGIN IMMEDIATE", ()), *(s for s in heard if not s[0].startswith(("SELECT", "BEGIN")))])
            heard.clear()
    finally:
        database.close()
    return acts


@contextmanager
def recorded(folder: Path, acts: list[list[Statement]], synchronous: str = "FULL") -> Iterator[Disk]:
    """Play the acts on a recording disk with the shop's settings. A VFS of files alone has no shared memory, so the
    write-ahead log wants an exclusive lock; a small checkpoint interval brings checkpoints into the story."""
    disk = Disk()
    name = f"recording-{id(disk)}"
    vfs = RecordingVfs(name, disk)
    connection = apsw.Connection(str(folder / "store.db"), vfs=name)
    try:
        for pragma in (
            "locking_mode=EXCLUSIVE",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "wal_autocheckpoint=40",
        ):
            list(connection.execute(f"PRAGMA {pragma}"))
        for number, statements in enumerate(acts):
            for statement, parameters in statements:
                connection.execute(statement, parameters)
            if statements[0][0].startswith("BEGIN"):
                connection.execute("COMMIT")
            disk.operations.append(("ack", number))
        yield disk
    finally:
        connection.close()
        vfs.unregister()


def entries_left(folder: Path) -> int:
    """How many entries a fresh opening of the cut disk finds; raises AssertionError where they are not whole."""
    path = folder / "store.db"
    connection = apsw.Connection(str(path))
    try:
        assert list(connection.execute("PRAGMA integrity_check")) == [("ok",)]
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"entry", "head", "pack_lot"} <= tables:
            return 0
        rows = list(connection.execute("SELECT idx, body, leaf FROM entry ORDER BY idx"))
        tree = Head.empty()
        for number, (idx, body, leaf) in enumerate(rows):
            assert (idx, leaf_hash(body)) == (number, leaf)
            tree = tree.append(leaf)
        heads = list(connection.execute("SELECT size, peaks FROM head"))
        assert heads == ([(tree.size, tree.to_bytes())] if rows else heads[:0])
        packs = list(connection.execute("SELECT count(*) FROM pack_lot"))
        received = sum(b'"type":"pack.received"' in body for _, body, _ in rows)
        assert packs == [(received,)], "the projection says what the log says"
        return len(rows)
    finally:
        connection.close()
