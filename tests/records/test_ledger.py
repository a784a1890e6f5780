"""The log: numbered without gaps, appended whole or not at all, sealed, and durable before anybody hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from store_service.database.engines import Database, DatabaseUnusable
from store_service.evidence.checkpoint import open_checkpoint
from store_service.evidence.keys import SigningKey
from store_service.records.events.site import ActRefused, ClockConfirmed, ClockStepped, ServiceStarted
from store_service.records.ledger import Ledger, events_of, stepped_back
from store_service.records.projections.site import site_state
from store_service.records.tables import checkpoint, entry, metadata
from tests.desks import desk
from tests.faults.laws import the_log_is_whole
from tests.shops import EXPLAINED, Dial

KEY = SigningKey.from_seed("sh0042.example/log", b"\x01" * 32)


class Book:
    """A ledger of its own, seen as the laws see a desk."""

    def __init__(self, path: Path) -> None:
        self.dial = Dial()
        self.ledger = Ledger(Database(f"sqlite:///{path}"), "SH0042", KEY, self.dial.clock, "boot")
        metadata.create_all(self.ledger.database.writer)
        self.site_id = self.ledger.site
        self.read = self.ledger.read

    def types(self) -> list[str]:
        with self.read() as connection:
            return [one.type for one in events_of(connection, self.site_id)]

    def note(self, events: int = 1) -> list[int]:
        with self.ledger.act("s-01") as act:
            return [act.record(ActRefused(gate="start", subject=f"u-{n}", rules=())) for n in range(events)]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "store.db")
    yield made
    made.ledger.database.close()


@settings(max_examples=25, deadline=None)
@given(acts=st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), max_size=12))
def test_whatever_is_done_the_log_is_whole(tmp_path_factory: pytest.TempPathFactory, acts: list[Any]) -> None:
    book = Book(tmp_path_factory.mktemp("book") / "store.db")
    told: list[int] = []
    try:
        for events, fails, seals in acts:
            try:
                with book.ledger.act("s-01") as act:
                    indexes = [act.record(ActRefused(gate="g", subject="u", rules=())) for _ in range(events)]
                    act.seal = seals
                    if fails:
                        raise RuntimeError
                told += indexes
            except RuntimeError:
                pass
        assert told == list(range(len(told))), "every index was told once, in order"
        if told:
            the_log_is_whole(book)  # type: ignore[arg-type]  # it needs `read` and `site_id` only
        assert len(book.types()) == len(told)
    finally:
        book.ledger.database.close()


def test_an_index_cannot_be_taken_twice(book: Book) -> None:
    book.note(3)
    with pytest.raises(IntegrityError), book.ledger.database.write() as connection:
        connection.execute(entry.insert().values(store_id="SH0042", idx=1, body=b"x", leaf=b"y"))
    the_log_is_whole(book)  # type: ignore[arg-type]  # as above


def test_a_seal_is_over_everything_and_verifies(book: Book) -> None:
    book.note(5)
    book.ledger.seal()
    book.ledger.seal()
    with book.read() as connection:
        notes = connection.execute(select(checkpoint)).all()
    assert [one.size for one in notes] == [5], "nothing new, no second seal"
    assert open_checkpoint(notes[0].note, [KEY.verifier]).checkpoint.size == 5


def test_every_commit_reaches_the_disk(book: Book) -> None:
    with book.ledger.database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    with book.read() as connection, pytest.raises(Exception, match="readonly"):
        connection.execute(entry.delete())


def test_a_second_opener_is_told_in_words(book: Book) -> None:
    with pytest.raises(DatabaseUnusable, match="Another process is using the database"):
        Database(str(book.ledger.database.url))


def test_a_clock_that_stepped_back_is_on_record_before_anything_else(book: Book) -> None:
    book.dial.seconds = 3600
    book.note()
    book.dial.seconds = 10
    with book.read() as connection:
        assert stepped_back(connection, "SH0042", book.dial.clock.now())
    book.note()
    assert book.types() == ["act.refused", "clock.stepped", "act.refused"]
    with book.read() as connection:
        (stepped,) = [one for one in events_of(connection, "SH0042") if isinstance(one.payload, ClockStepped)]
        assert stepped.payload == ClockStepped(behind_ms=3_590_000)
        assert stepped.actor == "clock"
        assert connection.execute(select(site_state.c.clock_ok)).scalar() is False


def test_a_person_confirms_the_clock_once_and_for_all(book: Book) -> None:
    """It must not stay doubtful until the wall clock has caught up with a time that was wrong."""
    book.dial.seconds = 86_400
    book.note()
    book.dial.seconds = 0
    with book.ledger.act("s-02") as act:
        act.record(ClockConfirmed())
    book.dial.seconds = 60
    book.note()
    assert book.types() == ["act.refused", "clock.stepped", "clock.confirmed", "act.refused"]
    with book.read() as connection:
        assert connection.execute(select(site_state.c.clock_ok)).scalar() is True


def test_a_second_of_difference_is_no_step(book: Book) -> None:
    book.dial.seconds = 1.9
    book.note()
    book.dial.seconds = 0
    book.note()
    assert book.types() == ["act.refused"] * 2


def test_a_start_does_not_confirm_the_clock(book: Book) -> None:
    book.dial.seconds = 100
    book.note()
    book.dial.seconds = 0
    with book.ledger.act("service") as act:
        act.record(ServiceStarted(build="1", engine="sqlite", ruleset_version="1", ruleset_sha256="0", log_size=1))
    with book.read() as connection:
        assert connection.execute(select(site_state.c.clock_ok)).scalar() is False


def test_the_entry_is_on_disk_before_the_answer_leaves(tmp_path: Path) -> None:
    """A web framework that runs the end of a dependency after the response would answer first (DESIGN.md §4.4)."""
    path, seen = tmp_path / "store.db", list[tuple[str, str, int]]()

    def watch(inner: Any) -> Any:
        async def watched(scope: Any, receive: Any, send: Any) -> None:
            async def sending(message: Any) -> None:
                if message["type"] == "http.response.start" and scope["type"] == "http":
                    with sqlite.connect(path, timeout=0) as stranger:
                        stranger.execute("BEGIN IMMEDIATE")  # raises while the command's transaction is open
                        size = stranger.execute("SELECT count(*) FROM entry").fetchone()[0]
                        stranger.execute("ROLLBACK")
                    stranger.close()
                    seen.append((scope["method"], scope["path"], size))
                await send(message)

            await inner(scope, receive, sending)

        return watched

    with desk(tmp_path, watch) as at_desk:
        kiosk = at_desk.kiosk
        unit_id = kiosk.unit("released")
        service_id = kiosk.state(unit_id)["service_id"]
        kiosk.do(f"/services/{service_id}/explain", {"items": list(EXPLAINED)})
        kiosk.do(f"/services/{service_id}/hand-over", {"recall_card": True})
        writes = [(path, size) for method, path, size in seen if method == "POST"]
        grew = dict.fromkeys((path.rsplit("/")[-1] for path, _ in writes), False)
        before = writes[0][1]
        for path_, size in writes:
            grew[path_.rsplit("/")[-1]] |= size > before
            before = size
    silent = {name for name, more in grew.items() if not more}
    assert silent <= {"sign-in", "answers"}, "sign-in and answers leave no event; everything else was there already"
