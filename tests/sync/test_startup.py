"""Whatever is changed in the log's tables while the shop is closed is found when it opens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, update

from store_service.database.engines import Database
from store_service.evidence.merkle import Head, leaf_hash
from store_service.records.ledger import Ledger
from store_service.records.tables import checkpoint, cosignature, entry, head
from store_service.sync.outcome import Acked
from store_service.sync.startup import Broken, Verified, verify_log
from tests.sync.world import (
    MIRROR,
    Dial,
    InProcess,
    enrol_shop,
    link,
    make_hub,
    make_ledger,
    pusher,
    sqlite_database,
    work,
)

ENTRIES = 90


class Undo(Exception):
    """Rolls a mutation back."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Ledger]:
    """A log of 90 entries under several seals, the last one cosigned."""
    dial = Dial()
    hub = make_hub(sqlite_database(tmp_path / "hub.db"), dial)
    ledger = make_ledger(sqlite_database(tmp_path / "shop.db"), dial)
    token = enrol_shop(hub, ledger)
    for _ in range(9):
        work(ledger, 10)
    assert pusher(ledger, link(InProcess(hub), token)).step() == Acked(ENTRIES)
    yield ledger
    ledger.database.close()
    hub.database.close()


class InTransaction(Ledger):
    """Reads what an open transaction sees, so that each mutation can be rolled back."""

    def __init__(self, ledger: Ledger, connection: Connection) -> None:
        super().__init__(ledger.database, ledger.site, ledger.key, ledger.clock, ledger.boot_id)
        self._open = connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        yield self._open


def flip(body: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(body))
    return body[:place] + bytes([body[place] ^ (1 << rng.randrange(8))]) + body[place + 1 :]


def body_and_leaf(connection: Connection, rng: random.Random) -> None:
    """The careful forger: entry and leaf agree."""
    idx = rng.randrange(ENTRIES)
    body = flip(bytes(connection.execute(select(entry.c.body).where(entry.c.idx == idx)).scalar_one()), rng)
    connection.execute(update(entry).where(entry.c.idx == idx).values(body=body, leaf=leaf_hash(body)))


def body_leaf_and_head(connection: Connection, rng: random.Random) -> None:
    """The forger who also rewrites the head."""
    body_and_leaf(connection, rng)
    _rebuilt(connection)


def _rebuilt(connection: Connection) -> None:
    leaves = [bytes(leaf) for (leaf,) in connection.execute(select(entry.c.leaf).order_by(entry.c.idx))]
    found = Head.empty().extend(leaves)
    connection.execute(update(head).values(size=found.size, peaks=found.to_bytes()))


def body_alone(connection: Connection, rng: random.Random) -> None:
    idx = rng.randrange(ENTRIES)
    body = bytes(connection.execute(select(entry.c.body).where(entry.c.idx == idx)).scalar_one())
    connection.execute(update(entry).where(entry.c.idx == idx).values(body=flip(body, rng)))


def leaf_alone(connection: Connection, rng: random.Random) -> None:
    idx = rng.randrange(ENTRIES)
    leaf = bytes(connection.execute(select(entry.c.leaf).where(entry.c.idx == idx)).scalar_one())
    connection.execute(update(entry).where(entry.c.idx == idx).values(leaf=flip(leaf, rng)))


def row_removed(connection: Connection, rng: random.Random) -> None:
    connection.execute(delete(entry).where(entry.c.idx == rng.randrange(ENTRIES)))


def tail_cut(connection: Connection, rng: random.Random) -> None:
    connection.execute(delete(entry).where(entry.c.idx >= rng.randrange(ENTRIES)))
    _rebuilt(connection)


def row_moved(connection: Connection, rng: random.Random) -> None:
    place = entry.c.idx == rng.randrange(ENTRIES)
    connection.execute(update(entry).where(place).values(idx=ENTRIES + rng.randrange(9)))


def two_swapped(connection: Connection, rng: random.Random) -> None:
    one, two = rng.sample(range(ENTRIES), 2)
    for old, new in ((one, -1), (two, one), (-1, two)):
        connection.execute(update(entry).where(entry.c.idx == old).values(idx=new))
    _rebuilt(connection)


def seal_changed(connection: Connection, rng: random.Random) -> None:
    size = 10 * rng.randrange(1, 10)
    note = connection.execute(select(checkpoint.c.note).where(checkpoint.c.size == size)).scalar_one()
    text, gap, line = note.partition("\n\n")
    forged = flip(text.encode(), rng).decode("latin-1") + gap + line
    connection.execute(update(checkpoint).where(checkpoint.c.size == size).values(note=forged))


def newest_signature_changed(connection: Connection, rng: random.Random) -> None:
    note = connection.execute(select(checkpoint.c.note).where(checkpoint.c.size == ENTRIES)).scalar_one()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    place = len(note) - 10 - rng.randrange(60)
    letter = rng.choice([one for one in letters if one != note[place]])
    forged = note[:place] + letter + note[place + 1 :]
    connection.execute(update(checkpoint).where(checkpoint.c.size == ENTRIES).values(note=forged))


def cosigned_seal_removed(connection: Connection, rng: random.Random) -> None:
    connection.execute(delete(checkpoint).where(checkpoint.c.size == ENTRIES))


def cosignature_moved(connection: Connection, rng: random.Random) -> None:
    connection.execute(update(cosignature).values(size=10 * rng.randrange(1, 9)))
    connection.execute(delete(checkpoint).where(checkpoint.c.size == ENTRIES))


MUTATIONS = (
    body_alone,
    body_and_leaf,
    body_leaf_and_head,
    leaf_alone,
    row_removed,
    tail_cut,
    row_moved,
    two_swapped,
    seal_changed,
    newest_signature_changed,
    cosigned_seal_removed,
    cosignature_moved,
)


def mutate(shop: Ledger, times: int, seed: int) -> int:
    rng, found = random.Random(seed), 0
    for round_ in range(times):
        mutation = MUTATIONS[round_ % len(MUTATIONS)]
        try:
            with shop.database.write() as connection:
                mutation(connection, rng)
                suspect = InTransaction(shop, connection)
                verdict = verify_log(suspect, (MIRROR.verifier,))
                assert isinstance(verdict, Broken), mutation.__name__
                assert suspect.frozen is not None
                found += 1
                raise Undo
        except Undo:
            continue
    return found


def test_an_untouched_log_is_verified(shop: Ledger) -> None:
    assert verify_log(shop, (MIRROR.verifier,)) == Verified(ENTRIES, ENTRIES)
    work(shop, 3, seal=False)
    assert verify_log(shop, (MIRROR.verifier,)) == Verified(ENTRIES + 3, ENTRIES)
    assert shop.frozen is None


def test_an_empty_log_is_verified(tmp_path: Path) -> None:
    database: Database = sqlite_database(tmp_path / "empty.db")
    assert verify_log(make_ledger(database, Dial())) == Verified(0, 0)
    database.close()


def test_two_hundred_mutations_are_found(shop: Ledger) -> None:
    assert mutate(shop, 200, seed=1) == 200


@pytest.mark.soak
def test_ten_thousand_mutations_are_found(shop: Ledger) -> None:
    assert mutate(shop, 10_000, seed=2) == 10_000


def test_another_key_is_no_signature(shop: Ledger) -> None:
    stranger = make_ledger(shop.database, Dial(), "SH0043")
    suspect = Ledger(shop.database, shop.site, stranger.key, shop.clock, "boot")
    assert isinstance(verify_log(suspect), Broken)


def test_an_unsealed_tail_that_disagrees_with_its_head_is_found(shop: Ledger) -> None:
    work(shop, 5, seal=False)
    with shop.database.write() as connection:
        connection.execute(delete(entry).where(entry.c.idx == ENTRIES + 4))
    assert isinstance(verify_log(shop), Broken)
    assert shop.frozen is not None
    assert "质量部门" in shop.frozen[0]
